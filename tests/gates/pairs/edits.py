"""Two states of one article at one address, with what a person would say was changed.

Labels: typo, headline, number (also a date), name (of a person, place or body, and who is quoted), quotation added,
quotation removed, paragraph added, paragraph removed, correction note, wording, rewrite (all of it), and none, where
only white space, quotation marks, dashes, ligatures or the breaks of paragraphs differ. Several may hold at once.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.gates.pairs import lexicon
from tests.gates.pairs.alterations import (
    KHMER_WORD,
    NUMBER,
    SPELLED,
    mapped,
    misspelled,
    mistyped,
    renumbered,
    resplit,
    retypeset,
    reworded,
)
from tests.gates.pairs.plots import Plot, english, sheet, stock, template
from tests.gates.pairs.stories import (
    Event,
    Story,
    Text,
    background,
    line_of,
    paragraphed,
    sentences_of,
    story,
    told,
    worded,
)

LABELS = (
    *("typo", "headline", "number", "name", "quotation added", "quotation removed", "paragraph added"),
    *("paragraph removed", "correction note", "wording", "rewrite", "none"),
)
QUOTE = re.compile("“[^“”]{20,}”")
DATE = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(month for month, _ in lexicon.MONTHS)})\b")
DAY = re.compile(rf"\b({'|'.join(day for day, _ in lexicon.DAYS)})\b")
WORD_NUMBERS = {word: str(value) for value, word in enumerate(lexicon.SMALL) if value > 1}
KHMER_NOTES = (
    "កំណែ៖ អត្ថបទនេះត្រូវបានកែតម្រូវ ព្រោះកំណែមុនបានសរសេរតួលេខខុស។",
    "កំណែតម្រូវ៖ ឈ្មោះក្នុងអត្ថបទនេះត្រូវបានកែ។ យើងសូមអភ័យទោសចំពោះកំហុសនេះ។",
    "កំណែ៖ ចំណងជើងមុនមិនបានឆ្លុះបញ្ចាំងខ្លឹមសារត្រឹមត្រូវទេ។",
)
NEW_QUOTES = (
    "“We learned of it from the radio, like everybody else,” said {A}, who lives nearby. “Nobody knocked.”",
    "“This should surprise no one who has read the earlier reports,” said {F}, a researcher in Bangkok.",
    "{B}, a teacher in {com}, said: “My pupils ask me what the word means, and I have run out of answers.”",
    "“There is a procedure and it was followed,” a spokesperson wrote in reply to questions.",
    "Asked about it at the airport, {C}, an adviser to the government, said: “Let the institutions do their work.”",
)
Labels = frozenset[str]
Step = Callable[[random.Random, Story, Text], Text | None]


@dataclass(frozen=True)
class Edit:
    """An article before and after; `what` says how it was made, `labels` what a person would call it."""

    what: str
    labels: Labels
    before: Text
    after: Text
    language: str


def _with(text: Text, number: int, paragraph: str) -> Text:
    return replace(text, paragraphs=(*text.paragraphs[:number], paragraph, *text.paragraphs[number + 1 :]))


def _first(
    rng: random.Random, text: Text, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str]
) -> Text | None:
    """Return a text with one place of a pattern changed, none where it has no such place."""
    places = [number for number, paragraph in enumerate(text.paragraphs) if pattern.search(paragraph)]
    if not places:
        return None
    number = rng.choice(places)
    return _with(text, number, pattern.sub(change, text.paragraphs[number], count=1))


def white_space(rng: random.Random, _: Story, text: Text) -> Text:
    if text.source_language == "km":
        spaced = mapped(text, lambda words: KHMER_WORD.sub("\u200b", words), title=False)
        return mapped(spaced, lambda words: words.replace("«", "“").replace("»", "”"), title=False)
    after = retypeset(rng, replace(text, title=""))
    return replace(after, title=text.title)


def split_paragraph(rng: random.Random, _: Story, text: Text) -> Text | None:
    after = replace(text, paragraphs=resplit(rng, text.paragraphs))
    return after if after != text else None


def typos(rng: random.Random, _: Story, text: Text) -> Text:
    return mistyped(rng, text, rng.choice((1, 1, 2, 3)))


def long_typo(rng: random.Random, _: Story, text: Text) -> Text | None:
    return _first(rng, text, re.compile(r"\b[a-z]{10,}\b"), lambda hit: hit[0][:6] + hit[0][7:])


def capital(rng: random.Random, _: Story, text: Text) -> Text | None:
    ministry = re.compile(r"(?<=[a-z] )[a-z]{4,}\b(?! [A-Z])")
    return _first(rng, text, ministry, lambda hit: hit[0].capitalize())


def headline(rng: random.Random, told_of: Story, text: Text) -> Text:
    titles = told_of.event.plot.titles
    return replace(text, title=worded(rng, titles[(told_of.headline + 1) % len(titles)], told_of.event))


def number(rng: random.Random, _: Story, text: Text) -> Text | None:
    after = renumbered(rng, text, rng.choice((1, 1, 2)))
    return after if after != text else None


def number_once(rng: random.Random, _: Story, text: Text) -> Text | None:
    return _first(rng, text, NUMBER, _one_more)


def _one_more(hit: re.Match[str]) -> str:
    value = int(hit[0].replace(",", "")) + 1
    return f"{value:,}" if "," in hit[0] else str(value)


def number_spelled(rng: random.Random, _: Story, text: Text) -> Text | None:
    return _first(rng, text, SPELLED, lambda hit: WORD_NUMBERS[hit[0]])


def date_moved(rng: random.Random, _: Story, text: Text) -> Text | None:
    moved = _first(rng, text, DATE, lambda hit: f"{int(hit[1]) % 28 + 1} {hit[2]}")
    return moved or _first(rng, text, DAY, lambda hit: "Monday" if hit[0] != "Monday" else "Sunday")


def name_letter(rng: random.Random, _: Story, text: Text) -> Text | None:
    if not text.names:
        return None
    old = rng.choice(rng.choice(text.names).split())
    new = misspelled(rng, old)
    if text.source_language == "km":
        return mapped(text, lambda words: words.replace(old, new))
    return mapped(text, lambda words: re.sub(rf"\b{re.escape(old)}\b", new, words))


def name_other(rng: random.Random, _: Story, text: Text) -> Text | None:
    if not text.names:
        return None
    old = rng.choice(text.names)
    new, short = Event(rng, Plot("", ""), text.source_language).person("A")
    given = old.rpartition(" ")[2]
    return mapped(text, lambda words: words.replace(old, new).replace(given, short))


def attribution(rng: random.Random, _: Story, text: Text) -> Text | None:
    spoken = re.compile(r"(?<=” said )[A-Z][\w’' ]+?(?=[.,])|[A-Z]\w+ [A-Z]\w+(?=, [^“”.]{3,60}: “)")
    new = Event(rng, Plot("", "")).person("A")[0]
    return _first(rng, text, spoken, lambda _hit: new)


def quotation_added(rng: random.Random, _: Story, text: Text) -> Text:
    added = worded(rng, template(rng.choice(NEW_QUOTES)), Event(rng, Plot("", "")))
    at = rng.randint(0, len(text.paragraphs) - 1)
    return _with(text, at, f"{text.paragraphs[at]} {added}")


def paragraph_added(rng: random.Random, told_of: Story, text: Text) -> Text:
    items = background(rng, told_of.event.plot.topic, rng.randint(1, 2), text.source_language)
    khmer = text.source_language == "km"
    plain = " ".join(sentences_of(rng, paragraphed(rng, items[0].event, items), [0] * len(items)))
    added = plain if khmer or rng.random() < 0.5 else line_of(rng, "update")
    at = rng.randint(1, len(text.paragraphs))
    return replace(text, paragraphs=(*text.paragraphs[:at], added, *text.paragraphs[at:]))


def paragraph_moved(rng: random.Random, _: Story, text: Text) -> Text | None:
    if len(text.paragraphs) < 3:
        return None
    paragraphs = list(text.paragraphs)
    moved = paragraphs.pop(rng.randint(1, len(paragraphs) - 2))
    return replace(text, paragraphs=(*paragraphs, moved))


def note(rng: random.Random, _: Story, text: Text) -> Text:
    line = rng.choice(KHMER_NOTES) if text.source_language == "km" else line_of(rng, "correction")
    return _noted(rng, text, line)


def note_on(number: int) -> Step:
    """Return a step that appends the correction note of a number in the stock of notes."""

    def noted(rng: random.Random, _: Story, text: Text) -> Text:
        return _noted(rng, text, worded(rng, stock()["correction"][number], Event(rng, Plot("", ""))))

    return noted


def _noted(rng: random.Random, text: Text, line: str) -> Text:
    if rng.random() < 0.25:
        return replace(text, paragraphs=(line, *text.paragraphs))
    return replace(text, paragraphs=(*text.paragraphs, line))


def wording(rng: random.Random, _: Story, text: Text) -> Text | None:
    at = rng.randint(0, len(text.paragraphs) - 1)
    after = _with(text, at, reworded(rng, text.paragraphs[at], 0.7))
    return after if after != text else None


def sentence_anew(rng: random.Random, told_of: Story, text: Text) -> Text | None:
    """Return a text of which one sentence without a quotation is told in other words."""
    plain = [at for at, item in enumerate(told_of.items) if len(item.fact.wordings) > 1]
    facts = [item.fact for item in told_of.items]
    if text.source_language != "en" or not plain:
        return None
    item = told_of.items[rng.choice(plain)]
    new = worded(rng, item.fact.wordings[1 - told_of.voices[facts.index(item.fact)]], item.event)
    old = worded(rng, item.fact.wordings[told_of.voices[facts.index(item.fact)]], item.event)
    return mapped(text, lambda words: words.replace(old, new), title=False) if old in text.body else None


STEPS: dict[str, tuple[str, Step]] = {
    "set anew": ("none", white_space),
    "paragraph split or joined": ("none", split_paragraph),
    "typing errors": ("typo", typos),
    "error in a long word": ("typo", long_typo),
    "capital": ("typo", capital),
    "headline": ("headline", headline),
    "number everywhere": ("number", number),
    "number once": ("number", number_once),
    "number put in digits": ("wording", number_spelled),
    "date moved": ("number", date_moved),
    "one letter of a name": ("name", name_letter),
    "another person": ("name", name_other),
    "quotation's speaker": ("name", attribution),
    "quotation": ("quotation added", quotation_added),
    "paragraph": ("paragraph added", paragraph_added),
    "paragraph moved": ("wording", paragraph_moved),
    "note": ("correction note", note),
    "note on a figure": ("correction note", note_on(0)),
    "note on a name": ("correction note", note_on(1)),
    "note on a date": ("correction note", note_on(2)),
    "sentence edited": ("wording", wording),
    "sentence told anew": ("wording", sentence_anew),
}
REVERSED = {"quotation added": "quotation removed", "paragraph added": "paragraph removed"}
# What an editor does in one go.
TOGETHER = (
    *(
        ("number everywhere", "note on a figure"),
        ("one letter of a name", "note on a name"),
        ("headline", "number everywhere"),
    ),
    *(("headline", "paragraph"), ("paragraph", "quotation"), ("typing errors", "one letter of a name")),
    *(("sentence edited", "headline", "paragraph"), ("set anew", "number once"), ("date moved", "note on a date")),
    *(
        ("paragraph moved", "paragraph"),
        ("another person", "note on a name", "headline"),
        ("typing errors", "sentence edited"),
    ),
)
KHMER_STEPS = (*("set anew", "headline", "number everywhere", "one letter of a name", "paragraph", "note"),)
EACH = 12
EACH_KHMER = 6


def _edited(rng: random.Random, names: tuple[str, ...], language: str = "en", *, backwards: bool = False) -> Edit:
    """Return an edit of the steps named; an article that does not allow for one of them is put aside."""
    while True:
        chosen = story(rng, None, rng.choice(("short", "normal", "normal", "full")), language)
        before = told(rng, chosen)
        after: Text | None = before
        for name in names:
            after = STEPS[name][1](rng, chosen, after) if after is not None else None
        if after is not None and after != before:
            break
    labels = {STEPS[name][0] for name in names}
    if backwards:
        labels = {REVERSED.get(label, label) for label in labels}
        before, after = after, before
    if before.title != after.title:
        # A figure or name that was put right in the headline too.
        labels.add("headline")
    return Edit(" and ".join(names), frozenset(labels - {"none"} or labels), before, after, language)


def _rewritten(rng: random.Random) -> Edit:
    chosen = story(rng, None, rng.choice(("short", "normal", "full")))
    before, after = told(rng, chosen), told(rng, chosen, flipped=True)
    if rng.random() < 0.5:
        return Edit("told anew", frozenset({"rewrite"}), before, replace(after, title=before.title), "en")
    return Edit("told anew under another headline", frozenset({"rewrite", "headline"}), before, after, "en")


def _count_in_quote(rng: random.Random) -> Edit:
    """Return an article in which somebody is quoted with 12, and then with 13."""
    text = told(rng, story(rng, rng.choice(english()), "normal"))
    counted = "“There were 12 of them, and I wrote down each name,” said a witness."
    at = rng.randint(1, len(text.paragraphs))
    before = replace(text, paragraphs=(*text.paragraphs[:at], counted, *text.paragraphs[at:]))
    after = mapped(before, lambda words: words.replace("There were 12 of", "There were 13 of"), title=False)
    return Edit("number in a quotation", frozenset({"number"}), before, after, "en")


def _form_corrected(rng: random.Random) -> Edit:
    """Return a ministry's release, and the same with a figure put right."""
    plot = rng.choice(list(sheet("templates").values()))
    event = Event(rng, plot)
    before = Text(worded(rng, plot.titles[0], event), tuple(worded(rng, form, event) for form in plot.forms))
    after = number_once(rng, story(rng), before)
    assert after is not None
    return Edit("number in a form", frozenset({"number"}), before, after, "en")


def edits(seed: int) -> list[Edit]:
    """Return all edits of a seed, sort after sort."""
    rng = random.Random(f"{seed} edits")
    found = [_edited(rng, (name,)) for name in STEPS if not name.startswith("note on") for _ in range(EACH)]
    found += [_edited(rng, (name,), backwards=True) for name in ("quotation", "paragraph") for _ in range(EACH)]
    found += [_edited(rng, names) for names in TOGETHER for _ in range(EACH // 2)]
    for make in (_rewritten, _count_in_quote, _form_corrected):
        found += [make(rng) for _ in range(EACH)]
    found += [_edited(rng, (name,), "km") for name in KHMER_STEPS for _ in range(EACH_KHMER)]
    return found
