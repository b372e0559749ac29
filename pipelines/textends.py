"""Other stories within and below a text that was copied without markup, and the lines that its page ends with.

A list of headlines alone is told by the heading above it; headlines with summaries also by their form. Lists, headings
and last lines of the article's own look much like these, so where the form leaves a doubt, they stay.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise, takewhile

from pipelines.moments import date_line
from pipelines.phrases import LABEL, READ_MORE
from pipelines.textlines import Line, agency_in, is_broken, is_caption, is_footer, is_leaving

OTHER_STORIES = "other stories"
_MOST_LISTS = 3
_MOST_LISTED = 80  # lines of a list of other stories
_MOST_BELOW = 4  # lines of a footer behind it that no rule knows
_AGO = re.compile(r"(?i)(?:\d{1,3}|an?|one) (?:minute|hour|day|week|month|min|hr)s? ago|yesterday|today|just now")
_MOST_RELATED = 4  # headlines under a heading within a text
_MOST_HEADING = 60  # characters
_LEAST_PAIRS = 2  # headlines with summaries that were cut
_LEAST_WHOLE_PAIRS = 4  # headlines with summaries that end: an article has headings above single paragraphs, too
_LONGEST_WHOLE = 300  # characters of such a summary
_LEAST_WORDS = 5  # of such a headline; an article's own headings are shorter
_LEAST_ABOVE = 4  # paragraphs of the article above such a list
_NOUNS = (
    r"(?:(?:top |latest |other |more )?(?:stories|story|articles?|news|reads?|read|headlines|posts?|videos?|viewed"
    r"|popular|shared|commented|discussed|topics?|reading|coverage|updates?|content|links?|recent|now|this week|today)"
    r"(?: (?:stories|articles?|news|now|today|this week|on this|in [\w ]{2,30}|from [\w ]{2,40}|by [\w ]{2,40}"
    r"|about [\w ]{2,40}|for you))?"
    r"|from [\w’' ]{2,40}|in [\w’' ]{2,30}|by [\w’' ]{2,40}|on this(?: \w+)?|for you|like this)"
)
_SEVERAL = re.compile(r"(?i)(?:stories|articles|reads|links|headlines|noticias|[:៖])\W*$")
_VAGUE = re.compile(r"(?i)\W*(?:more|related|recommended|latest|most|other|top|popular|trending)\b")
_SAID = re.compile(
    rf"(?i)\W*(?:(?:more|related|recommended|latest|most|other|top|popular|trending) {_NOUNS}"
    r"|recommended|related|trending)\W*"
)


def is_list_heading(text: str) -> bool:
    """Return whether a line stands over a list of other stories: Most Read, Related Articles, More from Business.

    More troops, Other signatories, Latest figures are headings of an article's own.
    """
    if len(text) > _MOST_HEADING or LABEL.fullmatch(text) is None:
        return False
    return _SAID.fullmatch(text) is not None if _VAGUE.match(text) else True


def lists_within(lines: Sequence[Line], known: Mapping[int, str]) -> dict[int, str]:
    """Return the headings of links to other stories within the text, each with the headlines under it.

    The headlines end at the next sentence. Where more stand there than links, they are headings of something else.
    """
    found: dict[int, str] = {}
    order = _below_prose(lines, _open(lines, known))
    for place, index in enumerate(order):
        text = lines[index].text
        is_link = READ_MORE.fullmatch(text) is not None
        if index in found or not (is_link or is_list_heading(text)):
            continue
        under = list(islice(_headlines(lines, order[place + 1 : place + 2 + _MOST_RELATED]), _MOST_RELATED + 1))
        if is_link and not _SEVERAL.search(text):
            under = under[:1] + list(takewhile(lambda each: _goes_on(lines[each]), under[1:]))
        if 0 < len(under) <= _MOST_RELATED or (is_link and not under):
            found |= dict.fromkeys((index, *under), OTHER_STORIES)
    return found


def _goes_on(line: Line) -> bool:
    """Return whether a headline belongs to the link above; one that is set apart is a heading of the article's own."""
    return line.is_bullet or not line.is_apart


def lists_below(lines: Sequence[Line], known: Mapping[int, str]) -> dict[int, str]:
    """Return the lists of other stories with which a text ends, one below the other, each line with the rule."""
    found: dict[int, str] = {}
    for _ in range(_MOST_LISTS):
        listed = _list_below(lines, [index for index in _open(lines, known) if index not in found])
        if not listed:
            break
        found |= dict.fromkeys(listed, OTHER_STORIES)
    return found


def _list_below(lines: Sequence[Line], places: list[int]) -> list[int]:
    order = _without_footer(lines, places)
    below = _below_prose(lines, order)[-_MOST_LISTED:]
    above = [lines[index] for index in order[: len(order) - len(below)] if lines[index].is_prose]
    for place, index in enumerate(below):
        if _is_start([lines[each] for each in below[place:]], above):
            return below[place:]
        if lines[index].is_prose:
            above.append(lines[index])
    return []


def tail_of(lines: Sequence[Line], known: Mapping[int, str]) -> dict[int, str]:
    """Return the lines with which the page of a text ends: footer, menu, rights, sharing, the agency's name."""
    found: dict[int, str] = {}
    order = _open(lines, known)
    for index in reversed(order[1:]):
        text = lines[index].text
        if agency_in(text):
            found[index] = "agency"
        elif is_footer(text) or is_leaving(text):
            found[index] = "footer"
        elif is_list_heading(text):
            found[index] = OTHER_STORIES
        else:
            break
    return found


def captions_within(lines: Sequence[Line], known: Mapping[int, str]) -> dict[int, str]:
    """Return the captions between the paragraphs of a text: one sentence each, and an agency or the like behind it.

    The last line of the text is none: agencies sign there as well. Nor is a piece of a paragraph that was broken.
    """
    order = _open(lines, known)
    fitting = (index for index in order[:-1] if not is_broken(lines, index))
    return {index: "caption" for index in fitting if is_caption(lines[index].text, is_in_head=False)}


def _open(lines: Sequence[Line], known: Mapping[int, str]) -> list[int]:
    return [index for index in range(len(lines)) if index not in known]


def _below_prose(lines: Sequence[Line], order: list[int]) -> list[int]:
    """Return the places below the first sentence."""
    first = next((place for place, index in enumerate(order) if lines[index].is_prose), len(order))
    return order[first + 1 :]


def _headlines(lines: Sequence[Line], places: Sequence[int]) -> Iterator[int]:
    for index in places:
        line = lines[index]
        if not (line.is_title if line.is_bullet else line.is_headline):
            return
        yield index


def _without_footer(lines: Sequence[Line], order: list[int]) -> list[int]:
    end = len(order)
    while end > 0 and (is_footer(lines[order[end - 1]].text) or is_leaving(lines[order[end - 1]].text)):
        end -= 1
    return order[:end]


def _is_start(rest: Sequence[Line], above: Sequence[Line]) -> bool:
    """Return whether the list begins with the first of some lines, which are the last of the text."""
    here = rest[0]
    if is_list_heading(here.text) and (READ_MORE.fullmatch(here.text) is None or not any(one.is_prose for one in rest)):
        return _is_list([line for line in rest[1:] if not date_line(line.text) and not _AGO.fullmatch(line.text)])
    return _is_bulleted(rest) if here.is_bullet else here.is_headline and _are_pairs(rest, above)


def _is_list(rest: Sequence[Line]) -> bool:
    """Return whether lines are headlines alone or with a summary each, and hardly anything else below.

    A paragraph behind some headlines and none of them is the article's own.
    """
    heads = [line.is_headline or (line.is_bullet and line.is_title) for line in rest]
    if not rest or not heads[0]:
        return False
    with_teasers = len(rest) > 1 and not heads[1] and rest[1].is_teaser
    fit = [is_head != (with_teasers and place % 2 == 1) for place, is_head in enumerate(heads)]
    size = next((place for place, fits in enumerate(fit) if not fits), len(rest))
    if with_teasers and (size < 2 * _LEAST_PAIRS - 1 or not all(line.is_teaser for line in rest[1:size:2])):
        return False
    below = rest[size:]
    if below and sum(heads[:size]) < _LEAST_PAIRS:
        return False
    return len(below) <= _MOST_BELOW and not any(line.is_prose for line in below)


def _is_bulleted(rest: Sequence[Line]) -> bool:
    """Return whether lines are bulleted headlines with their summaries: set in, or cut.

    A list that belongs to the article has no summaries between its points, and stays.
    """
    heads = [line for line in rest if line.is_bullet]
    teasers = [line for line in rest if not line.is_bullet]
    if len(heads) < _LEAST_PAIRS or len(teasers) < len(heads) - 1:
        return False
    if all(line.is_indented for line in rest):
        return True
    alternate = all(one.is_bullet != other.is_bullet for one, other in pairwise(rest))
    return alternate and all(head.is_headline for head in heads) and _are_cut(teasers)


def _are_pairs(rest: Sequence[Line], above: Sequence[Line]) -> bool:
    """Return whether lines are headlines with a summary each, up to the end, and not the article's own sections.

    Summaries that are cut tell it. Where they are whole, there must be more of them than sections, headlines must be
    longer than headings are, and the article above must be the larger part.
    """
    heads, teasers = rest[::2], rest[1::2]
    if len(teasers) < _LEAST_PAIRS or not all(head.is_headline for head in heads):
        return False
    if not all(teaser.is_cut or (teaser.is_teaser and not teaser.is_headline) for teaser in teasers):
        return False
    return _are_cut(teasers) or _are_long(heads, teasers, above)


def _are_cut(teasers: Sequence[Line]) -> bool:
    """Return whether summaries are cut: the first, or it would be the article's last paragraph, and most others."""
    return teasers[0].is_cut and 2 * sum(teaser.is_cut for teaser in teasers) >= len(teasers)


def _are_long(heads: Sequence[Line], teasers: Sequence[Line], above: Sequence[Line]) -> bool:
    if len(teasers) < _LEAST_WHOLE_PAIRS or len(above) < _LEAST_ABOVE:
        return False
    if any(len(head.text.split()) < _LEAST_WORDS or head.text.endswith("?") for head in heads):
        return False
    size = sum(len(line.text) for line in (*heads, *teasers))
    is_less = size < sum(len(line.text) for line in above)
    return is_less and all(len(teaser.text) <= _LONGEST_WHOLE for teaser in teasers)
