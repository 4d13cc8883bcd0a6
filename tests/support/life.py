"""What should become of readers, in plain Python: states, who may do what, and what stands in the history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

CONFIRM_DAYS, FORGET_DAYS = 7, 30
#: Action, before, after, by, via; of what was chosen anew, what is different.
Event = tuple[str, str, str, str, str, str]


@dataclass(eq=False)
class Sub:
    """`stamp`: when its state changed last; `asked`: when the reader was asked last."""

    number: int
    publication: str
    person: Person
    state: str
    stamp: datetime
    events: list[Event] = field(default_factory=list)
    until: datetime | None = None
    asked: datetime | None = None
    gone: bool = False
    cadence: str = "day"
    topic: str = ""  # the only one

    def say(self, action: str, before: str, after: str, by: str, via: str, what: str = "") -> None:
        self.events.append((action, before, after, by, via, what))

    def choose(self, cadence: str, topic: str, by: str, via: str) -> None:
        """On record where it is not what it was."""
        said = [f"cadence: {self.cadence} -> {cadence}"] if cadence != self.cadence else []
        if topic != self.topic:
            other, whole = f"+{topic}, -{self.topic}", f"{self.topic or 'all'} -> {topic or 'all'}"
            said.append(f"topics: {other if topic and self.topic else whole}")
        self.cadence, self.topic = cadence, topic
        if said:
            self.say("change", self.state, self.state, by, via, "; ".join(said))

    def go(self, action: str, after: str, now: datetime, by: str, via: str) -> None:
        self.say(action, self.state, after, by, via)
        self.state, self.stamp, self.until = after, now, None


@dataclass(eq=False)
class Person:
    email: str
    address: str = "ok"
    removed: bool = False  # suppressed by the operator's own word
    subs: dict[str, Sub] = field(default_factory=dict)
    mails: list[Sub | None] = field(default_factory=list)  # what each was about
    moved_at: datetime | None = None
    past: set[str] = field(default_factory=set)  # addresses that were theirs

    def all_say(self, action: str, before: str, after: str, by: str, via: str) -> None:
        for sub in self.subs.values():
            sub.say(action, before, after, by, via)

    def ask_to_move(self, by: str, via: str) -> None:
        """On record whatever comes of it, once, where a subscription goes on."""
        for sub in sorted(self.subs.values(), key=lambda sub: sub.number):
            if sub.state != "unsubscribed":
                sub.say("ask to move", sub.state, sub.state, by, via)
                return


@dataclass(frozen=True)
class Link:
    """Of a mail that asks for a confirmation."""

    token: str
    sub: Sub
    email: str
    stamp: datetime
    until: datetime

    def standing(self, now: datetime) -> str:
        person = self.sub.person
        if self.sub.gone:
            return "gone"
        if person.email != self.email:
            return "old"
        if person.address != "ok" or self.sub.state == "unsubscribed":
            return "ended"
        if self.sub.state != "pending":
            return "confirmed"
        return "old" if self.stamp != self.sub.stamp else "expired" if now >= self.until else "open"


@dataclass(frozen=True)
class Way:
    """Of a mail that asks at a new address."""

    token: str
    person: Person
    old: str
    new: str
    at: datetime

    def over(self, life: Life, now: datetime) -> bool:
        person = self.person
        if life.people.get(person.email) is not person:
            return True
        if person.email == self.new:
            return False
        stale = person.email != self.old or (person.moved_at is not None and person.moved_at >= self.at)
        late = now >= self.at + timedelta(days=CONFIRM_DAYS)
        return stale or late or person.address != "ok" or self.new in life.people


@dataclass
class Life:
    """All people by their addresses; who was erased is in `erased` alone."""

    people: dict[str, Person] = field(default_factory=dict)
    erased: list[Person] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    subs: list[Sub] = field(default_factory=list)  # all that there ever were

    def make(self, email: str, publication: str, state: str, now: datetime, by: str, via: str) -> Sub:
        """A new subscription of somebody who may be new, too."""
        person = self.people.setdefault(email, Person(email))
        sub = Sub(0, publication, person, state, now)
        sub.say("subscribe", "", state, by, via)
        person.subs[publication] = sub
        self.subs.append(sub)
        return sub

    def held(self, email: str, publication: str) -> Sub | None:
        person = self.people.get(email)
        return person.subs.get(publication) if person else None

    def add(self, email: str, publication: str, now: datetime, *, again: bool, basis: bool) -> bool:
        """By the operator. Whether that is well."""
        if email in self.forgotten and not (again and not basis):
            return False
        person, sub = self.people.get(email), self.held(email, publication)
        lifted = person is not None and person.removed and again
        if person is not None and person.address != "ok" and not lifted:
            return False
        if sub is not None and sub.state == "unsubscribed" and not again:
            return False
        if lifted and person is not None:
            self.lift(email)
        if sub is None:
            sub = self.make(email, publication, "active" if basis else "pending", now, "operator", "command")
            self.ask(sub, now, basis=basis)
        elif sub.state == "unsubscribed":
            sub.go("resubscribe", "pending", now, "operator", "command")
            if basis:
                sub.go("confirm", "active", now, "operator", "command")
            self.ask(sub, now, basis=basis)
        elif sub.state == "pending" and sub.asked is None:
            self.ask(sub, now, basis=basis)
        return True

    @staticmethod
    def ask(sub: Sub, now: datetime, *, basis: bool = False) -> None:
        if not basis:
            sub.asked = now
            sub.person.mails.append(sub)

    def sign_up(self, email: str, publication: str, now: datetime) -> None:
        """By the page, which says the same whatever comes of it."""
        person, sub = self.people.get(email), self.held(email, publication)
        if person is not None and person.address != "ok":
            return
        held = sub is not None
        if sub is None:
            sub = self.make(email, publication, "pending", now, "reader", "page")
        elif sub.state in ("active", "paused"):
            sub.person.mails.append(sub)  # that the mails come already
            return
        elif sub.state == "unsubscribed":
            sub.go("resubscribe", "pending", now, "reader", "page")
        else:
            sub.say("subscribe", "pending", "pending", "reader", "page")
        if held:
            sub.choose("day", "", "reader", "page")  # as the form has it
        self.ask(sub, now)

    def confirm(self, link: Link, now: datetime, via: str) -> str:
        """The standing of the link afterwards."""
        if link.standing(now) == "open":
            link.sub.go("confirm", "active", now, "reader", via)
            self.forgotten.discard(link.email)
        return link.standing(now)

    @staticmethod
    def end(sub: Sub, now: datetime, by: str, via: str, *, every: bool = False) -> None:
        for each in sub.person.subs.values() if every else [sub]:
            if each.state != "unsubscribed" and not each.gone:
                each.go("unsubscribe", "unsubscribed", now, by, via)

    @staticmethod
    def pause(sub: Sub, until: datetime | None, now: datetime, by: str, via: str) -> bool:
        if sub.state not in ("active", "paused"):
            return False
        if sub.state == "active" or sub.until != until:
            sub.go("pause", "paused", now, by, via)
            sub.until = until
        return True

    @staticmethod
    def resume(sub: Sub, now: datetime, by: str, via: str) -> bool:
        if sub.state not in ("active", "paused") or (sub.state == "paused" and sub.person.address != "ok"):
            return False
        if sub.state == "paused":
            sub.go("resume", "active", now, by, via)
        return True

    @staticmethod
    def suppress(person: Person, by: str, via: str) -> None:
        if person.address == "ok":
            person.address = "suppressed"
            person.all_say("suppress", "ok", "suppressed", by, via)

    def lift(self, email: str) -> bool:
        person = self.people[email]
        if person.address != "suppressed":
            return False
        person.address, person.removed = "ok", False
        person.all_say("unsuppress", "suppressed", "ok", "operator", "command")
        return True

    def remove(self, email: str, now: datetime) -> None:
        person = self.people[email]
        opted_out = any(s.state == "unsubscribed" for s in person.subs.values())
        if not opted_out and not person.mails:
            self._drop(person)
            return
        for sub in person.subs.values():
            self.end(sub, now, "operator", "command")
        if not person.removed:
            person.all_say("suppress", person.address, "suppressed", "operator", "command")
        person.address, person.removed = "suppressed", True

    def _drop(self, person: Person) -> None:
        for sub in person.subs.values():
            sub.gone = True
        del self.people[person.email]

    def forget(self, email: str, now: datetime) -> None:
        person, known = self.people.pop(email, None), {email}
        if person is not None:
            known |= person.past
            for sub in person.subs.values():
                self.end(sub, now, "operator", "command")
                sub.events = [(*event[:-1], "") for event in sub.events]  # what was said of it is theirs
            person.all_say("forget", person.address, "erased", "operator", "command")
            person.email, person.address, person.removed = "", "erased", False
            self.erased.append(person)
        self.forgotten |= {each for each in known if each not in self.people}

    def may_move(self, email: str, to: str, *, proven: bool) -> bool:
        person = self.people[email]
        other = self.people.get(to)
        return not person.removed and other in (None, person) and (proven or to not in self.forgotten)

    def move(self, person: Person, to: str, now: datetime, by: str, via: str) -> None:
        del self.people[person.email]
        person.past.add(person.email)
        person.email, person.address, person.moved_at = to, "ok", now
        person.all_say("move", "", "moved", by, via)
        self.people[to] = person
        self.forgotten.discard(to)

    def take_line(self, email: str, publication: str, state: str, topic: str, now: datetime) -> str:
        """Of a file: what comes of it."""
        person, sub = self.people.get(email), self.held(email, publication)
        if email in self.forgotten:
            return "forgotten"
        if person is not None and person.address != "ok":
            return "suppressed"
        if sub is None:
            self.make(email, publication, state, now, "operator", "file").topic = topic
            return "added"
        if sub.state == "unsubscribed" != state:
            return "unsubscribed"
        if state == "unsubscribed" != sub.state:
            self.end(sub, now, "operator", "file")
            return "merged"
        if topic not in ("", sub.topic) and sub.state != "unsubscribed":
            sub.choose(sub.cadence, topic, "operator", "file")
            return "merged"
        return "known"

    def pass_time(self, now: datetime, via: str = "pass") -> None:
        """What one pass does by itself."""
        for person in list(self.people.values()):
            for sub in list(person.subs.values()) if person.address == "ok" else []:
                if sub.state == "paused" and sub.until and sub.until <= now:
                    sub.go("resume", "active", sub.until, "digest", "pass")
        self.expire(now, "digest", via)

    def expire(self, now: datetime, by: str, via: str) -> int:
        before, done = now - timedelta(days=FORGET_DAYS), 0
        for person in list(self.people.values()):
            for sub in list(person.subs.values()) if person.address == "ok" else []:
                if sub.state == "pending" and sub.asked is not None and max(sub.asked, sub.stamp) < before:
                    done += 1
                    self._expire(person, sub, now, by, via)
        return done

    def _expire(self, person: Person, sub: Sub, now: datetime, by: str, via: str) -> None:
        if any(event[0] == "resubscribe" for event in sub.events):
            self.end(sub, now, by, via)
            return
        sub.gone = True
        del person.subs[sub.publication]
        person.mails = [about for about in person.mails if about is not sub]
        if not person.subs:
            del self.people[person.email]
