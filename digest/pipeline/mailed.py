"""What one reader was sent of an edition, exactly as it was; or why nothing."""

from __future__ import annotations

from dataclasses import dataclass

from digest.audience import standing_said
from digest.deliver.message import Template
from digest.errors import UsageError
from digest.model.delivery import Variant
from digest.model.edition import Edition
from digest.model.explanation import Part
from digest.model.subscription import AddressState, Subscription
from digest.pipeline import explaining, persons
from digest.pipeline.services import Services
from digest.store import editions, explanations, publications, subscribers, variants
from digest.store.stories import Connection

_EARLIER = 10  # editions among which one that this one waits for is looked for


@dataclass(frozen=True, slots=True)
class Mailed:
    """A reader's part in an edition. `said`: what became of it, in a sentence.

    `message`: the bytes of the mail without its signature; none where there is no mail, or where it cannot be shown any
    more, which `withdrawn` then says.
    """

    edition: Edition
    subscription: Subscription
    part: Part
    said: str
    variant: Variant | None = None
    message: bytes | None = None
    withdrawn: str = ""

    @property
    def signed(self) -> bool:
        return self.part.mail is not None and bool(self.part.mail.delivery.signed_with)


def mailed(services: Services, name: str, email: str) -> Mailed:
    """Raises NotFound or UsageError where there is no such edition, reader or subscription."""
    now = services.clock()
    with services.database.read() as connection:
        found = editions.in_zones(connection, name)
        publication = publications.of_edition(connection, found[0].id)
        person = persons.find(connection, services.home, email)
        subscription = subscribers.subscription(connection, person.id, publication.id)
        if subscription is None:
            mend = f"see: digest subscriber show {person.email}"
            raise UsageError(f"{person.email} never subscribed to {publication.name}", mend=mend)
        part = _part(connection, subscription, found)
        said = standing_said.of_part(part, explaining.standing(connection, subscription, _EARLIER, now))
        if part.mail is None:
            return Mailed(part.edition, subscription, part, said)
        variant = variants.load(connection, part.mail.delivery.variant)
    if part.mail.withdrawn_at is not None:
        gone = f"{said} It cannot be shown: an article in it was removed on {part.mail.withdrawn_at:%Y-%m-%d}."
        return Mailed(part.edition, subscription, part, said, variant, withdrawn=gone)
    if person.address_state is AddressState.ERASED:
        gone = f"{said} It cannot be shown: what was this reader's own in it was erased."
        return Mailed(part.edition, subscription, part, said, variant, withdrawn=gone)
    if gone_at := part.mail.text_deleted_at:
        gone = f"{said} It cannot be shown: its text was deleted on {gone_at:%Y-%m-%d}, since it was old."
        return Mailed(part.edition, subscription, part, said, variant, withdrawn=gone)
    if part.mail.deleted_at is not None:
        return Mailed(part.edition, subscription, part, said, variant, withdrawn=f"{said} It cannot be shown.")
    message = Template(variant.message).splice(part.mail.delivery.splice)
    return Mailed(part.edition, subscription, part, said, variant, message)


def _part(connection: Connection, subscription: Subscription, found: list[Edition]) -> Part:
    """Of the same edition in several zones the one that the reader has a mail of, or a reason for none, or lives in."""
    parts = explanations.parts_in(connection, subscription.id, [e.id for e in found])

    def nearness(part: Part) -> tuple[bool, bool, bool]:
        return part.mail is not None, part.skipped is not None, part.edition.zone == subscription.zone

    return max(parts, key=nearness)
