"""What other programs write of their subscribers: which columns they have, and what their states are here.

Who had left there is mailed no more: unsubscribed stays unsubscribed, and an address that was cleaned or blocklisted is
suppressed. What a file does not say of its people is asked, not guessed.

- Mailchimp, an audience's export: "Email Address", "First Name", "Last Name", TAGS, OPTIN_TIME, OPTIN_IP, CONFIRM_TIME,
  CONFIRM_IP, UNSUB_TIME …, a file for each of subscribed, unsubscribed, cleaned and nonsubscribed, which only its name
  tells ("View or Export Contacts", mailchimp.com/help/view-export-contacts).
- listmonk: `uuid,email,name,attributes,status,created_at,updated_at` (cmd/subscribers.go, ExportSubscribers), or what
  `GET /api/subscribers` answers, with `attribs` and `lists` (listmonk.app/docs/apis/subscribers).
- Substack: `email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at` in email_list.NAME.csv of
  the whole export (read also by TryGhost/migrate, packages/mg-substack), or "Email,Name,Stripe plan,Cancel date,Start
  date,…,Type" from the list of subscribers, which does not tell who has turned mails off.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from digest.errors import BadInput
from digest.model.subscription import AddressState, SubscriptionState

_S = SubscriptionState
SUPPRESSED = str(AddressState.SUPPRESSED)
#: What may be said of people of whom their file says nothing.
STATES = (*(str(state) for state in SubscriptionState), SUPPRESSED)
#: People who bought or wrote something, and never asked for mails.
NEVER = "never subscribed"

_TELLING = {"active", "subscribed", "deleted", "removed"}
_TELLING_PARTS = ("status", "unsub", "optout", "optedout", "disabled", "blocklist", "blacklist", "suppress", "bounce")

MAILCHIMP = "mailchimp"

Record = Mapping[str, Any]  # by their names of columns, in lower case


@dataclass(frozen=True, slots=True)
class Form:
    """A program's export. `used` are the columns that are read; `told_by` those of which one has to be there to know
    who has left, else a state must be given. `record` makes our columns of theirs, given that state.
    """

    name: str
    title: str
    recognises: Callable[[Collection[str]], bool]
    used: frozenset[str]
    record: Callable[[Record, str], dict[str, Any]]
    told_by: frozenset[str] = frozenset()


def standing(state: str, reason: str = "") -> dict[str, str]:
    """The columns that say that somebody is in this state, which may be that of the address."""
    if state == SUPPRESSED:
        return {"state": str(_S.UNSUBSCRIBED), "address": SUPPRESSED, "reason": reason}
    return {"state": state, "reason": reason if state == _S.UNSUBSCRIBED else ""}


def values(text: str) -> list[str]:
    """Several values in one cell, as programs write them: "a","b" or a, b or a; b."""
    delimiter = ";" if ";" in text else ","
    try:
        found = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        raise BadInput(f"this is no list: {text[:60]!r}", mend="separate its words by commas") from None
    return [value.strip() for value in found if value.strip()]


def may_tell_state(column: str) -> bool:
    """By its name: whether a column of a program that we do not know seems to say who has left it."""
    letters = "".join(filter(str.isalpha, column.lower()))
    return letters in _TELLING or any(part in letters for part in _TELLING_PARTS)


def state_by_name(file: str) -> str:
    """What the name of a file of Mailchimp's says of the people in it."""
    name = file.replace("\\", "/").rpartition("/")[2].lower()
    starts = {"subscribed": str(_S.ACTIVE), "unsubscribed": str(_S.UNSUBSCRIBED), "cleaned": SUPPRESSED}
    starts |= {"nonsubscribed": NEVER, "sms_only": NEVER}
    return next((state for start, state in starts.items() if name.startswith(f"{start}_")), "")


# --- Mailchimp ---


def _mailchimp(record: Record, state: str) -> dict[str, Any]:
    if _said(record, "unsub_time"):
        state = str(_S.UNSUBSCRIBED)
    what = "was cleaned in Mailchimp" if state == SUPPRESSED else "had unsubscribed in Mailchimp"
    name = f"{_said(record, 'first name', 'fname')} {_said(record, 'last name', 'lname')}"
    opted = _sign_up("opted in", _said(record, "optin_time"), _said(record, "optin_ip"))
    confirmed = _sign_up("confirmed", _said(record, "confirm_time"), _said(record, "confirm_ip"))
    return {
        "email": _said(record, "email address", "email"),
        "name": name,
        "tags": values(_said(record, "tags")),
        "signed_up": ", ".join(filter(None, (opted, confirmed))),
        **standing(state, what),
    }


def _sign_up(what: str, at: str, ip: str) -> str:
    return f"{what}{f' {at}' if at else ''}{f' from {ip}' if ip else ''}" if at or ip else ""


# --- listmonk ---

_LISTMONK = {"enabled": str(_S.ACTIVE), "disabled": str(_S.UNSUBSCRIBED), "blocklisted": SUPPRESSED}


def _listmonk(record: Record, _state: str) -> dict[str, Any]:
    status = _said(record, "status")
    if status not in _LISTMONK:
        raise BadInput(f"unknown status {status!r}", mend=f"one of {', '.join(_LISTMONK)}")
    state, reason = _LISTMONK[status], f"was {status} in listmonk"
    lists = record.get("lists")
    if state == _S.ACTIVE and isinstance(lists, list):
        state, reason = _on_lists(lists)
    return {
        "email": record.get("email"),
        "name": record.get("name"),
        "signed_up": _sign_up("signed up", _said(record, "created_at")[:40], _ip(lists)),
        **standing(state, reason),
    }


def _on_lists(lists: list[Any]) -> tuple[str, str]:
    """One who has left all lists has left; one who has not yet said yes to any list that asks is not in yet."""
    told = [each for each in lists if isinstance(each, dict) and each.get("subscription_status") != "unsubscribed"]
    if not told:
        return str(_S.UNSUBSCRIBED), "was on no list in listmonk"
    waits = all(x.get("subscription_status") == "unconfirmed" and x.get("optin") == "double" for x in told)
    return str(_S.PENDING if waits else _S.ACTIVE), ""


def _ip(lists: object) -> str:
    metas = [x.get("subscription_meta") for x in lists if isinstance(x, dict)] if isinstance(lists, list) else []
    found = [meta.get("optin_ip") for meta in metas if isinstance(meta, dict)]
    return next((ip for ip in found if isinstance(ip, str) and ip), "")


# --- Substack ---


def _substack(record: Record, state: str) -> dict[str, Any]:
    left = _said(record, "email_disabled").lower() == "true"
    pays = _said(record, "active_subscription").lower() == "true" or _said(record, "type").lower() == "paid"
    return {
        "email": _said(record, "email"),
        "name": _said(record, "name"),
        "tags": ["paid"] if pays else [],
        "signed_up": _sign_up("signed up", _said(record, "created_at", "start date"), ""),
        **standing(str(_S.UNSUBSCRIBED) if left else state or str(_S.ACTIVE), "had turned mails off in Substack"),
    }


def _said(record: Record, *names: str) -> str:
    """The first of these columns that says something."""
    for name in names:
        value = record.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


_MAILCHIMP_MARKS = {"optin_time", "confirm_time", "member_rating", "leid", "euid", "unsub_time", "clean_time"}
_SUBSTACK_MARKS = {"active_subscription", "email_disabled", "stripe plan"}
FORMS = {
    form.name: form
    for form in (
        Form(
            MAILCHIMP,
            "Mailchimp",
            lambda names: bool({"email address", "email"} & set(names) and _MAILCHIMP_MARKS & set(names)),
            frozenset({"email address", "email", "first name", "fname", "last name", "lname", "tags", "optin_time",
                       "optin_ip", "confirm_time", "confirm_ip", "unsub_time"}),
            _mailchimp,
            frozenset({"unsub_time"}),
        ),
        Form(
            "listmonk",
            "listmonk",
            lambda names: {"uuid", "email", "status"} <= set(names) and bool({"attributes", "attribs"} & set(names)),
            frozenset({"email", "name", "status", "created_at", "lists"}),
            _listmonk,
            frozenset({"status"}),
        ),
        Form(
            "substack",
            "Substack",
            lambda names: "email" in names and bool(_SUBSTACK_MARKS & set(names)),
            frozenset({"email", "name", "active_subscription", "type", "email_disabled", "created_at", "start date"}),
            _substack,
            frozenset({"email_disabled"}),
        ),
    )
}  # fmt: skip


def recognised(names: Collection[str]) -> Form | None:
    """The program that writes such columns."""
    return next((form for form in FORMS.values() if form.recognises(names)), None)


def attribute(record: Record, path: str) -> object:
    """What `attributes.city` names: a column of its own, or a value inside listmonk's attributes."""
    if path in record:
        return record[path]
    head, _, rest = path.partition(".")
    inside: object = record.get(head)
    if isinstance(inside, str):
        try:
            inside = json.loads(inside or "{}")
        except (ValueError, RecursionError):
            raise BadInput(f"{head} is not JSON") from None
    for name in rest.split(".") if rest else ():
        inside = {k.lower(): v for k, v in inside.items()}.get(name) if isinstance(inside, Mapping) else None
    return inside


def name_of(key: str) -> str:
    """Of a column, as it is compared."""
    return " ".join(key.split()).lower()
