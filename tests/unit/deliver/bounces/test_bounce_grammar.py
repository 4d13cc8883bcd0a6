"""One bounce of each manner of writing, in our own words, and what it has to give."""
# ruff: noqa: E501 - a line of a mail is one line

from __future__ import annotations

import pytest

from digest.deliver.bounces import parse
from tests.support.not_bounces import parted, written

DAEMON = "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>"
A, B = "ada@example.net", "bob@example.net"

#: name: (sender, subject, text, {address: kind}, words of the first reason)
TEXTS: dict[str, tuple[str, str, str, dict[str, str], str]] = {
    "qmail": (DAEMON, "failure notice", f"Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<{A}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n<{B}>:\nUser is over quota. (#5.2.2)\n\n--- Below this line is a copy of the message.\n", {A: "hard", B: "soft"}, "no mailbox here"),
    "postfix": (DAEMON, "Undelivered Mail Returned to Sender", f"This is the mail system at host mx.example.net.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<{A}>: host b.example.net[192.0.2.1] said: 550 5.1.1\n    <{A}>: User unknown (in reply to RCPT TO command)\n", {A: "hard"}, "550 5.1.1"),
    "exim": (DAEMON, "Mail delivery failed: returning message to sender", f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {A}\n    host b.example.net [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<{A}>:\n    550 No such user\n  {B}\n    Unrouteable address\n\n------ This is a copy of the message, including all the headers. ------\n", {A: "hard", B: "hard"}, "550 No such user"),
    "sendmail": (DAEMON, "Returned mail: see transcript for details", f"   ----- The following addresses had permanent fatal errors -----\n<{A}>\n    (reason: 550 5.7.1 message content rejected)\n\n   ----- Transcript of session follows -----\n... while talking to b.example.net.:\n>>> DATA\n<<< 550 5.7.1 message content rejected\n", {A: "soft"}, "550 5.7.1 message content rejected"),
    "james": ("postmaster@example.net", "Failed Mail", f"Hi. This is the James mail server at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up.\n\nFailed recipient(s):\n{A}\n\nError message:\n550 5.1.1 unknown user\n", {A: "hard"}, "550 5.1.1"),
    "mdaemon": ("MDaemon@mx.example.net", "Permanent Delivery Failure", f"The following addresses did NOT receive a copy of your message:\n\n> {A}\n\n--- Session Transcript ---\n RCPT To:<{A}>\n 552 Mailbox for <{A}> is full\n", {A: "soft"}, "552 Mailbox"),
    "exchange": ("System Administrator <postmaster@example.net>", "Undeliverable: News", f"Your message\n\n  To:      news-list@example.net\n  Subject: News\n  Sent:    Mon, 3 Mar 2025 10:00:00 +0000\n\ndid not reach the following recipient(s):\n\n{A} on Mon, 3 Mar 2025 10:00:01 +0000\n    The recipient name is not recognized\n", {A: "hard"}, "The recipient name"),
    "exchange-de": ("postmaster@example.net", "Unzustellbar: News", f"Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Verteilerlisten:\n\n{A}\nDer Empfänger wurde nicht gefunden: Die Adresse ist unbekannt.\n", {A: "hard"}, "Empfänger"),
    "exchange-es": ("postmaster@example.net", "No se puede entregar: News", f"No se pudo entregar el mensaje a estos destinatarios:\n\n{A}\nLa dirección de correo no existe.\n", {A: "hard"}, ""),
    "domino": ("Postmaster@example.net", "DELIVERY FAILURE: User ada not listed in Domino Directory", f"Your message\n\n  Subject: News\n\nwas not delivered to:\n\n  {A}\n\nbecause:\n\n  User ada ({A}) not listed in Domino Directory\n", {A: "hard"}, "not listed"),
    "groupwise": ("Mailer-Daemon@example.net", "Message status - undeliverable", f"The message that you sent was undeliverable to the following:\n\t{A} (user not found)\n", {A: "hard"}, "user not found"),
    "yahoo": ("MAILER-DAEMON@yahoo.example", "Failure Notice", f"Sorry, we were unable to deliver your message to the following address.\n\n<{A}>:\nRemote host said:\n552 1 Requested mail action aborted, mailbox not found\n[RCPT_TO]\n", {A: "hard"}, "552"),
    "google": ("Mail Delivery Subsystem <mailer-daemon@google.example>", "Delivery Status Notification (Failure)", f"Delivery to the following recipient failed permanently:\n\n     {A}\n\nTechnical details of permanent failure: \nThe error that the other server returned was:\n550 550 5.2.1 The email account that you tried to reach is disabled. (state 14).\n\n----- Original message -----\n", {A: "hard"}, "550"),
    "opensmtpd": ("Mailer Daemon <MAILER-DAEMON@mx.example.net>", "Delivery status notification: error", f"    Hi!\n\n    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\n{A}: 550 5.2.2 <{A}>: mailbox full\n\n    Below is a copy of the original message:\n", {A: "soft"}, "550 5.2.2"),
    "dma": ("MAILER-DAEMON <>", "Mail delivery failed", f"There was an error delivering your mail to <{A}>.\n\nmx.example.net [192.0.2.1] did not like our RCPT TO:\n550 5.1.1 User unknown\n\nMessage headers follow.\n", {A: "hard"}, "550 5.1.1"),
    "smail": ("<MAILER-DAEMON@mx.example.net>", "mail failed, returning to sender", f"|---- Message log follows: ----|\n no valid recipients were found for this message\n|---- Failed addresses follow: ----|\n {A} ... unknown host\n|---- Message text follows: ----|\n", {A: "hard"}, "unknown host"),
    "kundenserver": (DAEMON, "Mail delivery failed: returning message to sender", f"A message that you sent could not be delivered to one or more of\nits recipients. The following address\nfailed:\n\n<{A}>:\nquota exceeded\n\n--- The header of the original message is following. ---\n", {A: "soft"}, "quota exceeded"),
    "mailru": ("mailer-daemon@corp.mail.example", "Ваше сообщение не доставлено. Mail failure.", f"К сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:\n\n  {A}\n    пользователь не существует\n", {A: "hard"}, "не существует"),
    "carrier-jp": ("Postmaster@mobile.example.jp", "Mail System Error - Returned Mail", f"次のあて先へのメッセージはエラーのため送信できませんでした。\n\nEach of the following recipients was rejected by a remote\nmail server.\n\n    Recipient: <{A}>\n    >>> RCPT TO:<{A}>\n    <<< 550 <{A}>: User unknown\n", {A: "hard"}, "550"),
    "full-jp": ("Mailer-Daemon@mobile.example.jp", "Returned mail", f"以下の宛先に配信できませんでした。\n\n<{A}>:\nメールボックスの容量を超えています。\n", {A: "soft"}, "容量"),
    "cn": ("postmaster@mail.example.cn", "系统退信", f"很抱歉，您的邮件被退回。无法投递到以下收件人：\n\n收件人邮件地址： {A}\n退信原因： 该用户不存在\n", {A: "hard"}, "该用户不存在"),
    "kr": ("postmaster@mail.example.kr", "전송 실패 안내", f"메일을 전송하지 못했습니다.\n\n<{A}>: 사용자를 찾을 수 없습니다\n", {A: "hard"}, "사용자"),
    "fr": ("postmaster@mail.example.fr", "Échec de la remise", f"Votre message n'a pas pu être remis à {A} : utilisateur inconnu.\n", {A: "hard"}, ""),
    "pt": ("MAILER-DAEMON@mail.example.br", "Mensagem não entregue", f"Sua mensagem não pôde ser entregue.\n\n<{A}>:\ncaixa postal cheia\n", {A: "soft"}, "caixa postal cheia"),
    "sentence": ("postmaster@mx.example.net", "Delivery failure", f"Your message to {A} could not be delivered: the account has been closed.\n", {A: "hard"}, ""),
    "bracket": ("mailer-daemon@mail.example.net", "Undelivered Mail Returned to Sender", f"----- The following addresses had fatal errors -----\n[Status: Error, Address: <{A}>, ResponseCode 550, , User unknown]\n", {A: "hard"}, "550"),
    "expired": (DAEMON, "failure notice", f"I'm afraid I wasn't able to deliver your message to the following addresses.\n\n<{A}>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.\n", {A: "soft"}, "Sorry"),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_text(name: str) -> None:
    sender, subject, text, kinds, said = TEXTS[name]
    reports = parse(written(sender, subject, text, Return_Path="<>"))
    assert {report.address: report.kind.value for report in reports} == kinds
    assert said in reports[0].reason


def report_of(fields: str, text: str = "It could not be delivered.", kind: str = "delivery-status") -> bytes:
    status = f"Reporting-MTA: dns; mx.example.net\n\n{fields}\n"
    of = "feedback-report" if kind == "feedback-report" else "delivery-status"
    copy = "Return-Path: <news+0123456789abcdefgh@example.org>\nTo: ada@example.net\nMessage-ID: <our.own@example.org>\n\nHello"
    parts = (("text/plain", text), (f"message/{of}", fields if of != "delivery-status" else status))
    return parted(DAEMON, "Report", f"multipart/report; report-type={kind}", *parts, ("message/rfc822", copy))


def test_a_status_report() -> None:
    fields = (
        f"Original-Recipient: rfc822;{A}\nFinal-Recipient: rfc822; alias@example.com\nAction: failed\nStatus: 5.0.0\n"
    )
    fields += f"Remote-MTA: dns; b.example.net\nDiagnostic-Code: smtp; 550 5.1.1 <{A}>:\n  User unknown\x07"
    (report,) = parse(report_of(fields))
    assert (report.address, report.kind.value, report.status) == (A, "hard", "5.1.1")
    assert (report.by, report.reason) == ("mx.example.net", f"550 5.1.1 <{A}>: User unknown")
    assert (report.message_id, report.token) == ("<our.own@example.org>", "0123456789abcdefgh")
    assert report.at is not None
    assert report.at.isoformat() == "2025-03-03T10:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("rfc822; <ada@example.net>", A),
        ("<ada@example.net>", A),
        ("RFC822;ada@example.net (Ada)", A),
        ("utf-8; j\\x{F6}rg@example.net", "jörg@example.net"),
        ('rfc822; "ada b"@example.net', '"ada b"@example.net'),
        ("LOCAL; ada@example.net", A),
    ],
)
def test_the_ways_to_write_a_recipient(value: str, address: str) -> None:
    (report,) = parse(report_of(f"Final-Recipient: {value}\nAction: failed\nStatus: 5.1.1"))
    assert report.address == address


def test_each_recipient_has_its_own_end() -> None:
    fields = f"Final-Recipient: rfc822;{A}\nAction: failed\nStatus: 5.1.1\n\n"
    fields += f"Final-Recipient: rfc822;{B}\nAction: delayed\nStatus: 4.2.2\n\n"
    fields += "Final-Recipient: rfc822;eve@example.net\nAction: failed\nStatus: 5.2.2\n"
    assert {r.address: r.kind.value for r in parse(report_of(fields))} == {A: "hard", "eve@example.net": "soft"}


def test_a_complaint() -> None:
    fields = f"Feedback-Type: abuse\nUser-Agent: Loop/1.0\nVersion: 1\nOriginal-Rcpt-To: <{A}>\nReporting-MTA: dns; fbl.example.net"
    (report,) = parse(report_of(fields, "A reader complained.", "feedback-report"))
    assert (report.kind.value, report.address, report.by) == ("complaint", A, "fbl.example.net")
    assert (report.message_id, report.token) == ("<our.own@example.org>", "0123456789abcdefgh")


def test_a_complaint_that_hides_the_reader_is_told_by_the_copy() -> None:
    (report,) = parse(report_of("Feedback-Type: abuse\nVersion: 1\nRedacted-Address: x", "", "feedback-report"))
    assert (report.address, report.token) == (A, "0123456789abcdefgh")


def test_a_complaint_from_a_provider_without_such_reports() -> None:
    parts = (("text/plain", ""), ("message/rfc822", f"To: {A}\nMessage-ID: <our.own@example.org>\n\nHello"))
    (report,) = parse(parted("staff@mail.example", "complaint about message from 192.0.2.1", "multipart/mixed", *parts))
    assert (report.kind.value, report.address, report.message_id) == ("complaint", A, "<our.own@example.org>")


def test_a_refusal_that_calls_itself_a_receipt() -> None:
    text = f"Your message to <{A}> was automatically rejected:\nQuota exceeded"
    kind = "multipart/report; report-type=disposition-notification"
    (report,) = parse(parted(DAEMON, "Automatically rejected mail", kind, ("text/plain", text)))
    assert (report.kind.value, report.address, report.reason) == ("soft", A, "Quota exceeded")


def test_a_mailed_notice_of_amazon() -> None:
    text = '{"Type":"Notification","Message":"{\\"notificationType\\":\\"Bounce\\",\\"bounce\\":{\\"bounceType\\":\\"Permanent\\",'
    text += f'\\"bouncedRecipients\\":[{{\\"emailAddress\\":\\"{A}\\",\\"status\\":\\"5.1.1\\"}}]}}}}"}}\n--\nTo stop these, go on'
    (report,) = parse(written("no-reply@sns.example.com", "Notification", text))
    assert (report.kind.value, report.address, report.status, report.by) == ("hard", A, "5.1.1", "Amazon SES")
