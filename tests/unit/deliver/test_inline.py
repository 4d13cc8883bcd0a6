"""Pictures inside a message: as a standard parser reads it, and as it is without them."""

from __future__ import annotations

import dataclasses

from digest.deliver import message
from digest.deliver.inline import Inline, in_a_browser
from tests.unit.deliver.test_message import FACTS, SLOTS, marker, parse, spliced

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
JPEG = b"\xff\xd8\xff" + bytes(reversed(range(256))) * 7
FIRST, SECOND = Inline("image/png", PNG, "example.org"), Inline("image/jpeg", JPEG, "example.org")


def built(*images: Inline) -> bytes:
    shown = "".join(f'<img src="{image.src}" alt="">' for image in images)
    html = f'<p>Hallo</p>{shown}\n<a href="\n{marker("unsubscribe")}\n">uit</a>\n{marker("address")}\n'
    text = f"Hallo\n{marker('address')}\n{marker('unsubscribe')}\n"
    return message.build(subject="Nieuws", text=text, html=html, slots=SLOTS, facts=FACTS, images=images)


def test_the_pictures_stand_beside_the_html_that_names_them() -> None:
    raw = spliced(built(FIRST, SECOND))
    mail = parse(raw)
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "image/jpeg",
    ]  # fmt: skip
    related = mail.get_payload(1)
    assert related.get_param("type") == "text/html"
    _, *pictures = related.iter_parts()
    assert [part.get_payload(decode=True) for part in pictures] == [PNG, JPEG]
    for image, part in zip((FIRST, SECOND), pictures, strict=True):
        assert part["Content-ID"] == f"<{image.cid}>"
        assert (part.get_content_disposition(), part.get_filename()) == ("inline", None)
    html = mail.get_body(("html",)).get_content()
    assert f'src="cid:{FIRST.cid}"' in html
    text = mail.get_body(("plain",)).get_content()
    assert text.startswith("Hallo")
    assert "cid:" not in text
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert {len(line) for line in raw.partition(b"image/png")[2].split(b"\r\n")[5:60]} == {76}


def test_no_boundary_begins_with_another() -> None:
    outer, inner = (part.get_boundary() for part in parse(spliced(built(FIRST))).walk() if part.is_multipart())
    assert not inner.startswith(outer)
    assert not outer.startswith(inner)


def test_one_copy_is_the_same_as_the_next_and_needs_no_mending_on_the_way() -> None:
    stored = built(FIRST, SECOND)
    assert stored == built(FIRST, SECOND)
    assert message.Template(stored).fit
    assert spliced(stored) == spliced(stored)
    other = spliced(stored, address="someone.else@example.net")
    assert other.partition(b"image/png")[2] == spliced(stored).partition(b"image/png")[2]


def test_the_same_file_has_the_same_name_and_another_has_another() -> None:
    assert FIRST.cid == dataclasses.replace(FIRST).cid
    assert FIRST.cid != SECOND.cid
    assert FIRST.cid.endswith("@example.org")


def test_a_browser_is_shown_what_only_a_mail_program_could_find() -> None:
    html = in_a_browser(parse(spliced(built(FIRST, SECOND))))
    assert "cid:" not in html
    assert 'src="data:image/png;base64,iVBORw0KGgo' in html
    assert html.count("data:image/") == 2
