"""Where what a person said of two articles becomes writes: stories joined and split by hand.

A ruling is kept for good, and goes before all verdicts: before those that come later (`kinship.place`), and where all
stories are found anew (`anew`). Rulings do not contradict one another: the last word counts, and takes back what was
said before against it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.stories import ONE_STORY, Ruling, Story
from pipelines.relate import free_id, represent
from storage.store import Corpus

log = structlog.get_logger()
_NONE: Mapping[int, int] = {}


@dataclass(frozen=True, slots=True)
class Effect:
    """What a ruling did to a story: which articles joined or left it, and which older rulings it took back.

    story is None, and articles none, where two articles were split that were of no one story: it holds for what comes.
    """

    story: Story | None
    articles: tuple[int, ...] = ()
    taken_back: tuple[tuple[int, int], ...] = ()


def join(corpus: Corpus, one: int, other: int, now: datetime) -> Effect:
    """Let two articles be of one story from now on, with all versions of theirs; the older story's id stays.

    It takes back that persons held any two of these versions apart.
    """
    corpus.stories.rule(one, other, now, is_one=True)
    apart = between(corpus, one, other)
    for pair in apart:
        corpus.stories.take_back(*pair)
    story_id = together(corpus, one, other, now)
    log.info("story.joined_by_hand", story=story_id, articles=(one, other))
    return Effect(corpus.stories.by_id(story_id), (one, other), tuple(apart))


def between(corpus: Corpus, one: int, other: int) -> list[tuple[int, int]]:
    """Return which versions of the stories of two articles persons hold apart, the lower id first."""
    stories = corpus.stories.of(one), corpus.stories.of(other)
    sides = [story.members if story else (article,) for story, article in zip(stories, (one, other), strict=True)]
    apart = [(each.low_id, each.high_id) for each in corpus.stories.rulings(sides[0]) if not each.is_one]
    return [pair for pair in apart if pair[0] in sides[0] + sides[1] and pair[1] in sides[0] + sides[1]]


def together(corpus: Corpus, one: int, other: int, now: datetime, were: Mapping[int, int] = _NONE) -> int:
    """Make the stories of two articles one, as a ruling says, and return it; were is as in Kinship.met_again."""
    first, second = corpus.stories.of(one), corpus.stories.of(other)
    if first and second:
        story_id, younger = sorted((first.id, second.id))
        if younger != story_id:
            corpus.stories.merge(younger, story_id)
    elif first or second:
        held, alone = (first, other) if first else (second, one)
        story_id = held.id if held else 0
        corpus.stories.join(alone, story_id)
    else:
        story_id = corpus.stories.make((one, other), one, now, id_of=free_id(corpus, (one, other), were))
    _hold(corpus, story_id)
    represent(corpus, story_id)
    return story_id


def split(corpus: Corpus, one: int, other: int, now: datetime) -> Effect:
    """Let an article leave the story of another for good, with those that persons hold to be one with it.

    Where that other is among these, the article leaves alone, and what ties it to any of them is taken back.
    """
    corpus.stories.rule(one, other, now, is_one=False)
    story = corpus.stories.of(one)
    if story is None or other not in story.members:
        return Effect(None)
    leaving, ties = _held_one_with(corpus, one, story), list[tuple[int, int]]()
    if other in leaving:
        tied = _rulings_within(corpus, story)
        leaving, ties = [one], [(each.low_id, each.high_id) for each in tied if one in (each.low_id, each.high_id)]
    for pair in ties:
        corpus.stories.take_back(*pair)
    staying, *others = _tied(corpus, [member for member in story.members if member not in leaving], other)
    corpus.stories.part(story.id)
    for members, story_id in ((staying, story.id), *((each, None) for each in (leaving, *others))):
        if len(members) > 1:
            made = corpus.stories.make(members, members[0], now, id_of=story_id)
            _hold(corpus, made)
            represent(corpus, made)
    log.info("story.split_by_hand", story=story.id, articles=(one, other), left=tuple(leaving))
    return Effect(story, tuple(leaving), tuple(ties))


def _tied(corpus: Corpus, members: Sequence[int], first: int) -> list[list[int]]:
    """Return the versions that something ties together once others have left, those with the first one first.

    What ties is what was found of two of them, or said by a person.
    """
    found = corpus.stories.relations(members)
    ties = [pair for pair, relation in found.items() if relation in ONE_STORY]
    ties += [(each.low_id, each.high_id) for each in corpus.stories.rulings(members) if each.is_one]
    groups = {member: {member} for member in members}
    for one, other in ties:
        if one in groups and other in groups and groups[one] is not groups[other]:
            groups[one] |= groups[other]
            groups.update(dict.fromkeys(groups[other], groups[one]))
    apart = {id(group): sorted(group) for group in groups.values()}
    return sorted(apart.values(), key=lambda group: (first not in group, group))


def _hold(corpus: Corpus, story_id: int) -> None:
    """Record of the versions of a story which of them are there because a person said so."""
    story = corpus.stories.by_id(story_id)
    if story:
        held = {article for each in _rulings_within(corpus, story) for article in (each.low_id, each.high_id)}
        corpus.stories.hold(story.id, held)


def _rulings_within(corpus: Corpus, story: Story) -> list[Ruling]:
    """Return by which rulings versions of a story are of one."""
    within = set(story.members)
    found = corpus.stories.rulings(story.members)
    return [each for each in found if each.is_one and {each.low_id, each.high_id} <= within]


def _held_one_with(corpus: Corpus, article_id: int, story: Story) -> list[int]:
    """Return the versions of a story that rulings tie to one of them, this one included, by id."""
    rulings = _rulings_within(corpus, story)
    tied, count = {article_id}, 0
    while len(tied) > count:
        count = len(tied)
        tied |= {end for each in rulings if {each.low_id, each.high_id} & tied for end in (each.low_id, each.high_id)}
    return sorted(tied)
