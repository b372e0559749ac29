"""Stories made up by rule, for the advances after the written ones. The same number gives the same story.

Sentences are filled word by word from lists rather than chosen whole: two stories of whole sentences would share so
many that a reader who looks for near-duplicates would find them, and rightly.
"""

from datetime import datetime
from random import Random

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
_TITLES = (
    "{place} {people} press {office} over {matter}",
    "{office} in {place} loses {count} {thing}, {people} say",
    "{count} {people} from {place} petition on {matter}",
)
_SENTENCES_A_PARAGRAPH = 2
_PARAGRAPHS = 7
_STUB_PARAGRAPHS = 3


def generated_story(site: str, number: int, moment: datetime) -> dict[str, object]:
    """Return the `number`th generated story of a site, in the form of the stories folder."""
    # A chance that must repeat, and guards nothing.
    chance = Random(f"{site} {number}")  # noqa: S311
    filled = _fill(chance, chance.choice(_TITLES))
    title = filled[0].upper() + filled[1:]
    length = _STUB_PARAGRAPHS if site == "ohchr-cambodia" else _PARAGRAPHS
    body = [_paragraph(chance) for _ in range(length)]
    story: dict[str, object] = {"title": title, "slug": f"{_slug(title)}-{number}", "at": moment.isoformat()}
    if site == "phnom-penh-post":
        more = {"sections": ["national"], "authors": [_fill(chance, "{name}")], "traps": ["rights"]}
        return {**story, "body": "\n\n".join(body), **more}
    if site == "ohchr":
        lead = f"GENEVA ({{date}}) – {body[0]}"
        extra = {"kind": "press-release", "source": "Special Procedures", "places": ["cambodia"]}
        return {**story, "body": "\n\n".join([lead, *body[1:]]), **extra}
    return {**story, "body": "\n\n".join(body)}


def _paragraph(chance: Random) -> str:
    return " ".join(_fill(chance, sentence) for sentence in chance.sample(_SENTENCES, _SENTENCES_A_PARAGRAPH))


def _fill(chance: Random, sentence: str) -> str:
    """Return the sentence with each of its slots filled."""
    words = {slot: chance.choice(choices.split(", ")) for slot, choices in _LISTS.items()}
    return sentence.format(count=chance.randint(12, 940), age=chance.randint(24, 71), **words)


def _slug(title: str) -> str:
    return "-".join(title.lower().replace(",", "").split())
