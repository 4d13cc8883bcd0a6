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
    def on_trial(cls, home: Home, publication: Publication, to: str, now: datetime) -> Envelope:
        """For a test mail: nobody's. Its link ends no subscription, and each test has a Message-ID of its own."""
        sender = imprint(home.settings.mail, publication).address
        key = f"{publication.id}:{to}:{now.isoformat()}"
        message_id = tokens.message_id(home.secret(), "test", key, domain_of(home.settings.mail.domain, sender))
        splice = {
            **for_address(Subscriber(to)),
            slots.MESSAGE_ID: message_id,
            slots.DATE: headers.date(now),
            **Links.of(home, publication).to(_NOBODY),
        }
        return cls(to, message_id, splice)


@dataclass(frozen=True, slots=True)
class Links:
    """A publication's readers leave, and change what they get, behind these; all but the tokens is made once."""

    secret: bytes
    by_mail: str  # unsubscribes, but for its token
    web: str  # empty where `web.url` is not set
    ask: str  # for the preferences, where there is no page of them

    @classmethod
    def of(cls, home: Home, publication: Publication) -> Links:
        mailbox = quote(commands_mailbox(home, publication), safe="@+")
        by_mail = headers.uri(f"mailto:{mailbox}?subject={quote('unsubscribe ')}")  # RFC 6068
        ask = _ask_for_preferences(home, publication)
        return cls(home.secret(), by_mail, home.settings.web.url.rstrip("/"), ask)

    def to(self, subscription_id: int) -> dict[str, str]:
        """The one-click link (RFC 8058) in the body and first in the header, with a mailto: besides; or that alone."""
        payload = str(subscription_id)
        token = tokens.sign(self.secret, UNSUBSCRIBE, payload)
        mailto = self.by_mail + token
        if not self.web:
            return {slots.UNSUBSCRIBE: mailto, slots.PREFERENCES: self.ask}
        preferences = f"{self.web}{PREFERENCES_PATH}{tokens.sign(self.secret, PREFERENCES, payload)}"
        return {
            slots.UNSUBSCRIBE: f"{self.web}{UNSUBSCRIBE_PATH}{token}",
            slots.MAILTO: mailto,
            slots.PREFERENCES: preferences,
        }


@dataclass(frozen=True, slots=True)
class Envelopes:
    """Those of one edition: what they have in common is made once for many readers."""

    edition: int
    domain: str
    date: str
    links: Links

    @classmethod
    def of(cls, home: Home, publication: Publication, edition: Edition, now: datetime) -> Envelopes:
        domain = domain_of(home.settings.mail.domain, imprint(home.settings.mail, publication).address)
        return cls(edition.id, domain, headers.date(now), Links.of(home, publication))

    def to(self, reader: Subscription) -> Envelope:
        """Raises BadInput for an address that no header can carry."""
        key = f"{self.edition}:{reader.id}"
        message_id = tokens.message_id(self.links.secret, "edition", key, self.domain)
        splice = {
            **for_address(reader.subscriber),
            slots.MESSAGE_ID: message_id,
            slots.DATE: self.date,
            **self.links.to(reader.id),
        }
        return Envelope(reader.subscriber.email, message_id, splice)


def for_address(subscriber: Subscriber) -> dict[str, str]:
    """The values that name the address: they change with it."""
    tokens_of_to = headers.mailbox_tokens(subscriber.name, subscriber.email, len("To: "))
    to = headers.fold("To", tokens_of_to).removeprefix("To: ").removesuffix("\r\n")
    return {slots.TO: to, slots.ADDRESS: subscriber.email}


def commands_mailbox(home: Home, publication: Publication | None) -> str:
    """Who takes the mails that unsubscribe or confirm."""
    return home.settings.mail.unsubscribe or imprint(home.settings.mail, publication).answers


def preferences_link(home: Home, publication: Publication, subscription_id: int) -> str:
    """To the page where the reader changes the subscription; without one a mail to whoever reads the answers."""
    page = _on_the_web(home, PREFERENCES_PATH, PREFERENCES, str(subscription_id))
    return page or _ask_for_preferences(home, publication)


def _ask_for_preferences(home: Home, publication: Publication) -> str:
    return _ask_for(home, publication, f"preferences {publication.name}")


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
