"""Khmer stories made up by rule: simple sentences whose words are chosen one by one."""

from random import Random

from replica.dates import khmer_digits

_LISTS = {
    "place": "ខេត្តកំពត ខេត្តតាកែវ ខេត្តក្រចេះ ខេត្តពោធិ៍សាត់ ខេត្តព្រៃវែង ខេត្តកោះកុង ខេត្តបាត់ដំបង ខេត្តសៀមរាប ខេត្តមណ្ឌលគិរី",
    "people": "អ្នកភូមិ កម្មករ កសិករ អ្នកនេសាទ អាជីវករ គ្រូបង្រៀន និស្សិត អ្នករត់តាក់ស៊ី ព្រះសង្ឃ",
    "office": "សាលាខេត្ត សាលាក្រុង តុលាការ ក្រសួងការងារ មន្ទីរសុរិយោដី រដ្ឋបាលជលផល ក្រុមប្រឹក្សាឃុំ",
    "matter": "ដីធ្លី ប្រាក់ឈ្នួល ផ្លូវថ្នល់ សំណង ព្រៃឈើ ទឹកស្អាត សាលារៀន មណ្ឌលសុខភាព ផ្សារចាស់",
    "time": "ព្រឹកនេះ កាលពីម្សិលមិញ សប្តាហ៍មុន ខែមុន ថ្ងៃសៅរ៍ នៅពេលល្ងាច មុនរដូវវស្សា",
    "name": "សុខ_ដារ៉ា ចាន់_ម៉ាលី កែវ_សុភា លី_សុវណ្ណ ញ៉ែម_ពិសី អ៊ុក_រតនា រស់_វិចិត្រ ទេព_ចរិយា",
}
_SENTENCES = (
    "{people}ចំនួន {count} នាក់នៅ{place}បានជួបជុំគ្នា{time}។",
    "ពួកគេស្នើសុំឱ្យ{office}ដោះស្រាយបញ្ហា{matter}។",
    "{name} បាននិយាយថា {people}នៅ{place}រង់ចាំចម្លើយអស់រយៈពេល {count} ថ្ងៃហើយ។",
    "មន្ត្រីនៃ{office}បាននិយាយ{time}ថា សំណើអំពី{matter}កំពុងត្រូវបានពិនិត្យ។",
    "{people}ចំនួន {count} គ្រួសារនិយាយថា ពួកគេមិនទាន់បានទទួល{matter}ទេ។",
    "{office}នៃ{place}មិនទាន់មានចម្លើយអំពី{matter}នៅឡើយទេ។",
)
_TITLES = (
    "{people}នៅ{place}ទាមទារ{matter}",
    "{office}នៃ{place}ពិនិត្យបញ្ហា{matter}",
    "{people} {count} នាក់ដាក់ញត្តិអំពី{matter}",
)
_CHOICES = {slot: tuple(word.replace("_", " ") for word in words.split()) for slot, words in _LISTS.items()}
_PARAGRAPHS = 5


def khmer_text(chance: Random) -> tuple[str, str]:
    """Return a title, and a body of several paragraphs."""
    body = "\n\n".join(
        " ".join(_fill(chance, each) for each in chance.sample(_SENTENCES, 2)) for _ in range(_PARAGRAPHS)
    )
    return _fill(chance, chance.choice(_TITLES)), body


def _fill(chance: Random, sentence: str) -> str:
    words = {slot: chance.choice(choices) for slot, choices in _CHOICES.items()}
    return sentence.format(count=khmer_digits(str(chance.randint(12, 940))), **words)
