"""The words of the mails that `not_bounces` makes; our own, in the manner of those who write such mails."""
# ruff: noqa: E501 - a line of a mail is one line

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
