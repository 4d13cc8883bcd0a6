"""The copy of a variant on the web: found by the link that stands in its mails. It names no reader."""

from __future__ import annotations

from dataclasses import dataclass

from digest.audience import tokens
from digest.compose import stored
from digest.compose.page import Facts
from digest.model.edition import View
from digest.pipeline.envelope import COPY
from digest.pipeline.imprint import imprint
from digest.pipeline.services import Services
from digest.store import publications, variants


@dataclass(frozen=True, slots=True)
class Copy:
    """`view` is None where there is none (any more); `sent` is False for a preview, which has none at all."""

    view: View | None = None
    facts: Facts | None = None
    sent: bool = True


def copied(services: Services, token: str) -> Copy | None:
    """What a link leads to; None where the token is not one of ours. Raises DigestError for a damaged view."""
    edition, _, key = (tokens.verify(services.home.secrets(), COPY, token) or "").partition(":")
    if not edition.isdecimal() or not key:
        return None
    if not int(edition):
        return Copy(sent=False)
    with services.database.read() as connection:
        packed = variants.view(connection, int(edition), key)
        if packed is None:
            return Copy()
        publication = publications.of_edition(connection, int(edition))
    view = stored.unpack(packed)
    own = imprint(services.settings.mail, publication)
    return Copy(view, Facts(view.publication_title, own.sender, imprint=own.footer))
