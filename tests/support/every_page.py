"""Every page of the web part as its routes answer, over a real house: for the browser, the checkers and the eye."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from digest.audience import tokens
from digest.audience.rules import Action
from digest.model.cause import Cause
from digest.pipeline import confirmations, publications, removing, subscriptions
from digest.pipeline.envelope import PREFERENCES, PREFERENCES_PATH, UNSUBSCRIBE, UNSUBSCRIBE_PATH
from digest.store import subscribers
from tests.support import mailed
from tests.support.home import House, deliver_all, links_in, open_house, publish_now
from tests.support.mailed import SETTINGS
from tests.support.mailed_cases import CASES
from tests.support.signing_up import form_of, link_in, post
from tests.support.web import Answer, Site, ask, site

#: Each page by name, with the status that it comes with.
STATUS = {
    "start": 200, "sign-up": 200, "sign-up-wrong": 422, "thanks": 200,
    "confirm": 200, "confirm-changed": 422, "confirmed": 200, "confirmed-before": 200,
    "expired": 410, "renewed": 200, "renewed-lately": 200, "earlier": 410, "no-sign-up": 410, "returned": 410,
    "preferences": 200, "preferences-saved": 200, "preferences-until": 200, "preferences-wrong": 422,
    "new-address": 200, "move": 200, "moved": 200, "move-over": 410,
    "unsubscribe": 200, "unsubscribed": 200, "unsubscribed-all": 200, "ended": 410, "confirm-ended": 410,
    "archive-empty": 200, "archive": 200, "archive-month": 200, "archived": 200, "edition": 200, "edition-gone": 410,
    "missing": 404, "bad-form": 400, "foreign": 403, "often": 429, "later": 503,
}  # fmt: skip


@dataclass
class _Tour:
    house: House
    web: Site
    language: str
    shown: dict[str, Answer] = field(default_factory=dict)

    @property
    def spoken(self) -> dict[str, str]:
        return {"accept-language": self.language}

    def ask(self, path: str) -> Answer:
        return self.web.ask("GET", path, headers=self.spoken)

    def send(self, path: str, headers: Mapping[str, str] = {}, **values: object) -> Answer:
        """The page's own form, filled in so."""
        filled = form_of(self.ask(path).text).filled(**values)
        return post(self.web.application(), path, filled, {**self.spoken, **headers})

    def page_of(self, subscription: int, purpose: str) -> str:
        where = {PREFERENCES: PREFERENCES_PATH, UNSUBSCRIBE: UNSUBSCRIBE_PATH}[purpose]
        return f"{where}{self.web.token(subscription, purpose)}"

    def signed_up(self, name: str) -> str:
        """The link that somebody is sent who signed up just now."""
        wanted = subscriptions.Wanted(f"{name}@example.net", "news", language=self.language, zone="Europe/Brussels")
        confirmations.sign_up(self.house.services, wanted, cause=Cause("asked for"), again=True)
        deliver_all(self.house)
        return link_in(self.house.mails(wanted.email)[-1])

    def reader(self, name: str, *publications: str) -> int:
        """A subscriber to these; the number of the first subscription."""
        wanted = [
            subscriptions.Wanted(f"{name}@example.net", each, language=self.language, zone="Europe/Brussels")
            for each in publications
        ]
        return [subscriptions.subscribe(self.house.services, each)[0].id for each in wanted][0]  # noqa: RUF015 - all


def pages(folder: Path, template: Path, language: str) -> dict[str, str]:
    """The HTML of each, by the names in STATUS; every one with its status, and none that was broken."""
    with open_house(folder, template=template, **SETTINGS, DIGEST_WEB_SIGN_UPS_PER_HOUR="1") as house:
        _found(house, language)
        web = site(house.services)
        try:
            tour = _Tour(house, web, language)
            for part in (_signing_up, _links, _preferences, _moving, _leaving, _reading, _problems):
                part(tour)
        finally:
            web.services.database.close()
    assert web.said == []
    told = {name: (answer.status, answer.headers["content-language"]) for name, answer in tour.shown.items()}
    wanted = {name: (status, language) for name, status in STATUS.items()}
    assert sorted(set(told.items()) ^ set(wanted.items())) == []
    return {name: answer.text for name, answer in tour.shown.items()}


def _found(house: House, language: str) -> None:
    """Two publications, in the words of the language."""
    case = CASES[language]
    for name, title in (("news", case.title), ("week", f"{case.title} 2")):
        asked = publications.Asked(
            name, title=title, every=["day", "week"], at="07:00", zone="Europe/Brussels", language=language,
            sign_up="open", archive="open", about=[text.partition(".")[0] for _, _, text in case.articles[:1]],
            consent=["We keep your address on our own machine in Delft."], max_entries=2,
        )  # fmt: skip
        publications.add(house.services, asked)


def _signing_up(tour: _Tour) -> None:
    tour.shown["start"] = tour.ask("/")
    tour.shown["sign-up"] = tour.ask("/s/news")
    tour.shown["sign-up-wrong"] = tour.send(
        "/s/news", email="jan", topic=None, zone="Nowhere", agreed=f"{tour.language}.1"
    )
    tour.shown["thanks"] = tour.ask("/s/news/thanks")
    tour.shown["archive-empty"] = tour.ask("/a/week")


def _links(tour: _Tour) -> None:
    link = tour.signed_up("confirms")
    tour.shown["confirm"] = tour.ask(link)
    tour.shown["confirm-changed"] = tour.send(link, do="confirm", agreed=f"{tour.language}.1")
    tour.shown["confirmed"] = tour.send(link, do="confirm")
    tour.shown["confirmed-before"] = tour.ask(link)
    old = tour.signed_up("late")
    tour.house.clock.go(days=8)
    tour.shown["expired"] = tour.ask(old)
    tour.shown["renewed"] = tour.send(old, do="renew")
    tour.shown["renewed-lately"] = tour.send(old, do="renew")
    link = tour.signed_up("again")
    subscriptions.act(tour.house.services, "again@example.net", "news", Action.UNSUBSCRIBE, Cause("no"))
    tour.shown["confirm-ended"] = tour.ask(link)
    tour.house.clock.go(hours=1)
    tour.signed_up("again")
    tour.shown["earlier"] = tour.ask(link)
    until = tour.house.clock.now.replace(year=2027)
    gone = tokens.sign_until(tour.house.services.home.secret(), confirmations.CONFIRM, "4711:1.x", until)
    tour.shown["no-sign-up"] = tour.ask(f"/c/{gone}")
    link = tour.signed_up("returned")
    with tour.house.services.database.write() as connection:
        subscribers.suppress(connection, subscribers.listing(connection)[-1].subscriber.id, "it bounced")
    tour.shown["returned"] = tour.ask(link)


def _preferences(tour: _Tour) -> None:
    path = tour.page_of(tour.reader("reader", "news", "week"), PREFERENCES)
    tour.shown["preferences"] = tour.ask(path)
    tour.shown["preferences-saved"] = tour.send(path, move=None, cadence="week", topic="sport", zone="Asia/Tokyo")
    day = f"{tour.house.clock.now.date() + timedelta(days=30)}"
    tour.shown["preferences-until"] = tour.send(path, move=None, mails="until", until=day)
    wrong = {"topic": None, "cadence": None, "zone": "Nowhere", "mails": "until", "until": "soon"}
    tour.shown["preferences-wrong"] = tour.send(path, move=None, **wrong)
    tour.send(path, move=None, mails="send")


def _moving(tour: _Tour) -> None:
    path = tour.page_of(tour.reader("moves", "news"), PREFERENCES)
    tour.shown["new-address"] = tour.send(path, address="moved@example.net")
    deliver_all(tour.house)
    (token,) = links_in(tour.house.mails("moved@example.net")[-1], "/m/")
    tour.shown["move"] = tour.ask(f"/m/{token}")
    tour.shown["moved"] = tour.send(f"/m/{token}")
    tour.house.clock.go(hours=1)
    tour.send(path, address="third@example.net")
    deliver_all(tour.house)
    (token,) = links_in(tour.house.mails("third@example.net")[-1], "/m/")
    tour.house.clock.go(days=30)
    tour.shown["move-over"] = tour.ask(f"/m/{token}")


def _leaving(tour: _Tour) -> None:
    leaves = tour.reader("leaves", "news", "week")
    path = tour.page_of(leaves, UNSUBSCRIBE)
    tour.shown["unsubscribe"] = tour.ask(path)
    tour.shown["unsubscribed"] = tour.send(path, all=None)
    tour.shown["ended"] = tour.ask(tour.page_of(leaves, PREFERENCES))
    tour.shown["unsubscribed-all"] = post(tour.web.application(), path, b"all=yes")


def _reading(tour: _Tour) -> None:
    """Two editions; an article of the first is removed at the end."""
    case = CASES[tour.language]
    tour.reader("reads", "news")
    for start, articles in enumerate((case.articles[:1], case.articles[1:])):
        mailed.take_in(tour.house, replace(case, articles=articles), start)
        publish_now(tour.house)
        deliver_all(tour.house)
        tour.house.clock.go(days=1)
    copies = [links_in(mail, "/e/")[0] for mail in tour.house.mails("reads@example.net")]
    tour.shown["archive"] = tour.ask("/a/news")
    tour.shown["archive-month"] = tour.ask(f"/a/news/{tour.house.clock.now:%Y-%m}")
    tour.shown["archived"] = tour.ask("/a/news/extra/2")
    tour.shown["edition"] = tour.ask(f"/e/{copies[1]}")
    removing.remove(tour.house.services, ["0"], "the publisher asked for it")
    tour.shown["edition-gone"] = tour.ask(f"/e/{copies[0]}")


def _problems(tour: _Tour) -> None:
    tour.shown["missing"] = tour.ask("/s/nothing")
    path = tour.page_of(tour.reader("reader", "news"), PREFERENCES)
    tour.shown["foreign"] = tour.send(path, {"sec-fetch-site": "cross-site"})
    tour.shown["bad-form"] = post(tour.web.application(), tour.page_of(1, UNSUBSCRIBE), b"", tour.spoken)
    app = tour.web.application()
    tour.shown["often"] = [post(app, "/c/x", b"do=renew", tour.spoken) for _ in range(2)][-1]
    busy = Site(tour.web.services, patience=0).application()
    tour.shown["later"] = ask(busy, "GET", "/s/news", headers=tour.spoken)
