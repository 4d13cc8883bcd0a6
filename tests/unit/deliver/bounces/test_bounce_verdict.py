"""Hard or soft, of what many servers say in one line."""
# ruff: noqa: E501 - a line of a server is one line

from __future__ import annotations

import pytest

from digest.deliver.bounces.verdict import decide

HARD = [
    ("5.1.1", "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in virtual mailbox table"),
    ("5.7.1", "550 5.7.1 <a@b.example>: Recipient address rejected: User unknown"),
    ("5.0.0", "550 No such user here"),
    ("5.0.0", "550 Invalid recipient <a@b.example>"),
    ("5.0.0", "550 <a@b.example> is not a valid mailbox"),
    ("5.0.0", "553 sorry, no mailbox here by that name. (#5.7.1)"),
    ("5.0.0", "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)"),
    ("5.0.0", "550-5.1.1 The email account that you tried to reach does not exist. Please try"),
    ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled."),
    ("5.0.0", "554 delivery error: dd This user doesn't have a mail.example account (a@b.example) [0]"),
    (
        "5.0.0",
        "554 delivery error: dd Sorry your message to a@b.example cannot be delivered. This account has been disabled or discontinued [#102].",
    ),
    ("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)."),
    ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
    ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. [XX1EUR01FT000.eop-EUR01.prod.protection.example]"),
    ("5.4.310", "550 5.4.310 DNS domain b.example does not exist [Message=InfoDomainNonexistent]"),
    ("5.1.2", "550 Host unknown"),
    ("5.4.4", "Host or domain name not found. Name service error for name=b.example type=A: Host not found"),
    ("4.0.0", "DNS Error: 123 DNS type 'mx' lookup of b.example responded with code NXDOMAIN"),
    ("5.1.6", "550 5.1.6 recipient no longer on server: a@b.example"),
    ("5.0.0", "551 User has moved; please try <c@b.example>"),
    ("5.0.0", "550 Mailbox is inactive"),
    ("5.0.0", "550 Account closed due to inactivity"),
    ("5.0.0", "550 The domain b.example does not accept mail: null MX"),
    ("5.0.0", "550 Unrouteable address"),
    ("5.0.0", "User ada (a@b.example) not listed in Domino Directory"),
    ("5.0.0", "550 5.5.0 Adresse destinataire invalide. Invalid recipient."),
    ("5.0.0", "550 Benutzer unbekannt"),
    ("5.0.0", "550 Пользователь не найден"),
    ("5.0.0", "550 宛先が見つかりません"),
    ("5.1.1", "550 5.1.1 I have nothing to say"),
    ("5.1.1", ""),
]
SOFT = [
    ("5.2.2", "552 5.2.2 Mailbox full"),
    ("5.1.1", "550 5.1.1 <a@b.example>... user is over quota"),
    ("5.1.0", "5.1.0 - Unknown address error 550-'5.2.2 <a@b.example>... Mailbox Full'"),
    ("5.0.0", "550 The recipient's inbox is out of storage space and inactive."),
    ("4.2.2", "452 4.2.2 The email account that you tried to reach is over quota"),
    ("5.0.0", "Postfach ist voll"),
    ("4.1.1", "450 4.1.1 <a@b.example>: Recipient address rejected: User unknown in local recipient table"),
    ("4.7.1", "451 4.7.1 Greylisting in action, please come back later"),
    ("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"),
    ("5.1.3", "553 http://www.spamhaus.org/query/bl?ip=192.0.2.1"),
    ("5.1.1", "550 5.7.1 IP address blacklisted by recipient"),
    ("5.7.1", "550 5.7.1 Message content rejected"),
    ("5.7.26", "550-5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy."),
    ("5.1.8", "553 5.1.8 <news@example.org>... Domain of sender address news@example.org does not exist"),
    ("5.0.0", "550 Sender verify failed: no such user here"),
    ("5.1.0", "550 5.1.0 <news@example.org> sender rejected"),
    ("5.7.1", "554 5.7.1 <a@b.example>: Relay access denied"),
    ("5.3.4", "552 5.3.4 Message size exceeds fixed limit"),
    (
        "5.0.0",
        "550 5.7.1 Connections not accepted from servers without a valid sender domain. Fix reverse DNS for 192.0.2.1",
    ),
    ("5.4.6", "554 5.4.6 Hop count exceeded - possible mail loop"),
    ("4.4.7", "554 4.4.7 Message expired: unable to deliver in 840 minutes."),
    ("4.4.1", "connect to b.example[192.0.2.1]:25: Connection timed out"),
    ("4.4.3", "Name service error for name=b.example type=MX: Host not found, try again"),
    ("5.0.0", "550 Account temporarily disabled"),
    ("5.0.0", "550 Virus detected"),
    ("5.0.0", "554 Transaction failed"),
    ("5.0.0", "550 Rejected (in reply to MAIL FROM command)"),
    ("5.1.1", "550 5.1.1 no (in reply to MAIL FROM command)"),
    ("5.7.1", "550 5.7.1 I have nothing to say"),
    ("5.0.0", ""),
    ("", ""),
]


@pytest.mark.parametrize(("status", "said"), HARD)
def test_hard(status: str, said: str) -> None:
    assert decide(status, said) == "hard"


@pytest.mark.parametrize(("status", "said"), SOFT)
def test_soft(status: str, said: str) -> None:
    assert decide(status, said) == "soft"


def test_the_words_around_count_where_the_server_says_nothing() -> None:
    assert decide("5.0.0", "550", "The account is disabled.") == "hard"
    assert decide("5.0.0", "550 5.2.2 full mailbox", "The account is disabled.") == "soft"
    assert decide("5.0.0", "550", "The following address(es) failed:") == "soft"
