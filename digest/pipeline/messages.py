"""The bytes of deliveries: spliced from the variants' stored messages, and signed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from email.utils import parseaddr

from digest.deliver.message import Template
from digest.deliver.send import Ready
from digest.deliver.transports.base import Wire
from digest.model.delivery import Delivery
from digest.model.splice import SENDER
from digest.pipeline.envelope import bounce_address
from digest.pipeline.imprint import imprint
from digest.pipeline.services import Services
from digest.pipeline.signing import keyring
from digest.store import publications, variants

_TEMPLATES_KEPT = 8  # senders go through the variants in order, so few are in use at a time


class Messages:
    """For use by several threads. Raises SettingsError at once where the keys that are to sign are missing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._secret = services.home.secret()
        self._keys = keyring(services.home)
        self._keys.require()
        self._templates: OrderedDict[int, Template] = OrderedDict()
        self._senders: dict[int | None, str] = {}
        self._lock = threading.Lock()

    def of(self, delivery: Delivery) -> Ready:
        """The same bytes every time for what may have left before."""
        with self._lock:
            template = self._template(delivery.variant)
            from_ = delivery.splice.get(SENDER) or self._from(delivery.edition)
        sender = bounce_address(self._services.settings.mail.bounces, self._secret, delivery.id, from_)
        message = template.splice(delivery.splice)
        binding = delivery.signed_with if delivery.sent_before else self._keys.bind(from_)
        if signer := self._keys.bound(binding):
            message = signer.sign(message, delivery.date) + message
        return Ready(sender, Wire(message) if template.fit else message, binding)

    def keep(self, delivery: Delivery, stored: bytes, sender: str) -> None:
        """Make ready for a delivery that stands in no table: its stored message, and the address that it is from."""
        with self._lock:
            self._templates[delivery.variant] = Template(stored)
            self._senders[delivery.edition] = sender

    def _template(self, variant_id: int) -> Template:
        found = self._templates.get(variant_id)
        if found is None:
            with self._services.database.read() as connection:
                found = Template(variants.load(connection, variant_id).message)
            self._templates[variant_id] = found
            if len(self._templates) > _TEMPLATES_KEPT:
                self._templates.popitem(last=False)
        return found

    def _from(self, edition: int | None) -> str:
        found = self._senders.get(edition)
        if found is None:
            found = self._senders[edition] = parseaddr(self._sender(edition))[1]
        return found

    def _sender(self, edition: int | None) -> str:
        if edition is None:
            return imprint(self._services.settings.mail).sender
        with self._services.database.read() as connection:
            return imprint(self._services.settings.mail, publications.of_edition(connection, edition)).sender
