"""Pairs of a story and the same story told anew, and of stories that share no more than a long quotation."""

import random
from dataclasses import replace

from tests.gates.pairs import lexicon
from tests.gates.pairs.copies import Couple, Maker
from tests.gates.pairs.plots import TOPICS, sheet
from tests.gates.pairs.stories import (
    Event,
    Text,
    grouped,
    line_of,
    sentences_of,
    story,
    told,
    worded,
)

SOURCES = (
    *("the statement said", "the groups wrote", "the text reads", "the letter says", "reads the appeal"),
    *("the organisations said in a joint statement", "according to the document"),
)
# Topics on which statements are made.
STATED = ("land", "courts", "labour", "politics", "rights")
BEFORE = (
    *("The full passage reads:", "In its central paragraph the text says:", "We quote from the appeal:"),
    *("What caused the stir were these sentences:", "The passage that was read out in court:"),
    *("An open letter that circulated on the same day had put it thus:", "The relevant part of the text runs:"),
)


def _size(rng: random.Random) -> str:
    return rng.choice(("short", "normal", "normal", "normal", "full", "feature"))


def heavy(rng: random.Random, language: str) -> Couple:
    """Return a story and the same facts in the same order, nearly every sentence told anew, quotations kept."""
    chosen = story(rng, None, _size(rng), language)
    return told(rng, chosen), told(rng, chosen, flipped=True)


def half_rewritten(rng: random.Random, language: str) -> Couple:
    """Return a story and another of which about every second paragraph is the same to the word."""
    chosen = story(rng, None, rng.choice(("normal", "full", "feature")), language)
    left = told(rng, chosen)
    anew = told(rng, chosen, flipped=True)
    odd = rng.randint(0, 1)
    both = enumerate(zip(left.paragraphs, anew.paragraphs, strict=True))
    paragraphs = tuple(new if number % 2 == odd else old for number, (old, new) in both)
    return left, replace(anew, paragraphs=paragraphs)


def retold(rng: random.Random, language: str) -> Couple:
    """Return a wire story and a paper's telling of it, with paragraphs of its own and a few sentences left as sent."""
    chosen = story(rng, None, rng.choice(("short", "normal", "normal", "full")), language)
    left = told(rng, chosen)
    kept = rng.uniform(0, 0.3)
    voices = [voice if number and rng.random() < kept else 1 - voice for number, voice in enumerate(chosen.voices)]
    paragraphs = list(grouped(sentences_of(rng, chosen, voices), chosen.ends))
    for line in dict.fromkeys(line_of(rng, "local") for _ in range(rng.randint(1, 3))):
        paragraphs.insert(rng.randint(1, len(paragraphs)), line)
    titles = chosen.event.plot.titles
    title = worded(rng, titles[(chosen.headline + 1) % len(titles)], chosen.event)
    return left, replace(left, title=title, paragraphs=tuple(paragraphs), outlet=rng.choice(lexicon.OUTLETS))


def statement_of(rng: random.Random, topic: str, count: int) -> tuple[Event, list[str]]:
    """Return sentences of a statement on a topic, and the event it is about."""
    plot = sheet("statements")[topic]
    event = Event(rng, plot)
    chosen = sorted(rng.sample(range(len(plot.sentences)), min(count, len(plot.sentences))))
    return event, [worded(rng, plot.sentences[number], event) for number in chosen]


def passage_of(rng: random.Random, topic: str) -> str:
    """Return a passage of a statement on a topic, of 40 to 120 words."""
    _, lines = statement_of(rng, topic, 6)
    passage = lines[0]
    wanted = rng.randint(40, 100)
    for line in lines[1:]:
        longer = f"{passage} {line}"
        if len(passage.split()) >= wanted or len(longer.split()) > 120:
            break
        passage = longer
    return passage


def quoting(rng: random.Random, text: Text, passage: str) -> Text:
    """Return a text that quotes a passage at length somewhere after its lead."""
    quoted = f"“{passage}”"
    if rng.random() < 0.5:
        quoted = f"“{passage[:-1]},” {rng.choice(SOURCES)}."
        added = [quoted]
    else:
        added = [rng.choice(BEFORE), quoted] if rng.random() < 0.5 else [f"{rng.choice(BEFORE)} {quoted}"]
    at = rng.randint(1, len(text.paragraphs))
    return replace(text, paragraphs=(*text.paragraphs[:at], *added, *text.paragraphs[at:]))


def shared_quotation(rng: random.Random, _: str) -> Couple:
    """Return two stories of the same or of different matters that quote the same 40 to 120 words."""
    topic, other = rng.sample(STATED, 2)
    passage = passage_of(rng, topic)
    alike = rng.random() < 0.5
    first, second = rng.sample(list(sheet(topic).values()), 2)
    # Long stories tell of other events of their topic, which two of the same topic would share.
    sizes = ("short", "normal", "normal") if alike else ("short", "normal", "normal", "full", "feature")
    second = second if alike else rng.choice(list(sheet(other).values()))
    left, right = (told(rng, story(rng, plot, rng.choice(sizes))) for plot in (first, second))
    return quoting(rng, left, passage), quoting(rng, right, passage)


def shared_passage(rng: random.Random, _: str) -> Couple:
    """Return two texts that carry the same paragraph of a law or statement, without quotation marks in one."""
    passage = passage_of(rng, rng.choice(STATED))
    plots = [rng.choice(list(sheet(topic).values())) for topic in rng.sample(TOPICS, 2)]
    left, right = (told(rng, story(rng, plot, rng.choice(("normal", "full", "feature")))) for plot in plots)
    at = rng.randint(1, len(left.paragraphs))
    left = replace(left, paragraphs=(*left.paragraphs[:at], passage, *left.paragraphs[at:]))
    return (left, quoting(rng, right, passage)) if rng.random() < 0.5 else (quoting(rng, right, passage), left)


def whole_statement(rng: random.Random, topic: str, lines: list[str], event: Event) -> Text:
    """Return a statement as its authors publish it."""
    ends = [at for at in range(1, len(lines)) if rng.random() < 0.6]
    title = rng.choice(("Joint statement", "Open letter", "Statement", "Public appeal"))
    paragraphs = [*grouped(lines, ends), f"Phnom Penh, {event.date('date2')}"]
    paragraphs += [line_of(rng, sort) for sort in ("about", "contact") if rng.random() < 0.5]
    return Text(f"{title} on {topic}", tuple(paragraphs), "en", event.plot.name)


def report_and_statement(rng: random.Random, _: str) -> Couple:
    """Return a whole statement and a report that quotes three of its sentences at length among its own."""
    topic = rng.choice(STATED)
    event, lines = statement_of(rng, topic, rng.randint(7, 12))
    left = whole_statement(rng, topic, lines, event)
    report = told(rng, story(rng, rng.choice(list(sheet(topic).values())), rng.choice(("normal", "normal", "full"))))
    if rng.random() < 0.5:
        at = rng.randint(0, len(lines) - 3)
        return left, quoting(rng, report, " ".join(lines[at : at + 3]))
    for line in rng.sample(lines, 3):
        report = quoting(rng, report, line)
    return left, report


RETELLINGS: dict[str, Maker] = {"heavy rewrite": heavy, "half rewritten": half_rewritten, "wire story re-told": retold}
QUOTATIONS: dict[str, Maker] = {
    "shared quotation": shared_quotation,
    "shared passage": shared_passage,
    "report and statement": report_and_statement,
}
