"""A whole digest in a temporary folder: real store, real pipeline, a clock to move and a transport to script."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from digest import app
from digest.deliver.relay import Relay
from digest.deliver.retry import Stage
from digest.deliver.send import Summary
from digest.deliver.testing import FakeTransport
from digest.deliver.transports.base import Reply
from digest.model.article import RawArticle
from digest.model.dates import PartialDate, Precision
from digest.model.delivery import Delivery
from digest.model.publication import Publication
from digest.model.ranges import Ranges
from digest.model.subscription import Subscription
from digest.pipeline import deliver, group, ingest, publications, publish, run, subscriptions
from digest.pipeline.ingest_report import IngestReport
from digest.pipeline.plan_batch import PlanReport
from digest.pipeline.services import Services
from digest.store import deliveries
from digest.store import tables as t

START = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)  # a Monday, far from any change of the clocks

DEFERRED = Reply(450, "greylisted, try again", Stage.RCPT, "4.7.1")
REFUSED = Reply(550, "no such user", Stage.RCPT, "5.1.1")
LOST = Reply(0, "the connection broke", Stage.DOT, ambiguous=True)


class Clock:
    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def go(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now

    def go_to(self, day: int, hour: int = 0, minute: int = 0, month: int = 3) -> datetime:
        self.now = datetime(2026, month, day, hour, minute, tzinfo=UTC)
        return self.now


@dataclasses.dataclass
class House:
    """What a test holds on to."""

    services: Services
    clock: Clock
    transport: FakeTransport

    def mails(self, recipient: str = "") -> list[bytes]:
        return [message for to, message in self.transport.wire if recipient in ("", to)]


def make_home(folder: Path) -> Path:
    app.init(folder, sender="Digest <digest@example.com>", transport="maildir", environ={})
    return folder


@contextmanager
def open_house(folder: Path, *, template: Path | None = None, **environ: str) -> Iterator[House]:
    """`environ` are settings: DIGEST_… in the environment. With `template` its copy is opened, which is quicker."""
    if template is not None:
        shutil.copytree(template, folder, dirs_exist_ok=True)
    clock, transport = Clock(), FakeTransport()
    made = app.services(folder, environ)
    services = dataclasses.replace(made, clock=clock, open_relays=lambda: [Relay("fake", transport, 2)])
    try:
        yield House(services, clock, transport)
    finally:
        services.database.close()


# --- articles -------------------------------------------------------------------------------------

_SYLLABLES = ("bra", "zel", "quo", "dun", "fip", "gar", "hox", "jul", "kem", "lov", "mip", "nar", "pud", "rik", "sot")


def word(number: int) -> str:
    """A made-up word of its own for each number."""
    found = ""
    for _ in range(4):
        number, place = divmod(number, len(_SYLLABLES))
        found += _SYLLABLES[place]
    return found


def token(number: int, version: int = 1) -> str:
    return f"Tk{number}v{version}"


def tokens(message: bytes) -> set[str]:
    """The tokens of articles in the plain text of a mail."""
    return tokens_in([plain_of(message)])


def tokens_in(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in re.findall(r"Tk\d+v\d+", text)}


def links_in(message: bytes, path: str) -> list[str]:
    """The tokens of the links to one of our pages in the plain text of a mail."""
    return re.findall(rf"https?://\S+{re.escape(path)}(\S+)", plain_of(message))


def plain_of(message: bytes) -> str:
    """The plain text of a mail."""
    found = email.message_from_bytes(message, policy=email.policy.default)
    body = found.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def raw(
    number: int,
    now: datetime,
    *,
    version: int = 1,
    topic: str = "",
    days_old: float = 0,
    identity: str | None = None,
) -> RawArticle:
    """An article that is like no other one. Its title names it and its revision: see `token`."""
    words = [word(number * 37 + n).capitalize() for n in range(8)]
    sentences = [
        f"The {words[0]} of {words[1]} was opened by {words[2]} {words[3]} in front of many guests.",
        f"Later {words[4]} {words[5]} wrote to {words[6]} that the {words[7]} would follow.",
    ]
    sentences += [
        f"Then {word(number * 37 + 10 + v).capitalize()} asked for number {v}." for v in range(2, version + 1)
    ]
    return RawArticle(
        text=" ".join(sentences),
        origin=f"{number}.txt",
        identity=f"id:{number}" if identity is None else identity,
        external_id=str(number),
        title=f"{words[0]} {words[1]} {token(number, version)}",
        language="en",
        date=PartialDate(now - timedelta(days=days_old), Precision.MINUTE),
        topics=(topic,) if topic else (),
    )


def take_in(house: House, *numbers: int, version: int = 1, topic: str = "", days_old: float = 0) -> IngestReport:
    """Ingest these articles by hand and group them."""
    now = house.clock()
    found = [raw(n, now, version=version, topic=topic, days_old=days_old) for n in numbers]
    report = ingest.ingest(house.services, found)
    group.group(house.services)
    return report


def ranges_of(house: House, variant: int) -> Ranges:
    """What a variant covers."""
    with house.services.database.read() as connection:
        spans = connection.execute(sa.select(t.variant.c.ranges).where(t.variant.c.id == variant)).scalar_one()
    return Ranges.of((lo, hi) for lo, hi in spans)


# --- readers --------------------------------------------------------------------------------------


def publication(house: House, name: str = "news", *, every: str = "day", **asked: object) -> Publication:
    return publications.add(house.services, publications.Asked(name, every=[every], **asked))  # type: ignore[arg-type]


def subscribe(house: House, email_: str, name: str = "news", **wanted: object) -> Subscription:
    asked = subscriptions.Wanted(email_, name, **wanted)  # type: ignore[arg-type]
    return subscriptions.subscribe(house.services, asked)[0]


def publish_now(house: House, name: str = "news", slot: str = "") -> PlanReport:
    from digest.pipeline.calendar import cut_by_hand
    from digest.store import publications as stored

    with house.services.database.read() as connection:
        found = stored.get(connection, name)
    return publish.plan_editions(house.services, cut_by_hand(house.services, found, slot, ""))[0]


def meanwhile(house: House, happens: Callable[[], object]) -> PlanReport:
    """Cut an extra edition, and let something happen while it is being composed."""
    services, todo = house.services, [happens]

    def load(ask: Any, name: str) -> Any:
        if todo:
            todo.pop()()
        return services.load_summariser(ask, name)

    return publish_now(dataclasses.replace(house, services=dataclasses.replace(services, load_summariser=load)))


def deliver_all(house: House) -> Summary:
    return deliver.deliver(house.services)


def pass_(house: House) -> run.PassReport:
    """One pass of everything, in which nothing may fail."""
    report = run.run(house.services)
    assert not report.failed, report.failed
    return report


# --- looking at the books -------------------------------------------------------------------------


def listing(house: House, **where: object) -> list[Delivery]:
    with house.services.database.read() as connection:
        return deliveries.listing(connection, **where)  # type: ignore[arg-type]


def states(house: House) -> list[tuple[str, str, str]]:
    """(edition, reader, state) of every delivery."""
    return [(d.edition_name, d.subscriber, str(d.state)) for d in listing(house)]


def bounce(house: House, delivery: Delivery) -> None:
    """Put a bounce on record."""
    with house.services.database.write() as connection:
        mine = t.delivery.c.id == delivery.id
        connection.execute(sa.update(t.delivery).where(mine).values(bounced_at=house.clock()))


def all_rows(house: House) -> Mapping[str, list[tuple[object, ...]]]:
    """Everything in the database, but for who led when, and when the last pass was."""
    with house.services.database.read() as connection:
        return {
            table.name: sorted(tuple(map(repr, row)) for row in connection.execute(sa.select(table)))
            for table in t.metadata.sorted_tables
            if table.name not in ("leader", "last_pass")
        }
