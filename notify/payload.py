"""What a message tells, as data for programs: mappings that JSON may hold. Pure.

docs/delivery.md states every key. Times that people read are in the reader's zone, as in the message itself.
"""

from collections.abc import Mapping

from notify.alert import Alert
from notify.bulletin import Bulletin, Heartbeat
from notify.digest import Digest
from notify.entry import Entry
from notify.summary import Summary


def alert_data(told: Alert) -> Mapping[str, object]:
    """Return an alert: the rule, the article, and the passage with where in it the words stand that matched."""
    text, marks = "", []
    for stretch in told.stretches:
        if stretch.marked:
            marks.append([len(text), len(text) + len(stretch.text)])
        text += stretch.text
    return {
        "rule": told.rule,
        "match": told.match_id,
        "event": told.event,
        "happened": list(told.happened),
        "found": told.found,
        "zone": told.zone,
        "article": _article(told.entry),
        "passage": {"text": text, "marks": marks},
    }


def summary_data(told: Summary) -> Mapping[str, object]:
    """Return many alerts: how many each rule has, and those that the message names."""
    return {
        "zone": told.zone,
        "span": told.span,
        "totals": {group.rule: group.number for group in told.groups},
        "items": [
            {
                "rule": group.rule,
                "id": each.article_id,
                "title": each.title.text,
                "source": each.source,
                "url": each.url,
                "published": each.when,
                "passage": each.passage.text,
                "event": each.event,
            }
            for group in told.groups
            for each in group.items
        ],
    }


def digest_data(told: Digest) -> Mapping[str, object]:
    """Return a digest: its totals, and the articles that it tells of in full or by title."""
    return {
        "made": told.made,
        "zone": told.zone,
        "summary": told.summary,
        "totals": {
            "stories": told.number,
            "articles": told.articles,
            "matched": told.matched,
            "carried": len(told.carried) + told.more_carried,
            "sources": {section.source: section.number for section in told.sections},
            "rules": dict(told.rules),
        },
        "items": [_article(each) for section in told.sections for each in (*section.entries, *section.titled)],
        "trouble": told.trouble,
    }


def bulletin_data(told: Bulletin) -> Mapping[str, object]:
    """Return alarms: each trouble that begins, gets worse, changes or ends."""
    return {
        "zone": told.zone,
        "alarms": [
            {
                "event": each.event.value,
                "part": each.part,
                "source": each.name,
                "cause": each.cause,
                "says": each.line,
                "happened": each.happened,
                "reasons": list(each.reasons),
                "means": each.meaning,
                "remedy": each.remedy,
                "commands": list(each.commands),
            }
            for each in (*told.alarms, *told.ended)
        ],
    }


def heartbeat_data(told: Heartbeat) -> Mapping[str, object]:
    """Return a sign of life: what is open, what each source brought, and when the next one comes."""
    return {
        "zone": told.zone,
        "summary": told.summary,
        "totals": dict(told.totals),
        "open": [{"what": line.title, "says": line.says} for line in told.open],
        "sources": [{"source": line.title, "says": line.says, "trouble": line.needs_look} for line in told.sources],
        "next": told.following,
    }


def _article(told: Entry) -> dict[str, object]:
    return {
        "id": told.article_id,
        "title": told.title.text,
        "source": told.source,
        "url": told.url,
        "published": told.when,
        "authors": told.authors,
        "rules": list(told.rules),
        "archived": (told.kept.url or told.kept.command) if told.kept else "",
    }
