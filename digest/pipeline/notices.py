"""Mails to one person: a confirmation that is asked for, a notice to the operator.

They are deliveries as those of an edition are: the same states, sender, ledger, retries and bounces. They belong to
no edition and cover no news.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr

from digest.audience import tokens
from digest.audience.address import address_key, normalise
from digest.compose.letter import Confirm, LetterSlots, Notice, Subscribed
from digest.compose.letter_address import Moving
from digest.compose.render import Renderer
from digest.deliver import headers, message
from digest.model import splice
from digest.model.delivery import DeliveryKind, Uncertain
from digest.model.ranges import Ranges
from digest.model.splice import SlotNames
from digest.model.subscription import AddressState, Subscriber
from digest.pipeline.envelope import domain_of, for_address
from digest.pipeline.imprint import Imprint
from digest.pipeline.services import Services
from digest.store import deliveries, singles, subscribers, variants
from digest.store.stories import Connection

#: Within this time it goes out, or it is of no use any more.
PATIENCE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Single:
    """A mail to be. `key` tells it from all others of its kind: planning it twice makes one."""

    kind: DeliveryKind
    key: str
    to: Subscriber
    said: Confirm | Subscribed | Moving | Notice
    by: Imprint
    language: str
    zone: str
    subscription: int | None = None
    values: dict[str, str] = field(default_factory=dict)  # what the slots of this kind hold
    attached: message.Attached | None = None

    @property
    def full_key(self) -> str:
        return f"{self.kind}:{self.key}"


def commands(services: Services) -> Callable[..., str]:
    """What writes commands that work from wherever the operator is."""
    home = str(services.home.folder)
    return lambda *words: shlex.join(["digest", "--home", home, *words])


def operator(connection: Connection, services: Services, now: datetime) -> tuple[Subscriber, str, str] | None:
    """Whom notices go to, with the language and zone that they read by; None where nothing may be sent there.

    The operator's own as a subscriber; else what new publications get.
    """
    email = normalise(services.settings.mail.operator)
    person = subscribers.ensure(connection, email, address_key(email), "", now)
    if person.address_state is not AddressState.OK:
        return None
    for subscription in subscribers.subscriptions(connection, person.id):
        return person, subscription.language, subscription.zone
    return person, services.settings.publication.language, services.settings.publication.zone


def plan(connection: Connection, services: Services, single: Single, now: datetime) -> int:
    """Plan the mail, within a transaction of the caller's; the id of its delivery, which may be there already."""
    found = singles.by_key(connection, single.full_key)
    if found is not None:
        return found.id
    secret, domain = services.home.secret(), domain_of(services.settings.mail.domain, single.by.address)
    message_id = tokens.message_id(secret, single.kind, single.key, domain)
    wanted = deliveries.Plan(
        kind=single.kind,
        key=single.full_key,
        edition=None,
        subscription=single.subscription,
        subscriber=single.to.id,
        variant=_variant(connection, services, single),
        covers_hi=0,
        uncertain=Uncertain.RESEND,
        address=single.to.email,
        message_id=message_id,
        date=now,
        splice={
            **for_address(single.to),
            **single.values,
            splice.MESSAGE_ID: message_id,
            splice.DATE: headers.date(now),
            splice.SENDER: single.by.address,
        },
        give_up_at=now + PATIENCE,
    )
    return deliveries.plan(connection, wanted, now)


def check(services: Services, single: Single) -> None:
    """Raises what planning it would, where the operator has to mend something: TemplateError or SettingsError."""
    _built(services, single)


def _variant(connection: Connection, services: Services, single: Single) -> int:
    """Rendered for all who are told the same; kept once for the same words."""
    key, subject, built = _built(services, single)
    return variants.add(
        connection,
        None,
        variants.make_key(key, built.hex()),  # the operator may change a template meanwhile
        look=str(single.kind),
        language=single.language,
        zone=single.zone,
        ranges=Ranges.of([]),
        subject=subject,
        message=built,
        more=0,
        told=(),
    )


def _built(services: Services, single: Single) -> tuple[str, str, bytes]:
    """By what it is told from others, its subject, and the message for all who are told the same."""
    mail = services.settings.mail
    key = variants.make_key(single.kind, single.said, single.by, single.language, single.zone, sorted(single.values))
    slots = SlotNames(variants.make_key("slots", services.home.secret().hex(), key)[:16])
    rendered = Renderer(services.template_folders).letter(
        single.said,
        LetterSlots(slots.marker(splice.ADDRESS), **{name: slots.marker(name) for name in single.values}),
        language=single.language,
        zone=single.zone,
        sender=single.by.sender,
        imprint=single.by.footer,
    )
    name, address = parseaddr(single.by.sender)
    facts = message.MessageFacts(
        kind=single.kind,
        sender_name=name,
        sender_address=address,
        reply_to=single.by.reply_to,
        list_name="",
        list_title="",
        domain=domain_of(mail.domain, address),
        language=single.language,
        key=key,
        feedback=(str(single.kind),),
    )
    built = message.build(
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        slots=slots,
        facts=facts,
        attached=single.attached,
    )
    return key, rendered.subject, built
