"""Both parts hold an even number of links together, and no page loses its link."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from digest.compose.links import even

A, B = "https://a.example/1", "https://b.example/2?x=1&amp;y=2"


def link(url: str, shown: str = "here") -> str:
    return f'<a class="l" href="{url}" style="color:#000">{shown}</a>'


def test_an_even_number_is_left_alone() -> None:
    html = link(A) + link(B)
    assert even(html, f"{A}\n{B}\n") == html
    assert even("", "") == ""


def test_of_an_odd_number_the_last_repeated_link_becomes_plain() -> None:
    html = f"<h3>{link(A, 'Title')}</h3><p>{link(B)} by {link(A, 'A <b>Post</b>')}</p>"
    plain = '<span class="l" style="color:#000">A <b>Post</b></span>'
    assert even(html, f"{A}\n{B}\n") == f"<h3>{link(A, 'Title')}</h3><p>{link(B)} by {plain}</p>"


def test_a_page_that_is_linked_once_keeps_its_link() -> None:
    html = link(A)
    assert even(html, "") == html


def test_an_address_in_running_text_counts_but_not_inside_a_link() -> None:
    html = link(A) + link(A)
    for text in ("see www.c.example now", "see https://c.example now"):
        assert even(html, text) != html
        assert even(html + text, text) == html + text
    assert even(html, "x@www.c.example, c.example") == html
    shown = link(A, "www.a.example") + link(A)
    assert even(shown, "") == shown


def test_other_links_do_not_count() -> None:
    html = link("mailto:a@b.example") + '<a href="\nSLOT\n">x</a>' + link(A) + link(A)
    assert even(html, "") == html


@given(st.lists(st.sampled_from([A, B, "http://c.example/"])), st.lists(st.sampled_from([A, B])))
def test_every_page_stays_within_reach(in_html: list[str], in_text: list[str]) -> None:
    html, text = "\n".join(map(link, in_html)), "\n".join(in_text)
    made = even(html, text)
    assert set(re.findall('href="([^"]+)"', made)) == set(in_html)
    assert re.sub("<[^>]+>", "", made) == re.sub("<[^>]+>", "", html)
    repeated = len(set(in_html)) < len(in_html)
    assert (made.count("<a ") + len(in_text)) % 2 == 0 or not repeated


def test_the_links_of_the_footer_stay() -> None:
    copy = '<a href="https://example.org/e/1">on the web</a>'
    html = f'<p>{copy}</p><p>{copy}</p><div role="contentinfo"><p>{copy}</p></div>'
    text = "https://example.org/e/1\nhttps://example.org/e/2"
    changed = even(html, text)
    assert changed != html
    assert changed.endswith(f'<div role="contentinfo"><p>{copy}</p></div>')
