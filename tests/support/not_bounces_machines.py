"""More of those words: of newsletters about bounces, of machines, and of reports that tell of no failure."""
# ruff: noqa: E501 - a line of a mail is one line

from __future__ import annotations

_Fields = dict[str, str]
_LIST: _Fields = {
    "List_Id": "<mail.example.com>",
    "List_Unsubscribe": "<mailto:leave@example.com>",
    "Precedence": "bulk",
}

#: (sender, subject, body, fields)
NEWSLETTERS: list[tuple[str, str, str, _Fields]] = [
    (
        "Mail Weekly <news@example.com>",
        "What does 550 5.1.1 mean?",
        "<user@example.net>: 550 5.1.1 User unknown is the commonest bounce.",
        _LIST,
    ),
    (
        "Mail Weekly <news@example.com>",
        "Undeliverable: how to read a bounce",
        "The following address failed:\n\n  user@example.net\n\n552 5.2.2 Mailbox full",
        _LIST,
    ),
    (
        "Postmaster News <postmaster@example.com>",
        "Five causes of returned mail",
        "Your message could not be delivered to <user@example.net>: host unknown.",
        _LIST,
    ),
    (
        "Deliverability <hello@example.com>",
        "Delivery Status Notifications explained",
        "Final-Recipient: rfc822; user@example.net\nAction: failed\nStatus: 5.1.1",
        _LIST,
    ),
    (
        "Tech Blog <blog@example.com>",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\n  user@example.net\n    Unrouteable address",
        _LIST,
    ),
    (
        "Docs <docs@example.com>",
        "Changes to error 5.7.1",
        "Mails to user@example.net were rejected as spam: 550 5.7.1 blocked.",
        {},
    ),
    (
        "Editor <ed@example.com>",
        "Failure notice: our printer broke",
        "The paper could not be delivered to subscribers. Ask ed@example.com.",
        _LIST,
    ),
]

#: (sender, subject, body, fields): machines that talk about mail, and of no failure of ours.
NOTICES: list[tuple[str, str, str, _Fields]] = [
    (
        "Mail Delivery System <MAILER-DAEMON@mx.example.org>",
        "Postfix SMTP server: errors from unknown[192.0.2.9]",
        "Transcript of session follows.\n\n Out: 220 mx.example.org ESMTP\n In:  RCPT TO:<ada@example.net>\n Out: 550 5.1.1 <ada@example.net>: Recipient address rejected: User unknown\n\nSession aborted, reason: lost connection\n",
        {},
    ),
    (
        "root@mx.example.org",
        "Logwatch for mx",
        "550 5.1.1 User unknown: 3 times\n  ada@example.net: 2\n  bob@example.net: 1\n",
        {},
    ),
    (
        "Cron Daemon <root@mx.example.org>",
        "Cron <root@mx> mailq",
        "-Queue ID-\nABC 123 Mon news@example.org\n (host said: 450 4.2.2 full)\n  ada@example.net\n",
        {},
    ),
    (
        "nagios@example.org",
        "** PROBLEM: SMTP CRITICAL **",
        "SMTP CRITICAL - 550 5.7.1 relay denied for ada@example.net",
        {},
    ),
    (
        "noreply-dmarc@example.net",
        "Report Domain: example.org Submitter: example.net",
        "An aggregate report is attached.",
        {},
    ),
    ("tlsrpt@example.net", "Report Domain: example.org TLS", "3 sessions failed.", {}),
    (
        "postmaster@example.org",
        "Quarantine summary",
        "2 messages for ada@example.net were held. Release?",
        {"Return_Path": "<>"},
    ),
    (
        "mailman-bounces@example.com",
        "Bounce action notification",
        "This is a list manager's note: ada@example.net was disabled after bounces.",
        {},
    ),
    ("welcome@example.com", "Welcome", "Your account ada@example.net is active.", {}),
    ("reset@example.com", "Reset your password", "A reset for ada@example.net was asked for.", {}),
    (
        "notifications@code.example.com",
        "[mail/parser] 550 5.1.1 is not parsed (#12)",
        "`<ada@example.net>: 550 5.1.1 User unknown` gives nothing.",
        {"List_Id": "<parser.code.example.com>"},
    ),
    (
        "Postmaster <postmaster@example.net>",
        "Welcome to your new mailbox",
        "ada@example.net can hold 5 GB. Mail is refused when it is full.",
        {},
    ),
    (
        "MAILER-DAEMON@mx.example.net",
        "Successful mail delivery report",
        "Your message was successfully delivered to the destination(s) listed below.\n\n<ada@example.net>: delivery via mail.example.net: 250 2.0.0 Ok\n",
        {"Return_Path": "<>"},
    ),
    (
        "MAILER-DAEMON@mx.example.net",
        "Mail Delivery Status Report",
        "Enclosed is the mail delivery report that you requested.\n\n<ada@example.net>: deliverable\n",
        {"Return_Path": "<>"},
    ),
]

#: (subject, text) of mails that only wait.
WARNINGS = [
    (
        "Warning: message 1abc-0000 delayed 24 hours",
        "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\n  ada@example.net\n    Delay reason: 450 4.2.2 Mailbox full\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.\n",
    ),
    (
        "Delayed Mail (still being retried)",
        "# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n\nYour message could not be delivered for more than 4 hour(s).\nIt will be retried until it is 5 day(s) old.\n\n<ada@example.net>: connect to mail.example.net: Connection refused\n",
    ),
    (
        "Warning: could not send message for past 4 hours",
        "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n\n   ----- The following addresses had transient non-fatal errors -----\n<ada@example.net>\n",
    ),
    (
        "Delivery Status Notification (Delay)",
        "THIS IS A WARNING MESSAGE ONLY.\n\nDelivery to the following recipient has been delayed:\n\n     ada@example.net\n\nMessage will be retried for 2 more day(s)\n",
    ),
    (
        "Delivery delayed: News of Monday",
        "Delivery is delayed to these recipients or groups:\n\nada@example.net\n\nThis message hasn't been delivered yet. Delivery will continue to be attempted.\nThe server will keep trying to deliver this message for the next 1 days.\n",
    ),
    (
        "Delivery status notification: delayed",
        "    A message is delayed for more than 4 hours for the following\n    list of recipients:\n\nada@example.net: Connection timeout\n\n    Please note that this is only a temporary failure report.\n",
    ),
    (
        "Warnung: Nachricht noch nicht zugestellt",
        "Ihre Nachricht wurde noch nicht zugestellt; die Zustellung verzögert sich.\n\n<ada@example.net>: 451 bitte warten\n",
    ),
    (
        "Mail delayed",
        "Your message to:\n\n  ada@example.net\n\nwas not delivered yet. This is just a warning, you do not need to take any action.\n",
    ),
]

#: (action, status, text)
STATUS_OF_NO_FAILURE = [
    ("delayed", "4.2.2", "Your message could not be delivered to ada@example.net yet: mailbox full."),
    ("delayed (will retry)", "4.4.1", "The server will go on trying."),
    ("Delayed", "4.7.1", "Greylisted, see you later."),
    ("delivered", "2.0.0", "Your message was delivered."),
    ("delivered", "2.1.5", "Delivered to the mailbox of ada@example.net."),
    ("relayed", "2.0.0", "Your message was passed to a system that sends no notices."),
    ("expanded", "2.0.0", "Your message went to a list of three."),
    ("relayed", "2.1.9", "The destination does not know about notices; delivery may have failed."),
]

#: (sender, subject, text, disposition)
RECEIPTS = [
    (
        "Ada <ada@example.net>",
        "Read: News of Monday",
        "Your message was read on Monday.",
        "manual-action/MDN-sent-manually; displayed",
    ),
    (
        "Ada <ada@example.net>",
        "Not read: News of Monday",
        "Your message was deleted without being read.",
        "automatic-action/MDN-sent-automatically; deleted",
    ),
    (
        "Ada <ada@example.de>",
        "Gelesen: News",
        "Ihre Nachricht wurde gelesen.",
        "manual-action/MDN-sent-manually; displayed",
    ),
    (
        "postmaster@example.net",
        "Return Receipt (displayed)",
        "The message to ada@example.net was displayed. This does not guarantee that it was read.",
        "automatic-action/MDN-sent-automatically; displayed",
    ),
    ("Ada <ada@example.fr>", "Lu : News", "Votre message a été lu.", "manual-action/MDN-sent-manually; displayed"),
    (
        "Ada <ada@example.net>",
        "Disposition notification",
        "The mail was dispatched to bob@example.net.",
        "automatic-action/MDN-sent-automatically; dispatched",
    ),
]
