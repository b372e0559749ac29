"""The digest as a value: what it says of articles and of the crawls, and how it stays short."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from core.config import Config, DaemonSettings, SourceSettings
from core.health import Incident
from core.model import Article, CopyAddress, Match, Passage, Reason, Run, Tally
from notify.coverage import Crawls, State, coverage_line, interval, late_from
from notify.digest import Digest, abridged
from notify.entry import NO_DATE, entry
from notify.fit import fitted
from notify.found import Found, digest
from notify.lead import lead, sentences
from notify.phrases import Reader, age, in_a_row, link, visible, words

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
READER = Reader({"post": "Phnom Penh Post", "ohchr": "OHCHR"}, ZoneInfo("Asia/Phnom_Penh"))
ARTICLE = Article(
    id=1,
    source="post",
    key="one",
    url="https://www.example.org/one",
    title="Court hears land case",
    text="A court heard the case on Monday. It goes on. Nobody else spoke.",
    first_seen=NOW,
    fetched_at=NOW,
    published_at=datetime(2026, 7, 13, 22, 5, tzinfo=UTC),
)


def article(number: int, source: str = "post", hours: float | None = 1.0) -> Article:
    published = None if hours is None else NOW - timedelta(hours=hours)
    title = f"Headline {number}"
    return replace(ARTICLE, id=number, source=source, key=str(number), title=title, published_at=published)


def met(number: int, rule: str, found: Article) -> Match:
    return Match(number, rule, found, Passage("a land case", ((2, 6),)), NOW)


def told(articles: list[Article], matches: list[Match] | None = None) -> Digest:
    return digest(Found(articles, matches or [], kept=1204), (), READER, NOW)


def run(status: str, hours: float, error: str = "") -> Run:
    end = NOW - timedelta(hours=hours)
    return Run(1, "post", "schedule", end - timedelta(minutes=2), end, status, error)


def test_sources_come_in_the_reader_s_order_and_unknown_ones_last_under_their_name() -> None:
    found = told([article(1, "zebra"), article(2, "ohchr"), article(3, "post")])
    assert [section.source for section in found.sections] == ["Phnom Penh Post", "OHCHR", "zebra"]


def test_articles_of_a_source_come_newest_first_and_undated_last() -> None:
    found = told([article(1, hours=9), article(2, hours=None), article(3, hours=1), article(4, hours=5)])
    assert [item.article_id for item in found.sections[0].entries] == [3, 4, 1, 2]


def test_the_totals_count_sources_and_rules_and_each_article_once() -> None:
    one, two, three = article(1), article(2), article(3, "ohchr")
    found = told([one, two, three], [met(1, "land", one), met(2, "courts", one), met(3, "land", three)])
    assert found.summary == "3 new articles: Phnom Penh Post 2 and OHCHR 1."
    assert found.watched == "2 of them met an alert rule: land 2, courts 1."
    assert {item.article_id: item.rules for item in found.sections[0].entries} == {1: ("courts", "land"), 2: ()}


def test_a_digest_without_articles_says_so() -> None:
    found = told([])
    assert (found.number, found.summary, found.span) == (0, "Nothing new since the last digest.", "")


def test_times_are_told_in_the_reader_s_zone() -> None:
    assert entry(ARTICLE, READER).when == "14 July 2026, 05:05"


def test_a_date_without_a_time_stays_the_source_s_own_day() -> None:
    geneva = timezone(timedelta(hours=2))
    dated = replace(ARTICLE, published_at=datetime(2026, 7, 14, tzinfo=geneva))
    assert entry(dated, Reader({}, ZoneInfo("America/New_York"))).when == "14 July 2026"


def test_an_article_without_a_date_says_so() -> None:
    assert entry(replace(ARTICLE, published_at=None), READER).when == NO_DATE == "no date given"


def test_copies_are_named_by_outlet_and_a_second_address_of_the_same_outlet_as_such() -> None:
    copies = (
        CopyAddress("ohchr", "https://ohchr.example.org/x", NOW),
        CopyAddress("post", "https://www.example.org/national/one", NOW),
        *(CopyAddress("weekly", f"https://weekly.example.org/{number}", NOW) for number in range(4)),
    )
    found = entry(replace(ARTICLE, copies=copies), READER)
    assert [place.label for place in found.copies] == ["OHCHR", "Phnom Penh Post (another address)", "weekly"]
    assert found.more_copies == 3


def test_revisions_and_vanished_pages_are_told() -> None:
    changed = replace(ARTICLE, revision=3, missing_since=datetime(2026, 7, 13, 23, 0, tzinfo=UTC))
    first, second = entry(changed, READER).notices
    assert "revision 3" in first
    assert "14 July 2026, 06:00" in second


def test_an_article_without_a_title_is_named_by_its_first_words() -> None:
    assert entry(replace(ARTICLE, title=""), READER).title.text.startswith("[A court heard the case on Monday.")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "mailto:a@b.example", "", "http://"])
def test_only_web_addresses_are_followed(url: str) -> None:
    assert link(url) == ""
    assert entry(replace(ARTICLE, url=url), READER).url == ""


def test_an_address_longer_than_anything_carries_is_left_out() -> None:
    long = "https://www.example.org/" + "y" * 2_000
    assert entry(replace(ARTICLE, url=long), READER).url == ""
    assert entry(replace(ARTICLE, url=long[:2_000]), READER).url == long[:2_000]


def test_addresses_are_ascii_on_one_line() -> None:
    assert link("https://www.example.org/ខ្មែរ a\n<b>") == (
        "https://www.example.org/%E1%9E%81%E1%9F%92%E1%9E%98%E1%9F%82%E1%9E%9A%20a%20%3Cb%3E"
    )


def test_khmer_and_right_to_left_titles_carry_language_and_direction() -> None:
    assert words("សាលាក្រុង", "en").lang == "km"
    assert (words("كمبوديا", "ar").lang, words("كمبوديا", "ar").dir) == ("ar", "rtl")
    assert words("Court", 'en" onload="x').lang == ""
    assert words("“12” Court", "en").dir == "ltr"


def test_what_cannot_be_seen_is_removed_and_khmer_word_breaks_stay() -> None:
    assert visible("a\u202eb\u2066c\x00d\x1be\ud800f\U000e0041g\n h\u2028i") == "abcdefg h i"
    assert visible("សាលា\u200bក្រុង") == "សាលា\u200bក្រុង"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One is here. Two is there. Three is not.", "One is here. Two is there."),
        ("Only one here", "Only one here"),
        ("A heading\nThen a sentence. And another one.", "A heading Then a sentence."),
        ("Mr. Sok met Gen. Chan at No. 5. They spoke. It ended.", "Mr. Sok met Gen. Chan at No. 5. They spoke."),
        ("The U.N. Office wrote on Monday. It waited. It ended.", "The U.N. Office wrote on Monday. It waited."),
        ("“We wait,” he said. “Nobody came.” They left.", "“We wait,” he said. “Nobody came.”"),
        ("It cost 3.5 million. So be it. No more.", "It cost 3.5 million. So be it."),
        ("ប្រយោគមួយ។ ប្រយោគពីរ។ ប្រយោគបី។", "ប្រយោគមួយ។ ប្រយោគពីរ។"),
        ("", ""),
    ],
)
def test_a_lead_is_the_first_two_sentences(text: str, expected: str) -> None:
    assert lead(text) == expected


def test_sentences_lose_nothing_but_space() -> None:
    text = "J. Doe came. He saw! Did he? Yes… It “ended.” Then (all) left."
    assert " ".join(sentences(text)) == text


def test_a_long_lead_is_cut_after_a_word() -> None:
    cut = lead("word " * 500)
    assert len(cut) <= 340
    assert cut.endswith("word…")


def test_a_source_that_crawled_well_says_when_and_what_came_of_it() -> None:
    tally = Tally({"saved": 5, "unchanged": 9, "skipped": 2}, {"paywall": 1, "timeout": 1})
    line = coverage_line(Crawls("post", run("finished", 0.5), tally, run("finished", 0.5)), Config(), READER, NOW)
    assert line.state is State.WELL
    (sentence,) = line.sentences
    assert sentence == (
        "Last finished 14 July 2026, 07:00 (30 minutes ago): 16 pages fetched, 5 new, 9 unchanged and 2 skipped "
        "(paywall 1, timeout 1)."
    )


def test_a_crawl_with_nothing_to_fetch_is_a_silence_not_a_breakage() -> None:
    line = coverage_line(Crawls("post", run("finished", 1), Tally(), run("finished", 1)), Config(), READER, NOW)
    assert line.state is State.WELL
    assert "nothing to fetch" in line.sentences[0]


@pytest.mark.parametrize("status", ["failed", "killed"])
def test_a_crawl_that_ended_badly_needs_a_look_and_names_the_last_good_one(status: str) -> None:
    last = run(status, 1, "robots.txt could not be read (503).")
    line = coverage_line(Crawls("post", run("finished", 3), Tally(), last), Config(), READER, NOW)
    assert line.state is State.TROUBLE
    assert status in line.sentences[0]
    assert "robots.txt could not be read (503)." in line.sentences[0]
    assert "04:30" in line.sentences[1]


def test_a_crawl_whose_every_page_was_skipped_needs_a_look() -> None:
    tally = Tally({"skipped": 4}, {"forbidden": 4})
    line = coverage_line(Crawls("post", run("finished", 1), tally, run("finished", 1)), Config(), READER, NOW)
    assert line.state is State.TROUBLE
    assert "Every page was skipped." in line.sentences
    none = Crawls("post", run("finished", 1), Tally(), run("finished", 1), new=0, asked=tally)
    line = coverage_line(none, Config(), READER, NOW)
    assert line.state is State.TROUBLE
    assert line.sentences[1:] == (
        "Every page of the last crawl that asked for any was skipped.",
        "Nothing new came, which may mean that it is broken, not that it is quiet.",
    )


@pytest.mark.parametrize(("hours", "state"), [(25.5, State.WELL), (26.5, State.TROUBLE)])
def test_a_source_not_crawled_well_for_a_day_needs_a_look(hours: float, state: State) -> None:
    crawls = Crawls("post", run("finished", hours), Tally(), run("finished", hours))
    assert coverage_line(crawls, Config(), READER, NOW).state is state


def test_a_source_crawled_once_a_week_is_not_late_after_a_day() -> None:
    config = Config(sources={"post": SourceSettings(cron="0 6 * * 1")}, daemon=DaemonSettings())
    assert interval("post", config, NOW) == timedelta(days=7)
    crawls = Crawls("post", run("finished", 25), Tally(), run("finished", 25))
    assert coverage_line(crawls, config, READER, NOW).state is State.WELL


def test_a_source_crawled_on_working_days_is_not_late_at_the_weekend() -> None:
    config = Config(sources={"post": SourceSettings(cron="0 8 * * 1-5")})
    friday = datetime(2026, 7, 10, 8, 5, tzinfo=ZoneInfo("Asia/Phnom_Penh"))
    # Due on Monday and on Tuesday: where neither has ended well a day later, something is wrong.
    assert late_from("post", config, friday) == datetime(2026, 7, 15, 1, 0, tzinfo=UTC)
    assert late_from("other", config, friday) == friday + timedelta(hours=26)


def test_sources_never_crawled_running_or_switched_off_are_told_apart() -> None:
    off = Config(sources={"post": SourceSettings(enabled=False)})
    assert coverage_line(Crawls("post"), off, READER, NOW).state is State.OFF
    assert coverage_line(Crawls("post"), Config(), READER, NOW).state is State.NEVER
    running = replace(run("running", 1), finished_at=None)
    assert coverage_line(Crawls("post", last=running), Config(), READER, NOW).state is State.NEVER
    line = coverage_line(Crawls("post", run("finished", 2), Tally(), running), Config(), READER, NOW)
    assert line.state is State.WELL
    assert line.sentences[0].startswith("A crawl has been under way since 14 July 2026, 06:28")


def test_trouble_is_told_at_the_top() -> None:
    line = coverage_line(Crawls("ohchr", last=run("failed", 1)), Config(), READER, NOW)
    assert digest(Found([article(1)], [], 1), [line], READER, NOW).caution.startswith("OHCHR may have more")
    assert told([article(1)]).caution == ""


def test_an_abridged_digest_tells_matches_first_then_every_source_in_turn() -> None:
    many = [article(number, hours=number) for number in range(1, 30)]
    few = [article(number, "ohchr", hours=number) for number in range(100, 103)]
    short = abridged(told([*many, *few], [met(1, "land", many[20])]), full=4, titled=3)
    assert [[item.article_id for item in section.entries] for section in short.sections] == [[1, 2, 21], [100]]
    assert [[item.article_id for item in section.titled] for section in short.sections] == [[3], [101, 102]]
    assert (short.number, short.titled, short.left_out) == (32, 3, 25)


def characters(candidate: Digest) -> int:
    return sum(100 * len(section.entries) + 10 * len(section.titled) for section in candidate.sections)


@pytest.mark.parametrize("limit", [1, 101, 150, 1_000, 2_001, 2_105, 2_500, 4_000, 5_000, 100_000])
def test_a_fitted_digest_is_the_fullest_below_the_limit(limit: int) -> None:
    whole = told([article(number) for number in range(1, 51)])
    short = fitted(whole, characters, limit)
    assert characters(short) < limit
    full, titled = len(short.sections[0].entries), short.titled
    if full < 20:
        fuller = (full + 1, 0)
    elif full + titled < 50:
        fuller = (full, titled + 1)
    else:
        fuller = (full + 1, titled - 1)
    assert full == 50 or characters(abridged(whole, *fuller)) >= limit
    assert titled == 0 or full >= 20
    assert short.number == 50


def test_ages_and_rows_read_as_people_write_them() -> None:
    spans = [timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=119), timedelta(hours=47), timedelta(days=3)]
    assert [age(span) for span in spans] == [
        "just now",
        "1 minute ago",
        "119 minutes ago",
        "47 hours ago",
        "3 days ago",
    ]
    assert [in_a_row("a"), in_a_row("ab"), in_a_row("abc")] == ["a", "a and b", "a, b and c"]


def incident(until: datetime) -> Incident:
    opened = NOW - timedelta(hours=3)
    return Incident(1, "post", "www.phnompenhpost.com", Reason.CHALLENGE, "HTTP 403", opened, until, 2)


def test_a_host_that_is_left_alone_needs_a_look() -> None:
    refused = incident(NOW + timedelta(hours=1))
    crawls = Crawls("post", run("finished", 1), Tally(), run("finished", 1), (refused,))
    line = coverage_line(crawls, Config(), READER, NOW)
    assert line.state is State.TROUBLE
    assert any("www.phnompenhpost.com refused tonle" in told and "left alone until" in told for told in line.sentences)


def test_a_host_that_the_next_crawl_asks_again_is_told_of_without_alarm() -> None:
    crawls = Crawls("post", run("finished", 1), Tally(), run("finished", 1), (incident(NOW - timedelta(hours=1)),))
    line = coverage_line(crawls, Config(), READER, NOW)
    assert line.state is State.WELL
    assert any("the next crawl asks again" in told for told in line.sentences)


def test_pages_that_are_not_what_was_asked_for_are_counted_and_are_no_trouble() -> None:
    tally = Tally({"skipped": 20}, {"irrelevant": 20})
    line = coverage_line(Crawls("post", run("finished", 1), tally, run("finished", 1)), Config(), READER, NOW)
    assert line.state is State.WELL
    assert "20 left out as irrelevant" in line.sentences[0]
