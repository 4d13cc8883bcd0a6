"""Forms for signing up: as a browser would send them, whichever page they stand on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from html.parser import HTMLParser
from urllib.parse import urlencode

from digest.model.subscription import Subscription
from digest.pipeline.envelope import CONFIRM_PATH
from digest.store import changes, subscribers
from digest.store.changes import Change
from tests.support.home import House, plain_of
from tests.support.web import FORM, Answer, ask

URL = "https://news.example.org"


@dataclass
class Page:
    """The one form of a page: what is sent where nothing is changed in it (HTML, 4.10.21.4)."""

    action: str = ""
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)

    def filled(self, **values: object) -> bytes:
        """With other values; None takes a field out."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        given = [(name, value) for name, value in values.items() if value is not None]
        return urlencode([*kept, *given], doseq=True).encode()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page, self._select, self._in = Page(), "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "form":
            self.page.action, self.page.method = a.get("action") or "", (a.get("method") or "get").lower()
        if tag == "label":
            self._in += 1
            self.page.labels.add(a.get("for") or "")
        if tag == "select":
            self._select = a.get("name") or ""
        if tag == "option" and "selected" in a:
            self.page.fields.append((self._select, a.get("value") or ""))
        if tag in ("input", "select") and a.get("type") != "hidden":
            assert self._in or a.get("id") in self.page.labels, f"{a.get('name')} has no label"
            self.page.named.add(a.get("name") or "")
        if tag == "input" and (a.get("type") not in ("checkbox", "radio") or "checked" in a):
            self.page.fields.append((a.get("name") or "", a.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        self._in -= tag == "label"


def form_of(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    return reader.page


def post(app: object, path: str, body: bytes, headers: Mapping[str, str] = {}) -> Answer:
    return ask(app, "POST", path, body, {"content-type": FORM, **headers})


def held(house: House, email: str) -> list[Subscription]:
    with house.services.database.read() as connection:
        return [s for s in subscribers.listing(connection) if s.subscriber.email == email]


def history(house: House, email: str) -> list[Change]:
    with house.services.database.read() as connection:
        return [c for s in held(house, email) for c in changes.history(connection, s.id)]


def link_in(message: bytes) -> str:
    """The path of the confirmation link."""
    found = re.search(rf"{re.escape(URL)}({CONFIRM_PATH}\S+)", plain_of(message))
    assert found, "no link in the mail"
    return found[1]


def subject(message: bytes) -> str:
    return str(message_from_bytes(message, policy=policy.default)["Subject"])
