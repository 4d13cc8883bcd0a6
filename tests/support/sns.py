"""Messages of Amazon SNS, signed with a certificate of our own."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from digest.errors import FetchError

TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
HOST = "https://sns.eu-west-1.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


@cache
def key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def certificate(name: str = "sns.amazonaws.com", *, bits: int = 2048, days: int = 30) -> bytes:
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key(bits).public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=100))
        .not_valid_after(NOW + timedelta(days=days))
        .sign(key(bits), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


@dataclass
class Web:
    """What lies at which address, and what was asked for."""

    there: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if url not in self.there:
            raise FetchError("answers 404", where=url, status=404)
        return self.there[url]


def notification(message: object, **more: str) -> dict[str, str]:
    text = message if isinstance(message, str) else json.dumps(message)
    return {
        "Type": "Notification",
        "MessageId": "4d4dc071-ddbf-465d-bba8-08f81c89da64",
        "TopicArn": TOPIC,
        "Message": text,
        "Timestamp": NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": "1",
        "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe",
        **more,
    }


def confirmation(**more: str) -> dict[str, str]:
    return notification(
        "You have chosen to subscribe to the topic.",
        **{
            "Type": "SubscriptionConfirmation",
            "Token": "2336412f37",
            "SubscribeURL": f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37",
            **more,
        },
    )


def signed(message: dict[str, Any], *, bits: int = 2048, version: str = "") -> dict[str, Any]:
    """With its signature, spelt out here once more: the order is that of the names' bytes."""
    message = {**message, **({"SignatureVersion": version} if version else {})}
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    if message["Type"] == "Notification":
        names = [n for n in names if n not in ("SubscribeURL", "Token")]
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    algorithm = hashes.SHA256() if message["SignatureVersion"] == "2" else hashes.SHA1()
    signature = key(bits).sign(text.encode(), padding.PKCS1v15(), algorithm)
    return {**message, "Signature": base64.b64encode(signature).decode()}


def body(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode()


def bounce(**more: Any) -> dict[str, Any]:
    """A bounce of Amazon SES, in its own form and our words."""
    return {
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [
                {
                    "emailAddress": "reader@example.org",
                    "action": "failed",
                    "status": "5.1.1",
                    "diagnosticCode": "smtp; 550 5.1.1 nobody of this name",
                }
            ],
            "timestamp": "2026-03-02T04:59:38.237Z",
            "feedbackId": "00000138111222aa-33322211-cccc",
            **more,
        },
        "mail": mail(),
    }


def mail(**more: Any) -> dict[str, Any]:
    return {
        "timestamp": "2026-03-02T04:50:00.000Z",
        "messageId": "00000137860315fd-34208509-5b74",
        "source": "bounces+0123456789abcdef04@example.com",
        "destination": ["reader@example.org"],
        "headersTruncated": False,
        "headers": [
            {"name": "From", "value": "News <news@example.com>"},
            {"name": "Message-ID", "value": "<edition.abc@example.com>"},
        ],
        "commonHeaders": {"messageId": "<edition.abc@example.com>", "subject": "News"},
        **more,
    }
