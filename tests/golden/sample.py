"""An invented week of a corpus, and the messages that are made of it: for golden files, and to look at."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.audience import Subscriber
from core.config import Config
from core.model import Article, CopyAddress, Match, Passage, Revision, Run, Tally
from core.owed import Change, ChangeKind
from core.stories import Absence, Presence, Relation, Turn, Version
from notify.alert import Occurrence, alert
from notify.archived import Archive
from notify.coverage import CoverageLine, Crawls, coverage_line
from notify.digest import Digest
from notify.editing import Edits, stages
from notify.found import Found, digest
from notify.phrases import Reader
from notify.render import Bodies, alert_bodies, digest_bodies, summary_bodies
from notify.silence import Pace
from notify.summary import summary
from notify.versions import Versions
from notify.view import View
from tests.golden.operator import OPERATORS

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
READER = Reader(
    {"post": "Phnom Penh Post", "ohchr": "OHCHR", "office": "OHCHR Cambodia", "khmer": "Post Khmer"},
    ZoneInfo("Asia/Phnom_Penh"),
)
RULES = ("civic-space", "land", "courts")
REPLAY = "https://archive.example.org/tonle"
FOOT = "You get this as anna; to get no more: https://tonle.example.org/unsubscribe/anna/4f1c9a"
HOSTILE = "<script>alert('x')</script> & \"quoted\" ]]> <img src=//evil.example/p.gif> \u202egnp.exe\u202c"


def article(number: int, source: str, title: str, text: str, hours: float = 2.0, **more: object) -> Article:
    made = Article(
        id=number,
        source=source,
        key=str(number),
        url=f"https://www.{source}.example.org/story/{number}",
        title=title,
        text=text,
        first_seen=NOW - timedelta(hours=hours - 1),
        fetched_at=NOW - timedelta(hours=hours - 1),
        published_at=NOW - timedelta(hours=hours),
        language="en",
    )
    return replace(made, **more)  # type: ignore[arg-type]


ARTICLES = (
    article(
        41,
        "post",
        "Boeung families win a second hearing over the lake shore",
        "The provincial court will hear the families of the lake shore again in August, their lawyer said on Monday. "
        "Some 140 households had asked for it since the spring. The company did not answer.",
        3.0,
        authors=("Keo Rathana", "Mara Lindqvist"),
    ),
    article(
        42,
        "post",
        "Wells run dry in three districts of Kandal",
        "Village chiefs count the days between deliveries of water. A pump that was promised has not come.",
        5.5,
        authors=("Sok Veasna",),
        copies=(CopyAddress("khmer", "https://www.khmer.example.org/story/42", NOW),),
    ),
    article(
        43,
        "ohchr",
        "Experts call on Cambodia to drop the charges against five activists",
        "Three independent experts asked the authorities to drop the charges against five activists who had cleared "
        "plastic from a river. Freedom of expression is no offence, they said. They have written to the Government.",
        9.0,
        kind="press-release",
    ),
    article(
        44,
        "khmer",
        "សាលាក្រុងរាជធានីបើកការដ្ឋានជួសជុលផ្លូវចំនួនបី",
        "អាជ្ញាធរបានប្រកាសថា ការងារនឹងចាប់ផ្តើមនៅដើមខែក្រោយ។ ប្រជាពលរដ្ឋនៅក្បែរនោះត្រូវបានជូនដំណឹង។",
        12.0,
        language="km",
    ),
    article(
        45,
        "office",
        "خبراء يدعون إلى محاكم مفتوحة",
        "دعا ثلاثة خبراء إلى فتح المحاكم أمام الجمهور. وقالوا إن العدالة لا تتم في الخفاء.",
        20.0,
        language="ar",
    ),
    article(46, "post", "Market reopens after the flood", "Stalls opened again on Saturday. Prices rose.", 70.0),
    article(47, "post", "A bridge is closed for repair", "Lorries have to go round by the north.", 96.0),
    article(48, "ohchr", "Council names a new rapporteur", "The Council chose among four candidates.", 118.0),
)
TOLD = (
    article(12, "post", "Court dismisses land case", "The provincial court dismissed the case.", 300.0, revision=3),
    article(15, "ohchr", "Statement on the press law", "The Office is concerned.", 400.0, revision=2),
    article(18, "post", "Fishing ban begins", "The ban begins today.", 500.0),
    article(21, "post", "Ministry answers on the dam", "The ministry answered.", 450.0),
    article(23, "khmer", "សេចក្តីប្រកាសព័ត៌មាន", "អត្ថបទ។", 480.0, language="km"),
)
SENT = "The provincial court sent the case of 120 families back to the investigating judge."
DISMISSED = "The provincial court dismissed the case of 140 families on Friday."
HELD = "The company has held the land since 2011."
BEFORE, AFTER = (
    Revision(12, number, title, text, (), NOW - 12 * DAY, None, NOW - timedelta(hours=age), TOLD[0].url)
    for number, title, text, age in (
        (
            1,
            "Court sends back land case",
            f"{SENT}\n“We expected a decision,” said Chan Dara, who speaks for them.\n{HELD}",
            300.0,
        ),
        (
            3,
            "Court dismisses land case",
            f"{DISMISSED}\n{HELD}\nA spokesman of the ministry could not be reached.",
            6.0,
        ),
    )
)
LAW = tuple(
    Revision(15, number, "Statement on the press law", text, (), NOW - 16 * DAY, None, NOW - DAY, TOLD[1].url)
    for number, text in (
        (1, "The Office is concerned by the drafft law."),
        (2, "The Office is concerned by the draft law."),
    )
)


def met(number: int, rule: str, found: Article, words: str, **more: object) -> Match:
    """Return a match of the paragraph of an article that holds these words."""
    paragraph = next(each for each in (*found.text.splitlines(), found.title) if words in each)
    start = paragraph.index(words)
    return Match(number, rule, found, Passage(paragraph, ((start, start + len(words)),)), NOW, **more)  # type: ignore[arg-type]


MATCHES = (
    met(1, "courts", ARTICLES[0], "court"),
    met(2, "land", ARTICLES[0], "lake shore"),
    met(3, "civic-space", ARTICLES[2], "Freedom of expression"),
    met(4, "courts", TOLD[0], "court"),
)
LATE = met(5, "land", TOLD[3], "ministry", event="edits", revision=2)


def coverage() -> list[CoverageLine]:
    """Return the ledger of four sources: busy, quiet, broken, and new."""
    hour = timedelta(hours=1)

    def run(source: str, status: str, hours: float, error: str = "") -> Run:
        end = NOW - hours * hour
        return Run(1, source, "schedule", end - hour / 10, end, status, error)

    good = run("post", "finished", 0.5)
    tally = Tally({"saved": 5, "unchanged": 41, "revised": 1})
    quiet = run("office", "finished", 4)
    usual = Pace(NOW - 6 * DAY, 3 * DAY, 11 * DAY)
    bad = run("ohchr", "failed", 1, "robots.txt could not be read (503).")
    crawls = (
        Crawls("post", good, tally, good, new=4, ended={"finished": 24}),
        Crawls("ohchr", run("ohchr", "finished", 30), tally, bad, new=0, ended={"finished": 3, "failed": 9}),
        Crawls("office", quiet, Tally(), quiet, new=0, ended={"finished": 4}, pace=usual),
        Crawls("khmer"),
    )
    return [coverage_line(each, Config(), READER, NOW) for each in crawls]


def found(hours: float = 24.0) -> Found:
    """Return what the corpus gives for a period of so many hours."""
    articles = tuple(each for each in ARTICLES if each.first_seen >= NOW - timedelta(hours=hours))
    changes = [
        Change(number, ChangeKind.EDIT, article_id, revision, NOW - DAY / 4)
        for number, (article_id, revision) in enumerate(((12, 2), (15, 2), (12, 3)), 1)
    ]
    states = {(12, 1): BEFORE, (12, 3): AFTER, (15, 1): LAW[0], (15, 2): LAW[1]}
    story = tuple(
        Version(each.id, each.source, each.url, each.title, each.published_at, NOW, 9, is_representative=each.id == 42)
        for each in (ARTICLES[1], article(49, "office", "Three districts without water", "Village chiefs count days."))
    )
    gone = Absence(18, NOW - 5 * DAY, NOW - DAY, 4, "gone", "HTTP 410", NOW - DAY)
    again = Absence(23, NOW - 9 * DAY, NOW - 2 * DAY, 6, "not-found", "HTTP 404", NOW - 6 * DAY, NOW - DAY / 3)
    return Found(
        articles=(*articles, article(49, "office", "Three districts without water", "Village chiefs count days.", 4.0)),
        matches=MATCHES,
        kept=12_345,
        turns=(Turn(Presence.GONE, gone), Turn(Presence.BACK, again)),
        moved={each.id: each for each in TOLD},
        after=40,
        versions=Versions(dict.fromkeys((42, 49), story), {(49, 42): Relation.EXCERPT}),
        edits=Edits(stages(changes), states),
        copies=((15, CopyAddress("post", "https://www.post.example.org/copy/15", NOW, "Statement")),),
        late=(LATE,),
        archive=Archive({each.id: (each.url, each.first_seen) for each in (*ARTICLES, *TOLD)}, REPLAY),
        since=NOW - DAY,
    )


def daily() -> Digest:
    """Return a digest of all that came in a day."""
    return digest(found(), coverage(), READER, NOW, View(order=RULES))


def weekly() -> Digest:
    """Return a digest of a week."""
    return digest(found(168), coverage(), READER, NOW, View(order=RULES))


def by_rule() -> Digest:
    """Return the digest of a reader of two rules, grouped by them, where no replay is known."""
    reader = Subscriber(name="anna", channel="file", rules=("land", "courts", "civic-space"), group="rule")
    bare = replace(found(), archive=replace(found().archive, replay=""))
    return digest(bare, coverage(), READER, NOW, View.of(reader, RULES))


def nothing() -> Digest:
    """Return a digest of nothing, of sources of which one needs a look."""
    return digest(Found((), (), 12_345, since=NOW - DAY), coverage(), READER, NOW)


def all_well() -> Digest:
    """Return a digest of nothing, all sources well."""
    return digest(Found((), (), 12_345, since=NOW - DAY), [coverage()[0], coverage()[2]], READER, NOW)


def hostile() -> Digest:
    """Return a digest of texts that mean harm, wherever a page can put them."""
    url = 'https://www.example.org/"><script>alert(1)</script>'
    one = article(
        51, "post", HOSTILE, f"{HOSTILE} one. Two.", authors=(HOSTILE,), kind=HOSTILE, url=url, language='en"><b>'
    )
    one = replace(one, copies=(CopyAddress("<i>other</i>", 'https://www.example.org/" onclick="x', NOW),))
    old = article(12, "post", HOSTILE, HOSTILE, 300.0, revision=2, url=url)
    states = {
        (12, number): Revision(12, number, title, text, (), None, None, NOW, url)
        for number, title, text in ((1, "A title", "A text."), (2, HOSTILE, HOSTILE))
    }
    given = Found(
        (one,),
        (
            Match(1, "<rule>", one, Passage(f"{HOSTILE} marked", ((0, 8), (9, 14))), NOW),
            met(3, "<rule>", old, "quoted"),
        ),
        7,
        (Turn(Presence.GONE, Absence(12, NOW, NOW, 3, "gone", HOSTILE, NOW)),),
        {12: old},
        40,
        edits=Edits(stages([Change(1, ChangeKind.EDIT, 12, 2, NOW)]), states),
        copies=((12, CopyAddress("<i>other</i>", url, NOW)),),
        late=(met(2, "<rule>", replace(old, id=13), "quoted"),),
        archive=Archive({51: (url, NOW)}, REPLAY),
    )
    bad = Run(1, "post", "schedule", NOW, NOW, "failed", HOSTILE)
    line = coverage_line(Crawls("post", last=bad), Config(), READER, NOW)
    return digest(given, [line], READER, NOW, View(rules=("<rule>",), order=("<rule>",)))


def alert_of(event: str) -> Bodies:
    """Return the alert of an article on an event."""
    kept = Archive({12: (TOLD[0].url, NOW), 41: (ARTICLES[0].url, NOW)}, REPLAY).kept(12)
    happened = {
        "new": Occurrence(kept=kept),
        "edits": Occurrence(kept=kept, edit=(BEFORE, AFTER)),
        "withdrawals": Occurrence(absence=Absence(12, NOW - 3 * DAY, NOW, 4, "gone", "HTTP 410", NOW)),
        "copies": Occurrence(copy=CopyAddress("office", "https://www.office.example.org/copy/12", NOW)),
    }
    match = replace(met(4, "courts", TOLD[0], "court", event=event), revision=3)
    return alert_bodies(alert(match, READER, known=happened[event])).footed(FOOT)


def many() -> Bodies:
    """Return a summary of alerts."""
    archive = found().archive
    return summary_bodies(summary((*MATCHES, LATE), READER, archive)).footed(FOOT)


MESSAGES: Mapping[str, Callable[[], Bodies]] = {
    "digest-daily": lambda: digest_bodies(daily()).footed(FOOT),
    "digest-weekly": lambda: digest_bodies(weekly()).footed(FOOT),
    "digest-by-rule": lambda: digest_bodies(by_rule()).footed(FOOT),
    "digest-trouble": lambda: digest_bodies(nothing()),
    "digest-all-well": lambda: digest_bodies(all_well()),
    "digest-hostile": lambda: digest_bodies(hostile()),
    "alert": lambda: alert_of("new"),
    "alert-edit": lambda: alert_of("edits"),
    "alert-withdrawal": lambda: alert_of("withdrawals"),
    "alert-copy": lambda: alert_of("copies"),
    "summary": many,
    **OPERATORS,
}
"""The messages by name."""
