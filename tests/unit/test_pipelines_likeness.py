"""What a text is to another, case by case; how often that is right, tests/gates/test_pairs.py measures."""

import random
from time import process_time

import pytest

from core.config import DuplicateSettings
from core.shingles import sampled, shingles
from core.stories import ONE_STORY, Relation
from pipelines.likeness import Print, evidence, is_part, likeness

BOUNDS = DuplicateSettings()
TITLE = "Court frees five fishermen of Koh Sneng"
STORY = (
    "Five fishermen of Koh Sneng were freed on Tuesday after the provincial court found nothing against them.",
    "They had been held for 41 days, accused of taking nets that belonged to a concession of 1,200 hectares.",
    "Judge Prak Sothea said that the prosecutor had shown neither the nets nor anyone who had seen them taken.",
    "“We went out at four as our fathers did, and nobody told us that the water had been sold,” said Yim Saroeun.",
    "The company, Blue Heron Fisheries, declined to comment; its licence was given in 2019 and runs for ten years.",
    "Rights groups counted 17 such arrests along that stretch of the river last year, more than in any before it.",
    "The ministry promised in March to look at all licences again, and has not said since what it found there.",
    "Ms Yim said that the boats were still with the police, and that the season would be over in six weeks.",
)
OTHER = (
    "The council of Stung Sen voted to move the market to the old railway yard before the rains come.",
    "Traders had asked for a roof of tin and for water, and were promised both by the governor on Friday.",
    "Of 212 stalls some thirty have been empty since the flood of October carried off the bridge at Prek Toal.",
    "“A market without a road is a field with tables on it,” said Hang Dara, who sells dried fish and salt.",
    "The work is to cost 90,000 dollars, of which the province pays a third, and the rest is a loan of the bank.",
)
KHMER = (
    "តុលាការខេត្តបានដោះលែងអ្នកនេសាទប្រាំនាក់កាលពីថ្ងៃអង្គារ បន្ទាប់ពីរកមិនឃើញភស្តុតាងប្រឆាំងនឹងពួកគេ។",
    "ពួកគេត្រូវបានឃុំខ្លួនអស់រយៈពេល ៤១ ថ្ងៃ ដោយត្រូវចោទថាបានយកមងដែលជារបស់ក្រុមហ៊ុនសម្បទាន។",
    "អង្គការសិទ្ធិមនុស្សបានរាប់ឃើញការចាប់ខ្លួនដប់ប្រាំពីរករណី នៅតាមដងទន្លេនោះកាលពីឆ្នាំមុន។",
    "ក្រសួងបានសន្យាកាលពីខែមីនាថា នឹងពិនិត្យអាជ្ញាប័ណ្ណទាំងអស់ឡើងវិញ ប៉ុន្តែមិនទាន់ប្រាប់លទ្ធផលទេ។",
)


def text(*paragraphs: str, title: str = TITLE) -> Print:
    return Print(title, "\n".join(paragraphs))


def relation(new: Print, held: Print) -> Relation:
    return likeness(new, held, BOUNDS).relation


HELD = text(*STORY)


def test_another_setting_of_the_same_words_is_a_copy_in_full() -> None:
    set_otherwise = text(*(line.replace("“", '"').replace("”", '"').upper() for line in STORY), title="Fishermen freed")
    found = likeness(set_otherwise, HELD, BOUNDS)
    assert (found.relation, found.share, found.share_of_other) == (Relation.COPY, 1, 1)


def test_a_figure_that_is_corrected_leaves_a_copy() -> None:
    corrected = [
        line.replace("41 days", "43 days").replace("1,200", "1,500").replace("17 such", "19 such") for line in STORY
    ]
    assert relation(text(*corrected), HELD) is Relation.COPY


def test_a_brief_whose_only_figure_is_corrected_is_a_copy() -> None:
    brief, corrected = (
        STORY[0] + " The five had been held for 41 days.",
        STORY[0] + " The five had been held for 43 days.",
    )
    assert relation(text(corrected), text(brief)) is Relation.COPY


@pytest.mark.parametrize("part", [STORY[:2], STORY[:4], STORY[4:], STORY[2:5]])
def test_a_part_is_an_excerpt_and_the_whole_is_its_extension(part: tuple[str, ...]) -> None:
    assert relation(text(*part), HELD) is Relation.EXCERPT
    assert relation(HELD, text(*part)) is Relation.EXTENDED


def test_a_text_with_a_few_lines_more_is_a_copy() -> None:
    assert relation(text(*STORY, "A hearing on the licence was set for 12 June."), HELD) is Relation.COPY


def test_a_release_of_the_same_form_on_another_event_is_another_text() -> None:
    form = (
        "The Ministry of Labour said on {day} that it had received {count} complaints from workers of the {plant} "
        "plant, and that {done} of them were settled. The ministry thanked the employers for their cooperation, and "
        "asked workers to bring their complaints to the department of their province. "
        "Fines of {sum} riel were given to {firm}."
    )
    may = form.format(day="4 May", count="132", plant="Sovann", done="97", sum="8,400,000", firm="Mekong Apparel")
    june = form.format(
        day="9 June", count="188", plant="Chamroeun", done="141", sum="6,150,000", firm="Angkor Stitching"
    )
    found = likeness(text(june, title="Complaints in May"), text(may, title="Complaints in June"), BOUNDS)
    assert max(found.share, found.share_of_other) > 0.4
    assert found.agreement < 0.6
    assert found.relation not in ONE_STORY


def test_a_long_quotation_in_another_story_makes_no_copy() -> None:
    said = (
        "“We went out at four as our fathers did, and nobody told us that the water had been sold, nor to whom, nor "
        "for how long, and when we asked at the commune they laughed and said to ask the heron,” said Yim Saroeun."
    )
    assert relation(text(*OTHER, said, title="Market moves"), text(*STORY[:3], said, *STORY[4:])) is Relation.QUOTATION


def test_two_stories_of_other_things_are_unrelated() -> None:
    assert relation(text(*OTHER, title="Market moves"), HELD) is Relation.UNRELATED


def test_the_passages_that_two_texts_share_are_shown_as_the_new_one_has_them() -> None:
    new = text(OTHER[0], STORY[3], OTHER[1], STORY[1], title="Market moves")
    passages = evidence(new, HELD, likeness(new, HELD, BOUNDS)).passages
    assert passages == (STORY[3].strip("“."), STORY[1].strip("."))


def test_khmer_without_spaces_is_compared_by_its_characters() -> None:
    held = text(*KHMER)
    assert relation(text(*KHMER[:2]), held) is Relation.EXCERPT
    corrected = text(*(line.replace("៤១", "៤៣") for line in KHMER))
    assert relation(corrected, held) is Relation.COPY
    assert likeness(text(*KHMER[:2]), text(*KHMER[2:]), BOUNDS).share < 0.1


def test_an_item_of_a_round_up_is_a_part_and_a_stub_under_its_title_is_none() -> None:
    round_up = text(*OTHER, *STORY[:2], *OTHER[::-1], title="The week")
    item = text(*STORY[:2])
    assert is_part(item, round_up, likeness(item, round_up, BOUNDS))
    assert is_part(round_up, item, likeness(round_up, item, BOUNDS))
    stub = text(STORY[0])
    assert not is_part(stub, HELD, likeness(stub, HELD, BOUNDS))
    beginning = text(STORY[0], title="Freed")
    assert not is_part(beginning, HELD, likeness(beginning, HELD, BOUNDS))


@pytest.mark.parametrize("line", ["Yes", "1 2 3 4 5 6 7", "Read the full release here.", "៤១", "…"])
def test_a_line_of_a_few_words_is_one_text_only_under_one_title(line: str) -> None:
    assert relation(text(line, title="Dry wells"), text(line, title="Early floods")) is Relation.UNRELATED
    if line != "…":
        assert relation(text(line), text(line)) is Relation.COPY


def test_a_sentence_said_again_and_again_is_no_more_than_the_sentence() -> None:
    again = text(*[STORY[0]] * 2000, title="Again")
    assert len(again.shingles) < 30
    assert relation(again, text(*OTHER)) is Relation.UNRELATED


def test_a_text_of_five_megabytes_is_compared_in_seconds() -> None:
    chance = random.Random(5)
    words = ["".join(chance.choices("abcdefghijklmno", k=6)) for _ in range(5000)]
    long = text(" ".join(chance.choices(words, k=720_000)), title="Long")
    before = process_time()
    assert relation(HELD, long) is Relation.UNRELATED
    assert process_time() - before < 5


def test_one_shingle_in_eight_is_looked_up() -> None:
    found = shingles(" ".join(str(number) for number in range(8000)))
    assert len(found) == 7998
    assert 800 < len(sampled(found)) < 1200
    assert set(sampled(found)) <= found
