"""Whether a message comes from Amazon SNS, and of a topic that the settings name.

After "Verifying the signatures of Amazon SNS messages" and "HTTP/HTTPS notification JSON format" of the Amazon SNS
Developer Guide: an RSA signature (PKCS #1 v1.5; SHA-1 in version 1, SHA-256 in version 2) over some of the fields,
by a certificate that lies at the topic's region.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from digest.web.hooks.base import Fetch, Refused
from digest.web.hooks.reading import text, when

NOTIFICATION = "Notification"
CONFIRMATION = "SubscriptionConfirmation"
FAREWELL = "UnsubscribeConfirmation"
#: In the order of their bytes; Subject only where there is one.
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    FAREWELL: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_HASHES: Mapping[str, type[hashes.SHA1] | type[hashes.SHA256]] = {"1": hashes.SHA1, "2": hashes.SHA256}
_OLDEST = timedelta(hours=1)  # SNS gives up after an hour
_AHEAD = timedelta(minutes=15)  # clocks
_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+){1,3}-\d{1,2}):\d{12}:[A-Za-z0-9_-]{1,256}")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem")
_OWNER = re.compile(r"sns[a-z0-9.-]*\.amazonaws\.com(?:\.cn)?")
_LEAST_BITS = 2048
_KEPT = 8


def is_topic(arn: str) -> bool:
    return _ARN.fullmatch(arn) is not None


def host_of(topic: str) -> str:
    """The one host that may speak for a topic."""
    found = _ARN.fullmatch(topic)
    assert found is not None
    return f"sns.{found[2]}.amazonaws.com{'.cn' if found[1] == 'aws-cn' else ''}"


class Verifier:
    """Keeps the certificates that it fetched."""

    def __init__(self, topics: list[str], fetch: Fetch) -> None:
        self._topics, self._fetch = frozenset(topics), fetch
        self._kept: dict[str, x509.Certificate] = {}

    def verify(self, message: Mapping[str, object], now: datetime) -> str:
        """The type of a message that is genuine. Raises Refused, and FetchError where its certificate is not to be had.

        All that costs nothing comes first: nobody but the topic's own region is ever asked for a certificate.
        """
        kind = text(message.get("Type"))
        if kind not in _SIGNED:
            raise Refused("not a message of Amazon SNS", mend="raw message delivery must be off")
        topic = text(message.get("TopicArn"))
        if topic not in self._topics:
            raise Refused("of another topic", mend="topics are named in hooks.ses_topics")
        sent = when(message.get("Timestamp"))
        if sent is None or not -_AHEAD <= now - sent <= _OLDEST:
            raise Refused("its time is not within the last hour")
        algorithm = _HASHES.get(text(message.get("SignatureVersion")))
        if algorithm is None:
            raise Refused("signed in a version that nobody knows")
        certificate = self._certificate(text(message.get("SigningCertURL")), topic)
        _check(certificate, now)
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _LEAST_BITS:
            raise Refused("its certificate has no RSA key that is long enough")
        try:
            signature = base64.b64decode(text(message.get("Signature")), validate=True)
            key.verify(signature, _canonical(message, kind), padding.PKCS1v15(), algorithm())
        except (InvalidSignature, UnsupportedAlgorithm, binascii.Error, UnicodeError, ValueError):
            raise Refused("its signature does not fit") from None
        return kind

    def confirm(self, message: Mapping[str, object]) -> None:
        """Visit SubscribeURL, of a message that is verified. Raises Refused where it leads elsewhere, or FetchError."""
        url, topic = text(message.get("SubscribeURL")), text(message.get("TopicArn"))
        parts = _at_host(url, topic)
        asked = parse_qs(parts[1], max_num_fields=20) if parts and parts[0] == "/" else {}
        if asked.get("Action") != ["ConfirmSubscription"] or asked.get("TopicArn") != [topic]:
            raise Refused("its SubscribeURL leads elsewhere")
        self._fetch(url)

    def _certificate(self, url: str, topic: str) -> x509.Certificate:
        parts = _at_host(url, topic)
        if parts is None or parts[1] or not _CERTIFICATE.fullmatch(parts[0]):
            raise Refused("its certificate lies elsewhere")
        if url not in self._kept:
            try:
                found = x509.load_pem_x509_certificate(self._fetch(url))
            except ValueError:
                raise Refused("its certificate cannot be read") from None
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[url] = found
        return self._kept[url]


def _at_host(url: str, topic: str) -> tuple[str, str] | None:
    """Path and query of an https address at the topic's host and nowhere else: compared as text, so that no two
    programs can differ about where it leads."""
    head = f"https://{host_of(topic)}/"
    if not url.startswith(head) or not url.isascii() or not url.isprintable() or set(url) & set(' \\#"<>'):
        return None
    parts = urlsplit(url)
    return parts.path, parts.query


def _check(certificate: x509.Certificate, now: datetime) -> None:
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Refused("its certificate is not valid now")
    names = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if not any(_OWNER.fullmatch(name) for name in names):
        raise Refused("its certificate is not that of Amazon SNS")


def _canonical(message: Mapping[str, object], kind: str) -> bytes:
    """Name and value of each signed field, each on a line of its own. Raises ValueError where one is no text."""
    lines = []
    for name in _SIGNED[kind]:
        value = message.get(name)
        if value is None and name == "Subject":
            continue
        if not isinstance(value, str):
            raise ValueError(name)
        lines += [name, value]
    return "".join(f"{line}\n" for line in lines).encode()
