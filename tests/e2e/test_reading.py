"""Commands that read the corpus: search, show, status, digest, db check, config check."""

import json
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place, truth_of
from tests.e2e.servers import Postbox

LAND = "land-activists-summoned-41-times-in-six-months-monitor-says"
SAHEL = "sahel-aid-convoys-must-be-let-through-without-delay-say-experts"
RELEASE = "cambodia-un-experts-alarmed-repeated-summonses-land-defenders"


def test_search_finds_articles_by_all_their_words(filled: Place) -> None:
    ended = filled.tonle("search", "land", "activists", "summoned")
    assert ended.code == 0
    assert "Land activists summoned 41 times in six months, monitor says" in ended.out
    assert filled.tonle("search", "zebra", "land").out == "Nothing found.\n"


def test_search_prints_one_json_object_a_line(filled: Place) -> None:
    ended = filled.tonle("search", "--json", "land", "--limit", "3")
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert len(rows) == 3
    for row in rows:
        assert {"id", "source", "title", "url", "published_at", "snippet"} <= set(row)
        assert "\x02" not in row["snippet"]
    phrase = filled.tonle("search", "--json", '"land activists"').out.splitlines()
    assert {json.loads(line)["url"].rpartition("/")[2] for line in phrase} >= {LAND}
    only = filled.tonle("search", "--json", "land", "--source", OHCHR).out.splitlines()
    assert {json.loads(line)["source"] for line in only} == {OHCHR}
    assert filled.tonle("search", "--json", "zebra").out == ""


def test_no_query_is_an_error_or_an_operator(filled: Place) -> None:
    queries = ['"', "", "AND", "NEAR(", "land*", "title:land", "'; DROP TABLE articles;--", "a" * 10_000, "😀"]
    for query in queries:
        ended = filled.tonle("search", "--json", "--", query)
        assert (ended.code, ended.err) == (0, ""), query
    assert filled.tonle("search", "--json", "zebra OR land").out == ""


def test_show_prints_text_origin_and_notes(filled: Place) -> None:
    truth = truth_of(filled.replica, OHCHR, RELEASE)
    article = filled.articles[OHCHR, truth.path]
    ended = filled.tonle("show", str(article.id))
    assert ended.code == 0
    flat = " ".join(ended.out.split())
    for piece in (truth.title, article.url, truth.paragraphs[0], truth.paragraphs[-1], "Notes", truth.notes[0]):
        assert " ".join(piece.split()) in flat
    told = filled.tonle("show", str(article.id), "--json").json
    assert told["text"].splitlines() == list(truth.paragraphs)
    assert [each["number"] for each in told["revisions"]] == [1]


def test_show_of_a_number_that_is_not_there_is_exit_code_2(filled: Place) -> None:
    ended = filled.tonle("show", "9999")
    assert ended.code == 2
    assert "9999" in ended.only_error


def test_status_tells_of_every_source(filled: Place, place: Place) -> None:
    told = filled.tonle("status", "--json").json
    assert (told["daemon"], told["waiting"], told["given_up"]) == (False, 0, 0)
    rows = {row["source"]: row for row in told["sources"]}
    assert set(rows) == {POST, OHCHR, CAMBODIA}
    last = rows[POST]["last_run"]
    number = sum(source == POST for source, _ in filled.articles)
    assert number > 15
    assert (rows[POST]["articles"], last["status"], last["outcomes"]["saved"]) == (number, "finished", number)
    assert datetime.fromisoformat(last["started_at"]).utcoffset() is not None
    assert rows[POST]["last_good_run"] == last["started_at"]
    due = datetime.fromisoformat(rows[POST]["next_run"]) - datetime.fromisoformat(last["started_at"])
    assert due == timedelta(hours=1)
    table = filled.tonle("status")
    assert table.code == 0
    assert "Phnom Penh Post" in table.out
    assert f"{number} new" in table.out
    fresh = place.tonle("status", "--json").json["sources"]
    assert [(row["articles"], row["last_run"], row["last_good_run"]) for row in fresh] == [(0, None, None)] * 3


def test_a_digest_is_shown_and_previewed_without_being_sent(filled: Place) -> None:
    shown = filled.tonle("digest")
    assert shown.code == 0
    stories = filled.tonle("status", "--json").json["stories"]
    assert f"{stories} new stories in {len(filled.articles)} articles" in shown.out
    assert "Land activists summoned 41 times" in " ".join(shown.out.split())
    written = filled.tonle("digest", "--preview")
    html, text = (Path(line) for line in written.out.splitlines())
    assert "<html" in html.read_text()
    assert "Land activists summoned 41 times" in " ".join(text.read_text().split())
    with filled.corpus() as corpus:
        assert corpus.digests.last() is None
        assert corpus.outbox.waiting() == 0


def test_the_digest_of_a_subscriber_is_previewed_and_sent_under_its_name(build: Build) -> None:
    place = build(subscribers=[{"name": "anna", "channel": "file", "empty": "line"}])
    written = place.tonle("digest", "--preview", "--subscriber", "anna").out.splitlines()
    assert [Path(line).name for line in written] == ["digest-anna.html", "digest-anna.txt"]
    assert "Nothing new since the last digest" in Path(written[1]).read_text()
    assert place.tonle("digest", "--send", "--subscriber", "anna").code == 0
    with place.corpus() as corpus:
        assert corpus.digests.last("anna") is not None
        assert corpus.digests.last() is None


def test_a_preview_that_cannot_be_written_is_exit_code_4(build: Build) -> None:
    place = build()
    (place.folder / "data").mkdir()
    (place.folder / "data" / "preview").write_text("I am a file")
    ended = place.tonle("digest", "--preview")
    assert ended.code == 4
    assert "preview" in ended.only_error


def words_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return " ".join(body.get_content().split())


def test_a_digest_is_sent_once(build: Build, postbox: Postbox) -> None:
    place = build(**postbox.settings | {"alerts": {"channel": "file"}})
    place.crawl(CAMBODIA)
    before = len(postbox.arrived)
    sent = place.tonle("digest", "--send")
    assert (sent.code, "1 message handed over" in sent.out) == (0, True)
    again = place.tonle("digest", "--send")
    assert (again.code, "Nothing new" in again.out) == (0, True)
    assert len(postbox.arrived) == before + 1
    place.crawl("--url", f"https://www.ohchr.org{truth_of(place.replica, OHCHR, SAHEL).path}")
    assert place.tonle("digest", "--send").code == 0
    assert len(set(postbox.ids[before:])) == 2
    first, second = map(words_of, postbox.arrived[before:])
    assert "Prison officers complete course" in first
    assert "Prison officers complete course" not in second
    assert "Sahel: Aid convoys must be let through" in second


def test_a_digest_in_files_names_its_file(build: Build) -> None:
    place = build()
    place.crawl(CAMBODIA)
    sent = place.tonle("digest", "--send")
    (path,) = sent.out.split()
    assert Path(path).exists()
    assert path.endswith(".eml")


def test_db_upgrade_and_check_tell_the_schema_and_that_all_is_well(filled: Place) -> None:
    assert filled.tonle("db", "upgrade").out.startswith("The corpus is at schema ")
    check = filled.tonle("db", "check")
    assert check.code == 0
    assert check.out.startswith(f"{filled.database} is sound.\nThe archive: ")


def test_config_check_tells_what_is_set(filled: Place) -> None:
    told = filled.tonle("config", "check").out
    for word in (POST, OHCHR, CAMBODIA, "land", str(filled.database)):
        assert word in told
    assert filled.tonle("config", "check", "--quiet").out == ""
