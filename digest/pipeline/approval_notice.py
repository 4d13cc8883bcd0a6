"""Editions that wait are told to the operator: one notice for all zones of a number that wait and were not told of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from digest.compose.letter import Notice
from digest.compose.letter_approval import Approving, Glimpse, Waits
from digest.deliver.message import Attached, Template
from digest.errors import DigestError
from digest.model.delivery import DeliveryKind
from digest.model.edition import Edition
from digest.model.publication import Publication, Unapproved
from digest.pipeline import notices
from digest.pipeline.envelope import Envelope
from digest.pipeline.imprint import imprint
from digest.pipeline.services import Services
from digest.store import approvals, editions, variants
from digest.store.approvals import MostRead, Waiting
from digest.store.stories import Connection

#: Bytes of a mail that goes with its notice: all are smaller, but for pictures.
_LONGEST_MAIL = 400_000


def tell(services: Services) -> DigestError | None:
    """Plan the notices that are due, and return what went wrong: the editions wait all the same."""
    if not services.settings.mail.operator:
        return None
    with services.database.read() as connection:
        if not _untold(connection):
            return None
    try:
        with services.database.write() as connection:
            for found in _by_number(_untold(connection)):
                _plan(connection, services, found, services.clock())
    except DigestError as error:  # a broken template: the mails of readers are not to suffer
        what = f"the notice that an edition waits cannot be made: {error}"
        return DigestError(what, mend="digest edition list shows what waits")
    return None


def _untold(connection: Connection) -> list[Waiting]:
    return [found for found in approvals.waiting(connection) if found.left and found.edition.approval_at is None]


def _by_number(found: Iterable[Waiting]) -> list[list[Waiting]]:
    """Zones whose hour has not come yet are told of later: their edition is cut then, and has other news."""
    named: dict[tuple[int, str], list[Waiting]] = {}
    for each in found:
        named.setdefault((each.publication.id, each.edition.name), []).append(each)
    return list(named.values())


def _plan(connection: Connection, services: Services, found: Sequence[Waiting], now: datetime) -> None:
    operator = notices.operator(connection, services, now)
    if operator is None:
        return
    edition, publication = found[0].edition, found[0].publication
    ids = [each.edition.id for each in found]
    read = approvals.most_read(connection, ids)
    mail = _attached(connection, services, publication, edition, read, now)
    asked = Approving(
        edition=edition.name,
        waits=tuple(Waits(each.edition.zone, each.left, each.edition.approve_by or now) for each in found),
        variants=read.variants if read else 0,
        languages=read.languages if read else (),
        sends=publication.unapproved is Unapproved.SEND,
        glimpse=_glimpse(connection, read),
        attached=mail is not None,
    )
    command = notices.commands(services)
    # With its zone where there are others that this notice does not tell of: theirs is another edition.
    alone = len(editions.in_zones(connection, edition.name)) == len(found)
    name = edition.name if alone or len(found) > 1 else f"{edition.name}@{edition.zone}"
    told = Notice(
        "approval",
        sum(each.left for each in found),
        now,
        commands=(
            command("edition", "approve", name),
            command("edition", "reject", name),
            command("edition", "show", name if len(found) == 1 else f"{name}@{edition.zone}"),
        ),
        approval=asked,
    )
    person, language, zone = operator
    single = notices.Single(
        kind=DeliveryKind.NOTICE,
        key=f"approval:{ids[0]}",
        to=person,
        said=told,
        by=imprint(services.settings.mail, publication),
        language=language,
        zone=zone,
        attached=mail,
    )
    notices.plan(connection, services, single, now)
    approvals.asked(connection, ids, now)


def _glimpse(connection: Connection, read: MostRead | None) -> Glimpse | None:
    if read is None:
        return None
    entries: dict[int, tuple[str, str]] = {}
    for told in variants.told(connection, [read.variant]).get(read.variant, []):
        if told.position >= 0:
            entries.setdefault(told.position, (told.headline, told.reason))
    return Glimpse(read.subject, read.language, read.readers, tuple(entries.values()))


def _attached(
    connection: Connection,
    services: Services,
    publication: Publication,
    edition: Edition,
    read: MostRead | None,
    now: datetime,
) -> Attached | None:
    """The mail as its readers would get it, but for a link that ends no subscription."""
    if read is None:
        return None
    envelope = Envelope.on_trial(services.home, publication, services.settings.mail.operator, now)
    message = Template(variants.load(connection, read.variant).message).splice(envelope.splice)
    if len(message) > _LONGEST_MAIL:
        return None
    return Attached(f"{edition.publication}-{edition.cadence}-{edition.number}.eml", message)
