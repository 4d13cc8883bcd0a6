"""The links below each mail: where they lead with a web part and without, and for whom."""

from __future__ import annotations

import email
import email.policy
import re
from pathlib import Path

import pytest

from digest.audience import tokens
from digest.deliver.message import Template
from digest.pipeline import preview
from digest.pipeline.envelope import COPY, PREFERENCES, Envelope, Envelopes
from digest.store import publications as stored
from digest.store import variants
from tests.support.home import House, deliver_all, open_house, publication, publish_now, subscribe, take_in

URL = "https://news.example.org"


def parts(message: bytes) -> tuple[str, str]:
    found = email.message_from_bytes(message, policy=email.policy.default)
    bodies = [found.get_body((kind,)) for kind in ("plain", "html")]
    assert all(bodies)
    plain, html = (body.get_content().replace("\r\n", "\n") for body in bodies if body)
    return plain, html


def links(html: str) -> dict[str, str]:
    """What a link says -> where it leads."""
    found = re.findall(r'<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return {re.sub("<[^>]*>", "", words): url.strip() for url, words in found}


def mailed(house: House, to: str = "a@example.org") -> tuple[str, str]:
    take_in(house, 1, 2)
    publish_now(house)
    deliver_all(house)
    (mail,) = house.mails(to)
    return parts(mail)


def verified(house: House, purpose: str, link: str) -> str | None:
    return tokens.verify(house.services.home.secret(), purpose, link.rpartition("/")[2])


def test_with_a_web_part_each_reader_has_links_of_their_own(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=f"{URL}/") as house:
        publication(house, "news", title="The Morning")
        mine, other = subscribe(house, "a@example.org"), subscribe(house, "b@example.org")
        text, html = mailed(house)
        found = links(html)
        preferences, copy = found["Change your preferences"], found["Read this edition on the web"]
        assert preferences.startswith(f"{URL}/p/")
        assert verified(house, PREFERENCES, preferences) == str(mine.id)
        assert verified(house, "unsubscribe", preferences) is None, "it is of no use for anything else"
        assert copy.startswith(f"{URL}/e/")
        edition, _, key = (verified(house, COPY, copy) or "").partition(":")
        with house.services.database.read() as connection:
            assert variants.find(connection, int(edition), key)
        assert f"Change your preferences:\n{preferences}" in text
        assert f"Read this edition on the web:\n{copy}" in text
        theirs = links(parts(house.mails("b@example.org")[0])[1])
        assert verified(house, PREFERENCES, theirs["Change your preferences"]) == str(other.id)
        assert theirs["Read this edition on the web"] == copy, "one variant, one copy"


@pytest.mark.parametrize(
    ("environ", "to"),
    [
        ({}, "digest@example.com"),
        ({"DIGEST_MAIL_REPLY_TO": "Desk <desk@example.org>"}, "desk@example.org"),
    ],
)
def test_without_one_a_mail_to_a_person_asks_for_it(
    tmp_path: Path, empty_home: Path, environ: dict[str, str], to: str
) -> None:
    with open_house(tmp_path / "home", template=empty_home, **environ) as house:
        publication(house, "news")
        subscribe(house, "a@example.org")
        text, html = mailed(house)
        link = f"mailto:{to}?subject=preferences%20news"
        assert links(html)["Change your preferences"] == link
        assert f"Change your preferences:\n{link}" in text
        assert "Read this edition on the web" not in html + text


def test_previews_and_test_mails_change_nobodys_subscription(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as house:
        publication(house, "news")
        subscribe(house, "a@example.org")
        take_in(house, 1)
        shown = preview.preview(house.services, "news", preview.Wish()).mail
        assert shown
        link = links(parts(shown.message)[1])["Change your preferences"]
        assert verified(house, PREFERENCES, link) == "0"
        with house.services.database.read() as connection:
            found = stored.get(connection, "news")
        trial = Envelope.on_trial(house.services.home, found, "me@example.org", house.clock())
        assert verified(house, PREFERENCES, trial.splice["preferences"]) == "0"


def test_a_variant_of_an_earlier_version_is_spliced_as_it_was(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as house:
        publication(house, "news")
        mine = subscribe(house, "a@example.org")
        take_in(house, 1)
        shown = preview.preview(house.services, "news", preview.Wish()).mail
        assert shown
        stored_message = shown.composed.message
        without = re.sub(rb"@@[0-9a-f]{16}:preferences\.[a-z]@@", b"nothing", stored_message)
        assert without != stored_message
        with house.services.database.read() as connection:
            found = stored.get(connection, "news")
        envelope = Envelopes.of(house.services.home, found, shown.composed.view.edition, house.clock()).to(mine)
        assert b"nothing" in Template(without).splice(envelope.splice)


def test_the_footer_says_on_which_day_as_the_publication_has_it(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "home", template=empty_home) as house:
        publication(house, "news", title="The Morning", every="month", on=["12"])
        subscribe(house, "a@example.org")
        for body in mailed(house):
            assert "subscribed to The Morning (every month, on day 12)." in " ".join(body.split())
