"""A test mail: what the next edition would be, sent once to one address. No reader gets it, and none is told by it."""

from __future__ import annotations

from dataclasses import dataclass

from digest.audience.address import address_key, normalise
from digest.deliver.run import Ready
from digest.deliver.trial import Answered, send_one
from digest.errors import DigestError, UsageError
from digest.model.delivery import Delivery, DeliveryKind, DeliveryState
from digest.model.publication import Publication
from digest.model.subscription import AddressState
from digest.pipeline.choices import check_language
from digest.pipeline.compose import Composed
from digest.pipeline.envelope import Envelope
from digest.pipeline.imprint import imprint
from digest.pipeline.messages import Messages
from digest.pipeline.preview import marked
from digest.pipeline.services import Services
from digest.store import publications, subscribers

MARK = "[test] "
_NONE = 0  # no delivery, edition or variant has this id


@dataclass(frozen=True, slots=True)
class Tested:
    """`new`: it is what would be mailed now; else nothing would, and it shows the newest stories instead."""

    to: str
    subject: str
    message_id: str
    answered: Answered
    new: bool


def send(services: Services, publication_name: str, *, to: str, email: str = "", language: str = "") -> Tested:
    """As a subscriber (`email`) or a new one would get it. Raises TransportError, or DigestError if it is refused."""
    address = normalise(to)
    language = check_language(language) if language else ""
    with services.database.read() as connection:
        publication = publications.get(connection, publication_name)
        person = subscribers.by_key(connection, address_key(address))
    if person is not None and person.address_state is not AddressState.OK:
        reason = f"this address is {person.address_state}: {person.address_reason}"
        raise UsageError(reason, where=address, mend="nothing is sent to it")
    composed, new = _composed(services, publication, email, language)
    envelope = Envelope.on_trial(services.home, publication, address, services.clock())
    ready = _built(services, publication, composed, envelope)
    transports = [relay.transport for relay in services.open_relays()]
    answered = send_one(transports, ready.sender, address, ready.message)
    if not answered.sent:
        said = f"the server answered: {answered.reply}" if answered.reply else ""
        raise DigestError(f"the test mail was not sent: {answered.reason}", where=address, mend=said)
    return Tested(address, composed.subject, envelope.message_id, answered, new)


def _composed(services: Services, publication: Publication, email: str, language: str) -> tuple[Composed, bool]:
    for newest in (False, True):
        found = marked(services, publication, email=email, language=language, mark=MARK, newest=newest)
        if found is not None:
            return found, not newest
    mend = "take in articles: digest ingest FILES, digest fetch, digest group"
    raise DigestError("there is nothing to put into a test mail", where=publication.name, mend=mend)


def _built(services: Services, publication: Publication, composed: Composed, envelope: Envelope) -> Ready:
    """Envelope sender and message, made as those of any delivery are."""
    delivery = Delivery(
        id=_NONE,
        kind=DeliveryKind.EDITION,
        key=envelope.message_id,
        state=DeliveryState.CLAIMED,
        address=envelope.address,
        message_id=envelope.message_id,
        date=services.clock(),
        variant=_NONE,
        splice=envelope.splice,
        edition=_NONE,
    )
    messages = Messages(services)
    messages.keep(delivery, composed.message, imprint(services.settings.mail, publication).address)
    return messages.of(delivery)
