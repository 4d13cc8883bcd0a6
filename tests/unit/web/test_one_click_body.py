"""What counts as List-Unsubscribe=One-Click."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.languages import preferred
from digest.web.unsubscribe import is_one_click

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=frontier"


def parts(value: str, name: str = "List-Unsubscribe", boundary: str = "frontier") -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return f"{head}{value}\r\n--{boundary}--\r\n".encode()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b"List-Unsubscribe=One-Click"),
        (f"{FORM}; charset=utf-8", b"List-Unsubscribe=One-Click"),
        (FORM, b"List-Unsubscribe=One-Click\r\n"),
        (FORM, b"list-unsubscribe=one-click"),
        (FORM, b"a=b&List-Unsubscribe=One%2DClick&c"),
        ("", b"List-Unsubscribe=One-Click"),
        ("text/plain", b"List-Unsubscribe=One-Click"),
        (MULTIPART, parts("One-Click")),
        ('Multipart/Form-Data; boundary="frontier"', parts("One-Click")),
        (MULTIPART, b"preamble\r\n" + parts("One-Click").replace(b"\r\n", b"\n")),
    ],
)
def test_both_forms_of_a_form_are_taken(content_type: str, body: bytes) -> None:
    assert is_one_click(content_type, body)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b""),
        (FORM, b"List-Unsubscribe"),
        (FORM, b"List-Unsubscribe="),
        (FORM, b"List-Unsubscribe=Two-Clicks"),
        (FORM, b"Unsubscribe=One-Click"),
        (FORM, b"&".join([b"a=1"] * 50) + b"&List-Unsubscribe=One-Click"),
        (FORM, b"\xff\xfe\x00"),
        (MULTIPART, b"List-Unsubscribe=One-Click"),
        (MULTIPART, parts("One-Click", name="other")),
        (MULTIPART, parts("One-Click", boundary="elsewhere")),
        ("multipart/form-data", parts("One-Click")),
        ("multipart/form-data; boundary=", parts("One-Click")),
        ("multipart/form-data; boundary=frontier\r\nX: y", b""),
    ],
)
def test_nothing_else_is(content_type: str, body: bytes) -> None:
    assert not is_one_click(content_type, body)


@given(st.text(max_size=80), st.binary(max_size=400), st.booleans())
def test_no_body_breaks_it(content_type: str, body: bytes, multipart: bool) -> None:
    assert is_one_click(f"multipart/form-data; {content_type}" if multipart else content_type, body) in (True, False)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("nl", "nl"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("pt-BR, fr;q=0.4, en;q=0.8", "en"),
        ("xx, *;q=0.5", ""),
        ("en;q=0, nl;q=0.1", "nl"),
        ("nl;q=nonsense, en", "en"),
        ("", ""),
        (", ;;,=,", ""),
    ],
)
def test_the_language_of_a_browser(said: str, expected: str) -> None:
    assert preferred(said, {"en", "nl", "de", "fr"}) == expected


@given(st.text(max_size=300))
def test_no_header_breaks_it(said: str) -> None:
    assert preferred(said, {"en", "nl"}) in ("", "en", "nl")
