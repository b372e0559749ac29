"""Pages of unknown design that are broken, hostile or far too large: each is an article or a reason, in bounded time.

Every case holds a number of something that would take the square of the time, or more, if it were done carelessly. The
bound is generous where the numbers are small; `make soak` reads the full ones.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from core.model import Draft, Page, Reason, Skipped
from core.site import unknown_site
from pipelines.process import process

BuildPage = Callable[..., Page]
TITLE = "Villagers ask the court for their land"
URL = "https://www.mekongtimes.example/2026/01/villagers-ask-the-court"
SENTENCE = "The families of the river bank told the court that their rice fields were sold without a word to them. "
TEXT = f"<h1>{TITLE}</h1>" + f"<p>{SENTENCE}{SENTENCE}</p>" * 8
MOST = 5  # seconds of CPU
ARTICLE = None


def document(body: str, head: str = "", *, page: str = "") -> str:
    return f"<html{page}><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"


def links(count: int, form: str) -> str:
    return "".join(
        form.format(f"/2026/01/{n}-floods-close-the-schools", f"Floods close school {n}") for n in range(count)
    )


def noise(count: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + random.Random(7).randbytes(count)


@dataclass(frozen=True)
class Bad:
    """A kind of bad page: made of so many of something, in a test and in the soak, and what becomes of both."""

    make: Callable[[int], str | bytes]
    few: int
    many: int
    outcome: Reason | None
    outcome_of_many: Reason | None


KINDS: dict[str, Bad] = {
    "empty": Bad(lambda _: b"", 0, 0, Reason.EMPTY, Reason.EMPTY),
    "blank": Bad(lambda n: b" \n" * n, 1000, 25_000_000, Reason.EMPTY, Reason.EMPTY),
    "binary": Bad(noise, 1000, 5_000_000, Reason.NOT_HTML, Reason.NOT_HTML),
    "one letter": Bad(lambda n: "a" * n, 300_000, 50_000_000, Reason.NO_BODY, Reason.EMPTY),
    "opening signs": Bad(lambda n: "<" * n, 100_000, 50_000_000, Reason.NO_BODY, Reason.TOO_LARGE),
    "prose": Bad(lambda n: document(TEXT + f"<p>{SENTENCE * 2}</p>" * n), 200, 230_000, ARTICLE, Reason.TOO_LARGE),
    "nested divisions": Bad(lambda n: document("<div>" * n + TEXT), 10_000, 100_000, Reason.NO_BODY, Reason.NO_BODY),
    "nested bold": Bad(lambda n: document(TEXT + "<b>" * n), 10_000, 100_000, ARTICLE, ARTICLE),
    "nested lists": Bad(lambda n: document(TEXT + "<ul><li>item" * n), 10_000, 100_000, ARTICLE, ARTICLE),
    "nested tables": Bad(lambda n: document(TEXT + "<table><tr><td>word" * n), 1000, 100_000, ARTICLE, ARTICLE),
    "nested articles": Bad(
        lambda n: document(TEXT + f"<article><p>{SENTENCE}</p>" * n), 1000, 100_000, ARTICLE, ARTICLE
    ),
    "deep and wide": Bad(
        lambda n: document(TEXT + "<div>" * 200 + "<p>word</p>" * n), 500, 100_000, ARTICLE, Reason.TOO_LARGE
    ),
    "no body": Bad(lambda _: "<html><head><title>Words</title></head></html>", 0, 0, Reason.NO_BODY, Reason.NO_BODY),
    "frames": Bad(
        lambda n: (
            "<html><head><title>A site of frames</title></head><frameset cols='20%,80%'>"
            + "<frame src='a.html'>" * n
            + "<noframes>Your browser shows no frames</noframes></frameset></html>"
        ),
        2,
        50_000,
        Reason.NO_BODY,
        Reason.NO_BODY,
    ),
    "only links": Bad(
        lambda n: document(f"<ul>{links(n, '<li><a href={}>{}</a></li>')}</ul>"),
        300,
        100_000,
        Reason.NO_BODY,
        Reason.TOO_LARGE,
    ),
    "links in a row": Bad(
        lambda n: document(TEXT + f"<div>{links(n, '<a href={}>{}</a> ')}</div>"),
        500,
        100_000,
        ARTICLE,
        Reason.TOO_LARGE,
    ),
    "links in a paragraph": Bad(
        lambda n: document(TEXT + f"<p>{links(n, 'it said <a href={}>{}</a> ')}.</p>"),
        500,
        60_000,
        ARTICLE,
        ARTICLE,
    ),
    "links deep down": Bad(
        lambda n: document(TEXT + "<div>" * 200 + links(n, "<p><a href={}>{}</a></p>")),
        300,
        100_000,
        ARTICLE,
        Reason.TOO_LARGE,
    ),
    "one paragraph": Bad(lambda n: document(f"<h1>{TITLE}</h1><p>{SENTENCE * n}</p>"), 3000, 50_000, ARTICLE, ARTICLE),
    "cells of many rows": Bad(
        lambda n: document(TEXT + f"<table>{'<tr><td>a</td><td>b</td></tr>' * n}</table>"),
        500,
        25_000,
        ARTICLE,
        ARTICLE,
    ),
    "cells of one row": Bad(
        lambda n: document(TEXT + f"<table><tr>{'<td>a</td>' * n}</tr></table>"), 2500, 50_000, ARTICLE, ARTICLE
    ),
    "line breaks": Bad(lambda n: document(TEXT + "<br>" * n), 2000, 200_000, ARTICLE, Reason.TOO_LARGE),
    "options": Bad(
        lambda n: document(TEXT + f"<select>{'<option>Takeo' * n}</select>"), 4000, 50_000, ARTICLE, ARTICLE
    ),
    "headlines": Bad(lambda n: document(TEXT + "<h1>Another</h1>" * n), 2000, 60_000, ARTICLE, ARTICLE),
    "pictures": Bad(
        lambda n: document(TEXT + f"<div>{'<img src=x><p>word</p>' * n}</div>"), 1000, 30_000, ARTICLE, ARTICLE
    ),
    "hidden words": Bad(lambda n: document(TEXT + "<i hidden>x</i>word " * n), 3000, 80_000, ARTICLE, ARTICLE),
    "a script": Bad(lambda n: document(TEXT, f"<script>{'x = 1;' * n}</script>"), 100_000, 1_000_000, ARTICLE, ARTICLE),
    "scripts that never end": Bad(lambda n: document(TEXT) + "<script " * n, 10_000, 1_000_000, ARTICLE, ARTICLE),
    "JSON-LD": Bad(
        lambda n: document(TEXT, f"<script type='application/ld+json'>[{'{},' * n}{{}}]</script>"),
        20_000,
        1_000_000,
        ARTICLE,
        ARTICLE,
    ),
    "blanks in JSON-LD": Bad(
        lambda n: document(TEXT, f"<script type='application/ld+json'>{{{' ' * n}x</script>"),
        200_000,
        290_000,
        ARTICLE,
        ARTICLE,
    ),
    "dates": Bad(
        lambda n: document(f"<h1>{TITLE}</h1>{'<time class=date>12 March 2026, 10:30</time>' * n}{TEXT}"),
        300,
        10_000,
        ARTICLE,
        ARTICLE,
    ),
    "dates in an odd language": Bad(
        lambda n: document(f"<h1>{TITLE}</h1>{'<p>12. elokuuta 2026</p>' * n}{TEXT}", page=" lang=fi"),
        50,
        10_000,
        ARTICLE,
        ARTICLE,
    ),
    "authors": Bad(
        lambda n: document(f"<h1>{TITLE}</h1>{'<b class=author>By Keo Rathana</b>' * n}{TEXT}"),
        1000,
        50_000,
        ARTICLE,
        ARTICLE,
    ),
    "attributes": Bad(
        lambda n: document(f"<div {' '.join(f'a{each}=b' for each in range(n))}>{TEXT}"), 2000, 20_000, ARTICLE, ARTICLE
    ),
    "names": Bad(lambda n: document(f"<div class='{'share related ' * n}'>{TEXT}"), 5000, 100_000, ARTICLE, ARTICLE),
    "a long title": Bad(
        lambda n: document(TEXT, f"<meta property='og:title' content='{' ' * n}|{'A | ' * n}'>"),
        50_000,
        1_000_000,
        ARTICLE,
        ARTICLE,
    ),
    "cut in half": Bad(
        lambda n: document(TEXT + "<p>ព្រះរាជា" * n).encode()[:-20] + b"\xe1\x9e", 10, 10_000, ARTICLE, ARTICLE
    ),
    "another charset than it says": Bad(
        lambda n: document(TEXT + "<p>déclaré à l'hôtel</p>" * n, "<meta charset=utf-8>").encode("cp1252"),
        10,
        10_000,
        ARTICLE,
        ARTICLE,
    ),
    "from right to left": Bad(
        lambda n: document(
            "<h1>عنوان طويل عن الأرض</h1>"
            + f"<p>{'قال سكان القرية إن المحكمة نظرت في قضية الأرض يوم الاثنين. ' * 3}</p>" * n,
            page=" dir=rtl",
        ),
        6,
        10_000,
        ARTICLE,
        ARTICLE,
    ),
    "languages mixed": Bad(
        lambda n: document(TEXT + f"<p>قال سكان القرية. {SENTENCE} ព្រះរាជាណាចក្រកម្ពុជាជាប្រទេសមួយ។</p>" * n),
        6,
        10_000,
        ARTICLE,
        ARTICLE,
    ),
}


def read(page: Page, outcome: Reason | None) -> None:
    begun = time.process_time()
    result = process(page, unknown_site())
    spent = time.process_time() - begun
    if outcome is None:
        assert isinstance(result, Draft)
        assert sum(map(len, result.paragraphs)) > len(SENTENCE)
    else:
        assert isinstance(result, Skipped)
        assert result.reason is outcome
    assert spent < MOST


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_page_is_an_article_or_a_reason(page: BuildPage, kind: str) -> None:
    bad = KINDS[kind]
    read(page(bad.make(bad.few), URL), bad.outcome)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_page_of_any_size_is_an_article_or_a_reason_in_time(page: BuildPage, kind: str) -> None:
    bad = KINDS[kind]
    read(page(bad.make(bad.many), URL), bad.outcome_of_many)
