"""Logins by file: sent to the source's own origin, to nobody else, and never told."""

from __future__ import annotations

import base64
import contextlib
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from digest.errors import FetchError, UsageError
from digest.ingest import fetch, fetch_login
from digest.ingest.fetch_connect import target
from digest.ingest.fetch_login import Cookie, Login, cookies
from digest.ingest.kinds.base import FetchOptions
from digest.model.publication import Source

OPTIONS = FetchOptions(timeout=5.0, allow_private=True)
SECRET = "s3cret-Pa55"
COOKIES = f"""# Netscape HTTP Cookie File
# a comment

#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\t{SECRET}
127.0.0.1\tFALSE\t/deep\tFALSE\t0\tdeep\tx
127.0.0.1\tFALSE\t/\tTRUE\t0\tsecure\tx
127.0.0.1\tFALSE\t/\tFALSE\t1000000000\told\tx
.example.org\tTRUE\t/\tFALSE\t0\tother\tx
"""


def login(folder: Path, kind: str, text: str, mode: int = 0o600) -> str:
    file = folder / f"{kind}.txt"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return f"{kind}:{file}"


def ask(httpserver: HTTPServer, reference: str, url: str = "") -> fetch.Fetched:
    source = Source("s", "feed", f"http://127.0.0.1:{httpserver.port}/feed", login=reference)
    return fetch.ask(source, OPTIONS, url=url)


def sent(httpserver: HTTPServer) -> list[tuple[str, str]]:
    """What each request told about who we are."""
    return [(r.headers.get("Authorization", ""), r.headers.get("Cookie", "")) for r, _ in httpserver.log]


BASIC = "Basic " + base64.b64encode(f"desk:{SECRET}".encode()).decode()
FORMS = {
    "basic": (f"desk:{SECRET}\n", (BASIC, "")),
    "bearer": (f"{SECRET}\n", (f"Bearer {SECRET}", "")),
    "cookies": (COOKIES, ("", f"session={SECRET}")),
}


@pytest.mark.parametrize("kind", FORMS)
def test_each_kind(httpserver: HTTPServer, tmp_path: Path, kind: str) -> None:
    text, expected = FORMS[kind]
    httpserver.expect_request("/feed").respond_with_data("in")
    reference = fetch_login.check(login(tmp_path, kind, text))
    assert ask(httpserver, reference).body == b"in"
    assert sent(httpserver) == [expected]


@pytest.mark.parametrize("kind", FORMS)
def test_never_over_a_redirect_to_another_origin_not_even_there_and_back(
    httpserver: HTTPServer, tmp_path: Path, kind: str
) -> None:
    text, expected = FORMS[kind]
    reference = login(tmp_path, kind, text)
    port = httpserver.port
    hops = [
        ("/feed", "/same"),
        ("/same", f"http://localhost:{port}/other"),
        ("/other", f"http://127.0.0.1:{port}/back"),
    ]
    for path, location in hops:
        httpserver.expect_request(path).respond_with_data("", status=302, headers={"Location": location})
    httpserver.expect_request("/back").respond_with_data("in")
    assert ask(httpserver, reference).body == b"in"
    assert sent(httpserver) == [expected, expected, ("", ""), ("", "")]


@pytest.mark.parametrize("kind", FORMS)
def test_another_address_of_the_source_is_asked_without_it_where_it_is_elsewhere(
    httpserver: HTTPServer, tmp_path: Path, kind: str
) -> None:
    text, _ = FORMS[kind]
    httpserver.expect_request("/page").respond_with_data("in")
    ask(httpserver, login(tmp_path, kind, text), url=f"http://localhost:{httpserver.port}/page")
    assert sent(httpserver) == [("", "")]


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("https://example.org/feed", "http://example.org/feed"),
        ("https://example.org/", "https://example.org:8443/"),
        ("https://example.org/", "https://www.example.org/"),
        ("https://example.org/", "https://example.org.evil.example/"),
        ("http://example.org/", "https://example.org/"),
    ],
)
def test_what_is_another_origin(tmp_path: Path, own: str, other: str) -> None:
    mine = Login(login(tmp_path, "bearer", SECRET), own)
    now = datetime.now(UTC)
    assert mine.headers(target(own), now)
    assert mine.headers(target(own.replace("example.org", "EXAMPLE.org")), now)
    assert mine.headers(target(other), now) == {}


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o666, 0o602])
def test_a_file_that_others_can_read_is_refused(httpserver: HTTPServer, tmp_path: Path, mode: int) -> None:
    reference = login(tmp_path, "bearer", SECRET, mode)
    with pytest.raises(FetchError, match="every user of this machine") as error:
        ask(httpserver, reference)
    assert "chmod 600" in str(error.value)
    assert not httpserver.log
    with pytest.raises(UsageError):
        fetch_login.check(reference)


BROKEN = [
    ("basic", f"desk {SECRET}"), ("basic", f"desk:{SECRET}\n{SECRET}"), ("basic", ""), ("basic", f"a:\x00{SECRET}"),
    ("bearer", f"{SECRET}\r\nX-Evil: 1"), ("bearer", f"two {SECRET}"), ("bearer", ""), ("bearer", f"ü{SECRET}"),
    ("cookies", f"session={SECRET}"), ("cookies", ""),
    ("cookies", f"# HTTP Cookie File\na.example\tTRUE\t/\tFALSE\t{SECRET}\tn\tv"),
    ("cookies", f"# HTTP Cookie File\na.example\tTRUE\t/\tFALSE\t0\tn\tv; {SECRET}"),
    ("cookies", f"# HTTP Cookie File\na.example TRUE / FALSE 0 n {SECRET}"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), BROKEN)
def test_a_broken_file_is_one_line_without_the_secret(
    httpserver: HTTPServer, tmp_path: Path, kind: str, text: str
) -> None:
    reference = login(tmp_path, kind, text)
    for tried in (lambda: ask(httpserver, reference), lambda: fetch_login.check(reference)):
        with pytest.raises((FetchError, UsageError)) as error:
            tried()
        told = "".join(traceback.format_exception(error.value))
        assert str(tmp_path) in str(error.value)
        assert "\n" not in str(error.value)
        assert SECRET not in str(error.value) + told
    assert not httpserver.log


@pytest.mark.parametrize("reference", ["", "basic", "basic:", "oauth:/x", "basic:/no/such/file", "/etc/passwd"])
def test_what_is_no_reference(reference: str) -> None:
    with pytest.raises(UsageError):
        fetch_login.check(reference)


def test_a_reference_is_kept_with_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    login(tmp_path, "bearer", SECRET)
    monkeypatch.chdir(tmp_path)
    assert fetch_login.check("bearer:bearer.txt") == f"bearer:{tmp_path}/bearer.txt"


def test_nothing_of_a_login_is_shown(tmp_path: Path) -> None:
    found = list(cookies(COOKIES, "x"))
    assert len(found) == 5
    assert SECRET not in repr(found)
    assert SECRET not in repr(Login(login(tmp_path, "bearer", SECRET), "https://example.org/"))


@pytest.mark.parametrize(
    ("cookie", "url", "goes"),
    [
        (("example.org", False, "/", False), "http://example.org/", True),
        (("example.org", False, "/", False), "http://www.example.org/", False),
        (("example.org", True, "/", False), "http://www.example.org/", True),
        (("example.org", True, "/", False), "http://badexample.org/", False),
        (("example.org", True, "/a", False), "http://example.org/a", True),
        (("example.org", True, "/a", False), "http://example.org/a/b", True),
        (("example.org", True, "/a/", False), "http://example.org/a/b", True),
        (("example.org", True, "/a", False), "http://example.org/ab", False),
        (("example.org", True, "/", True), "http://example.org/", False),
        (("example.org", True, "/", True), "https://example.org/", True),
        (("intranet", False, "/", False), "http://intranet/", True),
    ],
)
def test_which_cookies_go_where(cookie: tuple[str, bool, str, bool], url: str, goes: bool) -> None:
    domain, below, path, secure = cookie
    assert Cookie(domain, below, path, secure, 0, "n", "v").is_for(target(url), datetime.now(UTC)) is goes


@given(st.text())
def test_any_text_is_cookies_or_one_error(text: str) -> None:
    with contextlib.suppress(FetchError):
        assert all(cookie.name.isascii() for cookie in cookies("# Netscape HTTP Cookie File\n" + text, "x"))
