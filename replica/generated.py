"""Stories made up by rule, for the advances after the written ones. The same number gives the same story.

Sentences are filled word by word from lists rather than chosen whole: two stories of whole sentences would share so
many that a reader who looks for near-duplicates would find them, and rightly.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from random import Random

from replica.generated_khmer import khmer_text

_LISTS = {
    "place": "Kampong Speu, Kratie, Stung Treng, Pursat, Takeo, Prey Veng, Svay Rieng, Mondulkiri, Koh Kong, Kandal,"
    " Battambang, Preah Vihear, Kampot, Tbong Khmum, Siem Reap, Ratanakiri",
    "name": "Sok Vireak, Chan Maliya, Keo Rathana, Ly Sovanny, Nhem Pisey, Oum Dara, Prak Sopheavy, Ros Bunthan,"
    " Som Chakriya, Tep Molika, Ung Veasna, Yin Kalyan",
    "people": "villagers, fishers, weavers, farmers, vendors, nurses, drivers, potters, teachers, masons, tappers,"
    " dockers, widows, students, monks, porters",
    "office": "cadastral office, town hall, labour inspectorate, fisheries post, commune council, health department,"
    " school board, road authority, forest station, municipal court, harbour office, tax branch",
    "matter": "land titles, dredging permits, severance pay, a fenced road, gate fees, empty clinics, flooded graves,"
    " lost ballots, quarry dust, seized nets, burned stalls, cut cables, a sold pagoda, unlit streets",
    "thing": "receipts, photographs, maps, thumbprints, payslips, letters, ledgers, recordings, boundary stones,"
    " permits, contracts, notebooks, witness lists, bank slips, court stamps, sketches",
    "quality": "unsigned, faded, disputed, forgotten, new, numbered, torn, sealed, costly, borrowed, missing, costed,"
    " photocopied, contested, unread, official",
    "did": "counted, returned, refused, copied, hid, published, compared, burned, translated, collected, questioned,"
    " withheld, catalogued, posted, delivered, misplaced",
    "time": "at dawn, before the rains, within a week, last harvest, on market day, after prayers, overnight, twice,"
    " during the holiday, in silence, without notice, by ferry, since August, under guard",
}
_SENTENCES = (
    "In {place}, {people} {did} {count} {quality} {thing} {time}.",
    "The {office} in {place} {did} the {quality} {thing} {time}, {name} recalled.",
    "{name} and {count} {people} {did} {thing} about {matter} {time}.",
    "No {office} {did} such {quality} {thing}, though {people} from {place} asked {count} times.",
    "For {matter}, the {people} of {place} {did} {quality} {thing} {time}.",
    "By evening {count} {people} had {quality} {thing} that the {office} {did} {time}.",
    '"We {did} {quality} {thing} {time} and {people} in {place} saw it," said {name}, {age}.',
    '"Ask the {office} who {did} our {thing}," said {name}, {age}, one of {count} {people} from {place}.',
)
_CHOICES = {slot: tuple(choices.split(", ")) for slot, choices in _LISTS.items()} | {
    "count": tuple(map(str, range(12, 940))),
    "age": tuple(map(str, range(24, 72))),
}
_SLOT = re.compile(r"{(\w+)}")
_TITLES = (
    "{place} {people} press {office} over {matter}",
    "{office} in {place} loses {count} {thing}, {people} say",
    "{count} {people} from {place} petition on {matter}",
)
_SECTIONS = {
    "phnom-penh-post": ("national", "business", "national", "national-politics", "national", "opinion", "national"),
    "mekong-rights-journal": ("rivers", "labour", "courts", "voices"),
    "post-khmer": ("national", "business", "national"),
}
# Stories of the past have numbers that no advance reaches.
_PAST = 1000
_BEFORE = timedelta(days=40)
_APART = timedelta(minutes=30)
_SENTENCES_A_PARAGRAPH = 2
_PARAGRAPHS = 7
_STUB_PARAGRAPHS = 3


def past_stories(site: str, stories: int, now: datetime) -> Iterator[dict[str, object]]:
    """Yield a site's share of `stories` generated stories of the past, the oldest first.

    The Post has all of them, the others a twentieth; they lie half an hour apart, and before what was written by hand.
    """
    count = stories if site == "phnom-penh-post" else stories // 20
    sections = _SECTIONS.get(site, ())
    for number in range(count, 0, -1):
        story = generated_story(site, _PAST + number, now - _BEFORE - _APART * number)
        yield {**story, "sections": [sections[number % len(sections)]]} if sections else story


def generated_story(site: str, number: int, moment: datetime) -> dict[str, object]:
    """Return the `number`th generated story of a site, in the form of the stories folder."""
    # A chance that must repeat, and guards nothing.
    chance = Random(f"{site} {number}")  # noqa: S311
    if site == "post-khmer":
        title, body = khmer_text(chance)
        khmer = {"language": "km", "sections": ["national"], "authors": ["សុខ ដារ៉ា"]}
        return {"title": title, "slug": f"generated-{number}", "body": body, "at": moment.isoformat(), **khmer}
    filled = _fill(chance, chance.choice(_TITLES))
    title = filled[0].upper() + filled[1:]
    length = _STUB_PARAGRAPHS if site == "ohchr-cambodia" else _PARAGRAPHS
    body = "\n\n".join(_paragraph(chance) for _ in range(length))
    story: dict[str, object] = {"title": title, "slug": f"{_slug(title)}-{number}", "at": moment.isoformat()}
    if site == "ohchr":
        body = f"GENEVA ({{date}}) – {body}"
        story |= {"kind": "press-release", "source": "Special Procedures", "places": ["cambodia"]}
    elif site in _SECTIONS:
        story |= {"sections": [_SECTIONS[site][0]], "authors": [_fill(chance, "{name}")], "traps": ["rights"]}
    return {**story, "body": body}


def _paragraph(chance: Random) -> str:
    return " ".join(_fill(chance, sentence) for sentence in chance.sample(_SENTENCES, _SENTENCES_A_PARAGRAPH))


def _fill(chance: Random, sentence: str) -> str:
    """Return the sentence with each of its slots filled."""
    frame, slots = _parts(sentence)
    draw = chance.random
    return frame % tuple([choices[int(draw() * len(choices))] for choices in slots])


@cache
def _parts(sentence: str) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """Return a sentence with %s for each slot, and what each slot may be filled with."""
    pieces = _SLOT.split(sentence)
    return "%s".join(pieces[::2]), tuple(_CHOICES[slot] for slot in pieces[1::2])


def _slug(title: str) -> str:
    return "-".join(title.lower().replace(",", "").split())
