"""Size, structure and links of a finished mail: what is well is not complained about, and each fault is named."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compose.check import all as every
from digest.compose.check import hrefs, size, structure
from digest.compose.check.finished import Asked, parts, read
from digest.ingest.address import names_private
from tests.support.checked import ASKED, BODY, HEADERS, LINK, TEXT, UNSUBSCRIBE, bad, html, mail
from tests.support.examples import up_to

PRIVATE = Asked(imprint="Kade 1\n2611 Delft", private=names_private)


def test_a_good_mail_has_nothing_to_mend() -> None:
    assert bad(every.findings(mail(), PRIVATE)) == []


@pytest.mark.parametrize(
    ("changed", "level", "what"),
    [
        ({"page": html("<p>word</p>" * 9_000)}, "fail", "the HTML has 99.1 KB, more than 80.0 KB"),
        ({"page": ""}, "fail", "there is no HTML part"),
        ({"text": " \n"}, "fail", "there is no plain text"),
        ({"text": "word " * 20}, "warn", "a line of the plain text has 100 characters, more than 78"),
        ({"subject": ""}, "fail", "there is no subject"),
        ({"subject": "w" * 79}, "warn", "the subject has 79 characters: few clients show more than 78"),
    ],
)
def test_size(changed: dict[str, str], level: str, what: str) -> None:
    found = bad(size.findings(mail(changed.pop("page", None), **changed)))
    assert (level, what) in found


def test_a_long_message_is_clipped_and_a_long_line_broken() -> None:
    source = ("w" * 70 + "\r\n") * 1_500
    made = mail(text=source)
    assert bad(size.findings(made)) == [("warn", "the whole message has 107.0 KB: Gmail clips near 102.0 KB")]
    found = bad(size.findings(mail(text="x" * 1000 + "\n")))
    assert ("fail", "a line of the message has 1,000 octets, more than 998") in found


def test_pictures_inside_are_not_what_is_clipped() -> None:
    """They are parts of their own: Gmail cuts what is read."""
    made = EmailMessage()
    made["Subject"] = "De brug is open"
    made.set_content(TEXT)
    made.add_alternative(html(), subtype="html")
    made.get_payload()[1].add_related(bytes(90_000), "image", "jpeg", cid="<a@x.se>")  # type: ignore[index, union-attr]
    source = made.as_bytes(policy=email.policy.SMTP)
    assert len(source) > 120_000
    assert bad(size.findings(read(source))) == []
    assert any(f.what.startswith("without its pictures (12") for f in size.findings(read(source)))


def test_a_long_address_may_make_a_line_longer() -> None:
    assert bad(size.findings(mail(text=TEXT + "https://news.nordlys.se/" + "x" * 90))) == []


@pytest.mark.parametrize(
    ("page", "what"),
    [
        (html().removeprefix("<!doctype html>"), "there is no doctype"),
        (html(root='dir="ltr"'), "the HTML has no language"),
        (html(root='lang="ar" dir="ltr"'), "the HTML's direction is ltr, and should be rtl"),
        (html(root='lang="nl"'), "the HTML's direction is not given, and should be ltr"),
        (html().replace("De Kade</title>", "</title>"), "the HTML has no title"),
        (html(BODY.replace("display:none", "color:red")), "there is no preheader"),
        (html(BODY.replace("Maandag rijden de eerste fietsers over de brug.", "Brug")), "the preheader is short"),
        (html(BODY.replace("h1>", "h2>")), "headings of the first level: 0"),
        (html(BODY + "<h1>Nog een</h1>"), "headings of the first level: 2"),
        (html(BODY.replace("h2>", "h3>")), "after a heading of level 1 comes one of level 3"),
        (html(BODY + "<h2> </h2>"), "a heading is empty"),
        (html(BODY.replace(' role="presentation"', "")), "tables of the layout that are read out as tables: 1 of 1"),
        (html(BODY + "<script>1</script>"), "the HTML holds what runs, frames or asks"),
        (html(BODY + '<p onclick="x()">.</p>'), "the HTML holds what runs, frames or asks"),
        (html(BODY + '<a href=" JavaScript:x()">a</a>'), "the HTML holds what runs, frames or asks"),
        (html(BODY + "<form></form>"), "the HTML holds what runs, frames or asks"),
        (html(head='<link rel="stylesheet" href="https://x.se/a.css">'), "a style sheet is loaded from elsewhere"),
        (html(style='@import "https://x.se/a.css";'), "a style sheet is loaded from elsewhere"),
        (html(BODY + '<img src="cid:a">'), "pictures without an alt: 1 of 1"),
        (html(BODY + '<img src="https://x.se/a.png" alt="">'), "pictures are loaded from elsewhere (1)"),
        (
            html(BODY + '<table role="none" background="//x.se/a.png"></table>'),
            "pictures are loaded from elsewhere (1)",
        ),
        (html(BODY.replace(UNSUBSCRIBE, LINK)), "the HTML has no link to unsubscribe"),
        (html(BODY.replace("2611 Delft", "")), 'the imprint is not in it: "2611 Delft"'),
    ],
)
def test_structure(page: str, what: str) -> None:
    found = bad(structure.findings(mail(page), ASKED))
    assert len(found) == 1
    assert found[0][1].startswith(what)


def test_data_in_a_table_is_no_layout_and_pictures_may_be_inside() -> None:
    data = html(BODY + "<table><tr><th>Ploeg<td>3</table>" + '<img src="cid:a@x.se" alt="De brug">')
    assert bad(structure.findings(mail(data), ASKED)) == []


def test_unsubscribing_and_the_imprint() -> None:
    assert bad(structure.findings(mail(headers=()), ASKED)) == [("fail", "there is no List-Unsubscribe")]
    by_mail = (("List-Unsubscribe", f"<mailto:u@nordlys.se>, <{UNSUBSCRIBE}>"), HEADERS[1])
    (found,) = bad(structure.findings(mail(headers=by_mail), ASKED))
    assert found[0] == "warn"
    no_text = bad(structure.findings(mail(text="De brug is open.\nKade 1\n2611 Delft"), ASKED))
    assert no_text == [("fail", "the plain text has no link to unsubscribe")]
    (found,) = bad(structure.findings(mail(), Asked()))
    assert found[0] == "warn"
    assert "law" in found[1]


@pytest.mark.parametrize(
    ("link", "level", "what"),
    [
        ("/2", "fail", "1 link leads nowhere from a mail"),
        ("#top", "fail", "1 link leads nowhere from a mail"),
        ("https://", "fail", "1 link leads nowhere from a mail"),
        ("https://[::1", "fail", "1 link leads nowhere from a mail"),
        ("http://news.nordlys.se/2", "warn", "1 link is not https"),
        ("http://localhost:8080/2", "fail", "1 link leads to this machine or a private network"),
        ("https://192.168.1.4/2", "fail", "1 link leads to this machine or a private network"),
        ("https://0x7f000001/2", "fail", "1 link leads to this machine or a private network"),
        ("https://intranet/2", "fail", "1 link leads to this machine or a private network"),
        ("https://news.example.org/2", "warn", "1 link leads to names that are reserved for examples"),
        ("https://kade.test/2", "warn", "1 link leads to names that are reserved for examples"),
    ],
)
def test_where_links_lead(link: str, level: str, what: str) -> None:
    found = bad(hrefs.findings(mail(html(BODY + f'<a href="{link}">hier</a>'), text=TEXT + link), PRIVATE))
    assert found == [(level, what)]


def test_links_without_a_text_or_missing_from_the_plain_text_and_markers_left_over() -> None:
    other = "https://news.nordlys.se/2"
    silent = html(BODY + f'<a href="{other}"><img src="cid:a" alt=""></a>')
    assert bad(hrefs.findings(mail(silent, text=TEXT + other), PRIVATE)) == [("fail", "1 link has no text")]
    named = html(BODY + f'<a href="{other}"><img src="cid:a" alt="De brug"></a><a href="mailto:a@nordlys.se">mail</a>')
    assert bad(hrefs.findings(mail(named), PRIVATE)) == [
        ("warn", "1 link stands in the HTML and not in the plain text")
    ]
    left = mail(text=TEXT + "@@0123456789abcdef:address@@")
    assert bad(hrefs.findings(left, PRIVATE)) == [("fail", "a place for the recipient's own values was not filled")]


def test_what_is_asked_online_leaves_the_readers_token_alone() -> None:
    made = mail(text=TEXT + "https://news.nordlys.se/only-in-text\nmailto:a@nordlys.se")
    assert hrefs.to_ask(made) == [LINK, "https://news.nordlys.se/only-in-text"]


def test_a_message_is_read_from_its_bytes() -> None:
    source = (
        b"Subject: =?utf-8?q?Caf=C3=A9?=\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nEen\r\nTwee\r\n"
        b"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"<p>Caf=C3=A9</p>\r\n--b--\r\n"
    )
    found = read(source)
    assert (found.subject, found.text.strip(), found.html.strip()) == ("Café", "Een\nTwee", "<p>Café</p>")
    assert parts(b"Subject: x\r\nContent-Type: text/plain\r\n\r\nhi\r\n") == ("hi\n", "")


_PIECES = st.sampled_from(
    [
        "<table>", "<td style='", "color:", "rgb(", "background: url(", "!important", "@media (", "<style>", "</style>",
        "<a href=", "http://[", "'", '"', "<h1>", "<!--", "-->", "<svg>", "font: 1em/", "(" * 40, "{" * 40, ":not(",
        "<html lang=", "99999999999999999999999px", "e9999%", "display:none", "@import", "opacity: nan",
        "\0", "\ufffd", "var(--x",
    ]
)  # fmt: skip


@given(st.lists(st.one_of(_PIECES, st.text(max_size=12)), max_size=40).map("".join), st.booleans())
def test_no_html_makes_a_check_raise(page: str, inside: bool) -> None:
    made = mail(html(page, style=page) if inside else page, text=page, subject=page)
    assert all(f.what and f.check for f in every.findings(made, PRIVATE))


@settings(max_examples=up_to(50, few=3))
@given(st.binary(max_size=300))
def test_deep_nests_and_odd_bytes_do_neither(tail: bytes) -> None:
    text = tail.decode("latin-1")
    page = "<div>" * 2_000 + text + "<style>" + "@media all{" * 200 + text
    assert every.findings(mail(page), PRIVATE)
