"""A comparison of two revisions as one page of HTML that asks the network for nothing."""

from collections.abc import Callable, Iterable
from datetime import datetime
from html import escape
from itertools import groupby

from app.compared import Comparison, Fold, folded, whereabouts
from core.edits import Change
from core.model import Revision
from notify.phrases import scrubbed
from pipelines.edits_comparison import Op, Passage, Span

_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1b1b;--soft:#5c5c5c;--line:#dcdcdc;--card:#f6f6f4;
--gone:#8f1515;--gone-paper:#fde9e7;--new:#0b5a26;--new-paper:#e0f5e4;--note:#6b4e00;--note-paper:#fff6d6}
@media (prefers-color-scheme:dark){:root{--paper:#16181b;--ink:#e8e6e1;--soft:#a4a29c;--line:#3a3d42;--card:#1f2226;
--gone:#ffb3ab;--gone-paper:#4a1d1b;--new:#a6e8b6;--new-paper:#143d22;--note:#ffdf8a;--note-paper:#3a3010}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:44rem;padding:1.25rem 1rem 3rem;font:1.0625rem/1.65 Georgia,"Noto Serif",
"Noto Serif Khmer","Khmer OS",serif;color:var(--ink);background:var(--paper);overflow-wrap:break-word}
h1{font-size:1.55rem;line-height:1.3;margin:.2rem 0 .8rem}h2{font-size:1rem;margin:2rem 0 .4rem}
header,footer,dl,summary,.fine,h2,.labels{font-family:system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans Khmer",
sans-serif}
.fine,footer{color:var(--soft);font-size:.875rem;line-height:1.5}.fine a{color:inherit}
dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem .8rem;margin:.8rem 0;font-size:.9rem;line-height:1.5}
dt{font-weight:600;white-space:nowrap}dd{margin:0;color:var(--soft)}
.labels{list-style:none;margin:1rem 0 1.6rem;padding:.7rem .9rem;background:var(--card);border:1px solid var(--line);
border-radius:.5rem;font-size:.9rem;line-height:1.55}
.labels li+li{margin-top:.45rem;padding-top:.45rem;border-top:1px solid var(--line)}
.labels b,.labels li>span{display:block}
.own{background:var(--note-paper);color:var(--note);border-radius:.4rem;padding:.5rem .8rem;font-size:.9rem}
del,ins{border-radius:.2rem;padding:.05em .15em;-webkit-box-decoration-break:clone;box-decoration-break:clone}
del{color:var(--gone);background:var(--gone-paper);text-decoration:line-through;text-decoration-thickness:.07em}
ins{color:var(--new);background:var(--new-paper);text-decoration:underline;text-decoration-thickness:.1em;
text-underline-offset:.2em}
p{margin:0 0 1em}p.whole{border-inline-start:.25rem solid var(--line);padding-inline-start:.7rem}
p.gone{border-color:var(--gone)}p.new{border-color:var(--new)}
details{margin:0 0 1em;border-block:1px dashed var(--line);padding:.25rem 0}
summary{cursor:pointer;color:var(--soft);font-size:.875rem}details p{margin:.7em 0;color:var(--soft)}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media print{details>p{display:none}}
"""
_HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer"><title>{title}</title><style>{style}</style></head>
<body><header>
"""
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
When = Callable[[datetime], str]


def view(found: Comparison, source: str, when: When, published: When) -> str:
    """Return a page that shows what became of one revision in another.

    source is what the source is called; when and published write the moments of reading and of publication.
    """
    article = found.article
    lang = escape(article.language or "und")
    told = f'lang="{lang}" dir="{"rtl" if article.language in _RIGHT_TO_LEFT else "ltr"}"'
    states = _state("Before", found.before, when, published) + _state("After", found.after, when, published)
    title = "<br>".join(_runs(each.spans) for each in found.title)
    text = "".join(_block(each) for each in folded(found.text))
    notes = "".join(_block(each) for each in folded(found.notes))
    parts = (
        f'<div class="fine">{_safe(source)} · article {article.id} · {_link(found.after.url)}</div>',
        f"<h1 {told}>{title}</h1><dl>{states}</dl>{_own(found.corrections)}{_labels(found.changes, told)}</header>",
        f"<main {told}>",
        '<p lang="en">Both read the same.</p>' if found.is_same else "",
        text,
        f'<h2 lang="en">Notes</h2>{notes}' if notes else "",
        f"</main><footer><p><del>{_unseen('removed: ')}Words that went</del> · <ins>{_unseen('added: ')}words",
        " that came</ins>. Not marked is what reads the same: white space, kinds of quotation marks and dashes, ends",
        "of paragraphs.</p></footer></body></html>",
    )
    name = f"Revisions {found.before.number} and {found.after.number}: {article.label}"
    return _HEAD.format(title=_safe(name), style=_STYLE) + "\n".join(part for part in parts if part) + "\n"


def _safe(text: str) -> str:
    """Return words from the web as HTML, without what cannot be seen and may turn a line round."""
    return escape(scrubbed(text))


def _link(url: str) -> str:
    plain = _safe(url)
    return f'<a href="{plain}" rel="noreferrer">{plain}</a>' if url.startswith(("https://", "http://")) else plain


def _state(name: str, revision: Revision, when: When, published: When) -> str:
    told = f"published {published(revision.published_at)}" if revision.published_at else "no date given"
    whose = ", corrected by tonle from the page" if revision.is_correction else ""
    read = f"read {when(revision.fetched_at)}"
    return f"<dt>{name}</dt><dd>revision {revision.number}{whose}: {_safe(told)}, {_safe(read)}</dd>"


def _own(numbers: Iterable[int]) -> str:
    named = ", ".join(map(str, numbers))
    if not named:
        return ""
    return (
        f'<p class="own">Correction by tonle (revision {named}): the archived page was read by better rules. That is '
        f"no edit of the publisher.</p>"
    )


def _labels(changes: Iterable[Change], told: str) -> str:
    rows = []
    for label, group in groupby(changes, key=lambda change: change.label):
        words = "".join(f"<span {told}>{_change(change)}</span>" for change in group)
        rows.append(f"<li><b>{label.value}</b>{words}</li>")
    return f'<ul class="labels" aria-label="What was edited">{"".join(rows)}</ul>' if rows else ""


def _change(change: Change) -> str:
    gone = f"<del>{_unseen('before: ')}{_safe(change.before)}</del>" if change.before else ""
    new = f"<ins>{_unseen('after: ')}{_safe(change.after)}</ins>" if change.after else ""
    return " → ".join(side for side in (gone, new) if side)


def _block(block: Fold | Passage) -> str:
    if isinstance(block, Fold):
        kept = "".join(f"<p>{_safe(each.text(Op.NEW))}</p>" for each in block.passages)
        return f'<details><summary lang="en">… {block.words}</summary>{kept}</details>'
    kind = next((op.value for op in (Op.GONE, Op.NEW) if block.is_all(op)), "")
    place = whereabouts(block)
    moved = f'<span class="fine" lang="en">({place}) </span>' if place else ""
    classes = f' class="whole {kind}"' if kind else ""
    return f"<p{classes}>{moved}{_runs(block.spans)}</p>"


def _runs(spans: Iterable[Span]) -> str:
    return "".join((" " if span.is_spaced and place else "") + _run(span) for place, span in enumerate(spans))


def _run(span: Span) -> str:
    words = _safe(span.text)
    if span.op is Op.GONE:
        return f"<del>{_unseen('removed: ')}{words}{_unseen(' (end)')}</del>"
    if span.op is Op.NEW:
        return f"<ins>{_unseen('added: ')}{words}{_unseen(' (end)')}</ins>"
    return words


def _unseen(words: str) -> str:
    """Return words for who has the page read aloud: few programs say that words are struck out."""
    return f'<span class="unseen" lang="en">{words}</span>'
