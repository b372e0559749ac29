"""However much there is to tell, a digest stays below the size at which mail programs cut it off."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.model import Article, CopyAddress, Match, Passage, Revision
from core.owed import Change, ChangeKind
from core.stories import Absence, Presence, Turn
from notify.archived import Archive
from notify.digest import Digest
from notify.editing import Edits, stages
from notify.fit import fitted
from notify.found import Found, digest
from notify.render import digest_bodies
from tests.golden.sample import FOOT, READER, REPLAY

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
KHMER = "\u1781\u17d2\u1798\u17c2\u179a"
Told = Callable[[int], Article]


def plain(number: int) -> Article:
    url = f"https://www.example.org/national/a-story-of-a-hearing-in-a-court-{number}"
    text = (
        f"A court heard the land case number {number} on Monday. It goes on for a while, and more was said of it there."
    )
    title = f"Headline number {number} about a hearing in a provincial court"
    return Article(number, ("post", "ohchr", "khmer")[number % 3], str(number), url, title, text, NOW, NOW)


def huge(number: int) -> Article:
    return replace(
        plain(number),
        title=KHMER * 200,
        text=f"{KHMER * 300} word " * 3,
        authors=("A. Writer",) * 300,
        url=f"https://www.example.org/{'y' * 1_900}{number}",
        copies=tuple(CopyAddress(f"s{each}", f"https://www.example.org/{'y' * 1_900}", NOW) for each in range(5)),
    )


def told(new: int, old: int, made: Told) -> Digest:
    """Return a digest of new articles, and of old ones that were all edited, copied, withdrawn and met rules."""
    before = {number: made(number) for number in range(1, old + 1)}
    articles = [made(number) for number in range(old + 1, old + new + 1)]
    changes = [Change(number, ChangeKind.EDIT, number, 2, NOW) for number in before]
    states = {
        (number, revision): Revision(
            number, revision, article.title, f"{text}\n{article.text}", (), None, None, NOW, ""
        )
        for number, article in before.items()
        for revision, text in ((1, "Some 20 families went."), (2, "Some 30 families came, and a village chief."))
    }
    passage = Passage(f"{KHMER * 400} land", ((len(KHMER) * 400 + 1, len(KHMER) * 400 + 5),))
    found = Found(
        articles=articles,
        matches=[Match(each.id, "land", each, passage, NOW) for each in articles[::9]],
        kept=9_999,
        turns=[Turn(Presence.GONE, Absence(number, NOW, NOW, 3, "gone", "HTTP 410", NOW)) for number in before],
        moved=before,
        after=old,
        edits=Edits(stages(changes), states),
        copies=[(number, CopyAddress("post", article.url, NOW)) for number, article in before.items()],
        late=[Match(each + 9_000, "press", made(each + 50_000), passage, NOW, event="edits") for each in range(40)],
        archive=Archive({each.id: (each.url, NOW) for each in (*articles, *before.values())}, REPLAY),
    )
    return digest(found, (), READER, NOW)


@pytest.mark.parametrize(
    ("new", "old", "made", "least"),
    [
        (2_000, 500, plain, 95_000),
        (3, 500, plain, 20_000),
        (2_000, 0, plain, 95_000),
        (60, 60, huge, 40_000),
        (0, 30, huge, 40_000),
    ],
    ids=["both", "edits", "articles", "odd", "odd edits"],
)
def test_a_digest_stays_below_100_kb_with_its_foot_and_is_nearly_as_full_as_it_can_be(
    new: int, old: int, made: Told, least: int
) -> None:
    found = told(new, old, made)
    bodies = digest_bodies(found).footed(FOOT)
    assert least < len(bodies.html.encode()) < 100_000
    assert "only counted" in bodies.html or new < 2_000
    if old:
        assert f"{old} articles told of before were edited." in " ".join(bodies.text.split())
        assert bodies.html.count("tonle diff") == bodies.text.count("tonle diff") > 0


def test_a_digest_is_rendered_a_few_times_at_most_to_find_what_fits() -> None:
    sizes: list[int] = []

    def size(candidate: Digest) -> int:
        sizes.append(len(digest_page(candidate).encode()))
        return sizes[-1]

    fitted(told(2_000, 500, plain), size, 98_500)
    assert len(sizes) <= 6


def digest_page(candidate: Digest) -> str:
    return digest_bodies(candidate, limit=10**9).html


def test_the_same_digest_is_rendered_once() -> None:
    found = told(30, 0, plain)
    assert digest_bodies(found) is digest_bodies(found)
    assert digest_bodies(told(30, 0, plain)) is not digest_bodies(found)
