"""The place that opens a text, and all that only looks like one."""

import pytest

from pipelines.datelines import dateline_of

SAID = "The rapporteur asked the courts of the kingdom to open their doors to everybody."


@pytest.mark.parametrize(
    ("opening", "place"),
    [
        ("GENEVA (3 May 2024) – ", "GENEVA"),
        ("GENEVA (3 May 2024) - ", "GENEVA"),
        ("GENEVA (3 May 2024): ", "GENEVA"),
        ("GENEVA/PHNOM PENH (3 May 2024) — ", "GENEVA/PHNOM PENH"),
        ("GENEVA / BANGKOK (3 May 2024) — ", "GENEVA / BANGKOK"),
        ("Geneva (3 May 2024) – ", "Geneva"),
        ("Geneva/New York (3 May 2024) – ", "Geneva/New York"),
        ("GENÈVE (25 septembre 2013) – ", "GENÈVE"),
        ("GINEBRA (25 de septiembre de 2013) – ", "GINEBRA"),
        ("ЖЕНЕВА (25 сентября 2013 года) – ", "ЖЕНЕВА"),
        ("日内瓦（2015年5月27日）— ", "日内瓦"),
        ("جنيف (27 أيار/مايو 2015) – ", "جنيف"),
        ("PHNOM PENH, 3 May (OHCHR) — ", "PHNOM PENH"),
        ("PHNOM PENH, May 3 (Xinhua) -- ", "PHNOM PENH"),
        ("PHNOM PENH, 3 May 2024 – ", "PHNOM PENH"),
        ("Phnom Penh, 3 May 2024 – ", "Phnom Penh"),
        ("Phnom Penh, May 3, 2024 – ", "Phnom Penh"),
        ("PHNOM PENH (Reuters) - ", "PHNOM PENH"),
        ("PHNOM PENH (AFP) — ", "PHNOM PENH"),
        ("PHNOM PENH, Cambodia (AP) — ", "PHNOM PENH, Cambodia"),
        ("POIPET, Cambodia — ", "POIPET, Cambodia"),
        ("KOH KONG PROVINCE, Cambodia (AP) — ", "KOH KONG PROVINCE, Cambodia"),
        ("PHNOM PENH – ", "PHNOM PENH"),
        ("PHNOM PENH—", "PHNOM PENH"),
        ("WASHINGTON, D.C. — ", "WASHINGTON, D.C."),
        ("UNITED NATIONS — ", "UNITED NATIONS"),
        ("جنيف – ", "جنيف"),
        ("ភ្នំពេញ៖ ", "ភ្នំពេញ"),
        ("(ភ្នំពេញ)៖ ", "ភ្នំពេញ"),
        ("ខេត្តកំពត ៖ ", "ខេត្តកំពត"),
        ("រាជធានីភ្នំពេញ – ", "រាជធានីភ្នំពេញ"),
    ],
)
def test_a_place_that_opens_the_text_is_its_dateline(opening: str, place: str) -> None:
    assert dateline_of((opening + SAID,)) == place


@pytest.mark.parametrize(
    "opening",
    [
        "",
        "NATO – the alliance – said no. ",
        "ASEAN – ",
        "BREAKING – ",
        "BREAKING NEWS (3 May 2024) – ",
        "UPDATE (3 May 2024): ",
        "STATEMENT (3 May 2024) – ",
        "HUMAN RIGHTS WATCH – ",
        "HUMAN RIGHTS WATCH (HRW) – ",
        "UNTAC (United Nations Transitional Authority) – ",
        "LICADHO (Cambodian League) – ",
        "Hun Sen (born 5 August 1952) – ",
        "Hun Sen (5 August 1952) – ",
        "Keo Rathana, 3 May 2024 – ",
        "الخبراء (27 مايو 2015) – ",
        "The deadline (31 December 2025) – ",
        "The Law (3 May 2024) – ",
        "Phnom Penh – ",
        "Phnom Penh (Reuters) – ",
        "Phnom Penh, 3 May – ",
        "Keo Rathana, 45, in May – ",
        "Phnom Penh, where 3 May 2024 was hot, – ",
        "PHNOM PENH – long the capital – grows. ",
        "Geneva (where the council sits) – ",
        "“PHNOM PENH (3 May 2024) – ",
        "On 3 May 2024 – ",
        "UN – ",
        "الخبراء – ",
        "សំណួរ៖ ",
        "លោក សុខ៖ ",
        "VIDEO – ",
        "OPINION (3 May 2024) – ",
        "Ministry of Justice (3 May 2024) – ",
    ],
)
def test_what_only_looks_like_a_dateline_is_none(opening: str) -> None:
    assert dateline_of((opening + SAID,)) == ""


def test_a_short_title_above_the_first_sentence_hides_no_dateline_and_a_later_paragraph_gives_none() -> None:
    assert dateline_of(("SHORT TITLE", f"GENEVA (3 May 2024) – {SAID}")) == "GENEVA"
    assert dateline_of((SAID, f"GENEVA (3 May 2024) – {SAID}")) == ""
    assert dateline_of(()) == ""


def test_a_line_without_a_sentence_has_no_dateline() -> None:
    assert dateline_of(("GENEVA (3 May 2024) – Courts",)) == ""


def test_a_hostile_line_is_read_in_time() -> None:
    for piece in ("A ", "A/", "A, ", "A (", "Aa—", "3 May "):
        assert dateline_of((piece * 20_000 + SAID,)) == ""
