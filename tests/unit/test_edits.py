"""What an edit is called: each rule by cases of its own."""

import pytest

from core.edits import Change, Edit, State
from pipelines.edits import edits
from pipelines.edits_corrections import is_correction_note
from pipelines.edits_numbers import figure, values
from pipelines.edits_words import distance

COURT = (
    "The court in Kandal sentenced twelve villagers on Monday. They had protested against a dam near the river, said "
    "Sok Dara, who heads a group."
)
HOUSE = "“We will not leave our land for this dam,” said Mr Chan Thy, whose house was burned."
KHMER = "លោក សុខ ដារា បានថ្លែងថា មានមនុស្ស ១២ នាក់ ត្រូវបានចាប់ខ្លួននៅថ្ងៃចន្ទ។ ពួកគេបានតវ៉ាប្រឆាំងនឹងទំនប់។"
FRENCH = "Le tribunal a condamné 1 200 pêcheurs le 4 mai, a déclaré Mme Chea Lina à la presse réunie devant la cour."
RAIN = "Rains have flooded four districts of Battambang, and the government sent boats with rice and water to schools."
TEXT = (COURT, HOUSE, KHMER, FRENCH)


def changes(before: tuple[str, ...], after: tuple[str, ...], title: str = "", now: str = "") -> tuple[Change, ...]:
    return edits(State(title, before), State(now or title, after))


def labels(before: tuple[str, ...], after: tuple[str, ...]) -> set[str]:
    return {change.label.value for change in changes(before, after)}


def edited(old: str, new: str) -> tuple[str, ...]:
    assert sum(text.count(old) for text in TEXT) == 1
    return tuple(text.replace(old, new) for text in TEXT)


@pytest.mark.parametrize(
    ("old", "new", "label"),
    [
        ("twelve", "13", "number changed"),
        ("Monday", "Tuesday", "number changed"),
        ("១២", "១៣", "number changed"),
        ("ថ្ងៃចន្ទ", "ថ្ងៃពុធ", "number changed"),
        ("4 mai", "5 juin", "number changed"),
        ("1 200", "1 300", "number changed"),
        ("twelve", "12", "wording"),
        ("Kandal", "Kampot", "name changed"),
        ("Sok Dara", "Sok Daro", "name changed"),
        ("Chan Thy", "Keo Vuthy", "name changed"),
        ("ដារា", "តារា", "name changed"),
        ("Chea Lina", "Chea Linna", "name changed"),
        ("sentenced", "sentanced", "typo"),
        ("villagers", "vilalgers", "typo"),
        ("twelve", "twelvve", "typo"),
        ("They", "they", "typo"),
        ("near the river,", "near the river", "typo"),
        ("whose", "who se", "typo"),
        ("ទំនប់", "ទំនាប់", "typo"),
        ("condamné", "condamne", "typo"),
        ("protested against", "opposed", "wording"),
        ("was burned", "is burned", "wording"),
        (" near the river", "", "wording"),
        ("តវ៉ាប្រឆាំង", "ធ្វើបាតុកម្មជំទាស់", "wording"),
    ],
)
def test_a_change_within_a_sentence_is_called_what_it_is(old: str, new: str, label: str) -> None:
    assert labels(TEXT, edited(old, new)) == {label}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("“We will not leave our land for this dam,”", '"We will not leave our land for this dam,"'),
        ("“We will not leave our land for this dam,”", "«We will not leave our land for this dam,»"),
        ("protested", "pro\u00adtested"),
        ("condamné", "condamne\u0301"),
        ("1 200", "1\u202f200"),
        ("twelve villagers", "twelve  \u00a0villagers"),
        ("បានថ្លែងថា", "បាន\u200bថ្លែង\u200bថា"),
        ("pêcheurs", "pêcheurs\u200b"),
    ],
)
def test_what_reads_the_same_is_no_edit(old: str, new: str) -> None:
    assert changes(TEXT, edited(old, new)) == ()


def test_a_ligature_and_another_dash_are_no_edit() -> None:
    assert changes(("An oﬃce — shut since May.",), ("An office – shut since May.",)) == ()


def test_a_paragraph_split_or_joined_is_no_edit() -> None:
    first, second = COURT.split(". ", 1)
    halves = (f"{first}.", second, HOUSE)
    assert changes((COURT, HOUSE), halves) == changes(halves, (COURT, HOUSE)) == ()


def test_numbers_in_digits_and_words_are_the_same_number() -> None:
    def told(text: str) -> list[str]:
        return values((word.lower(), word) for word in text.split())

    assert told("two hundred and ten men") == ["210"] == told("210")
    assert told("twenty - one in May , 1.2 million") == ["21", "may", "1200000"]
    assert told("quatre - vingts pour cent") == ["80"]
    assert told("one two fifty per cent") == ["1", "2", "50"]
    assert [figure(text) for text in ("1,200", "1 200", "1200", "១២០០", "1.200.000", "3,5", "3.50", "3.4.2026")] == [
        *("1200", "1200", "1200", "1200", "1200000", "3.5", "3.5", "3.4.2026")
    ]


def test_a_headline_is_called_one_with_both_its_forms() -> None:
    assert changes(TEXT, TEXT, "Twelve sentenced", "Court sentences twelve") == (
        Change(Edit.HEADLINE, "Twelve sentenced", "Court sentences twelve"),
    )
    assert changes(TEXT, TEXT, "“Twelve”  sentenced", '"Twelve" SENTENCED') == ()


def test_the_evidence_of_a_number_says_what_is_counted_and_that_of_a_name_is_the_whole_name() -> None:
    assert changes(TEXT, edited("twelve", "13")) == (Change(Edit.NUMBER, "twelve villagers", "13 villagers"),)
    assert changes(TEXT, edited("Monday", "Tuesday")) == (Change(Edit.NUMBER, "Monday", "Tuesday"),)
    assert changes(TEXT, edited("Chan Thy", "Chan Thyda")) == (Change(Edit.NAME, "Mr Chan Thy", "Mr Chan Thyda"),)


def test_a_word_that_stood_twice_is_a_typing_error_and_another_that_went_is_none() -> None:
    stutter = edited("near the river", "near the the river")
    assert labels(stutter, TEXT) == labels(TEXT, stutter) == {"typo"}
    assert labels(TEXT, edited("near the river", "near river")) == {"wording"}


def test_paragraphs_that_come_go_and_move_are_told_apart() -> None:
    assert labels((COURT, KHMER), (COURT, RAIN, KHMER)) == {"paragraph added"}
    assert labels((COURT, RAIN, KHMER), (COURT, KHMER)) == {"paragraph removed"}
    assert labels((COURT, RAIN, KHMER), (RAIN, KHMER, COURT)) == {"wording"}
    assert labels((COURT, RAIN), (COURT, HOUSE)) == {"paragraph added", "paragraph removed", "quotation added"}


def test_a_sentence_with_a_quotation_is_called_a_quotation() -> None:
    more = HOUSE.replace("burned.", "burned. “They came at night and took everything,” he added.")
    (added,) = changes((COURT, HOUSE), (COURT, more))
    assert added == Change(Edit.QUOTATION_ADDED, "", "“They came at night and took everything,”")
    (removed,) = changes((COURT, more), (COURT, HOUSE))
    assert (removed.label, removed.before) == (Edit.QUOTATION_REMOVED, added.after)


@pytest.mark.parametrize(
    "note",
    [
        "Correction: the dam stands in Kampot.",
        "Correction, 4 May: the dam stands in Kampot.",
        "An earlier version of this article gave a wrong age.",
        "This story has been amended to give the right age.",
        "This article was updated to add a statement.",
        "The report misspelled a name.",
        "Rectificatif : le barrage se trouve à Kampot.",
        "Une version précédente de cet article donnait un autre âge.",
        "Cet article a été modifié le 4 mai.",
        "កំណែតម្រូវ៖ ទំនប់នេះស្ថិតនៅខេត្តកំពត។",
        "អត្ថបទនេះត្រូវបានកែតម្រូវ។",
    ],
)
def test_a_note_that_says_so_is_a_correction_note_and_no_paragraph_that_came(note: str) -> None:
    assert labels(TEXT, (*TEXT, note)) == {"correction note"}
    found = edits(State("", TEXT), State("", TEXT, (note,)))
    assert found == (Change(Edit.CORRECTION, "", note),)


@pytest.mark.parametrize(
    "text",
    [
        "Corrections are easier with help: three volunteers came.",
        "The law was amended in May.",
        "The prison is a house of correction.",
        "Update on the dam of Kandal and those who live there: they stay.",
    ],
)
def test_what_only_speaks_of_corrections_is_no_note(text: str) -> None:
    assert not is_correction_note(text)


def test_a_text_told_anew_is_a_rewrite_and_nothing_else() -> None:
    assert labels((COURT, HOUSE), (RAIN, RAIN.replace("Rains", "Storms"))) == {"full rewrite"}
    assert labels((COURT,), (COURT, RAIN, HOUSE, KHMER)) == {"paragraph added", "quotation added"}


def test_evidence_is_bounded() -> None:
    after = tuple(f"{RAIN} {number}" * 20 for number in range(30))
    found = changes(TEXT, (*TEXT, *after))
    assert [change.label for change in found] == [Edit.PARAGRAPH_ADDED] * 5
    assert max(len(change.after) for change in found) <= 160


def test_letters_that_changed_places_are_one_error() -> None:
    assert [distance(*pair) for pair in (("teh", "the"), ("dam", "dam"), ("dam", "damage"), ("boat", "coal"))] == [
        *(1, 0, 3, 2)
    ]


@pytest.mark.parametrize("before", [TEXT, ()])
def test_nothing_is_edited_where_nothing_changed_and_an_empty_text_harms_nobody(before: tuple[str, ...]) -> None:
    assert changes(before, before) == ()
    assert changes((), (RAIN,))[0].label is Edit.PARAGRAPH_ADDED
