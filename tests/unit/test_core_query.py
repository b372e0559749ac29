import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.query import (
    AnyOf,
    Ending,
    EntryError,
    Field,
    Group,
    Is,
    Near,
    Node,
    Phrase,
    Trait,
    Within,
    Word,
    at_least,
    each_of,
    looks_for_nothing,
    none_of,
    one_of,
    phrase_of,
    printed,
)
from core.query_errors import QueryError
from core.query_parser import DEEPEST, LONGEST, parsed

LETTERS = st.text(alphabet=f"{string.ascii_letters}0123456789éកខ人-_.'’&*~\\\"“()@:", min_size=1, max_size=6)
ENDINGS = st.sampled_from([Ending.WHOLE, Ending.WHOLE, Ending.PREFIX, Ending.INFLECTED])
WORDS = st.builds(Word, LETTERS.filter(lambda text: any(map(str.isalnum, text))), ENDINGS)
PHRASES = st.builds(lambda words: Phrase(tuple(words)), st.lists(WORDS, min_size=1, max_size=3))
NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,5}", fullmatch=True)
GROUPS = st.builds(Group, NAMES)
VALUES = st.builds(Is, st.sampled_from(Trait), NAMES)
ALTERNATIVES = st.one_of(PHRASES, GROUPS, st.builds(one_of, st.lists(PHRASES | GROUPS, min_size=1, max_size=3)))
PAIRS = st.builds(Near, ALTERNATIVES, ALTERNATIVES, st.integers(0, 50))
TERMS = st.one_of(PHRASES, GROUPS, VALUES, PAIRS, st.builds(Near, PAIRS, ALTERNATIVES, st.integers(0, 9)))


def combined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(each_of, several),
        st.builds(one_of, several),
        st.builds(none_of, inner),
        st.builds(at_least, st.integers(1, 9), inner),
        st.builds(
            Within,
            st.sampled_from(Field),
            st.one_of(ALTERNATIVES, PAIRS, st.builds(each_of, st.lists(PHRASES, min_size=1))),
        ),
    )


TREES = st.recursive(TERMS, combined, max_leaves=12).filter(lambda node: not looks_for_nothing(node))


@settings(max_examples=40, deadline=None)
@given(TREES)
def test_a_tree_is_read_again_from_the_query_that_is_printed_of_it(tree: Node) -> None:
    assert parsed(printed(tree)) == tree


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet='ab "“()-*~:@\\/OR AND NOT NEAR/5 ATLEAST/2 title', max_size=30))
def test_any_text_is_a_query_or_is_refused_with_a_place_in_it(text: str) -> None:
    try:
        tree = parsed(text)
    except QueryError as error:
        refused = error
    else:
        assert parsed(printed(tree)) == tree
        return
    assert 0 <= refused.at <= len(text)
    assert refused.remedy


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("a AND b", "a b"),
        ("a  OR\n b", "a OR b"),
        ("a OR b c", "a OR (b c)"),
        ("a NEAR/5 b c", "(a NEAR/5 b) c"),
        ("a NEAR/5 b NEAR/3 c", "(a NEAR/5 b) NEAR/3 c"),
        ("-a b", "NOT a b"),
        ("c -(a OR b)", "c -a -b"),
        ("NOT NOT a", "a"),
        ("((a)) OR (b OR c)", "a OR b OR c"),
        ("a b a", "a b"),
        ('"a"', "a"),
        ("“civic space”", '"civic space"'),
        ('"civic space"~', '"civic~ space~"'),
        ('"human right"*', '"human right*"'),
        ("Title:a", "title:a"),
        ("source:(x OR y) a", "(source:x OR source:y) a"),
        ("ATLEAST/3(a -b)", "ATLEAST/3(a) -b"),
        ("so\u00adil", "soil"),
        ("re\u0301sume", "r\u00e9sume"),
    ],
)
def test_queries_that_mean_the_same_are_one_tree(query: str, same: str) -> None:
    assert parsed(query) == parsed(same)


def test_what_stands_in_quotes_is_no_sign_of_the_language() -> None:
    words = ("OR", "or", "17:30", "@home", "(a)", "titel:x", "NEAR/5")
    for word in words:
        assert parsed(f'"{word}"') == Phrase((Word(word),))
    assert parsed('"M\\* \\"a\\""') == Phrase((Word("M*"), Word('"a"')))


@pytest.mark.parametrize("entry", ["*", "-", ".*", " ", "", "& &"])
def test_an_entry_without_a_letter_or_figure_is_refused(entry: str) -> None:
    with pytest.raises(EntryError, match="without a letter"):
        phrase_of(entry)


def test_a_star_within_a_phrase_belongs_to_a_word() -> None:
    assert phrase_of("human right *") == phrase_of("human right*")
    with pytest.raises(EntryError, match="stands alone"):
        phrase_of("human* * right")


@pytest.mark.parametrize(
    ("query", "pointed", "words"),
    [
        ("(land OR forest", "^(land OR forest", "parenthesis is never closed"),
        ("land) OR forest", "land^) OR forest", "no ( belongs to this )"),
        ("land ()", "land (^)", "nothing stands between"),
        ('land OR "forest', 'land OR ^"forest', "quotation mark is never closed"),
        ("", "^", "empty"),
        ("  \n ", "^  \n ", "empty"),
        ("-land", "^-land", "only excludes"),
        ("land OR -forest", "land OR ^-forest", "only excludes"),
        ("land (NOT a OR b)", "land (NOT a OR b)", ""),
        ("land NEAR forest", "land ^NEAR forest", "NEAR needs a number"),
        ("land NEAR/x forest", "land ^NEAR/x forest", "NEAR needs a number"),
        ("land NEAR/9999 forest", "land ^NEAR/9999 forest", "to 1,000"),
        ("land NEAR/5 -forest", "land NEAR/5 ^-forest", "a NOT stands beside NEAR"),
        ("land NEAR/5 (a -forest)", "land NEAR/5 (^a -forest)", "stands beside NEAR"),
        ("land NEAR/5 (a forest)", "land NEAR/5 (^a forest)", "AND or ATLEAST stands beside NEAR"),
        ("title:land NEAR/5 forest", "^title:land NEAR/5 forest", "a field stands beside NEAR"),
        ("land NEAR/5 OR a", "land NEAR/5 ^OR a", "missing after NEAR/5"),
        ("titel:land", "^titel:land", "unknown field `titel`"),
        ("title:(land text:forest)", "title:(^land text:forest)", "field within a field"),
        ("land *", "land ^*", "`*` stands alone"),
        ("land - forest", "land ^- forest", "`-` stands alone"),
        ("land or forest", "land ^or forest", "small letters"),
        ("land near/5 forest", "land ^near/5 forest", "small letters"),
        ("land OR", "land OR^", "missing after OR"),
        ("OR land", "^OR land", "missing before OR"),
        ('land AND AND "forest', 'land AND ^AND "forest', "missing after AND"),
        ("ATLEAST/3 land", "ATLEAST/3 ^land", "a ( belongs behind ATLEAST"),
        ("ATLEAST(land)", "^ATLEAST(land)", "ATLEAST needs a number"),
        ('"land"~5', '"land"^~5', "right behind a phrase"),
        ("@Home", "^@Home", "no name of a group"),
        ('source:"a b"', 'source:^"a b"', "no value of source"),
        (
            "(" * 200 + "a" + ")" * 200,
            "(" * DEEPEST + "^" + "(" * (200 - DEEPEST) + "a" + ")" * 200,
            "within one another",
        ),
        ("a" * (LONGEST + 1), "a" * LONGEST + "^a", "longer than 100,000"),
        (" NEAR/1 ".join("abcdefghij"), "^" + " NEAR/1 ".join("abcdefghij"), "NEAR in a row"),
    ],
)
def test_what_is_wrong_is_pointed_at_with_a_remedy(query: str, pointed: str, words: str) -> None:
    if not words:
        parsed(query)
        return
    with pytest.raises(QueryError) as caught:
        parsed(query)
    error = caught.value
    assert f"{query[: error.at]}^{query[error.at :]}" == pointed
    assert words in error.problem
    assert error.remedy in str(error)


def test_the_caret_stands_below_the_character_in_any_script() -> None:
    for query in ("land or a", "សិទ្ធិ or a", "人权 or a", "a\nland or b", "x " * 200 + "or a"):
        with pytest.raises(QueryError) as caught:
            parsed(query)
        _, line, caret = str(caught.value).splitlines()
        assert line.index(" or ") >= 0
        place = {"សិទ្ធិ or a": 4, "人权 or a": 5}.get(query, line.rindex("or ") - 4)
        assert re.fullmatch(rf"    {' ' * place}\^ .+", caret), query


def test_a_long_query_is_read() -> None:
    words = [f"w{number}" for number in range(5_000)]
    tree = parsed(" OR ".join(words))
    assert isinstance(tree, AnyOf)
    assert len(tree.of) == len(words)
