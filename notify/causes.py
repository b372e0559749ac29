"""The causes of trouble by name: how each is said in a line, what it means, and what to do about it. Pure.

docs/operations.md, "Alarms", has every one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.trouble import SOURCE, Subject

SECTION = "docs/operations.md, “Alarms”"
"""Where people find all of them."""


@dataclass(frozen=True, slots=True)
class Cause:
    """headline says what is wrong in a line, {} for a source or part; meaning and remedy are sentences.

    commands are what to type, {} likewise; they stand on lines of their own.
    """

    headline: str
    meaning: str
    remedy: str
    commands: tuple[str, ...] = ()


_SHOWS = ("tonle runs --source {} --failed", "tonle doctor")
_LOOKS = ("tonle runs --source {}", "tonle sources check {}")
_KEPT = "What it publishes meanwhile is fetched when it answers again, as far as its listings then still show it."

CAUSES: Mapping[str, Cause] = {
    "silent": Cause(
        "{} is quiet: nothing new for far longer than ever",
        "Its crawls go well, and its listings name nothing new. Either it publishes nothing, or what tonle reads of it "
        "is no longer where its news appears.",
        "Look at the site. Where it shows something newer than tonle has, a listing has moved or changed.",
        _LOOKS,
    ),
    "fewer": Cause(
        "{} is quiet: far fewer articles than usual",
        "Its crawls go well, but bring much less than in the weeks before: a holiday, or one of its listings has "
        "stopped while others go on.",
        "Look at the site, and at which of its listings are read.",
        _LOOKS,
    ),
    "failing": Cause(
        "{} is broken: its crawls fail",
        f"Crawl after crawl ends without having read its listings. {_KEPT}",
        "The log of the last run says why. tonle goes on trying, a day apart at most.",
        _SHOWS,
    ),
    "server-error": Cause(
        "{} is broken: its server fails (5xx)",
        f"The site answers with errors of its own. {_KEPT}",
        "Nothing, if a browser meets the same: it passes. Else the site may treat programs otherwise: write to it.",
        _SHOWS,
    ),
    "timeout": Cause(
        "{} is broken: it does not answer in time",
        f"Its server, or the network between, is too slow. {_KEPT}",
        "If other sources fail too, look after this machine's network. Else it passes, or `crawl.request_timeout` in "
        "config.yaml is too short for this site.",
        _SHOWS,
    ),
    "connection-lost": Cause(
        "{} is broken: the connection to it fails",
        f"Its server refuses connections or breaks them off. {_KEPT}",
        "If other sources fail too, look after this machine's network or firewall.",
        _SHOWS,
    ),
    "certificate": Cause(
        "{} is broken: its certificate is not valid",
        f"Nobody can tell whether the answers are the site's own, so none is taken. {_KEPT}",
        "If a browser warns too, the site has to renew it: write to it. If not, this machine lacks authorities "
        "(install ca-certificates), or its clock is wrong.",
        ("tonle doctor",),
    ),
    "host-unknown": Cause(
        "{} is broken: its name is not known (DNS)",
        f"The name server knows no address for the site. {_KEPT}",
        "If other names fail too, look after /etc/resolv.conf and the network. Else the site may have moved: set its "
        "`base_url` in config.yaml, or mend its file.",
        ("tonle doctor",),
    ),
    "robots-unreachable": Cause(
        "{} is broken: its robots.txt cannot be read",
        f"While nobody can say what may be asked, nothing is asked (RFC 9309). {_KEPT}",
        "Open its robots.txt in a browser. Where that fails, it passes or the site has to mend it.",
        _SHOWS,
    ),
    "listing": Cause(
        "{} is broken: its listings cannot be read",
        "Where its news is listed there is nothing any more, or something else: the site was probably rebuilt. What "
        "it publishes meanwhile is not found.",
        "Find where the site lists its news now, and mend its file (docs/sites.md).",
        _LOOKS,
    ),
    "lost": Cause(
        "{} is broken: one of its listings is gone",
        "It was read once, and now fails crawl after crawl, while others go on: what stands in it alone is not found.",
        "Open it in a browser. Where it moved, mend the site's file (docs/sites.md); where it ended, take it out.",
        _LOOKS,
    ),
    "late": Cause(
        "{} is broken: no crawl has ended well for too long",
        "Its crawls do not fail, and yet none comes to its end: stopped again and again, or never begun.",
        "See how the last ones ended, and what the daemon's log says.",
        ("tonle runs --source {}", "tonle doctor"),
    ),
    "texts": Cause(
        "{} is broken: its texts come out wrong",
        "Pages are fetched, but lengths, dates, or what stands around the texts are no longer as they were: probably "
        "a new design. Texts go on to come, by the rules for unknown designs, and should not be cited unread.",
        "Mend its layout (docs/sites.md), then read the kept pages anew.",
        ("tonle sources check {}", "tonle reextract {} --dry-run"),
    ),
    "skipped": Cause(
        "{} is broken: not one page could be taken in",
        "Its listings are read, and of the pages that they name none holds an article that tonle can read.",
        "See for which reasons, and mend the site's file (docs/sites.md).",
        _LOOKS,
    ),
    "challenge": Cause(
        "{} is blocked: it shows a challenge",
        "The site asks its visitors to prove that they are people. tonle never tries to pass that.",
        "Where it lasts for days, write to the site's operators: the agent string names you as `contact`.",
        ("tonle status",),
    ),
    "forbidden": Cause(
        "{} is blocked: it refuses tonle (403)",
        "The site, or what protects it, refuses this program or this machine's address.",
        "Where it lasts for days, write to the site's operators.",
        ("tonle status",),
    ),
    "rate-limited": Cause(
        "{} is blocked: it says that tonle asks too much (429)",
        "The site limits how much may be asked. tonle waits as long as it says.",
        "Where it lasts, set a longer `delay` or `every` for the source in config.yaml.",
        ("tonle status",),
    ),
    "robots": Cause(
        "{} is blocked: its robots.txt closes it",
        "The site asks programs to stay away from what tonle reads, and tonle does.",
        "Write to the site's operators, or set `enabled: false` for the source in config.yaml.",
        ("tonle sources check {}",),
    ),
    "disk-low": Cause(
        "the disk is nearly full",
        "Below 200 MB nothing more can be kept with safety. A year of four sources takes about a gigabyte.",
        "Make room, or move `data` to a larger disk (docs/operations.md, “A larger disk”).",
        ("tonle doctor --offline",),
    ),
    "disk-full": Cause(
        "the disk is full",
        "Nothing new can be kept until there is room: crawls and messages fail. What was kept is safe.",
        "Make room now; the daemon goes on by itself. The archive may lie on another disk, whole (docs/operations.md, "
        "“A larger disk”); single WARC files taken away are missed.",
        ("tonle doctor --offline",),
    ),
    "permissions": Cause(
        "tonle may not write where it must, or others may",
        "Files under `data` belong to another user or can be changed by all.",
        "Do what doctor says (chown or chmod).",
        ("tonle doctor --offline",),
    ),
    "exposed": Cause(
        "a file with secrets can be read by others",
        "Whoever has an account on this machine can read passwords that tonle uses.",
        "Take the right from them (chmod 600), and change the secrets if others have accounts there.",
        ("tonle doctor --offline",),
    ),
    "database": Cause(
        "the corpus is damaged",
        "SQLite finds pages of the file that do not fit together: the disk, or something that wrote into it.",
        "Stop the daemon, keep a copy of the file, and put back the last backup (docs/operations.md, “Putting a backup "
        "back”).",
        ("tonle db check", "tonle db restore BACKUP"),
    ),
    "write-ahead-log": Cause(
        "the corpus's write-ahead log grows without end",
        "Some process reads the corpus and never ends, so that the log cannot be begun anew.",
        "Find the process (lsof), or restart the daemon.",
        ("tonle doctor --offline",),
    ),
    "outbox-stuck": Cause(
        "messages wait and cannot be handed over",
        "Readers do not get what they are owed. It is tried again, twelve times in three days and a half.",
        "See what the channel answers, and mend that.",
        ("tonle deliveries", "tonle doctor"),
    ),
    "outbox-given-up": Cause(
        "messages were given up",
        "Somebody was not told something, and will not be, unless it is sent again.",
        "See why, mend it, and owe them again, or dismiss what nobody waits for: until then this stays open.",
        ("tonle deliveries list --state dead", "tonle deliveries resend --all", "tonle deliveries dismiss NO."),
    ),
    "backups": Cause(
        "there is no fresh backup",
        "The newest whole one is older than `doctor.oldest_backup` allows, or there is none.",
        "See why none was made (docs/operations.md, “Backing up”), and make one.",
        ("tonle db backup FILE --archive",),
    ),
    "clock": Cause(
        "the clock is behind",
        "The corpus tells of later times than now: what is due waits, and times are noted wrong.",
        "Set the clock, and let NTP keep it (timedatectl). If it is right, it was ahead once: the alarm ends by "
        "itself, once more crawls were noted by the right one than by the other.",
        ("tonle doctor --offline",),
    ),
    "jobs": Cause(
        "work of the daemon failed",
        "A job raised an error, came too late or hangs, or an address at which the daemon answers is taken; it is "
        "tried again at its next time, or after ten minutes.",
        "See what the daemon's log says of `job.failed`, `job.missed` and `job.skipped`; of an address, what it says "
        "itself.",
        ("tonle doctor",),
    ),
    "archive": Cause(
        "files of the archive are missing or changed",
        "The texts are intact, but pages that prove them are not.",
        "Stop the daemon, and put the files back from a backup of the archive; the corpus stays as it is.",
        ("tonle db check --archive", "tonle db restore BACKUP --archive-only"),
    ),
    "unwritten": Cause(
        "the corpus cannot be written",
        "Nothing new is kept, and no other alarm can be: this one was sent straight, beside the outbox, and is sent "
        "again each day until the corpus can be written.",
        "Do what the sentence says: make room, look at the disk, or end what holds the corpus locked. The daemon goes "
        "on by itself.",
        ("tonle doctor --offline",),
    ),
    "unwatched": Cause(
        "nobody looks for trouble: the look itself fails",
        "No alarm is raised and no all-clear given while this lasts; crawls and messages to readers go on. This one "
        "was sent straight, beside the outbox, and is sent again each day.",
        "It is an error of tonle's own: report it, with what the daemon's log says of `job.failed`.",
        ("tonle doctor",),
    ),
    "unseen": Cause(
        "{} cannot be looked at",
        "Nobody can say whether all is well there: the look failed, or did not end. What else there is goes on to be "
        "looked at.",
        "Where it did not end, see whether a network mount or a disk hangs. Else the daemon's log says why "
        "(`look.failed`); a traceback there is an error of tonle's own: report it.",
        ("tonle doctor",),
    ),
}

PARTS: Mapping[str, str] = {
    "disk": "the disk",
    "permissions": "the rights of files",
    "database": "the corpus",
    "log": "the write-ahead log",
    "outbox": "the outbox",
    "backups": "the backups",
    "clock": "the clock",
    "jobs": "the daemon’s work",
    "archive": "the archive",
}
"""The parts of the machine, as they are called when they are well again."""

_UNKNOWN = Cause(
    "something needs a look", "An older or newer tonle noted it.", "See what doctor says.", ("tonle doctor",)
)


def cause_of(name: str) -> Cause:
    """Return a cause; one that this program does not know is something that needs a look."""
    return CAUSES.get(name, _UNKNOWN)


def headline(subject: Subject, cause: str) -> str:
    """Return what is wrong in a line."""
    said = cause_of(cause).headline
    if subject.part == SOURCE and "{}" not in said:
        return f"{subject.name}: {said}"
    return said.format(called(subject))


def called(subject: Subject) -> str:
    """Return what a subject is called within a sentence."""
    return subject.name if subject.part == SOURCE else PARTS.get(subject.part, subject.part)


def commands(subject: Subject, cause: str) -> tuple[str, ...]:
    """Return what to type."""
    return tuple(line.format(subject.name) for line in cause_of(cause).commands)
