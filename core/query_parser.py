"""Reading a query: the grammar, by lark, and what is said of a query that cannot be read.

Only what reads queries imports this: loading lark takes a tenth of a second.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

from core.query import (
    FARTHEST,
    MARKS,
    MOST_NEAR,
    AnyOf,
    EntryError,
    Field,
    Group,
    Is,
    Near,
    Node,
    Not,
    Phrase,
    Trait,
    Within,
    at_least,
    each_of,
    first,
    looks_for_nothing,
    near_depth,
    none_of,
    one_of,
    phrase_of,
    unfit_for_near,
)
from core.query_errors import QueryError

LONGEST = 100_000
"""Characters of a query; longer lists belong into groups."""
DEEPEST = 100
"""Parentheses within one another."""

_FIELDS = [*Field, *Trait]
_GRAMMAR = r"""
start: either
either: both (_OR both)*
both: bound (_AND? bound)*
?bound: NOT bound -> excluded
    | near
?near: term
    | near NEAR term -> close
?term: _LPAR either _RPAR
    | PHRASE -> phrase
    | WORD -> word
    | FIELD term -> placed
    | ATLEAST _LPAR either _RPAR -> counted
_OR.3: /OR(?=[\s()MARKS]|$)/
_AND.3: /AND(?=[\s()MARKS]|$)/
NOT.3: /NOT(?=[\s()MARKS]|$)|-(?=\S)/
NEAR.3: /NEAR(?:\/[^\s()MARKS]*)?(?=[\s()MARKS]|$)/
ATLEAST.3: /ATLEAST(?:\/[^\s()MARKS]*)?(?=[\s()MARKS]|$)/
FIELD.3: /(?i:FIELDS):/
_LPAR: "("
_RPAR: ")"
PHRASE.2: /[MARKS](?:\\.|[^\\MARKS])*[MARKS][^\s()MARKS]*/s
WORD.1: /(?:\\.|[^\s()MARKS\\])+|\\/s
%ignore /\s+/
""".replace("MARKS", MARKS).replace("FIELDS", "|".join(_FIELDS))

_NUMBER = re.compile(r"[A-Z]+/([0-9]{1,9})")
_GROUP = re.compile(r"@([a-z0-9][a-z0-9-]*)")
_UNKNOWN_FIELD = re.compile(r"([^\W\d][\w-]*):")
_SMALL = {"or": "OR", "and": "AND", "not": "NOT"}
_VALUE = re.compile(r"[\w-]+")


class _Placed(NamedTuple):
    """A node, and where in the query it begins."""

    node: Node
    at: int


class _Fault(Exception):  # noqa: N818  # told as QueryError, once the query is at hand
    def __init__(self, problem: str, at: int, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.at, self.remedy = problem, at, remedy


def parsed(query: str) -> Node:
    """Return the tree of a query, its groups not yet put in. Raises QueryError."""
    if len(query) > LONGEST:
        remedy = "put long lists into `groups` and name them here as @name"
        raise QueryError(f"the query is longer than {LONGEST:,} characters", query, LONGEST, remedy)
    if not query.strip():
        raise QueryError("the query is empty", query, 0, "write what to look for: protest* OR strike*")
    _check_depth(query)
    try:
        node: Node = _parser().parse(query)  # type: ignore[assignment]
    except VisitError as error:
        raise _told(error.orig_exc, query) from error
    except (_Fault, UnexpectedInput) as error:
        raise _told(error, query) from error
    if alone := looks_for_nothing(node):
        remedy = "add what the text must hold: land -sport; in OR each alternative needs it"
        raise QueryError("nothing to look for: this only excludes", query, alone.at, remedy)
    return node


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=_Maker())


def _check_depth(query: str) -> None:
    if query.count("(") <= DEEPEST:
        return
    depth = 0
    for sign in re.finditer(rf"\\.|[{MARKS}](?:\\.|[^\\{MARKS}])*[{MARKS}]|[()]", query, re.DOTALL):
        depth += {"(": 1, ")": -1}.get(sign[0], 0)
        if depth > DEEPEST:
            problem = f"more than {DEEPEST} parentheses stand within one another"
            raise QueryError(problem, query, sign.start(), "take away those that change nothing, or use `groups`")


class _Maker(Transformer[Token, Node]):
    """Makes nodes of what the grammar finds."""

    def start(self, found: list[_Placed]) -> Node:
        return found[0].node

    def either(self, found: list[_Placed]) -> _Placed:
        return _Placed(one_of(part.node for part in found), found[0].at)

    def both(self, found: list[_Placed]) -> _Placed:
        return _Placed(each_of(part.node for part in found), found[0].at)

    def excluded(self, found: tuple[Token, _Placed]) -> _Placed:
        sign, part = found
        return _Placed(none_of(part.node, _at(sign)), _at(sign))

    def close(self, found: tuple[_Placed, Token, _Placed]) -> _Placed:
        one, sign, other = found
        within = _count(sign, 0, "NEAR/5: at most five words stand between the two")
        for part in (one, other):
            _check_near(part)
        return _Placed(Near(one.node, other.node, within), one.at)

    def counted(self, found: tuple[Token, _Placed]) -> _Placed:
        sign, part = found
        count = _count(sign, 1, "ATLEAST/3(protest* OR strike*): at least three hits")
        return _Placed(at_least(count, part.node), _at(sign))

    def placed(self, found: tuple[Token, _Placed]) -> _Placed:
        sign, part = found
        name = sign.removesuffix(":").casefold()
        if name in list(Trait):
            return _Placed(_valued(Trait(name), part), _at(sign))
        if inner := first(part.node, lambda node: isinstance(node, Within | Is)):
            remedy = f"take one of the two away: {name}: holds for all that stands behind it"
            raise _Fault(f"a field within a field: {_field_of(inner)}: behind {name}:", part.at, remedy)
        return _Placed(Within(Field(name), part.node), _at(sign))

    def phrase(self, found: list[Token]) -> _Placed:
        (token,) = found
        end = max(token.rfind(mark) for mark in MARKS)
        suffix = token[end + 1 :]
        if suffix not in {"", "*", "~"}:
            remedy = "leave a space here; for words apart write one NEAR/5 other"
            raise _Fault(f"`{suffix}` stands right behind a phrase", _at(token) + end + 1, remedy)
        phrase = _phrase(token[1:end] + ("*" if suffix == "*" else ""), _at(token))
        if suffix == "~":
            phrase = Phrase(tuple(phrase_of(f"{word.text}~").words[0] for word in phrase.words))
        return _Placed(phrase, _at(token))

    def word(self, found: list[Token]) -> _Placed:
        (token,) = found
        at = _at(token)
        if token.startswith("@"):
            name = _GROUP.fullmatch(token)
            if not name:
                raise _Fault(
                    f"`{token}` is no name of a group", at, "write @name, or put it in quotes if text is meant"
                )
            return _Placed(Group(name[1], at), at)
        _check_word(token, at)
        return _Placed(_phrase(token, at), at)


def _check_word(token: str, at: int) -> None:
    if field := _UNKNOWN_FIELD.match(token):
        remedy = f"known: {', '.join(_FIELDS)}; put it in quotes if text is meant"
        raise _Fault(f"unknown field `{field[1]}`", at, remedy)
    small = token.split("/", maxsplit=1)[0]
    if token in _SMALL or (small in {"near", "atleast"} and "/" in token):
        sign = small.upper() + token[len(small) :]
        raise _Fault(f"`{token}` in small letters", at, f'write {sign}, or "{token}" if the word itself is meant')


def _check_near(part: _Placed) -> None:
    if near_depth(part.node) >= MOST_NEAR:
        raise _Fault(f"more than {MOST_NEAR} NEAR in a row", part.at, "keep to fewer terms")
    if wrong := unfit_for_near(part.node):
        what = "a NOT" if isinstance(wrong, Not) else "a field" if isinstance(wrong, Within | Is) else "AND or ATLEAST"
        remedy = "NEAR takes words, phrases and (alternatives OR others); a field goes before: title:(a NEAR/5 b)"
        raise _Fault(f"{what} stands beside NEAR", wrong.at if isinstance(wrong, Not | Is) else part.at, remedy)


def _field_of(node: Node) -> str:
    return node.field if isinstance(node, Within) else node.trait if isinstance(node, Is) else ""


def _valued(trait: Trait, part: _Placed) -> Node:
    """Return what asks for a value, or for one of several."""
    node = part.node
    if isinstance(node, AnyOf):
        return one_of(_valued(trait, _Placed(each, part.at)) for each in node.of)
    word = node.words[0] if isinstance(node, Phrase) and len(node.words) == 1 else None
    if word is None or word.ending or not _VALUE.fullmatch(word.text):
        raise _Fault(f"no value of {trait}", part.at, f"write one name, or several: {trait}:(one OR other)")
    return Is(trait, word.text, part.at)


def _phrase(text: str, at: int) -> Phrase:
    try:
        return phrase_of(text, is_escaped=True)
    except EntryError as error:
        raise _Fault(_ALONE.get(text.strip(), "nothing to look for: no letter or figure"), at, _REMEDY) from error


_ALONE = {"*": "`*` stands alone", "~": "`~` stands alone", "-": "`-` stands alone"}
_REMEDY = 'write letters: protest* for any ending, -sport to exclude, "civic space" for a phrase'


def _count(sign: Token, least: int, remedy: str) -> int:
    found = _NUMBER.fullmatch(sign)
    if not found or not least <= int(found[1]) <= FARTHEST:
        raise _Fault(f"{sign.split('/')[0]} needs a number from {least} to {FARTHEST:,}", _at(sign), f"write {remedy}")
    return int(found[1])


def _at(token: Token) -> int:
    return token.start_pos or 0


def _told(error: Exception, query: str) -> QueryError:
    if isinstance(error, _Fault):
        return QueryError(error.problem, query, error.at, error.remedy)
    if not isinstance(error, UnexpectedInput):
        raise error
    token = getattr(error, "token", None)
    if token is None:  # the lexer stops at nothing else
        return QueryError(
            "this quotation mark is never closed", query, getattr(error, "pos_in_stream", 0), 'close it with "'
        )
    return _misplaced(token, query)


def _misplaced(token: Token, query: str) -> QueryError:
    """Return what is said of a token where none of its kind may stand."""
    before = list(_before(token, query))
    opened = _open(before)
    last = before[-1] if before else None
    if token.type == "$END" and opened:
        return QueryError("this parenthesis is never closed", query, _at(opened[-1]), "close it with )")
    at = len(query.rstrip()) if token.type == "$END" else _at(token)
    if token.type == "_RPAR" and last is not None and last.type == "_LPAR":
        return QueryError("nothing stands between these parentheses", query, at, "write words here, or take them away")
    if token.type == "_RPAR" and not opened:
        return QueryError("no ( belongs to this )", query, at, "take it away, or open with ( before")
    if token.type == "NOT" and last is not None and last.type == "NEAR":
        remedy = "put it outside: (a NEAR/5 b) -c"
        return QueryError("a NOT stands beside NEAR", query, at, remedy)
    if last is not None and last.type == "ATLEAST":
        return QueryError("a ( belongs behind ATLEAST", query, at, "write ATLEAST/3(protest* OR strike*)")
    wanted = f"after {last}" if last is not None and last.type != "_LPAR" else f"before {token}"
    return QueryError(f"a word, a phrase or ( is missing {wanted}", query, at, "write what is to be found here")


def _before(token: Token, query: str) -> Iterator[Token]:
    # One by one: what stands behind the token need not be a query at all.
    for each in _parser().lex(query):
        if token.type != "$END" and _at(each) >= _at(token):
            return
        yield each


def _open(tokens: list[Token]) -> list[Token]:
    opened: list[Token] = []
    for token in tokens:
        if token.type == "_LPAR":
            opened.append(token)
        elif token.type == "_RPAR" and opened:
            opened.pop()
    return opened
