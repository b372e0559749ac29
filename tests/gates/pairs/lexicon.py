"""The names, places, bodies and days that invented stories are told of, in English and in Khmer."""

# A name in English, in Khmer, and as another newsroom writes it.
FAMILIES = (
    *(("Sok", "សុខ", "Sokh"), ("Chea", "ជា", "Chia"), ("Keo", "កែវ", "Kev"), ("Meas", "មាស", "Mias")),
    *(("Phan", "ផាន", "Phann"), ("Nhem", "ញ៉ែម", "Nhaem"), ("Ouk", "អ៊ុក", "Uk"), ("Chhay", "ឆាយ", "Chhai")),
    *(("Prak", "ប្រាក់", "Prack"), ("Tep", "ទេព", "Tepp"), ("Yim", "យឹម", "Yem"), ("Khieu", "ខៀវ", "Khiev")),
    *(("Long", "ឡុង", "Lung"), ("Mao", "ម៉ៅ", "Mau"), ("Noun", "នួន", "Nuon"), ("Pen", "ប៉ែន", "Paen")),
    *(("Roeun", "រឿន", "Reun"), ("Suon", "សួន", "Soun"), ("Thach", "ថាច់", "Tach"), ("Ung", "អ៊ឹង", "Oeng")),
)
GIVEN = (
    *(("Sophea", "សុភា", "Sophia"), ("Dara", "ដារ៉ា", "Dararith"), ("Vannak", "វណ្ណៈ", "Vanak")),
    *(("Chanthou", "ចាន់ធូ", "Chantu"), ("Bopha", "បុប្ផា", "Bupha"), ("Rithy", "ឫទ្ធី", "Rithi")),
    *(("Samnang", "សំណាង", "Somnang"), ("Kunthea", "គន្ធា", "Kuntheary"), ("Piseth", "ពិសិដ្ឋ", "Pisith")),
    *(("Sreymom", "ស្រីមុំ", "Srey Mom"), ("Veasna", "វាសនា", "Viasna"), ("Makara", "មករា", "Meakara")),
    *(("Sothy", "សុទ្ធី", "Sothi"), ("Ratana", "រតនា", "Rattana"), ("Phalla", "ផល្លា", "Phala")),
    *(("Monyrath", "មុនីរ័ត្ន", "Monirath"), ("Chenda", "ចិន្តា", "Chinda"), ("Sovann", "សុវណ្ណ", "Sovan")),
    *(("Thavy", "ថាវី", "Tavy"), ("Bunna", "ប៊ុនណា", "Buna"), ("Lina", "លីណា", "Leena")),
    *(("Vichet", "វិចិត្រ", "Vichit"), ("Kosal", "កុសល", "Kosol"), ("Nary", "ណារី", "Nari")),
)
FOREIGN = (
    *("Ingrid Halvorsen", "Tomas Brandl", "Aiko Sugiura", "Maeve Corrigan", "José Quintero", "Anneke de Wit"),
    *("Priya Ramachandran", "Loïc Bertholet", "Somsak Thongdee", "Nguyễn Thị Hạnh", "Joon-ho Baek", "Esther Mwangi"),
    *("Paolo Vescovi", "Katrin Ostermann", "Daniel Whitlock", "Farah Aziz", "Elena Dragan", "Åke Lindqvist"),
)
PROVINCES = (
    *(("Battambang", "បាត់ដំបង", "Batdambang"), ("Kampot", "កំពត", "Kompot"), ("Takeo", "តាកែវ", "Takev")),
    *(("Kampong Thom", "កំពង់ធំ", "Kompong Thom"), ("Kampong Cham", "កំពង់ចាម", "Kompong Cham")),
    *(("Ratanakiri", "រតនគិរី", "Rattanakiri"), ("Mondulkiri", "មណ្ឌលគិរី", "Mondolkiri")),
    *(("Koh Kong", "កោះកុង", "Kaoh Kong"), ("Pursat", "ពោធិ៍សាត់", "Pouthisat"), ("Kratie", "ក្រចេះ", "Kracheh")),
    *(("Stung Treng", "ស្ទឹងត្រែង", "Stoeng Treng"), ("Prey Veng", "ព្រៃវែង", "Prey Vaeng")),
    *(("Svay Rieng", "ស្វាយរៀង", "Svay Rieang"), ("Siem Reap", "សៀមរាប", "Siemreap")),
    *(("Banteay Meanchey", "បន្ទាយមានជ័យ", "Banteay Mean Chey"), ("Kandal", "កណ្ដាល", "Kandaal")),
    *(("Kampong Speu", "កំពង់ស្ពឺ", "Kompong Speu"), ("Oddar Meanchey", "ឧត្តរមានជ័យ", "Otdar Meanchey")),
)
# Districts, communes and villages nobody will find on a map: their parts are real words.
HEADS = (
    *(("Prek", "ព្រែក"), ("Boeung", "បឹង"), ("Phnom", "ភ្នំ"), ("Koh", "កោះ"), ("Kbal", "ក្បាល"), ("Trapeang", "ត្រពាំង")),
    *(("Svay", "ស្វាយ"), ("Chrey", "ជ្រៃ"), ("Srah", "ស្រះ"), ("Tuol", "ទួល"), ("Veal", "វាល"), ("Kandaol", "កណ្ដោល")),
)
TAILS = (
    *(("Chas", "ចាស់"), ("Thmei", "ថ្មី"), ("Krasang", "ក្រសាំង"), ("Ampil", "អំពិល"), ("Russei", "ឫស្សី")),
    *(("Lvea", "ល្វា"), ("Damrei", "ដំរី"), ("Sangkae", "សង្កែ"), ("Pring", "ព្រីង"), ("Khpos", "ខ្ពស់")),
    *(("Touch", "តូច"), ("Rolous", "រលួស"), ("Tnaot", "ត្នោត"), ("Khyang", "ខ្យង")),
)
NGOS = (
    *(("Licados Watch", "លីកាដូសវ៉ច"), ("the Lotus Legal Centre", "មជ្ឈមណ្ឌលច្បាប់ផ្កាឈូក")),
    *(("the River Communities Network", "បណ្តាញសហគមន៍ទន្លេ"), ("Open Ballot", "សន្លឹកឆ្នោតបើកចំហ")),
    *(("the Housing Task Group", "ក្រុមការងារលំនៅឋាន"), ("Justice Bridge", "ស្ពានយុត្តិធម៌")),
    *(("the Khmer Defenders League", "សម្ព័ន្ធអ្នកការពារខ្មែរ"), ("Sandalwood", "ចន្ទន៍ក្រស្នា")),
    *(("the Centre for Fair Work", "មជ្ឈមណ្ឌលការងារសមធម៌"), ("Mekong Monitor", "អ្នកតាមដានមេគង្គ")),
)
FIRMS = (
    *("Golden Heron Development", "Sovereign Sugar", "Try Sunrise Textile", "Angkor Gate Holdings", "Jade Bay Resorts"),
    *("LHK Garment", "Pacific Crown Footwear", "Seven Rivers Dredging", "Royal Palm Estates", "Swift Tuk Mobility"),
)
UNIONS = ("the Free Needle Union", "the Alliance of Textile Labour", "the Solidarity Front of Workers", "Unity Union")
OUTLETS = (
    *("The Mekong Courier", "Riverside Daily", "Phnom Penh Observer", "Voice of the Lake", "Capital Wire"),
    *("The Border Gazette", "Khmer Morning", "Asia Desk News", "The Provincial", "Four Faces Review"),
)
LANDS = ("Japan", "South Korea", "Australia", "Sweden", "France", "Germany", "Thailand", "Laos", "Canada", "India")
EVENTS = (
    *("International Women's Day", "Human Rights Day", "World Press Freedom Day", "International Labour Day"),
    *("World Habitat Day", "the Day of Indigenous Peoples", "World Water Day", "World Day against Child Labour"),
)
MONTHS = (
    *(("January", "មករា"), ("February", "កុម្ភៈ"), ("March", "មីនា"), ("April", "មេសា"), ("May", "ឧសភា")),
    *(("June", "មិថុនា"), ("July", "កក្កដា"), ("August", "សីហា"), ("September", "កញ្ញា"), ("October", "តុលា")),
    *(("November", "វិច្ឆិកា"), ("December", "ធ្នូ")),
)
DAYS = (
    *(("Monday", "ថ្ងៃចន្ទ"), ("Tuesday", "ថ្ងៃអង្គារ"), ("Wednesday", "ថ្ងៃពុធ"), ("Thursday", "ថ្ងៃព្រហស្បតិ៍")),
    *(("Friday", "ថ្ងៃសុក្រ"), ("Saturday", "ថ្ងៃសៅរ៍"), ("Sunday", "ថ្ងៃអាទិត្យ")),
)
VARIANTS = {name: other for table in (FAMILIES, GIVEN, PROVINCES) for name, _, other in table}
KHMER_DIGITS = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")
SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
