"""What makes a page of today heavy and says nothing: scripts, styles, menus and lists of links.

Saved pages of news sites weigh some 65 kB, most of it around the article; those of the stories here weigh a tenth.
"""

from dataclasses import replace
from functools import lru_cache

from replica.exchange import Answer

_SCRIPT = (
    '(function(w,d){w.dataLayer=w.dataLayer||[];w.dataLayer.push({event:"view",slot:%d,when:Date.now()});'
    'var s=d.createElement("link");s.rel="preconnect";s.href="/static/%d";d.head.appendChild(s);})(window,document);\n'
)
_STYLE = ".block-%d .item{display:flex;margin:0 0 12px;padding:4px 8px;border-bottom:1px solid #d%03d}\n"
_ENTRY = (
    '<li class="menu-item menu-item-%d"><a href="/taxonomy/term/%d" title="Topic %d"><span>Topic %d</span></a></li>\n'
)
_CODE = 0.5  # of the weight: scripts and styles; the rest are menus


def weighted(answer: Answer, weight: int) -> Answer:
    """Return an HTML page filled up to about `weight` bytes around what it says; anything else as it is."""
    missing = weight - len(answer.body)
    is_page = answer.status == 200 and answer.headers.get("Content-Type", "").startswith("text/html")  # noqa: PLR2004
    if missing <= 0 or not is_page or b"</head>" not in answer.body or b"</body>" not in answer.body:
        return answer
    head, menus = _filling(missing)
    before, _, after = answer.body.partition(b"</head>")
    main, _, end = after.rpartition(b"</body>")
    return replace(answer, body=before + head + b"</head>" + main + menus + b"</body>" + end)


@lru_cache(maxsize=64)
def _filling(size: int) -> tuple[bytes, bytes]:
    """Return what goes into the head and what to the end of the body, together about `size` bytes."""
    code = int(size * _CODE)
    number, parts, length = 0, [], 0
    while length < code:
        number += 1
        parts.append(_SCRIPT % (number, number) if number % 2 else _STYLE % (number, number % 1000))
        length += len(parts[-1])
    scripts = "".join(part for part in parts if part.startswith("("))
    styles = "".join(part for part in parts if not part.startswith("("))
    entries, length = [], 0
    while length < size - code:
        number += 1
        entries.append(_ENTRY % (number, number, number, number))
        length += len(entries[-1])
    head = f"<style>\n{styles}</style>\n<script>\n{scripts}</script>\n"
    menus = f'<nav class="footer-menu"><ul>\n{"".join(entries)}</ul></nav>\n'
    return head.encode(), menus.encode()
