import pytest

from pipelines.tongues import contradicts, detected

TEXTS = {
    "en": "The court in the capital said that it will hear the case of the farmers who have lost their land.",
    "fr": "Le tribunal de la capitale a dit que les paysans qui ont perdu leurs terres seront entendus dans le mois.",
    "es": "El tribunal de la capital dijo que los campesinos que perdieron sus tierras en el norte serán oídos.",
    "vi": "Tòa án ở thủ đô cho biết những người nông dân đã mất đất của họ trong năm nay sẽ được xét xử tại đây.",
    "id": "Pengadilan di ibu kota mengatakan bahwa petani yang kehilangan tanah akan didengar pada bulan ini.",
    "de": "Das Gericht in der Hauptstadt hat die Bauern gehört, die ihr Land nicht mehr haben, und das ist gut.",
    "pt": "O tribunal da capital disse que os camponeses que perderam as terras não foram ouvidos e que o caso segue.",
    "km": "តុលាការនៅរាជធានីបាននិយាយថានឹងស្តាប់កសិករដែលបានបាត់បង់ដីរបស់ពួកគេ។",
    "th": "ศาลในเมืองหลวงกล่าวว่าจะรับฟังชาวนาที่สูญเสียที่ดินของพวกเขา",
    "lo": "ສານໃນນະຄອນຫຼວງກ່າວວ່າຈະຮັບຟັງຊາວນາທີ່ສູນເສຍທີ່ດິນ",
    "my": "မြို့တော်ရှိ တရားရုံးက လယ်သမားများ၏ အမှုကို ကြားနာမည်ဟု ပြောသည်",
    "ar": "قالت المحكمة في العاصمة إنها ستستمع إلى المزارعين الذين فقدوا أراضيهم",
    "ru": "Суд в столице сообщил, что заслушает крестьян, которые потеряли свою землю",
    "zh": "首都法院表示将听取失去土地的农民的意见，并在本月作出裁决，农民代表对此表示欢迎。",
    "ja": "首都の裁判所は、土地を失った農民の訴えを聞くと述べた。来月には判決が出る見通しだ。",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_is_known_by_its_script_or_its_small_words(language: str) -> None:
    assert detected([TEXTS[language]]) == language


@pytest.mark.parametrize("text", ["", "Keo Rathana", "1 2 3", "Rathana Dara Bopha Sophea Veasna Chenda Makara Phalla"])
def test_a_text_that_tells_nothing_is_in_no_language(text: str) -> None:
    assert detected([text]) == ""


@pytest.mark.parametrize(
    ("declared", "text", "expected"),
    [
        ("en", "km", True),
        ("km", "en", True),
        ("ru", "en", True),
        ("en", "ar", True),
        ("zh", "km", True),
        ("en", "fr", False),
        ("fa", "ar", False),
        ("uk", "ru", False),
        ("sr", "en", False),
        ("ja", "ja", False),
        ("zh", "zh", False),
        ("km", "km", False),
    ],
)
def test_only_another_script_contradicts_a_language(declared: str, text: str, *, expected: bool) -> None:
    assert contradicts(declared, [TEXTS[text]]) == expected


def test_a_few_foreign_names_contradict_nothing() -> None:
    assert not contradicts("en", [TEXTS["en"] + " (តុលាការ)"])
    assert not contradicts("km", ["AFP"])
