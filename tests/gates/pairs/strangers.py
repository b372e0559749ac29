"""Pairs of texts of which neither comes from the other, however much they may look alike."""

import random
from collections.abc import Sequence
from dataclasses import replace

from tests.gates.pairs import lexicon
from tests.gates.pairs.alterations import mapped, reworded
from tests.gates.pairs.copies import Couple, Maker
from tests.gates.pairs.plots import TOPICS, Plot, Slot, english, khmer, khmer_forms, sheet
from tests.gates.pairs.retellings import statement_of
from tests.gates.pairs.stories import (
    Event,
    Item,
    Story,
    Text,
    background,
    form_of,
    line_of,
    named,
    paragraphed,
    sentences_of,
    story,
    told,
    worded,
)

HEADERS = (
    *("The week in rights: what happened, what it means and what to watch.", "Our weekly round-up, read by lawyers."),
    *("Seven days in a few paragraphs. Send us what we missed.", "From the provinces this week:"),
)
LIVE = (
    "This page is updated as news comes in. Times are local (GMT+7). The latest entries stand at the top.",
    "Our reporters follow the events of the day in the capital and in the provinces. Send pictures to the desk.",
)


def same_form(rng: random.Random, language: str) -> Couple:
    """Return two of the same form (notices, monthly releases, briefs) on different events."""
    plot = rng.choice(khmer_forms() if language == "km" else list(sheet("templates").values()))
    left, right = form_of(rng, plot, language), form_of(rng, plot, language)
    if language == "en" and rng.random() < 0.4:
        # The officer who filled it in was another.
        right = mapped(right, lambda words: reworded(rng, words, 0.6))
    return left, right


def other_story(rng: random.Random, _: str) -> Couple:
    """Return two reporters' stories of one event: other words, other people quoted, other facts but for a few."""
    plot = rng.choice(english())
    event = Event(rng, plot)
    lead = Item(plot.facts[0], event)
    facts = [Item(fact, event) for fact in plot.facts[1:] if not fact.speaker]
    quotes = [Item(fact, event) for fact in plot.facts if fact.speaker]
    rng.shuffle(facts)
    both, half = facts[: rng.randint(1, 3)], (len(facts) + 3) // 2
    mine, yours = facts[:half], both + [item for item in facts[half:] if item not in both]
    left = _reported(rng, event, [lead, *mine, *quotes[::2]], 0)
    # Both were at the press conference: now and then both have the sentence of the day.
    heard = quotes[:1] if rng.random() < 0.35 else []
    right = _reported(rng, event, [lead, *yours, *heard, *quotes[1::2]], 1)
    return left, right


def _reported(rng: random.Random, event: Event, items: Sequence[Item], voice: int) -> Text:
    """Return a report in one voice that opens with the lead, with a background of its own."""
    first, *rest = items
    rest += background(rng, event.plot.topic, 3)[voice::2]
    rng.shuffle(rest)
    chosen = paragraphed(rng, event, [first, *rest])
    told_so = Story(chosen.event, chosen.items, chosen.ends, (voice,) * len(chosen.items), voice)
    return told(rng, told_so)


def follow_up(rng: random.Random, _: str) -> Couple:
    """Return a story and the next day's, which repeats a background paragraph or two."""
    plot = rng.choice(english())
    event = Event(rng, plot)
    quotes = [Item(fact, event) for fact in plot.facts if fact.speaker]
    facts = [Item(fact, event) for fact in plot.facts if not fact.speaker]
    saved = rng.randint(1, 2)
    today = paragraphed(
        rng, event, [*facts[: len(facts) - saved], quotes[0], *background(rng, plot.topic, rng.randint(0, 4))]
    )
    left = told(rng, today)
    lead = worded(rng, rng.choice(sheet("background")[plot.topic].follow_ups), event)
    items = [*facts[len(facts) - saved :], *quotes[1:], *background(rng, plot.topic, rng.randint(3, 6))]
    later = list(told(rng, paragraphed(rng, event, items)).paragraphs)
    repeated = _short_enough(rng.sample(left.paragraphs[1:], min(len(left.paragraphs) - 1, 2)), len(left.body) // 3)
    title = rng.choice((f"{event.value(Slot('prov'))}: the day after", "No end in sight, both sides say", "Second day"))
    return left, named(Text(title, (lead, *later, *repeated), "en", left.outlet), event)


def _short_enough(paragraphs: Sequence[str], most: int) -> list[str]:
    """Return the first paragraphs that come to no more letters than given, one at least."""
    kept = [*paragraphs[:1]]
    return kept if sum(map(len, paragraphs)) > most else list(paragraphs)


def translation(rng: random.Random, _: str) -> Couple:
    """Return a story in English and in Khmer."""
    plot = rng.choice(khmer())
    original = next(other for other in english() if other.name == plot.name)
    first = story(rng, original, rng.choice(("short", "normal")))
    event = Event(rng, plot, "km", first.event.drawn)
    items = [Item(fact, event) for fact in plot.facts]
    couple = told(rng, first), told(rng, paragraphed(rng, event, items))
    return couple if rng.random() < 0.5 else (couple[1], couple[0])


def boilerplate_only(rng: random.Random, _: str) -> Couple:
    """Return two stories of different matters between the same notices."""
    topics = rng.sample(TOPICS, 2)
    left, right = (told(rng, story(rng, rng.choice(list(sheet(topic).values())), _middling(rng))) for topic in topics)
    sorts = rng.sample(("about", "contact", "legal", "footer"), rng.randint(1, 3))
    lines = [line_of(rng, sort) for sort in sorts]
    above = (line_of(rng, "credit"),) if rng.random() < 0.3 else ()
    framed = [replace(text, paragraphs=(*above, *text.paragraphs, *lines)) for text in (left, right)]
    return framed[0], framed[1]


def _middling(rng: random.Random) -> str:
    return rng.choice(("short", "normal", "normal", "full"))


def different(rng: random.Random, language: str) -> Couple:
    """Return two stories that have nothing in common."""
    if language == "km":
        first, second = rng.sample(khmer(), 2)
        return told(rng, story(rng, first, "", "km")), told(rng, story(rng, second, "bare", "km"))
    topics = rng.sample(TOPICS, 2)
    texts = [told(rng, story(rng, rng.choice(list(sheet(topic).values())))) for topic in topics]
    return texts[0], texts[1]


def _entry(rng: random.Random, plot: Plot) -> str:
    """Return an event in a few sentences."""
    event = Event(rng, plot)
    items = [Item(fact, event) for fact in plot.facts[: rng.randint(2, 4)]]
    return " ".join(sentences_of(rng, paragraphed(rng, event, items), [rng.randint(0, 1) for _ in items]))


def round_ups(rng: random.Random, _: str) -> Couple:
    """Return two weekly round-ups that share one item."""
    plots = rng.sample(english(), 11)
    entries = [_entry(rng, plot) for plot in plots]
    header = rng.choice(HEADERS)
    half = rng.randint(4, 5)
    shared, mine, yours = entries[0], entries[1 : half + 1], entries[half + 1 : 2 * half + 1]
    texts = []
    for number, own in enumerate((mine, yours)):
        own.insert(rng.randint(0, len(own)), shared)
        texts.append(
            Text(f"Weekly round-up {rng.randint(2, 25) * 2 + number}", (header, *own), "en", "Riverside Daily")
        )
    return texts[0], texts[1]


def series(rng: random.Random, _: str) -> Couple:
    """Return two press releases of a numbered series: the same letterhead and foot, other matters."""
    number = rng.randint(3, 48)
    letterhead = Event(rng, Plot("", ""))
    body = letterhead.value(Slot("ngo"))
    foot = (line_of(rng, "about"), line_of(rng, "contact"))
    first, other = rng.sample(list(sheet("statements")), 2)
    alike = rng.random() < 0.5
    lines = statement_of(rng, first, 12)[1]
    others = lines if alike else statement_of(rng, other, 12)[1]
    count = rng.randint(3, 6)
    texts = []
    for step, own in enumerate((lines[:count], others[-count:])):
        head = f"{body} · Press release no. {number + step} · Phnom Penh, {letterhead.date(f'date{step}')}"
        texts.append(Text(f"Press release no. {number + step}", (head, *own, *foot), "en", body))
    return texts[0], texts[1]


def live_blogs(rng: random.Random, _: str) -> Couple:
    """Return a live blog of two days: the same frame and a pinned summary, other entries."""
    frame = rng.choice(LIVE)
    plots = rng.sample(english(), 14)
    pinned = f"What we know so far: {_entry(rng, plots[0])}"
    texts = []
    for day, chosen in zip(rng.sample(lexicon.DAYS, 2), (plots[1:7], plots[7:13]), strict=True):
        hours = sorted(rng.sample(range(7, 22), len(chosen)), reverse=True)
        entries = [
            f"{hour}.{rng.randint(10, 59)} {_entry(rng, plot)}" for hour, plot in zip(hours, chosen, strict=True)
        ]
        texts.append(Text(f"Live: {day[0]}", (frame, pinned, *entries), "en", "Capital Wire"))
    return texts[0], texts[1]


STRANGERS: dict[str, Maker] = {
    "same form, other event": same_form,
    "same event, other story": other_story,
    "follow-up": follow_up,
    "translation": translation,
    "boilerplate only": boilerplate_only,
    "different subjects": different,
    "round-ups sharing an item": round_ups,
    "numbered series": series,
    "live blog of two days": live_blogs,
}
