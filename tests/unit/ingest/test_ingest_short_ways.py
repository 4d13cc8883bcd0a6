"""Short ways through what nearly all feeds send: they must end where the long ways end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import BadInput
from digest.ingest import canonical, dates, language, markup
from tests.support.long_ways import parsed

NEVER = re.compile(r"(?!)")

MARKS = (
    "<p>|</p>|<br>|<br/>|</br>|<b>|</b>|<P>|<a href='x'>|</a>|<div>|</div>|<ul>|</ul>|<li>|</li>|<h1>|</h1>|<h2>"
    "|</h2>|<blockquote>|</blockquote>|<p/>|<div/>|<img src=\"a\"/>|<span class='c'>|</span>|<figure>|</figure>"
    "|<table>|<td>|</img>|<script>|</script>|<!-- -->|<x >|&amp;|&lt;|&lt;p&gt;|&nbsp;|&shy;|&#173;|&auml;|&foo;"
    "|&notit;|&#8230;|&#130;|&#127;|&#30;|&|;|<|>|é|e\u0301|\u0301|\xad|\u2028|\x1e|\x1f|a| |text|word. |\n\n|\r\n|\xa0"
)
HTML = st.lists(st.sampled_from(MARKS.split("|")), max_size=14).map("".join)
PLACES = "a.b|A.b|ex-a.example|1.2.3.4|é.example|a.b:80|a.b:81|a_b.example|a.b."
PARTS = "/|//|..|.|~x|a|%20|-|_|?|#|&|utm_x=1|;|,|é| |!|=b"
URLS = st.builds(
    "{}{}/{}".format,
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", " http://"]),
    st.sampled_from(PLACES.split("|")),
    st.lists(st.sampled_from(PARTS.split("|")), max_size=4).map("".join),
)
MAIL_DATES = st.builds(
    "{}{} {} {} {} {}".format,
    st.sampled_from(["", "Tue, ", "Xxx, ", "tue, "]),
    st.sampled_from(["1", "01", "20", "31", "0", "32"]),
    st.sampled_from(["Jan", "Feb", "Sep", "Sept", "jan", "Xyz"]),
    st.sampled_from(["2025", "1999", "1700", "9999", "0000", "0099"]),
    st.sampled_from(["12:30:59", "24:00:00", "23:59:60", "00:00:00", "12:30"]),
    st.sampled_from(["GMT", "+0200", "-0000", "+0000", "-0530", "+9959", "+2400", "-2359", "UTC", "EST", ""]),
)

BRIDGE = (
    "De gemeenteraad van het stadje stemde dinsdag over een nieuwe brug over het kanaal, en de wethouder beloofde dat"
    " de werken dit jaar nog beginnen. "
)
SLOGAN = (
    "Breaking news from all over the world, watch it now and be the first who knows what has happened in your own town"
    " today. "
)
CLUBS = (
    "Bayern München, Real Madrid, Juventus Torino, Manchester City, Paris Saint-Germain, Benfica Lisboa, Ajax, Celtic"
    " Glasgow, "
)


def long_way(module: Any, pattern: str, function: Callable[..., Any], *arguments: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, pattern, NEVER)
        return outcome(function, *arguments)


def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except BadInput as error:
        return str(error)


@given(HTML)
def test_plain_markup_reads_as_the_parser_reads_it(html: str) -> None:
    assert markup._parse(html) == parsed(html)


def test_the_short_way_is_taken_and_given_up() -> None:
    assert markup._read_simply('<p>a <a href="x">b</a><br/>c &eacute;</p><ul><li>d</li></ul>') is not None
    for html in ("<p>a<table>", "a</div>b", "<div><ul></div></ul>", "a &amp b", "a &#27; b", "<!-- a -->", "a < b"):
        assert markup._read_simply(html) is None


@example("http://a.b/a.", "")
@example("http://a.b./a", "")
@example("http://a.b/" + 2000 * "a", "")
@given(URLS, st.sampled_from(["", "http://p.example/x/y", "https://a.b/"]))
def test_an_address_that_is_canonical_stays_as_it_is(url: str, base: str) -> None:
    assert canonical.canonical_url(url, base) == long_way(canonical, "_CANONICAL", canonical.canonical_url, url, base)


@given(MAIL_DATES)
def test_a_date_as_nearly_all_feeds_write_it(written: str) -> None:
    assert outcome(dates.parse, written) == long_way(dates, "_STRICT", dates.parse, written)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Tue, 20 May 2025 14:00:00 -0530", "2025-05-20T19:30Z"),
        ("20 May 2025 14:00:00 +0200", "2025-05-20T12:00Z"),
        ("Tue, 20 May 2025 14:00:00 GMT", "2025-05-20T14:00Z"),
        ("Tue, 20 May 2025 14:00:00 -0000", "2025-05-20T14:00Z"),
    ],
)
def test_a_date_in_its_zone(written: str, moment: str) -> None:
    assert dates._STRICT.fullmatch(written)
    assert dates.parse(written).iso() == moment


@given(st.text(alphabet="aZß ä1²١文あ.,\u0301", max_size=60))
def test_a_look_whether_there_are_letters_enough(text: str) -> None:
    if language._ENOUGH.match(text):
        assert language._weight(text) >= language._MIN_LETTERS


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        # What a glance tells plainly is the whole sample's; what it does not, the rest decides.
        ("De veerboot naar Marlow vaart weer na een lange winter, " * 8, None, "nl"),
        ("De veerboot naar Marlow vaart weer na een lange winter, " * 8, "en", "nl"),
        (f"{SLOGAN}{3 * BRIDGE}", "nl", "nl"),
        (f"{CLUBS}{3 * BRIDGE}", None, "nl"),
        (f"{CLUBS}{3 * BRIDGE}", "de", "nl"),
    ],
)  # fmt: skip
def test_a_glance_at_the_beginning(text: str, declared: str | None, expected: str) -> None:
    assert language.detect(text, declared=declared) == expected
