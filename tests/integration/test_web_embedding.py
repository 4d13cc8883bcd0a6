"""The form for other sites: what the documentation shows is what the command prints, and it works as it stands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.pipeline import publications
from digest.web import sign_up
from digest.web.embed import embedded
from tests.support.cli import Cli
from tests.support.home import House, deliver_all, open_house
from tests.support.signing_up import URL, form_of, held, history, link_in, post
from tests.support.web import Site, site

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "embedding.md").read_text("utf-8")
WHOLE, SHORT = re.findall(r"```html\n(.*?)```", DOCUMENT, re.DOTALL)
COMMANDS = re.search(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
ELSEWHERE = {"origin": "https://www.example.com", "referer": "https://www.example.com/", "sec-fetch-site": "cross-site"}
A = "anna@example.org"


@pytest.fixture
def house(tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """With the publication of the documentation."""
    monkeypatch.setattr(sign_up, "SECONDS", 0.0)
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as opened:
        asked = publications.Asked(
            "morning", title="The Morning", every=["day", "week"], at="07:00", zone="Europe/Brussels", language="en",
            topics=["sport", "politics"], sign_up="open", consent=["We keep your address until you leave."],
        )  # fmt: skip
        publications.add(opened.services, asked)
        yield opened


@pytest.fixture
def web(house: House) -> Iterator[Site]:
    made = site(house.services)
    yield made
    made.services.database.close()


def test_the_documentation_shows_what_the_command_prints(tmp_path: Path) -> None:
    assert COMMANDS
    cli = Cli(tmp_path / "home", {"DIGEST_WEB_URL": URL}).init()
    add, form = COMMANDS[1].replace("\\\n", " ").strip().splitlines()
    cli(*shlex.split(add)[1:])
    assert cli(*shlex.split(form)[1:]) == WHOLE, "print it anew into docs/embedding.md"


def test_the_documented_form_signs_up_from_another_site(house: House, web: Site) -> None:
    form = form_of(WHOLE)
    assert (form.action, form.method) == (f"{URL}/s/morning", "post")
    path = form.action.removeprefix(URL)
    answer = post(
        web.application(), path, form.filled(email=A, cadence="week", topic="sport", language="nl"), ELSEWHERE
    )
    assert (answer.status, answer.headers["location"]) == (303, "morning/thanks?language=nl")
    (made,) = held(house, A)
    assert (made.state, made.cadence, made.topics, made.language) == ("pending", "week", ("sport",), "nl")
    (change,) = history(house, A)
    assert change.reason == "by a form of https://www.example.com"
    assert change.consent.endswith("We keep your address until you leave.")
    assert deliver_all(house).sent == 1
    assert link_in(house.mails(A)[0])


def test_each_of_its_fields_counts(house: House, web: Site) -> None:
    form = form_of(WHOLE)
    assert post(web.application(), "/s/morning", form.filled(email=A, topic=None), ELSEWHERE).status == 422
    assert post(web.application(), "/s/morning", form.filled(email="no"), ELSEWHERE).status == 422
    caught = post(web.application(), "/s/morning", form.filled(email=A, subject="Buy now"), ELSEWHERE)
    assert (caught.status, held(house, A)) == (303, [])


def test_the_shortest_form_works_too(house: House, web: Site) -> None:
    form = form_of(SHORT)
    assert post(web.application(), form.action.removeprefix(URL), form.filled(email=A), ELSEWHERE).status == 303
    (made,) = held(house, A)
    assert (made.cadence, made.language, made.zone, made.topics) == ("day", "en", "Europe/Brussels", ())


def test_its_words_are_in_the_language_that_is_asked_for(house: House) -> None:
    assert 'lang="nl"' in embedded(house.services, "morning", "nl")
    assert "Aanmelden" in embedded(house.services, "morning", "nl")
    with pytest.raises(UsageError, match="there is no language 'xx'"):
        embedded(house.services, "morning", "xx")


def test_a_form_that_nobody_could_use_is_not_printed(tmp_path: Path, house: House, empty_home: Path) -> None:
    publications.add(house.services, publications.Asked("inside", every=["day"]))
    with pytest.raises(UsageError, match="--sign-up open"):
        embedded(house.services, "inside")
    with pytest.raises(UsageError, match="there is no publication 'evening'"):
        embedded(house.services, "evening")
    with open_house(tmp_path / "other", template=empty_home) as other:
        publications.add(other.services, publications.Asked("news", every=["day"], sign_up="open"))
        with pytest.raises(UsageError, match=r"web\.url: the form would lead nowhere"):
            embedded(other.services, "news")


def test_a_title_is_no_markup(house: House) -> None:
    asked = publications.Asked("odd", title="<b>&\"'", every=["day"], sign_up="open", consent=["<script>"])
    publications.add(house.services, asked)
    made = embedded(house.services, "odd")
    assert "<b>" not in made
    assert "<script>" not in made
