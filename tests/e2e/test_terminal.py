"""What strangers write reaches the terminal as text, and never as a command to it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.e2e.places import Build, Place
from tests.e2e.servers import Stub

HOSTILE = "Evil \x1b[31mred \x1b]0;owned\x07 \x9b2J &#27;[2J &#155;1m \u202ebackwards \x08\x7f [bold]rich[/bold] [/]"


def steering(text: str) -> set[str]:
    """Return the characters in a text that steer a terminal."""
    return {character for character in text if not character.isprintable() and character != "\n"}


@contextmanager
def hostile(build: Build) -> Iterator[tuple[Place, Stub]]:
    with ExitStack() as stack:
        stub = Stub()
        stack.callback(stub.close)
        card = f'<div class="views-row"><h3><a href="/en/news/evil">{HOSTILE}</a></h3></div>'
        stub.show("/en/news?page=0", f"<html><body><main>{card}</main></body></html>")
        words = f"The {HOSTILE} villagers met the land activist and asked for a map."
        stub.show(
            "/en/news/evil",
            f"<html><body><main><article><h1>{HOSTILE}</h1><p>1 March 2026</p><p>{words}</p></article></main></body>",
        )
        yield build(crawl={"retries": 0}).at(ohchr_cambodia=stub.url), stub


def test_what_a_page_says_never_steers_the_terminal(build: Build) -> None:
    with hostile(build) as (place, _):
        dry = place.tonle("crawl", "--dry-run")
        assert "Evil" in dry.out
        assert steering(dry.out) == set()
        crawled = place.tonle("crawl")
        assert (crawled.code, steering(crawled.out + crawled.err)) == (0, set())
        asked = ["alerts", "land"], ["alerts", "test", "land", "--days", "9999"], ["alerts", "explain", "land", "1"]
        for command in (
            ["search", "villagers"],
            ["show", "1"],
            ["digest"],
            ["status"],
            ["runs"],
            ["runs", "1"],
            *asked,
        ):
            ended = place.tonle(*command)
            assert (ended.code, ended.err) == (0, "")
            assert steering(ended.out.replace("\xa0", " ")) == set(), command
        for command in (["search", "villagers"], ["show", "1"], ["digest"], *asked):
            assert "[bold]rich[/bold] [/]" in place.tonle(*command).out, command


def test_what_a_server_answers_never_steers_the_terminal(build: Build) -> None:
    with hostile(build) as (place, stub):
        stub.pages["/en/news?page=0"] = 302, {"Location": "https://evil.example/\x1b[31m[bold]x[/bold]"}, b""
        for command in (["crawl"], ["crawl", "--dry-run"], ["status"]):
            ended = place.tonle(*command)
            assert "Traceback" not in ended.err
            assert steering(ended.out + ended.err) == set(), command
