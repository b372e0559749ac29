"""Stories as they come about: the same from the same texts on each backend, and one of texts that come at once."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

from sqlalchemy import Engine

from core.model import Copy, Draft, Lead, Outcome, Saved
from core.stories import Relation
from pipelines.ingest import Ingest
from pipelines.likeness import Print
from pipelines.relate import Kinship
from storage.store import Store
from tests.contract import postgresql

Child = Callable[[str], subprocess.Popen[str]]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOWNS = ("Sre Ambel", "Koh Sneng", "Stung Sen", "Prek Toal", "Veal Rinh", "Kang Meas", "Svay Chek")
MATTERS = ("wells and dykes", "the ferry's fares", "stalls of tin", "a road of laterite", "new nets", "school roofs")

TAKER = """
import sys
from datetime import UTC, datetime, timedelta
from core.log import set_up_logs
from core.model import Draft, Lead
from core.stories import Relation
from pipelines.ingest import Ingest
from storage.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LINES = tuple(f"The council of {n} heard {n * 7} families on {n} March about wells and dykes." for n in range(1, 10))

def take(source, key, lines):
    draft = Draft(source, f"https://{source}.test/{key}", key, f"Families are heard: {key}", lines)
    lead = Lead(source, draft.url, key, "section")
    print(Ingest(store, run_id, (), (timedelta(hours=1),), lambda: NOW).keep(draft, lead, NOW))

set_up_logs("error", "console")
store = Store.open(path)
with store.transaction() as corpus:
    run_id = corpus.runs.start("ohchr", "manual", NOW)
print("ready", flush=True)
sys.stdin.readline()
"""


def test_processes_that_take_one_text_and_near_copies_in_end_with_one_article_and_one_story(
    store: Store, child: Child
) -> None:
    takes = ("take('site{0}', 'same', LINES)", "take('site{0}', 'near', LINES[{0}:] + ('Site {0} adds this.',))")
    processes = [child(TAKER + "\n".join(takes).format(number)) for number in (1, 2)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(each[0] for each in said) == ["Copy(article_id=1)", "Saved(article_id=1)"]
    assert sorted(each[1] for each in said) == ["Saved(article_id=2)", "Saved(article_id=3)"]
    with store.reading() as corpus:
        (story,) = corpus.stories.newest(9)
        article = corpus.articles.by_id(1)
    assert story.members == (1, 2, 3)
    assert article
    assert len(article.copies) == 1
    assert store.check() == ()


def lines(number: int) -> tuple[str, ...]:
    """Return a text of its own."""
    return tuple(
        f"On {each} May the council of {TOWNS[(number + each) % 7]} heard {number * 31 + each * 7} families about"
        f" {MATTERS[(number * each) % 6]}, and officer Keo Vanna{'rith' * (number % 2)} wrote what {TOWNS[each % 7]}"
        f" owes to {MATTERS[(number + 2 * each) % 6]} after {number + each} days of rain in house {number * each}."
        for each in range(1, 10)
    )


def told(number: int) -> Draft:
    """Return a text; of four one is whole, one cut, one edited and one longer."""
    own = lines(number // 4)
    shape = (own, own[:5], (*own[:4], lines(90 + number)[4], *own[5:]), own + lines(50 + number)[:2])[number % 4]
    return Draft("ppp", f"https://ppp.test/{number}", str(number), f"Families are heard: {number // 4}", shape)


def grown(store: Store) -> dict[int, tuple[Any, ...]]:
    """Take texts in, and return what is known of each."""
    for number in range(28):
        draft = told(number)
        with store.transaction() as corpus:
            article_id = corpus.articles.add(draft, str(number), str(number), NOW, NOW)
            Kinship().met(corpus, article_id, Print(draft.title, draft.text), NOW)
    with store.reading() as corpus:
        return {
            each: (article, corpus.stories.of(each), corpus.stories.links(each), corpus.stories.versions([each]))
            for each, article in corpus.articles.by_ids(range(1, 29)).items()
        }


def test_the_same_texts_make_the_same_stories_in_postgresql_as_in_sqlite(
    store: Store, postgresql_engine: Engine
) -> None:
    postgresql.emptied(postgresql_engine)
    known = grown(store)
    assert len({story.id for _, story, _, _ in known.values() if story}) > 1
    assert {link.likeness.relation for _, _, links, _ in known.values() for link in links} >= {
        Relation.COPY,
        Relation.EXCERPT,
        Relation.EXTENDED,
    }
    assert known == grown(Store(postgresql_engine))


@postgresql.ON_EACH_BACKEND
def test_threads_that_take_the_same_texts_in_at_once_end_with_each_once(store: Store) -> None:
    together = Barrier(2, timeout=30)
    with store.transaction() as corpus:
        run_id = corpus.runs.start("ppp", "manual", NOW)

    def take(source: str) -> list[Outcome]:
        ingest = Ingest(store, run_id, (), (timedelta(hours=1),), lambda: NOW)
        outcomes = []
        for number in range(0, 28, 4):
            together.wait()
            draft = Draft(source, f"https://{source}.test/{number}", str(number), f"Text {number}", lines(number))
            outcomes.append(ingest.keep(draft, Lead(source, draft.url, draft.key, "section"), NOW))
        return outcomes

    with ThreadPoolExecutor(2) as threads:
        pairs = list(zip(*threads.map(take, ("one", "two")), strict=True))
    assert [{type(outcome) for outcome in pair} for pair in pairs] == [{Saved, Copy}] * 7
    with store.reading() as corpus:
        assert sum(corpus.articles.counts().values()) == 7
