"""Readers' lives, whichever way they are told: after any course of commands, pages, mails and days, the command line,
the pages and the database say what a model in plain Python says, and each change is on record with who and by what.

LIFE_EXAMPLES and LIFE_STEPS choose how many courses, and how long.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlencode

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from digest import app
from digest.cli.main import run
from digest.compose.candidates import OTHER
from digest.model.delivery import Delivery, DeliveryState
from digest.pipeline.envelope import CONFIRM_PATH, MOVE_PATH, PREFERENCES
from digest.store import tables as t
from digest.web import sign_up
from tests.support.home import deliver_all, links_in, listing, open_house, pass_
from tests.support.life import CONFIRM_DAYS, FORGET_DAYS, Event, Life, Link, Person, Sub, Way
from tests.support.returned import report, take
from tests.support.signing_up import form_of
from tests.support.web import FORM, ONE_CLICK, Answer, ask, site

EXAMPLES, STEPS = int(os.environ.get("LIFE_EXAMPLES", "10")), int(os.environ.get("LIFE_STEPS", "30"))
ADDRESSES = tuple(f"{name}@example.org" for name in ("ann", "bob", "cem", "dee"))
PUBLICATIONS = ("news", "other")
URL = "https://news.example.org"
#: Limits have tests of their own: here somebody may be asked at each step.
SETTINGS = {
    "confirm_times = 3": "confirm_times = 1000000",
    "confirm_times_in_all = 6": "confirm_times_in_all = 1000000",
    "confirm_minutes = 10": "confirm_minutes = 0",
    "threshold = 3": "threshold = 1",
    "sign_ups_per_hour = ": "sign_ups_per_hour = 1000000  # ",
    "sign_ups_per_hour_in_all = ": "sign_ups_per_hour_in_all = 1000000  # ",
}
emails, names = st.sampled_from(ADDRESSES), st.sampled_from(PUBLICATIONS)
topics = st.sampled_from(("", "sport", "health"))
places, days = st.integers(0, 99), st.integers(1, 40)


class Lives(RuleBasedStateMachine):
    def __init__(self, template: Path) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory())) / "home"
        shutil.copytree(template, folder)
        _settle(folder / "digest.toml")
        self.house = self.stack.enter_context(open_house(folder))
        # The commands' own code, without reading the settings and opening the database at each.
        self.stack.enter_context(mock.patch.object(app, "services", return_value=self.house.services))
        self.stack.enter_context(mock.patch.object(sign_up, "SECONDS", 0.0))
        self.site = site(self.house.services)
        self.stack.callback(self.site.services.database.close)
        self.web = self.site.application()
        self.life, self.links, self.ways = Life(), list[Link](), list[Way]()
        self.looked: Person | None = None
        self.read, self.files, self.bounced = 0, 0, set[int]()
        for name in PUBLICATIONS:
            self.well("publication", "add", name, "--every", "day", "--every", "week", "--sign-up", "open")
        self.topics = [*(topic["name"] for topic in json.loads(self.well("topic", "list", "--json"))), OTHER]

    def teardown(self) -> None:
        self.stack.close()

    # --- by what means -------------------------------------------------------------------------------

    def digest(self, *arguments: str, typed: bytes = b"") -> tuple[int, str]:
        out, err = io.StringIO(), io.StringIO()
        given = io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), mock.patch("sys.stdin", given):
            code = run(["--home", str(self.house.services.home.folder), *arguments])
        assert code in (0, 1, 2), (arguments, err.getvalue())
        assert (code == 0) == (not err.getvalue()), (arguments, code, err.getvalue())
        return code, out.getvalue()

    def well(self, *arguments: str, typed: bytes = b"") -> str:
        code, out = self.digest(*arguments, typed=typed)
        assert code == 0, arguments
        return out

    def is_well(self, expected: bool, *arguments: str) -> None:
        assert self.digest(*arguments)[0] == (0 if expected else 2), (arguments, expected)

    def get(self, path: str) -> Answer:
        return ask(self.web, "GET", path)

    def post(self, path: str, body: bytes, **headers: str) -> Answer:
        return ask(self.web, "POST", path, body, {"content-type": FORM, **headers})

    def mail(self, subject: str) -> None:
        """To the mailbox for commands."""
        self.files += 1
        made = EmailMessage()
        made["From"], made["To"], made["Subject"] = "x@elsewhere.example", "digest@example.com", subject
        made["Message-ID"] = f"<{self.files}@pc>"
        made.set_content("")
        self.digest("command", "take", "-", typed=made.as_bytes())

    def tick(self) -> datetime:
        return self.house.clock.go(minutes=1)

    def sub(self, place: int) -> Sub:
        """One of all that are on record."""
        kept = self.kept()
        found = kept[place % len(kept)]
        self.looked = found.person
        return found

    def kept(self) -> list[Sub]:
        return [sub for sub in self.life.subs if not sub.gone]

    def told(self) -> list[Link]:
        """SQLite gives the number of a subscription that is gone to the next one: such links are left out."""
        numbers = {sub.number for sub in self.kept()}
        return [link for link in self.links if not link.sub.gone or link.sub.number not in numbers]

    def mailed(self, sub: Sub | None = None) -> None:
        """All that waits is sent; `sub`: whose links are then in it."""
        deliver_all(self.house)
        new, self.read = self.house.transport.wire[self.read :], len(self.house.transport.wire)
        now = self.house.clock()
        for to, message in new:
            for token in links_in(message, CONFIRM_PATH) if sub is not None else []:
                assert sub is not None
                assert to == sub.person.email
                self.links.append(Link(token, sub, to, sub.stamp, now + timedelta(days=CONFIRM_DAYS)))
            for token in links_in(message, MOVE_PATH):
                assert self.looked is not None
                self.ways.append(Way(token, self.looked, self.looked.email, to, now))

    def follow(self, sub: Sub | None) -> None:
        """What was made just now: its number, and its mail."""
        if sub is not None and not sub.number and sub in self.life.subs:
            sub.number = self.number(sub)
        self.mailed(sub)

    def number(self, sub: Sub) -> int:
        p, s, n = t.subscriber.c, t.subscription.c, t.publication.c
        query = (
            sa.select(s.id).join(t.subscriber, p.id == s.subscriber_id).join(t.publication, n.id == s.publication_id)
        )
        with self.house.services.database.read() as connection:
            where = (p.email == sub.person.email, n.name == sub.publication)
            return int(connection.execute(query.where(*where)).scalar_one())

    # --- beginning -----------------------------------------------------------------------------------

    @rule(email=emails, name=names, again=st.booleans(), basis=st.booleans())
    def add(self, email: str, name: str, again: bool, basis: bool) -> None:
        expected = self.life.add(email, name, self.tick(), again=again, basis=basis)
        options = [*(["--again", "wrote"] if again else []), *(["--basis", "a form"] if basis else [])]
        self.is_well(expected, "subscriber", "add", email, "--publication", name, *options)
        self.looked = self.life.people.get(email)
        self.follow(self.life.held(email, name))

    @rule(email=emails, name=names)
    def sign_up(self, email: str, name: str) -> None:
        self.life.sign_up(email, name, self.tick())
        body = form_of(self.get(f"/s/{name}").text).filled(email=email, cadence="day")
        assert self.post(f"/s/{name}", body).status == 303
        self.looked = self.life.people.get(email)
        self.follow(self.life.held(email, name))

    @rule(email=emails, name=names, state=st.sampled_from(("active", "pending", "unsubscribed")), topic=topics)
    def take_line(self, email: str, name: str, state: str, topic: str) -> None:
        expected = self.life.take_line(email, name, state, topic, self.tick())
        self.files += 1
        folder = self.house.services.home.folder
        file, told = folder / f"{self.files}.csv", folder / f"{self.files}-report.csv"
        file.write_text(f"email,state,topics\n{email},{state},{topic}\n", encoding="utf-8")
        options = ("--publication", name, "--basis", "a form", "--report", str(told))
        self.well("subscriber", "import", str(file), *options)
        assert f",{expected}," in told.read_text(encoding="utf-8")
        self.looked = self.life.people.get(email)
        self.follow(self.life.held(email, name))

    @precondition(lambda self: self.told())
    @rule(place=places, by=st.sampled_from(("page", "command", "mail")))
    def confirm(self, place: int, by: str) -> None:
        link = self.told()[-1 - place % len(self.told())]  # of the newest one rather
        now, state = self.tick(), link.sub.state
        self.looked = link.sub.person
        before = link.standing(now)
        after = self.life.confirm(link, now, "page" if by == "page" else "mail")
        if by == "page":
            page = self.get(f"{CONFIRM_PATH}{link.token}")
            body = form_of(page.text).filled(do="confirm") if before == "open" else b"do=confirm"
            answer = self.post(f"{CONFIRM_PATH}{link.token}", body)
            assert answer.status == (200 if after == "confirmed" else 410)
        elif by == "command":
            well = not link.sub.gone and (before == "open" or state in ("active", "paused"))
            self.is_well(well, "subscriber", "confirm", link.token)
        else:
            self.mail(f"confirm {link.token}")
        self.mailed()

    @precondition(lambda self: self.told())
    @rule(place=places)
    def renew(self, place: int) -> None:
        link = self.told()[-1 - place % len(self.told())]
        now = self.tick()
        self.looked = link.sub.person
        expired = link.standing(now) == "expired"
        self.post(f"{CONFIRM_PATH}{link.token}", b"do=renew")
        if expired:
            self.life.ask(link.sub, now)
        self.mailed(link.sub if expired else None)

    @precondition(lambda self: self.life.people)
    @rule(email=emails, name=names)
    def resend(self, email: str, name: str) -> None:
        sub, now = self.life.held(email, name), self.tick()
        well = sub is not None and sub.state == "pending" and sub.person.address == "ok"
        self.is_well(well, "subscriber", "resend", email, "--publication", name)
        if sub is not None and well:
            self.life.ask(sub, now)
        self.mailed(sub)

    # --- pausing -------------------------------------------------------------------------------------

    @precondition(lambda self: self.kept())
    @rule(place=places, page=st.booleans(), mails=st.sampled_from(("send", "pause", "until")), ahead=days)
    def pause(self, place: int, page: bool, mails: str, ahead: int) -> None:
        sub, now = self.sub(place), self.tick()
        day = (now + timedelta(days=ahead)).date()
        until = datetime(day.year, day.month, day.day, tzinfo=UTC) if mails == "until" else None
        if page:
            self.prefer(sub, mails=mails, until=day.isoformat())
            if self.is_open(sub) and sub.state != "pending":
                self._paused(sub, mails, until, now, "reader", "page")
            return
        if self.life.people.get(sub.person.email) is not sub.person or sub.gone:
            return
        well = self._paused(sub, mails, until, now, "operator", "command")
        what = ["resume" if mails == "send" else "pause", sub.person.email, "--publication", sub.publication]
        self.is_well(well, "subscriber", *what, *(["--until", day.isoformat()] if until else []))

    def _paused(self, sub: Sub, mails: str, until: datetime | None, now: datetime, by: str, via: str) -> bool:
        if mails == "send":
            return self.life.resume(sub, now, by, via)
        return self.life.pause(sub, until, now, by, via)

    @precondition(lambda self: self.kept())
    @rule(place=places, page=st.booleans(), cadence=st.sampled_from(("day", "week")), topic=topics)
    def edit(self, place: int, page: bool, cadence: str, topic: str) -> None:
        sub = self.sub(place)
        self.tick()
        if page:
            self.prefer(sub, cadence=cadence, topic=[topic] if topic else self.topics)
            if self.is_open(sub):
                sub.choose(cadence, topic, "reader", "page")
        elif self.life.people.get(sub.person.email) is sub.person and not sub.gone:
            options = ["--cadence", cadence, *(["--topic", topic] if topic else ["--all-topics"])]
            self.well("subscriber", "edit", sub.person.email, "--publication", sub.publication, *options)
            sub.choose(cadence, topic, "operator", "command")

    @staticmethod
    def is_open(sub: Sub) -> bool:
        """Whether there is a page of its preferences."""
        return not sub.gone and sub.state != "unsubscribed" and sub.person.address == "ok"

    def prefer(self, sub: Sub, **values: object) -> None:
        path = f"/p/{self.site.token(sub.number, PREFERENCES)}"
        page = self.get(path)
        body = form_of(page.text).filled(**values) if page.status == 200 else urlencode(values, doseq=True).encode()
        body = re.sub(rb"&?move=[^&]*", b"", body)
        assert self.post(path, body).status == (200 if self.is_open(sub) else 410)
        self.mailed()

    # --- ending --------------------------------------------------------------------------------------

    @precondition(lambda self: self.kept())
    @rule(place=places, how=st.sampled_from(("one-click", "page", "all", "token", "mail", "command", "every")))
    def end(self, place: int, how: str) -> None:
        sub, now = self.sub(place), self.tick()
        path, token = f"/u/{self.site.token(sub.number)}", self.site.token(sub.number)
        known = self.life.people.get(sub.person.email) is sub.person and not sub.gone
        if how in ("command", "every"):
            if known:
                options = ["--publication", sub.publication] if how == "command" else []
                self.well("subscriber", "unsubscribe", sub.person.email, *options)
                self.life.end(sub, now, "operator", "command", every=how == "every")
            return
        if how == "token":
            self.is_well(not sub.gone, "subscriber", "unsubscribe", token)
        elif how == "mail":
            self.mail(f"unsubscribe {token}")
        elif how == "one-click":
            assert self.post(path, ONE_CLICK).status == 200
        else:
            body = b"all=yes" if how == "all" else ONE_CLICK
            assert self.post(path, body, **{"sec-fetch-site": "same-origin"}).status == 200
        via = {"token": "mail", "all": "page"}.get(how, how)
        if not sub.gone:
            self.life.end(sub, now, "reader", via, every=how == "all")

    @precondition(lambda self: self.sent())
    @rule(place=places, kind=st.sampled_from(("hard", "complaint")), hook=st.booleans())
    def returned(self, place: int, kind: str, hook: bool) -> None:
        """A mail comes back, or is called spam."""
        self.tick()
        mail = self.sent()[place % len(self.sent())]
        person, via = self.life.people[mail.address], "webhook" if hook else "mail"
        self.looked = person
        self.bounced.add(mail.id)
        take(self.house, report(self.house, mail, kind), proven=hook)
        if kind == "hard":
            self.life.suppress(person, "server", via)
            return
        for sub in person.subs.values():
            if sub.number == mail.subscription:
                self.life.end(sub, self.house.clock(), "server", via)

    def sent(self) -> list[Delivery]:
        """Mails about a subscription that went to where their readers still are, and did not come back yet."""

        def counts(mail: Delivery) -> bool:
            person = self.life.people.get(mail.address)
            arrived = mail.state is DeliveryState.SENT and mail.id not in self.bounced
            if person is None or not arrived or mail.about_address or mail.planned_at is None:
                return False
            here = person.moved_at is None or mail.planned_at > person.moved_at
            return here and any(sub.number == mail.subscription for sub in person.subs.values())

        return [mail for mail in listing(self.house) if counts(mail)]

    @rule(email=emails)
    def unsuppress(self, email: str) -> None:
        person = self.life.people.get(email)
        well = person is not None and person.address == "suppressed" and not person.removed
        self.tick()
        self.is_well(well, "subscriber", "unsuppress", email, "--reason", "it works")
        if well:
            self.life.lift(email)
        self.looked = person

    @rule(email=emails)
    def remove(self, email: str) -> None:
        person, now = self.life.people.get(email), self.tick()
        self.is_well(person is not None, "subscriber", "remove", email)
        if person is not None:
            self.life.remove(email, now)
        self.looked = person

    @rule(email=emails)
    def forget(self, email: str) -> None:
        self.looked, now = self.life.people.get(email), self.tick()
        self.well("subscriber", "forget", email, "--yes")
        self.life.forget(email, now)

    # --- moving --------------------------------------------------------------------------------------

    @rule(email=emails, to=emails)
    def move(self, email: str, to: str) -> None:
        person, now = self.life.people.get(email), self.tick()
        well = person is not None and self.life.may_move(email, to, proven=False)
        self.is_well(well, "subscriber", "move", email, to)
        if person is not None and well:
            self.life.move(person, to, now, "operator", "command")
        self.looked = person

    @precondition(lambda self: self.kept())
    @rule(place=places, to=emails, page=st.booleans())
    def ask_to_move(self, place: int, to: str, page: bool) -> None:
        sub = self.sub(place)
        self.tick()
        person, other = sub.person, self.life.people.get(to)
        if page:
            path = f"/p/{self.site.token(sub.number, PREFERENCES)}"
            answer = self.post(path, urlencode({"move": "yes", "address": to}).encode())
            assert answer.status == (200 if self.is_open(sub) else 410)
            if self.is_open(sub):
                person.ask_to_move("reader", "page")
            if self.is_open(sub) and other is None:
                person.mails.append(None)
            elif self.is_open(sub) and other is not person and other is not None and other.address == "ok":
                other.mails.append(None)  # that mails come there already
        elif self.life.people.get(person.email) is person:
            well = person.address == "ok" and other is None
            self.is_well(well, "subscriber", "move", person.email, to, "--confirm")
            if well:
                person.ask_to_move("operator", "command")
                person.mails.append(None)
        self.mailed()

    @precondition(lambda self: self.ways)
    @rule(place=places, page=st.booleans())
    def confirm_move(self, place: int, page: bool) -> None:
        way = self.ways[-1 - place % len(self.ways)]
        now, person = self.tick(), way.person
        self.looked = person
        over = way.over(self.life, now)
        if page:
            assert self.post(f"{MOVE_PATH}{way.token}", b"").status == (410 if over else 200)
        else:
            self.is_well(not over, "subscriber", "confirm", way.token)
        if not over and person.email != way.new:
            self.life.move(person, way.new, now, "reader", "page" if page else "mail")
            person.mails.append(None)  # to the old address
        self.mailed()

    # --- time ----------------------------------------------------------------------------------------

    @rule(hours=st.sampled_from((1, 25, 24 * (CONFIRM_DAYS + 1), 24 * (FORGET_DAYS + 1))))
    def later(self, hours: int) -> None:
        self.house.clock.go(hours=hours)

    @rule(command=st.booleans())
    def a_pass(self, command: bool) -> None:
        now = self.tick()
        if command:
            done = self.life.expire(now, "operator", "command")
            assert json.loads(self.well("subscriber", "expire", "--json")) == {"removed": done}
        else:
            self.life.pass_time(now)
            pass_(self.house)
        self.mailed()

    # --- what all say --------------------------------------------------------------------------------

    @invariant()
    def the_command_line_lists_them(self) -> None:
        listed = json.loads(self.well("subscriber", "list", "--json"))
        keys = ("email", "publication", "state", "address", "cadence", "topics", "paused_until")
        told = sorted(tuple(str(one[key]) for key in keys) for one in listed if one["address"] != "erased")
        people = self.life.people.values()
        assert told == sorted(_facts(sub) for person in people for sub in person.subs.values())
        erased = sum(len(person.subs) for person in self.life.erased)
        assert len(listed) - len(told) == erased
        assert not [one for one in listed if one["address"] == "erased" and one["state"] != "unsubscribed"]

    @invariant()
    def the_database_has_each_change(self) -> None:
        e = t.subscription_event.c
        what = sa.case((e.action == "change", e.reason), else_="")
        query = sa.select(e.subscription_id, e.action, e.before, e.after, e.by, e.via, what).order_by(e.id)
        found: dict[int, list[tuple[str, ...]]] = {}
        with self.house.services.database.read() as connection:
            for number, *event in connection.execute(query):
                found.setdefault(number, []).append(tuple(event))
        assert found == {sub.number: sub.events for sub in self.life.subs if not sub.gone}

    @invariant()
    def the_command_line_shows_one(self) -> None:
        person = self.looked
        if person is None or self.life.people.get(person.email) is not person:
            return
        shown = json.loads(self.well("subscriber", "show", person.email, "--json"))
        told = json.loads(self.well("subscriber", "history", person.email, "--json"))
        assert shown["address"] == told["address"] == person.address
        assert {s["publication"]: s["state"] for s in shown["subscriptions"]} == {
            name: sub.state for name, sub in person.subs.items()
        }
        assert {s["publication"]: [_event(c) for c in s["changes"]] for s in told["subscriptions"]} == {
            name: sub.events for name, sub in person.subs.items()
        }

    @invariant()
    def the_pages_show_one(self) -> None:
        now = self.house.clock()
        mine = [sub for sub in self.kept() if sub.person is self.looked]
        for sub in mine:
            open_ = not sub.gone and sub.state != "unsubscribed"
            page = self.get(f"/u/{self.site.token(sub.number)}")
            assert (page.status, 'name="List-Unsubscribe"' in page.text) == (200, open_)
            page = self.get(f"/p/{self.site.token(sub.number, PREFERENCES)}")
            assert page.status == (200 if self.is_open(sub) else 410)
            if page.status == 200:
                chosen: dict[str, Any] = dict(form_of(page.text).fields)
                assert chosen["cadence"] == sub.cadence
                expected = "until" if sub.until else "pause" if sub.state == "paused" else "send"
                assert chosen.get("mails", "send") == expected
        for link in [link for link in self.told() if link.sub.person is self.looked][-3:]:
            standing = link.standing(now)
            page = self.get(f"{CONFIRM_PATH}{link.token}")
            assert page.status == (200 if standing in ("open", "confirmed") else 410), standing
            assert ('value="confirm"' in page.text) == (standing == "open")
            assert ('value="renew"' in page.text) == (standing == "expired")
        assert self.site.said == []


def _facts(sub: Sub) -> tuple[str, ...]:
    until = str(sub.until.date()) if sub.until else "None"
    return (
        sub.person.email,
        sub.publication,
        sub.state,
        sub.person.address,
        sub.cadence,
        str([sub.topic] if sub.topic else []),
        until,
    )


def _event(told: dict[str, str]) -> Event:
    what = told["reason"] if told["action"] == "change" else ""
    return (told["action"], told["from"], told["to"], told["by"], told["via"], what)


def _settle(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for before, after in SETTINGS.items():
        text, done = re.subn(rf"^# {re.escape(before)}", after, text, flags=re.MULTILINE)
        assert done == 1, before
    text = re.sub(r'^# (url = )""(  # how readers)', rf'\g<1>"{URL}"\g<2>', text, flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")


def test_all_tell_the_same_of_every_life(empty_home: Path) -> None:
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        lambda: Lives(empty_home),
        settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=quiet),
    )


def test_who_is_removed_and_comes_back_has_it_on_record(empty_home: Path) -> None:
    """A course that went wrong once: nothing was written of the address, and a command counted as the page."""
    lives = Lives(empty_home)
    try:
        lives.add(ADDRESSES[0], "news", again=False, basis=False)
        lives.confirm(0, "command")
        lives.remove(ADDRESSES[0])
        lives.the_database_has_each_change()
        lives.add(ADDRESSES[0], "news", again=True, basis=True)
        lives.the_database_has_each_change()
        lives.the_command_line_shows_one()
        lives.the_pages_show_one()
    finally:
        lives.teardown()
