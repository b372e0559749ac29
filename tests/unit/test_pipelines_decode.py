from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.model import Page
from pipelines.decode import decoded, parsed

ENGLISH = "<html><body><p>“The ministry’s figures” – they said – are 10 € short, señor Müller wrote.</p></body></html>"
KHMER = "<html><body><p>" + "សិទ្ធិមនុស្សនៅកម្ពុជា " * 20 + "</p></body></html>"
RUSSIAN = "<html><body><p>" + "Эксперты призвали правительство открыть суды для публики. " * 10 + "</p></body></html>"
FETCHED = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
BuildPage = Callable[..., Page]


def declared(charset: str) -> dict[str, str]:
    return {"content-type": f"text/html; charset={charset}"}


@pytest.mark.parametrize("charset", ["windows-1252", "iso-8859-1", "utf-16", "shift_jis", "undefined", "nonsense", ""])
@pytest.mark.parametrize("text", [ENGLISH, KHMER, RUSSIAN])
def test_utf_8_is_read_as_such_whatever_is_declared(page: BuildPage, charset: str, text: str) -> None:
    meta = text.replace("<html>", f"<html><head><meta charset='{charset}'></head>")
    assert decoded(page(meta, headers=declared(charset))) == meta


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", ""])
def test_a_byte_order_mark_goes_before_every_declaration_and_is_no_text(
    page: BuildPage, encoding: str, charset: str
) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    answer = page(mark + KHMER.encode(encoding), headers=declared(charset))
    assert decoded(answer) == KHMER


@pytest.mark.parametrize("charset", ["windows-1252", "utf-8", "undefined", "idna", "rot13", "nonsense", ""])
def test_windows_1252_is_read_under_any_declaration(page: BuildPage, charset: str) -> None:
    assert decoded(page(ENGLISH.encode("windows-1252"), headers=declared(charset))) == ENGLISH


def test_a_declaration_in_the_header_is_used_for_what_is_not_utf_8(page: BuildPage) -> None:
    assert decoded(page(RUSSIAN.encode("koi8-r"), headers=declared("koi8-r"))) == RUSSIAN


def test_a_declaration_in_the_page_is_used_where_the_header_has_none(page: BuildPage) -> None:
    text = RUSSIAN.replace("<html>", "<html><head><meta http-equiv='Content-Type' content='text/html; charset=koi8-r'>")
    assert decoded(page(text.encode("koi8-r"), headers={"content-type": "text/html"})) == text


def test_another_script_without_a_declaration_is_guessed(page: BuildPage) -> None:
    assert decoded(page(RUSSIAN.encode("windows-1251"), headers={"content-type": "text/html"})) == RUSSIAN


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", ""])
@pytest.mark.parametrize("text", [ENGLISH, KHMER, RUSSIAN])
def test_a_character_cut_in_half_spoils_no_other(page: BuildPage, charset: str, text: str) -> None:
    cut = text.encode().replace(b"</p>", "</p><p>A teaser cut by bytes: Siem Reap’".encode()[:-1] + b"</p>")
    assert decoded(page(cut, headers=declared(charset))).startswith(text.removesuffix("</body></html>"))


@given(st.binary(max_size=200), st.sampled_from(["utf-8", "undefined", "idna", "punycode", "utf-7", "hex", "x"]))
@example(b"\xff.", "idna")
@example(b"\xff", "undefined")
def test_no_bytes_under_any_declaration_raise(body: bytes, charset: str) -> None:
    answer = Page("https://a.example/", 200, declared(charset), body, FETCHED)
    text = decoded(answer)
    tree = parsed(text)
    assert tree is None or isinstance(tree.text_content(), str)


def test_a_tree_holds_neither_scripts_nor_styles_nor_comments() -> None:
    tree = parsed(
        "<html><body><p>One<!-- hidden --> two</p><script>three()</script> four <style>p {}</style><noscript>five"
        "</noscript><template>six</template><iframe>seven</iframe></body></html>"
    )
    assert tree is not None
    assert tree.text_content().split() == ["One", "two", "four"]


@pytest.mark.parametrize("text", ["", "   ", "<!-- -->"])
def test_nothing_has_no_tree(text: str) -> None:
    assert parsed(text) is None


def test_entities_of_a_pages_own_are_not_expanded() -> None:
    tree = parsed("<!DOCTYPE html [<!ENTITY a 'xxxxxxxx'>]><html><body><p>&a;&amp;</p></body></html>")
    assert tree is not None
    assert "xxxxxxxx" not in tree.findtext(".//p", "")


def test_a_declaration_within_the_text_does_not_spoil_what_was_decoded_already() -> None:
    tree = parsed(f"<?xml version='1.0' encoding='iso-8859-1'?><html><body><p>{KHMER[15:30]}</p></body></html>")
    assert tree is not None
    assert tree.findtext(".//p") == KHMER[15:30]
