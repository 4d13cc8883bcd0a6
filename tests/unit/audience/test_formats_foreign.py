"""Exports of other programs: recognised by their columns, and nobody who had left there comes in as a reader."""

from __future__ import annotations

import json

import pytest

from digest.audience.formats import SubscriberRow
from digest.audience.formats_read import LARGEST_DOCUMENT, Found, Note, Reading, read

MAILCHIMP = (
    '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,TAGS\n'
)
MIA = (
    'mia@example.org,Mia,Moss,2,"2021-02-03 04:05:06",192.0.2.7,"2021-02-03 05:00:00",192.0.2.8,9,'
    '"""VIP"",""Book club"""\n'
)
LISTMONK = "uuid,email,name,attributes,status,created_at,updated_at\n"


def rows(text: str, origin: str = "people.csv", **reading: object) -> list[Found]:
    return list(read([text.encode()], Reading(**reading), origin))  # type: ignore[arg-type]


def only(found: list[Found]) -> SubscriberRow:
    (row,) = (each for each in found if isinstance(each, SubscriberRow))
    return row


@pytest.mark.parametrize(
    ("name", "state", "address", "reason"),
    [
        ("subscribed_email_audience_export_0a1b.csv", "active", "", ""),
        ("unsubscribed_members_export_0a1b.csv", "unsubscribed", "", "had unsubscribed in Mailchimp"),
        ("audience.zip/cleaned_members_export_0a1b.csv", "unsubscribed", "suppressed", "was cleaned in Mailchimp"),
    ],
)
def test_mailchimp_tells_a_state_by_the_name_of_the_file(name: str, state: str, address: str, reason: str) -> None:
    found = rows(MAILCHIMP + MIA, name)
    row = only(found)
    assert row == SubscriberRow(
        "mia@example.org", "Mia Moss", state=state, tags=("vip", "book club"), address=address, reason=reason
    )
    assert row.signed_up == (
        "opted in 2021-02-03 04:05:06 from 192.0.2.7, confirmed 2021-02-03 05:00:00 from 192.0.2.8"
    )
    (note,) = (each.text for each in found if isinstance(each, Note))
    assert note.startswith(f"{name}: columns left out: member_rating, leid (")


def test_mailchimp_in_a_file_of_another_name_has_to_be_told() -> None:
    (bad,) = rows(MAILCHIMP + MIA, "people.csv")
    assert str(bad).startswith("people.csv:1: Mailchimp does not say here who has left (say what they all are: --state")
    assert only(rows(MAILCHIMP + MIA, "people.csv", state="unsubscribed")).state == "unsubscribed"
    assert only(rows(MAILCHIMP + MIA, "subscribed_x.csv", state="suppressed")).address == "suppressed"


def test_who_never_subscribed_is_left_out() -> None:
    (note,) = rows(MAILCHIMP + MIA, "nonsubscribed_members_export_0a1b.csv")
    assert isinstance(note, Note)
    assert "never subscribed" in note.text
    assert only(rows(MAILCHIMP + MIA, "nonsubscribed_members_export_0a1b.csv", state="pending")).state == "pending"


def test_a_time_of_leaving_outdoes_the_file() -> None:
    text = "Email Address,OPTIN_TIME,UNSUB_TIME\na@example.org,,2020-01-02 03:04:05\nb@example.org,,\n"
    a, b = (each for each in rows(text, "subscribed_x.csv") if isinstance(each, SubscriberRow))
    assert (a.state, b.state) == ("unsubscribed", "active")


@pytest.mark.parametrize(
    ("status", "state", "address"),
    [("enabled", "active", ""), ("disabled", "unsubscribed", ""), ("blocklisted", "unsubscribed", "suppressed")],
)
def test_listmonk_csv(status: str, state: str, address: str) -> None:
    attributes = '"{""city"": ""Gent"", ""likes"": [""sport"", ""politics""]}"'
    text = f"{LISTMONK}5f,lu@example.org,Lu,{attributes},{status},2024-05-06 07:08:09.1 +0000 UTC,x\n"
    row = only(rows(text, columns={"topics": "attributes.likes"}))
    assert (row.name, row.state, row.address, row.topics) == ("Lu", state, address, ("sport", "politics"))
    assert row.signed_up == "signed up 2024-05-06 07:08:09.1 +0000 UTC"


@pytest.mark.parametrize(
    ("lists", "state"),
    [
        ([("confirmed", "double"), ("unsubscribed", "single")], "active"),
        ([("unconfirmed", "single")], "active"),
        ([("unconfirmed", "double")], "pending"),
        ([("unsubscribed", "double")], "unsubscribed"),
        ([], "unsubscribed"),
    ],
)
@pytest.mark.parametrize("lined", [False, True])
def test_listmonk_json(lists: list[tuple[str, str]], state: str, lined: bool) -> None:
    person = {
        "id": 1,
        "uuid": "5f",
        "email": "lu@example.org",
        "name": "Lu",
        "attribs": {"city": "Gent"},
        "status": "enabled",
        "created_at": "2024-05-06T07:08:09Z",
        "lists": [
            {"subscription_status": s, "optin": o, "subscription_meta": {"optin_ip": "192.0.2.9"}} for s, o in lists
        ],
    }
    answer = json.dumps(person) if lined else json.dumps({"data": {"results": [person], "total": 1}}, indent=2)
    row = only(rows(answer, "people.json"))
    assert (row.email, row.state) == ("lu@example.org", state)
    assert row.signed_up == "signed up 2024-05-06T07:08:09Z" + (" from 192.0.2.9" if lists else "")


def test_listmonk_with_another_status_is_a_bad_line() -> None:
    (bad,) = (each for each in rows(f"{LISTMONK}5f,lu@example.org,Lu,{{}},asleep,,\n") if not isinstance(each, Note))
    assert str(bad) == "people.csv:2: unknown status 'asleep' (one of enabled, disabled, blocklisted)"


def test_substack() -> None:
    head = "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n"
    text = f"{head}a@example.org,true,,yearly,false,2023-04-05T06:07:08Z,\nb@example.org,false,,other,true,,\n"
    a, b = (each for each in rows(text, "email_list.quay.csv") if isinstance(each, SubscriberRow))
    assert (a.state, a.tags, a.signed_up) == ("active", ("paid",), "signed up 2023-04-05T06:07:08Z")
    assert (b.state, b.tags, b.reason) == ("unsubscribed", (), "had turned mails off in Substack")
    listed = "Email,Name,Stripe plan,Start date,Type\nc@example.org,Cy,,2023-01-01,Free\n"
    (bad,) = rows(listed)
    assert "Substack does not say here who has left" in str(bad)
    assert only(rows(listed, state="active")).name == "Cy"


def test_columns_are_mapped_by_hand() -> None:
    text = "E-Mail;Full Name;Interests;Shoe size\na@example.org;Ann;sport, politics;42\n"
    found = rows(text, columns={"email": "E-mail", "name": "full name", "topics": "Interests"})
    assert only(found) == SubscriberRow("a@example.org", "Ann", topics=("sport", "politics"))
    (note,) = (each.text for each in found if isinstance(each, Note))
    assert note == "people.csv: columns left out: shoe size (to take one: --map name=COLUMN)"
    (bad,) = rows(text, columns={"email": "Mail"})
    assert str(bad).startswith("people.csv:1: there is no column 'mail' (")
    assert only(rows('{"mail": "a@example.org", "x": 1}', columns={"email": "mail"})).email == "a@example.org"


@pytest.mark.parametrize("name", ["Status", "Unsubscribed at", "opt_out", "Subscribed", "bounces"])
def test_a_column_that_may_tell_who_has_left_is_not_left_out_in_silence(name: str) -> None:
    text = f"E-Mail,{name}\na@example.org,active\n"
    (bad,) = rows(text, columns={"email": "E-Mail"})
    told = name.lower()
    assert str(bad).startswith(f"people.csv:1: the column {told!r} may tell who has left, and would be left out (")
    assert f"--map state={told}" in str(bad)
    (bad,) = rows(json.dumps({"mail": "a@example.org", name: "x"}), columns={"email": "mail"})
    assert f"the key {told!r} may tell" in str(bad)
    for said in ({"state": "active"}, {"columns": {"email": "E-Mail", "state": name}}):
        assert only(rows(text, **({"columns": {"email": "E-Mail"}} | said))).state == "active"


def test_the_file_of_who_unsubscribed_is_known_by_a_single_column() -> None:
    text = "Email Address,UNSUB_TIME\na@example.org,2024-05-05 10:00:00\n"
    assert only(rows(text, "unsubscribed_members_export_ab.csv")).state == "unsubscribed"
    text = "Email Address,CLEAN_TIME\na@example.org,2024-05-05 10:00:00\n"
    assert only(rows(text, "cleaned_members_export_ab.csv")).address == "suppressed"


def test_a_state_for_who_has_none() -> None:
    a, b = rows("email,state\na@example.org,\nb@example.org,paused\n", state="suppressed")
    assert isinstance(a, SubscriberRow)
    assert isinstance(b, SubscriberRow)
    assert (a.state, a.address, b.state, b.address) == ("unsubscribed", "suppressed", "paused", "")


def test_json_in_one_piece_has_its_limit() -> None:
    (bad,) = rows("[" + " " * LARGEST_DOCUMENT + "\n]")
    assert "bytes" in str(bad)
    (bad,) = read([b'[\n{"email": "a@example.org"},\n'] + [b" " * 999_000 + b"\n"] * 17, Reading(), "big.json")
    assert "write one object a line: jq -c" in str(bad)


def test_words_that_name_a_program_outdo_the_columns() -> None:
    (bad,) = rows(MAILCHIMP + MIA, "subscribed_x.csv", kind="csv")
    assert "unknown column 'email address'" in str(bad)
