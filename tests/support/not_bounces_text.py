"""The words of the mails that `not_bounces` makes; our own, in the manner of those who write such mails."""

from __future__ import annotations

_Fields = dict[str, str]
_NOBODY: _Fields = {"Return_Path": "<>", "Auto_Submitted": "auto-replied"}
_BULK: _Fields = {"Precedence": "auto_reply", "X_Autoreply": "yes"}
_QUOTED = "\n\nOn Monday, News wrote:\n> A mail could not be delivered to <bob@example.net>: 550 5.1.1 User unknown\n"

#: (sender, subject, body, fields): notes of absence and other answers that nobody typed.
AUTOREPLIES: list[tuple[str, str, str, _Fields]] = [
    ("ada@example.net", "Out of office: News", "I am away until 5 May. Write to bob@example.net.", _NOBODY),
    ("ada@example.net", "Automatic reply: News", "I no longer work here. Please use bob@example.com.", _NOBODY),
    ("ada@example.net", "Re: News", "I have limited access to my mailbox until Friday." + _QUOTED, _BULK),
    ("ada@example.net", "Vacation", "My mailbox may be full when I return; mails will not be forwarded.", _NOBODY),
    (
        "ada@example.de",
        "Abwesenheitsnotiz: News",
        "Ich bin bis zum 5. Mai nicht im Büro. Vertretung: bob@example.de",
        _NOBODY,
    ),
    (
        "ada@example.de",
        "Automatische Antwort: News",
        "Diese Nachricht wurde nicht weitergeleitet. bob@example.de",
        _NOBODY,
    ),
    ("ada@example.fr", "Réponse automatique : News", "Absente jusqu'au 5 mai. Urgence : bob@example.fr", _NOBODY),
    ("ada@example.fr", "Absence du bureau", "Votre message n'a pas été lu. Contactez bob@example.fr.", _BULK),
    ("ada@example.es", "Respuesta automática: News", "Estoy fuera de la oficina hasta el 5 de mayo.", _NOBODY),
    ("ada@example.es", "Fuera de la oficina", "No se reenvía su mensaje. Escriba a bob@example.es", _BULK),
    ("ada@example.it", "Risposta automatica: News", "Sono fuori ufficio fino al 5 maggio. bob@example.it", _NOBODY),
    ("ada@example.pt", "Resposta automática: News", "Estou ausente até 5 de maio. bob@example.pt", _NOBODY),
    ("ada@example.nl", "Afwezig: News", "Ik ben afwezig tot 5 mei. Neem contact op met bob@example.nl", _NOBODY),
    ("ada@example.se", "Autosvar: News", "Jag är borta till den 5 maj. bob@example.se", _NOBODY),
    ("ada@example.dk", "Ikke på kontoret", "Jeg er på ferie til 5. maj.", _NOBODY),
    ("ada@example.fi", "Poissa: News", "Olen lomalla 5. toukokuuta asti. bob@example.fi", _NOBODY),
    ("ada@example.pl", "Odpowiedź automatyczna: News", "Jestem na urlopie do 5 maja. bob@example.pl", _NOBODY),
    ("ada@example.cz", "Automatická odpověď: News", "Do 5. května mám dovolenou.", _NOBODY),
    ("ada@example.ru", "Автоответ: News", "Я в отпуске до 5 мая. Пишите на bob@example.ru", _NOBODY),
    ("ada@example.gr", "Αυτόματη απάντηση: News", "Λείπω μέχρι τις 5 Μαΐου.", _NOBODY),
    ("ada@example.tr", "Otomatik yanıt: News", "5 Mayıs'a kadar ofis dışındayım.", _NOBODY),
    ("ada@example.jp", "自動返信: News", "5月5日まで不在です。急ぎの方は bob@example.jp まで。", _NOBODY),
    ("ada@example.cn", "自动回复: News", "我在休假，5月5日回来。", _NOBODY),
    ("ada@example.kr", "자동 응답: News", "5월 5일까지 부재중입니다.", _NOBODY),
    ("ada@example.il", "תשובה אוטומטית: News", "אני בחופשה עד 5 במאי.", _NOBODY),
    ("ada@example.sa", "رد تلقائي: News", "أنا في إجازة حتى 5 مايو.", _NOBODY),
    ("postmaster@example.net", "Out of Office", "The postmaster is away. Failed mail is looked at on Monday.", _NOBODY),
    ("support@example.net", "[#4711] We have your request", "A ticket was opened for ada@example.net.", _NOBODY),
    (
        "no-reply@example.net",
        "Thank you for your mail",
        "This mailbox is not read. Your message was not delivered to a person.",
        _NOBODY,
    ),
    ("ada@example.net", "New address", "My address has changed: please write to ada@example.com from now on.", _BULK),
]

CHALLENGES = [
    ("ada@example.net", "Please confirm your message", "Your message is held. Click to confirm that you are a person."),
    ("Ada <ada@example.net>", "[Verify] News of Monday", "Mail from unknown senders is not delivered until verified."),
    (
        "confirm@filter.example.net",
        "Sender verification required",
        "Your mail to ada@example.net was not delivered yet: answer this.",
    ),
    (
        "no-reply@filter.example.net",
        "Bitte bestätigen",
        "Ihre Nachricht an ada@example.net wurde noch nicht zugestellt. Bitte bestätigen.",
    ),
    ("ada@example.fr", "Veuillez confirmer", "Votre message à ada@example.fr n'a pas été remis. Confirmez ici."),
    (
        "antispam@filter.example.com",
        "Message on hold (captcha)",
        "Solve the captcha to have it delivered to <ada@example.com>.",
    ),
]

LISTS = [
    (
        "Bob <bob@example.com>",
        "Re: [postfix] 550 5.1.1 for a valid user",
        "> <ada@example.net>: 550 5.1.1 User unknown\n\nCheck your aliases.",
    ),
    (
        "Bob <bob@example.com>",
        "[mailop] Mailbox full at example.net",
        "We see 452 4.2.2 over quota for <ada@example.net> since Monday.",
    ),
    ("Bob <bob@example.com>", "[exim] retry timeout exceeded", "Log: <ada@example.net>: retry timeout exceeded\nWhy?"),
    (
        "Bob <bob@example.com>",
        "[qmail] failure notice, how to parse",
        "Hi. This is the qmail-send program at mx.example.com.\n<ada@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)",
    ),
    (
        "Bob <bob@example.com>",
        "Undeliverable mail: a question",
        "Final-Recipient: rfc822; ada@example.net\nAction: failed\nStatus: 5.1.1\n\nWhat is that?",
    ),
    (
        "list-owner@example.com",
        "Your message to the list awaits approval",
        "Your mail to list@example.com is being held until the moderator can review it.",
    ),
    ("list-request@example.com", "confirm 12345", "We have received a request to subscribe news@example.org."),
    (
        "Bob <bob@example.com>",
        "[users] delivery failed",
        "   ----- The following addresses had permanent fatal errors -----\n<ada@example.net>\n\nI get this daily.",
    ),
]

LETTERS = [
    ("Ada <ada@example.net>", "Please take me off", "I do not want your news any more. ada@example.net"),
    (
        "Ada <ada@example.net>",
        "My mail was returned",
        "I wrote to you and my mail was returned to sender. Is editor@example.org still valid?",
    ),
    ("Ada <ada@example.net>", "New account", "My old account ada@example.com is disabled. Please send to this one."),
    (
        "Bob <bob@example.com>",
        "Rejected article",
        "The article on the bridge was rejected. Send it to ada@example.net?",
    ),
    (
        "Bob <bob@example.com>",
        "Fwd: News of Monday",
        "---------- Forwarded message ---------\nFrom: News <news@example.org>\nTo: ada@example.net\n\nHello",
    ),
    (
        "Postmaster <postmaster@example.net>",
        "Re: blocked?",
        "We do not block you any more; mail to ada@example.net goes through now.",
    ),
    (
        "Mail admin <bob@example.com>",
        "Maintenance on Sunday",
        "Mail to ada@example.com may be delayed while we move the server.",
    ),
    ("Ada <ada@example.net>", "unsubscribe", "unsubscribe ada@example.net"),
    (
        "Delivery Desk <parcels@example.com>",
        "Delivery failed: nobody at home",
        "Your parcel could not be delivered. Next try: Tuesday. Ref ada@example.net",
    ),
    (
        "Post <service@example.com>",
        "Zustellung fehlgeschlagen",
        "Ihr Paket konnte nicht zugestellt werden. Sendung 4711, ada@example.net",
    ),
]

SPAM = [
    (
        "Mail Administrator <it@example.com>",
        "Your mailbox is full",
        "Your mailbox news@example.org is over quota. Click http://example.com/login to keep it.",
    ),
    (
        "IT Desk <desk@example.com>",
        "5 messages were not delivered",
        "Messages for ada@example.net could not be delivered. Release them: http://example.com/x",
    ),
    (
        "Webmail <w@example.com>",
        "Account will be disabled",
        "Verify news@example.org today or your account is suspended.",
    ),
    ("Prince <p@example.com>", "Mutual benefit", "I wish to transfer funds. Write to barrister@example.net."),
    ("Pills <p@example.com>", "Cheap", "Best prices, reply to pills@example.net"),
    ("Lottery <l@example.com>", "You won", "Your address ada@example.net was drawn."),
    ("SEO <seo@example.com>", "Undeliverable rankings?", "Your site could rank higher. Contact seo@example.net."),
    (
        "Voice <v@example.com>",
        "Missed call: delivery failed",
        "A voice message for ada@example.net failed to play. Open the file.",
    ),
    (
        "Parcel <p@example.com>",
        "Undelivered parcel",
        "We were unable to deliver a parcel to you. Pay the fee at http://example.com",
    ),
    ("Love <l@example.com>", "hello dear", "I saw your address unknown user friendly, write me at love@example.net"),
]

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
