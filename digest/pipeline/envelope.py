"""What is one recipient's own in a message: address, Message-ID, the values spliced into the variant."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from digest.audience import tokens
from digest.deliver import headers
from digest.errors import SettingsError, UsageError
from digest.home import Home
from digest.model import splice as slots
from digest.model.edition import Edition
from digest.model.publication import Access, Publication
from digest.model.subscription import Subscriber, Subscription
from digest.pipeline.imprint import imprint
from digest.settings import WebSettings

UNSUBSCRIBE = "unsubscribe"  # what its tokens are for
UNSUBSCRIBE_PATH = "/u/"
PREFERENCES = "preferences"
PREFERENCES_PATH = "/p/"
CONFIRM_PATH = "/c/"
MOVE = "move"  # to another address; also the word before its token in a subject
MOVE_PATH = "/m/"
COPY = "copy"  # of an edition, on the web
COPY_PATH = "/e/"
ARCHIVE_PATH = "/a/"
SIGN_UP_PATH = "/s/"
_TOKEN = "{token}"  # noqa: S105 - a place for one, in a setting
_PUBLICATION = "{publication}"
_LONGEST_LOCAL = 64
_NOBODY = 0  # no subscription has this id
#: ASCII, since a header carries it as it is; nothing after the path, where the token goes.
_LINK = re.compile(r"(?:https?://|mailto:)[A-Za-z0-9!#$%&'*+,./:;=?@_~\[\]-]{3,200}")
_WEB_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,253}(?:/[A-Za-z0-9._~-]+){0,8}/?")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Frozen when the delivery is planned, so that a resend is byte-identical."""

    address: str
    message_id: str
    splice: dict[str, str]

    @classmethod
    def of(
        cls, home: Home, publication: Publication, edition: Edition, subscription: Subscription, now: datetime
    ) -> Envelope:
        sender = imprint(home.settings.mail, publication).address
        key = f"{edition.id}:{subscription.id}"
        message_id = tokens.message_id(home.secret(), "edition", key, domain_of(home.settings.mail.domain, sender))
        splice = {
            **for_address(subscription.subscriber),
            slots.MESSAGE_ID: message_id,
            slots.DATE: headers.date(now),
            **unsubscribe_links(home, publication, subscription.id),
            slots.PREFERENCES: preferences_link(home, publication, subscription.id),
        }
        return cls(subscription.subscriber.email, message_id, splice)

    @classmethod
    def on_trial(cls, home: Home, publication: Publication, to: str, now: datetime) -> Envelope:
        """For a test mail: nobody's. Its link ends no subscription, and each test has a Message-ID of its own."""
        sender = imprint(home.settings.mail, publication).address
        key = f"{publication.id}:{to}:{now.isoformat()}"
        message_id = tokens.message_id(home.secret(), "test", key, domain_of(home.settings.mail.domain, sender))
        splice = {
            **for_address(Subscriber(to)),
            slots.MESSAGE_ID: message_id,
            slots.DATE: headers.date(now),
            **unsubscribe_links(home, publication, _NOBODY),
            slots.PREFERENCES: preferences_link(home, publication, _NOBODY),
        }
        return cls(to, message_id, splice)


def for_address(subscriber: Subscriber) -> dict[str, str]:
    """The values that name the address: they change with it."""
    tokens_of_to = headers.mailbox_tokens(subscriber.name, subscriber.email, len("To: "))
    to = headers.fold("To", tokens_of_to).removeprefix("To: ").removesuffix("\r\n")
    return {slots.TO: to, slots.ADDRESS: subscriber.email}


def unsubscribe_links(home: Home, publication: Publication, subscription_id: int) -> dict[str, str]:
    """The link in the body and first in the header; and where that is one to the web, a mailto: besides."""
    mailto, url = unsubscribe_link(home, publication, subscription_id), unsubscribe_url(home, subscription_id)
    return {slots.UNSUBSCRIBE: url, slots.MAILTO: mailto} if url else {slots.UNSUBSCRIBE: mailto}


def unsubscribe_link(home: Home, publication: Publication, subscription_id: int) -> str:
    """A mailto: with a signed token for its subject (RFC 6068)."""
    token = tokens.sign(home.secret(), UNSUBSCRIBE, str(subscription_id))
    mailbox = quote(commands_mailbox(home, publication), safe="@+")
    return headers.uri(f"mailto:{mailbox}?subject={quote(f'unsubscribe {token}')}")


def commands_mailbox(home: Home, publication: Publication | None) -> str:
    """Who takes the mails that unsubscribe or confirm."""
    return home.settings.mail.unsubscribe or imprint(home.settings.mail, publication).answers


def unsubscribe_url(home: Home, subscription_id: int) -> str:
    """The one-click link (RFC 8058) with a signed token; empty where `web.url` is not set."""
    return _on_the_web(home, UNSUBSCRIBE_PATH, UNSUBSCRIBE, str(subscription_id))


def preferences_link(home: Home, publication: Publication, subscription_id: int) -> str:
    """To the page where the reader changes the subscription; without one a mail to whoever reads the answers."""
    page = _on_the_web(home, PREFERENCES_PATH, PREFERENCES, str(subscription_id))
    return page or _ask_for(home, publication, f"preferences {publication.name}")


def move_url(home: Home, token: str) -> str:
    """To the page that confirms a new address; empty where `web.url` is not set."""
    base = home.settings.web.url.rstrip("/")
    return f"{base}{MOVE_PATH}{token}" if base else ""


def copy_link(home: Home, edition_id: int, key: str) -> str:
    """To the copy of a variant on the web, which names nobody; empty where `web.url` is not set."""
    return _on_the_web(home, COPY_PATH, COPY, f"{edition_id}:{key}")


def confirm_page(home: Home, token: str) -> str:
    """Where a confirmation mail leads; empty where `web.url` is not set, and it is answered by mail."""
    base = home.settings.web.url.rstrip("/")
    return f"{base}{CONFIRM_PATH}{token}" if base else ""


def help_link(home: Home, publication: Publication) -> str:
    """What List-Help holds: `mail.help`, else a mail to whoever reads the answers."""
    return _of(publication, home.settings.mail.help) or _ask_for(home, publication, "help")


def archive_link(home: Home, publication: Publication) -> str:
    """What List-Archive holds: `mail.archive`, else the page of the archive, where it is open and can be reached."""
    return _of(publication, home.settings.mail.archive) or archive_url(home.settings.web, publication)


def archive_url(web: WebSettings, publication: Publication) -> str:
    """The page of the archive; empty where everybody may not read it, or cannot."""
    base = web.url.rstrip("/")
    return f"{base}{ARCHIVE_PATH}{publication.name}" if base and publication.archive is Access.OPEN else ""


def _on_the_web(home: Home, path: str, purpose: str, payload: str) -> str:
    base = home.settings.web.url.rstrip("/")
    return f"{base}{path}{tokens.sign(home.secret(), purpose, payload)}" if base else ""


def _ask_for(home: Home, publication: Publication, subject: str) -> str:
    """A mailto: to whoever reads the answers: a person."""
    answers = imprint(home.settings.mail, publication).answers
    return headers.uri(f"mailto:{quote(answers, safe='@+')}?subject={quote(subject)}")


def _of(publication: Publication, link: str) -> str:
    return link.replace(_PUBLICATION, publication.name)


def check_link(text: str) -> str:
    """The same where a header may hold it as a link. Raises UsageError."""
    if not _LINK.fullmatch(text.replace(_PUBLICATION, "p")):
        raise UsageError("is not a link", mend="like https://news.example.org/help, or mailto:help@example.org")
    return text


def check_page(text: str) -> str:
    """The same where a browser can be sent there. Raises UsageError."""
    if not text.startswith(("https://", "http://")) or not _LINK.fullmatch(text):
        raise UsageError(f"{text!r} is not the address of a page", mend="like https://www.example.org/thanks")
    return text


def check_web_url(text: str) -> str:
    """The same where links in mails can begin so. Raises UsageError: a wrong one would stand in every mail."""
    mend = "like https://news.example.org"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        usable = parts.port != 0 and bool(host) and parts.username is None and parts.password is None
    except ValueError:
        usable, host = False, ""
    if not usable or not _WEB_URL.fullmatch(text):
        raise UsageError("is not a web address", mend=mend)
    if not text.startswith("https://") and not _is_loopback(host):
        raise UsageError("must begin with https://", mend=f"{mend}; http:// will do for loopback only")
    return text


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def bounce_address(shape: str, secret: bytes, delivery: int, sender: str) -> str:
    """The envelope sender of one delivery, of a publication that is sent from `sender`. `shape` is `mail.bounces`.

    Raises SettingsError where its local part would be longer than RFC 5321 (4.5.3.1.1) allows.
    """
    if not shape:
        local, _, domain = sender.rpartition("@")
        shape = f"{local}+{_TOKEN}@{domain}"
    address = shape.replace(_TOKEN, tokens.bounce_token(secret, delivery))
    if len(address.rpartition("@")[0].encode()) > _LONGEST_LOCAL:
        mend = 'set mail.bounces to a shorter one, like "b+{token}@example.org"'
        raise SettingsError(f"the address for bounces is too long: {address}", where="mail.bounces", mend=mend)
    return address


def domain_of(setting: str, address: str) -> str:
    """The domain of Message-ID and List-Id."""
    return setting or address.rpartition("@")[2] or "localhost.localdomain"
