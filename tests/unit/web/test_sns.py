"""Whether a message is of Amazon SNS: what is altered, old, of another topic or signed elsewhere is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import BadInput, DigestError, FetchError, SettingsError
from digest.model.report import ReportKind
from digest.web.hooks.base import Refused, Setup
from digest.web.hooks.ses import SesWebhook
from digest.web.hooks.sns import host_of
from tests.support.sns import (
    CERTIFICATE,
    HOST,
    NOW,
    TOPIC,
    Web,
    body,
    bounce,
    certificate,
    confirmation,
    notification,
    signed,
)


@pytest.fixture
def web() -> Web:
    return Web({CERTIFICATE: certificate()})


def hook(web: Web, *topics: str) -> SesWebhook:
    return SesWebhook(Setup("ses", {"topics": list(topics) or [TOPIC]}, {}, web))


def refusal(web: Web, message: dict[str, Any], **late: float) -> str:
    with pytest.raises(Refused) as error:
        hook(web).reports({}, body(message), NOW + timedelta(**late))
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_genuine_message_is_read(web: Web, version: str) -> None:
    (report,) = hook(web).reports({}, body(signed(notification(bounce()), version=version)), NOW)
    assert (report.kind, report.address, report.status) == (ReportKind.HARD, "reader@example.org", "5.1.1")


def test_a_subject_is_signed_where_there_is_one(web: Web) -> None:
    message = signed(notification(bounce(), Subject="Über\nall"))
    assert hook(web).reports({}, body(message), NOW)
    assert "signature" in refusal(web, {**message, "Subject": "Other"})
    assert "signature" in refusal(web, {k: v for k, v in message.items() if k != "Subject"})
    assert "signature" in refusal(web, {**signed(notification(bounce())), "Subject": "Added"})


@pytest.mark.parametrize("name", ["Message", "MessageId", "Timestamp", "TopicArn", "Type", "Signature"])
def test_an_altered_field_is_refused(name: str) -> None:
    web = Web({CERTIFICATE: certificate()})
    message = signed(notification(bounce()))
    other = {"Timestamp": "2026-03-02T04:59:59.000Z", "TopicArn": TOPIC + "2", "Type": "UnsubscribeConfirmation"}
    altered = {**message, name: other.get(name, message[name].replace("a", "b", 1))}
    assert altered[name] != message[name]
    assert hook(web, TOPIC, TOPIC + "2").reports({}, body(message), NOW)
    with pytest.raises(Refused, match="signature"):
        hook(web, TOPIC, TOPIC + "2").reports({}, body(altered), NOW)


@pytest.mark.parametrize("name", ["Token", "SubscribeURL"])
def test_an_altered_confirmation_is_refused(web: Web, name: str) -> None:
    message = signed(confirmation())
    assert "signature" in refusal(web, {**message, name: message[name] + "0"})
    assert web.asked == [CERTIFICATE]


@pytest.mark.parametrize("name", ["Message", "MessageId", "Timestamp", "TopicArn", "Type", "Signature",
                                  "SignatureVersion", "SigningCertURL"])  # fmt: skip
@pytest.mark.parametrize("value", [None, 1, [], {}, ""])
def test_a_field_that_is_missing_or_no_text_is_refused(web: Web, name: str, value: object) -> None:
    refusal(web, {**signed(notification(bounce())), name: value})


def test_a_signature_of_the_other_version_is_refused(web: Web) -> None:
    assert "signature" in refusal(web, {**signed(notification(bounce())), "SignatureVersion": "2"})
    assert "version" in refusal(web, {**signed(notification(bounce())), "SignatureVersion": "3"})


def test_an_old_message_is_refused_and_asks_nobody(web: Web) -> None:
    message = signed(notification(bounce()))
    assert hook(web).reports({}, body(message), NOW + timedelta(minutes=60))
    web.asked.clear()
    assert "hour" in refusal(web, message, minutes=60, seconds=1)
    assert "hour" in refusal(web, message, minutes=-16)
    assert web.asked == []


def test_another_topic_is_refused_and_asks_nobody(web: Web) -> None:
    for topic in (TOPIC + "x", TOPIC.replace("123456789012", "210987654321"), "", TOPIC.upper()):
        assert "topic" in refusal(web, signed(notification(bounce(), TopicArn=topic)))
    assert web.asked == []


@pytest.mark.parametrize(
    "url",
    [
        CERTIFICATE.replace("https://", "http://"),
        CERTIFICATE.replace("https://", "HTTPS://"),
        CERTIFICATE.replace("https://", "https:/"),
        CERTIFICATE.replace("https://", "ftp://"),
        CERTIFICATE.replace("eu-west-1", "us-east-1"),  # not where the topic is
        CERTIFICATE.replace("amazonaws.com", "amazonaws.com.evil.example"),
        CERTIFICATE.replace("sns.eu-west-1.amazonaws.com", "sns.evil.example"),
        CERTIFICATE.replace("sns.eu-west-1.amazonaws.com", "evil.example/sns.eu-west-1.amazonaws.com"),
        CERTIFICATE.replace("https://", "https://me@"),
        CERTIFICATE.replace("https://sns.", "https://sns.eu-west-1.amazonaws.com@evil.example/sns."),
        CERTIFICATE.replace("amazonaws.com", "amazonaws.com."),
        CERTIFICATE.replace("amazonaws.com", "amazonaws.com:443"),
        CERTIFICATE.replace("amazonaws.com", "amazonaws.com:8443"),
        CERTIFICATE.replace("amazonaws.com", "amazonaws.com\\@evil.example"),
        CERTIFICATE.replace("amazonaws", "ämazonaws"),
        CERTIFICATE.replace("amazonaws", "аmazonaws"),  # a Cyrillic а
        CERTIFICATE.replace("amazonaws.com", "amazonaws。com"),
        CERTIFICATE.replace("sns.", "xn--sns."),
        CERTIFICATE.replace("sns.", "s3."),
        CERTIFICATE.replace("/Simple", "/../bucket/Simple"),
        CERTIFICATE.replace("/Simple", "//evil.example/Simple"),
        CERTIFICATE.replace("/Simple", "/%2e%2e/Simple"),
        CERTIFICATE.replace(".pem", ".pem?x=y"),
        CERTIFICATE.replace(".pem", ".pem#x"),
        CERTIFICATE.replace(".pem", ".crt"),
        CERTIFICATE + "\n",
        " " + CERTIFICATE,
        CERTIFICATE.replace("://", "://\t"),
        "file:///etc/passwd",
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_never_asked_for(url: str) -> None:
    web = Web({CERTIFICATE: certificate(), url: certificate()})
    assert "elsewhere" in refusal(web, signed(notification(bounce(), SigningCertURL=url)))
    assert web.asked == []


def test_a_certificate_is_fetched_once(web: Web) -> None:
    mine = hook(web)
    for _ in range(3):
        assert mine.reports({}, body(signed(notification(bounce()))), NOW)
    assert web.asked == [CERTIFICATE]


def test_a_certificate_that_is_not_to_be_had_now_is_asked_for_again(web: Web) -> None:
    mine, message = hook(web), body(signed(notification(bounce())))
    held = web.there.pop(CERTIFICATE)
    with pytest.raises(FetchError):
        mine.reports({}, message, NOW)
    web.there[CERTIFICATE] = held
    assert mine.reports({}, message, NOW)


@pytest.mark.parametrize(
    ("pem", "bits", "says"),
    [
        (b"no certificate", 2048, "cannot be read"),
        (certificate("evil.example"), 2048, "not that of Amazon SNS"),
        (certificate("sns.amazonaws.com.evil.example"), 2048, "not that of Amazon SNS"),
        (certificate(days=-1), 2048, "not valid now"),
        (certificate(bits=1024), 1024, "long enough"),
    ],
)
def test_a_certificate_that_is_not_theirs_is_refused(pem: bytes, bits: int, says: str) -> None:
    assert says in refusal(Web({CERTIFICATE: pem}), signed(notification(bounce()), bits=bits))


def test_another_key_than_that_of_the_certificate(web: Web) -> None:
    assert "signature" in refusal(web, signed(notification(bounce()), bits=3072))


@pytest.mark.parametrize(
    "name", ["sns.amazonaws.com", "sns-signing.ap-east-1.amazonaws.com", "sns-cn-north-1.amazonaws.com.cn"]
)
def test_the_names_that_amazon_signs_by(name: str) -> None:
    assert hook(Web({CERTIFICATE: certificate(name)})).reports({}, body(signed(notification(bounce()))), NOW)


# --- subscriptions ----------------------------------------------------------------------------------


def test_a_subscription_is_confirmed(web: Web) -> None:
    message = signed(confirmation())
    web.there[message["SubscribeURL"]] = b"<ConfirmSubscriptionResponse/>"
    assert hook(web).reports({}, body(message), NOW) == []
    assert web.asked == [CERTIFICATE, message["SubscribeURL"]]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/?Action=ConfirmSubscription&TopicArn=" + TOPIC,
        f"{HOST}/?Action=DeleteTopic&TopicArn={TOPIC}",
        f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}other",
        f"{HOST}/?Action=ConfirmSubscription&Action=DeleteTopic&TopicArn={TOPIC}",
        f"{HOST}/elsewhere?Action=ConfirmSubscription&TopicArn={TOPIC}",
        f"{HOST}:444/?Action=ConfirmSubscription&TopicArn={TOPIC}",
        f"{HOST}/",
        "",
    ],
)
def test_a_confirmation_leads_nowhere_else(web: Web, url: str) -> None:
    assert "elsewhere" in refusal(web, signed(confirmation(SubscribeURL=url)))
    assert web.asked == [CERTIFICATE]


def test_a_farewell_is_taken_and_nothing_is_fetched(web: Web) -> None:
    message = signed(confirmation(Type="UnsubscribeConfirmation"))
    assert hook(web).reports({}, body(message), NOW) == []
    assert web.asked == [CERTIFICATE]


# --- odd input and settings -------------------------------------------------------------------------


@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_no_body_breaks_it(data: bytes) -> None:
    web = Web()
    with pytest.raises((Refused, BadInput)):
        hook(web).reports({}, data, NOW)
    assert web.asked == []


_SIGNED = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type", "SignatureVersion", "Signature"]


@given(st.dictionaries(st.sampled_from(_SIGNED), st.text() | st.integers() | st.none() | st.just([]), min_size=1))
def test_no_field_can_be_other_than_it_was_signed(fields: dict[str, Any]) -> None:
    genuine = signed(notification(bounce(), Subject="A bounce"))
    with pytest.raises(DigestError):
        hook(Web({CERTIFICATE: certificate()})).reports({}, body({**genuine, **fields}), NOW)


def test_half_a_pair_of_surrogates_is_no_json(web: Web) -> None:
    with pytest.raises(BadInput):
        hook(web).reports({}, body({**signed(notification(bounce())), "Message": "\ud800"}), NOW)


@pytest.mark.parametrize("topics", [[], ["bounces"], [TOPIC, "arn:aws:sqs:eu-west-1:123456789012:x"], [TOPIC + "\n"]])
def test_topics_that_cannot_be(web: Web, topics: list[str]) -> None:
    with pytest.raises(SettingsError, match=r"hooks\.ses_topics"):
        SesWebhook(Setup("ses", {"topics": topics}, {}, web))


def test_the_host_that_speaks_for_a_topic() -> None:
    assert host_of(TOPIC) == "sns.eu-west-1.amazonaws.com"
    assert host_of("arn:aws-cn:sns:cn-north-1:123456789012:x") == "sns.cn-north-1.amazonaws.com.cn"
    assert host_of("arn:aws-us-gov:sns:us-gov-west-1:123456789012:x") == "sns.us-gov-west-1.amazonaws.com"
