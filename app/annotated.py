"""A page for people to look at: what was kept of it and what was dropped, by which rule."""

from lxml import etree, html

from core.model import Draft
from pipelines.explain import Explained, Verdict

_STYLE = """
body{max-width:60rem;margin:1rem auto;padding:0 1rem;font:16px/1.55 Georgia,serif;color:#1b1b1b;background:#fff}
.tonle-head{position:sticky;top:0;background:#fffbe6;border:1px solid #e0c96b;padding:.6rem 1rem;z-index:9;
font:14px/1.5 system-ui,sans-serif}
.tonle-dropped,.tonle-dropped *{color:#9a1c1c!important;text-decoration:line-through!important;opacity:.75}
.tonle-dropped{background:#fdf0f0;outline:1px dotted #e2a4a4}
.tonle-dropped::after{content:" " attr(data-tonle);font:11px/1 system-ui,sans-serif;color:#8a6d00;text-decoration:none;
display:inline-block;background:#fffbe6;border-radius:3px;padding:2px 5px;margin-left:.4em}
.tonle-headline{background:#eef3fb;outline:1px solid #a9c1e6}
.tonle-kept{background:#eef8ee;outline:1px solid #b5dcb5}
img,svg,video,iframe{display:none!important}
"""
_ACTIVE = ("script", "style", "link", "base", "iframe", "object", "embed", "meta", "form", "input", "button", "svg")
_ADDRESSES = ("src", "srcset", "href", "background", "poster", "action", "data", "style", "class", "id")


def view(found: Explained) -> str:
    """Return the page as HTML with what was dropped struck out, each with its rule; it asks the network for nothing.

    Raises ValueError where nothing was read off the page.
    """
    if found.tree is None:
        raise ValueError("nothing was read off this page")
    _disarm(found.tree)
    by_element: dict[html.HtmlElement, list[Verdict]] = {}
    for block, verdict in zip(found.blocks, found.verdicts, strict=True):
        # Beside other blocks, or right in the page: a link of it can be shown, where it has one.
        own = block.anchors[:1] if block.element.tag == "body" else (block.element,)
        for element in own:
            by_element.setdefault(element, []).append(verdict)
    for element, verdicts in by_element.items():
        if all(verdict.is_headline for verdict in verdicts):
            element.set("class", "tonle-headline")
        elif all(not verdict.is_kept for verdict in verdicts):
            element.set("class", "tonle-dropped")
            element.set("data-tonle", f"{verdicts[0].layer}: {verdicts[0].rule}")
        elif all(verdict.is_kept for verdict in verdicts):
            element.set("class", "tonle-kept")
    body = found.tree.find("body")
    inner = "".join(etree.tostring(child, encoding="unicode", method="html") for child in body)
    title = found.result.title if isinstance(found.result, Draft) else ""
    head = html.Element("div", {"class": "tonle-head"})
    dropped = sum(not verdict.is_kept and not verdict.is_headline for verdict in found.verdicts)
    head.text = f"{title} — {found.kept} blocks kept (green), {dropped} dropped (struck out, with the rule)"
    bar = etree.tostring(head, encoding="unicode", method="html")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        f'content="{policy}"><title>tonle: what was kept</title><style>{_STYLE}</style></head>'
        f"<body>{bar}{inner}</body></html>"
    )


def _disarm(tree: html.HtmlElement) -> None:
    """Take from a stranger's page all that acts or loads."""
    etree.strip_elements(tree, *_ACTIVE, with_tail=False)
    for element in tree.iter():
        for name in list(element.attrib):
            if name in _ADDRESSES or str(name).startswith("on") or name == "hidden":
                del element.attrib[name]
