"""digest subscriber"""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import token

_FIELDS = {
    "email", "name", "publication", "cadence", "language", "zone", "topics", "state", "reason", "since", "address",
    "tags",
    "paused_until",
}  # fmt: skip
A, B = "a@example.org", "b@example.org"


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day", "--every", "week", "--zone", "Europe/Brussels")
    return made


def add(digest: Desk, email: str = A, *options: str) -> str:
    return digest.well("subscriber", "add", "--basis", "form", email, "--publication", "p", *options).out


def subscription(digest: Desk, email: str = A) -> dict[str, object]:
    (found,) = [s for s in digest.well("subscriber", "list", "--json").json if s["email"] == email]
    return dict(found)


def publish(digest: Desk, *numbers: int) -> None:
    digest.news(*numbers)
    digest.well("edition", "publish", "p")


def test_add_takes_the_defaults_of_the_publication(digest: Desk) -> None:
    assert "No subscriptions yet" in digest.well("subscriber", "list").out
    assert add(digest) == "a@example.org now gets p every day, in en, Europe/Brussels time.\n"
    told = subscription(digest)
    assert set(told) == _FIELDS
    assert told | {"since": ""} == {
        "email": A, "name": "", "publication": "p", "cadence": "day", "language": "en", "zone": "Europe/Brussels",
        "topics": [], "state": "active", "reason": "added by the operator", "since": "", "address": "ok",
        "tags": [],
        "paused_until": None,
    }  # fmt: skip
    add(digest, B, "--cadence", "week", "--topic", "sport", "--lang", "nl-BE", "--zone", "Asia/Tokyo", "--name", "Bé")
    told = subscription(digest, B)
    assert (told["cadence"], told["topics"], told["language"]) == ("week", ["sport"], "nl")
    assert (told["zone"], told["name"]) == ("Asia/Tokyo", "Bé")


def test_a_language_without_fixed_words_is_told(digest: Desk) -> None:
    said = add(digest, A, "--lang", "ja")
    assert "The fixed words of the mails are in English: there are none in Japanese" in said
    assert "fixed words" not in add(digest, B, "--lang", "nl")
    assert "none in Japanese" in digest.well("subscriber", "edit", B, "--lang", "ja").out
    own = digest.home / "templates" / "locale"
    own.mkdir(parents=True)
    (own / "ja.po").write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n')
    assert "fixed words" not in add(digest, "c@example.org", "--lang", "ja")


def test_the_same_person_is_added_once_however_the_address_is_spelt(digest: Desk) -> None:
    assert add(digest, "Jörg@exämple.de").startswith("Jörg@exämple.de now gets p")
    again = add(digest, "jörg@XN--exmple-cua.de", "--lang", "nl")
    assert again.startswith("Jörg@exämple.de subscribes to p already (active); nothing was changed.")
    assert subscription(digest, "Jörg@exämple.de")["language"] == "en"
    add(digest, "用户@例え.jp")
    assert len(digest.well("subscriber", "list", "--json").json) == 2
    assert digest.well("subscriber", "show", "用户@例え.jp", "--json").json["email"] == "用户@例え.jp"


def test_what_cannot_be_is_one_line_and_adds_nobody(digest: Desk) -> None:
    def refused(*options: str, email: str = A, publication: str = "p") -> str:
        return digest.refused("subscriber", "add", "--basis", "form", email, "--publication", publication, *options)

    for email in ("", "foo", "a@", "a@b", "a b@example.org", "a@example..org", "a@example.org, b@example.org"):
        assert "is not an e-mail address" in refused(email=email)
    assert "there is no publication 'pp' (did you mean 'p'?)" in refused(publication="pp")
    assert "p has no cadence 'hour' (it has: day, week)" in refused("--cadence", "hour")
    assert "did you mean 'economy-business'?" in refused("--topic", "economy")
    assert "there is no time zone 'Mars/Olympus'" in refused("--zone", "Mars/Olympus")
    assert "not a language code" in refused("--lang", "Dutch!")
    assert "Missing option '--publication'" in digest.refused("subscriber", "add", "--basis", "form", A)
    assert digest.well("subscriber", "list", "--json").json == []
    assert "there is no subscriber" in digest.refused("subscriber", "show", A), "not even the person"
    digest.well("publication", "add", "sports", "--every", "day", "--topic", "sport")
    assert "does not carry the topic 'politics'" in refused("--topic", "politics", publication="sports")


def test_list_and_its_filters(digest: Desk) -> None:
    digest.well("publication", "add", "other", "--every", "day")
    add(digest, A)
    add(digest, B)
    digest.well("subscriber", "add", "--basis", "form", A, "--publication", "other")
    digest.well("subscriber", "pause", B)

    def listed(*options: str) -> list[tuple[str, str]]:
        rows = digest.well("subscriber", "list", "--json", *options).json
        return [(row["email"], row["publication"]) for row in rows]

    assert listed() == [(A, "p"), (B, "p"), (A, "other")]
    assert listed("--publication", "other") == [(A, "other")]
    assert listed("--state", "paused") == [(B, "p")]
    assert listed("--limit", "1") == [(A, "p")]
    assert digest.well("subscriber", "list", "--state", "pending").out == "No such subscriptions.\n"
    assert "is not one of 'pending'" in digest.refused("subscriber", "list", "--state", "asleep")
    assert "did you mean 'other'?" in digest.refused("subscriber", "list", "--publication", "othr")
    assert "give a whole number, " in digest.refused("subscriber", "list", "--limit", "0")


def test_show_tells_every_change_and_its_reason(digest: Desk) -> None:
    add(digest, A, "--name", "Ann")
    digest.clock.go(days=1)
    digest.well("subscriber", "pause", A, "--reason", "on holiday")
    told = digest.well("subscriber", "show", A, "--json").json
    assert set(told) == {"email", "name", "tags", "address", "why", "subscriptions"}
    (held,) = told["subscriptions"]
    assert set(held) == _FIELDS - {"tags"} | {"changes"}, "tags are the person's"
    assert [(c["action"], c["from"], c["to"], c["reason"]) for c in held["changes"]] == [
        ("subscribe", "", "active", "added by the operator"),
        ("pause", "active", "paused", "on holiday"),
    ]
    said = digest.well("subscriber", "show", A).out
    assert "2026-03-03 05:00 UTC  paused        on holiday" in said
    assert "\n\n\n" not in said
    refused = digest.refused("subscriber", "show", B)
    assert "there is no subscriber 'b@example.org'" in refused
    assert A not in refused, "a slip of a key must not end at another person"
    assert "is not an e-mail address" in digest.refused("subscriber", "show", "ann")


def test_edit_changes_what_is_said(digest: Desk) -> None:
    add(digest)
    digest.well(
        "subscriber", "edit", A, "--cadence", "week", "--zone", "Asia/Tokyo", "--lang", "de", "--topic", "sport",
        "--topic", "politics", "--name", "Ann",
    )  # fmt: skip
    told = subscription(digest)
    assert (told["cadence"], told["zone"], told["language"]) == ("week", "Asia/Tokyo", "de")
    assert (told["topics"], told["name"]) == (["sport", "politics"], "Ann")
    assert "Changed the subscription of a@example.org to p." in digest.well("subscriber", "edit", A, "--all-topics").out
    assert subscription(digest)["topics"] == []
    assert "nothing to change was said" in digest.refused("subscriber", "edit", A)
    assert "contradict" in digest.refused("subscriber", "edit", A, "--all-topics", "--topic", "sport")
    assert "has no cadence 'hour'" in digest.refused("subscriber", "edit", A, "--cadence", "hour")
    assert "there is no subscriber" in digest.refused("subscriber", "edit", B, "--lang", "nl")
    digest.well("publication", "add", "other", "--every", "day")
    assert "does not subscribe to other" in digest.refused(
        "subscriber", "edit", A, "--publication", "other", "--lang", "nl"
    )
    digest.well("subscriber", "add", "--basis", "form", A, "--publication", "other")
    assert "say which with --publication: p, other" in digest.refused("subscriber", "edit", A, "--lang", "nl")


def test_topics_decide_what_is_mailed_and_a_new_one_does_not_reach_back(digest: Desk) -> None:
    add(digest, A, "--topic", "sport")
    digest.news(1, topic="sport")
    digest.news(2, topic="politics")
    digest.well("subscriber", "edit", A, "--topic", "sport", "--topic", "politics")
    digest.news(3, topic="politics")
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    (mail,) = digest.mails(A)
    assert [token(n) in desk.text_of(mail) for n in (1, 2, 3)] == [True, False, True]


def test_paused_nothing_is_mailed_and_resumed_it_is_caught_up_on(digest: Desk) -> None:
    add(digest)
    publish(digest, 1)
    assert digest.well("subscriber", "pause", A).out == "a@example.org: p is paused.\n"
    digest.clock.go(minutes=1)
    assert digest.well("subscriber", "pause", A).out == "a@example.org: p was paused already.\n"
    assert digest.well("deliver").out == "Nothing is due.\n"
    publish(digest, 2)
    digest.well("deliver")
    assert digest.mails() == []
    assert digest.well("subscriber", "resume", A).out == "a@example.org: p is active.\n"
    publish(digest, 3)
    digest.well("deliver")
    (mail,) = digest.mails(A)
    assert all(token(n) in desk.text_of(mail) for n in (1, 2, 3))


def test_a_pause_until_a_day_ends_by_itself_and_is_caught_up_on(digest: Desk) -> None:
    add(digest)
    told = digest.well("subscriber", "pause", A, "--until", "2026-03-05", "--reason", "on holiday").out
    assert told == "a@example.org: p is paused until 2026-03-05.\n"
    assert subscription(digest)["paused_until"] == "2026-03-05"
    assert "paused until 2026-03-05" in digest.well("subscriber", "list").out
    shown = digest.well("subscriber", "show", A).out
    assert "paused until 2026-03-05" in shown
    assert "on holiday, until 2026-03-05" in shown
    digest.news(1)
    digest.clock.go_to(4, 22, 59)
    assert digest.well("run").out == "Nothing was due.\n"
    digest.clock.go_to(4, 23, 0)  # midnight in Brussels
    assert digest.well("run").out == "Resumed 1 subscription: the pause has ended.\n"
    assert subscription(digest)["paused_until"] is None
    digest.clock.go_to(5, 6, 1)
    digest.well("run")
    (mail,) = digest.mails(A)
    assert token(1) in desk.text_of(mail)
    last = digest.well("subscriber", "show", A, "--json").json["subscriptions"][0]["changes"][-1]
    assert (last["to"], last["reason"]) == ("active", "the pause ended")


def test_a_pause_takes_another_end(digest: Desk) -> None:
    add(digest)
    digest.well("subscriber", "pause", A, "--until", "2026-03-05")
    digest.well("subscriber", "pause", A, "--until", "2026-04-01")
    assert subscription(digest)["paused_until"] == "2026-04-01"
    digest.well("subscriber", "edit", A, "--zone", "America/New_York")
    assert subscription(digest)["paused_until"] == "2026-04-01", "the same day, where the reader is now"
    digest.well("subscriber", "pause", A)
    assert subscription(digest)["paused_until"] is None
    assert subscription(digest)["state"] == "paused"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-03-02", "a pause cannot end on 2026-03-02 (give a day from 2026-03-03 to 2028-03-02)"),
        ("2028-03-03", "a pause cannot end on 2028-03-03"),
        ("9999-12-31", "a pause cannot end on 9999-12-31"),
        ("2026-02-30", "'2026-02-30' is not a day (write it like 2027-01-15)"),
        ("tomorrow", "'tomorrow' is not a day"),
        ("20260401", "'20260401' is not a day"),
    ],
)
def test_a_day_on_which_no_pause_can_end(digest: Desk, day: str, said: str) -> None:
    add(digest)
    assert said in digest.refused("subscriber", "pause", A, "--until", day)
    assert subscription(digest)["state"] == "active"


def test_unsubscribed_nothing_is_mailed_and_only_the_reader_can_come_back(digest: Desk) -> None:
    add(digest)
    publish(digest, 1)
    digest.well("subscriber", "unsubscribe", A, "--reason", "asked by phone")
    digest.clock.go(minutes=1)
    assert "was unsubscribed already" in digest.well("subscriber", "unsubscribe", A).out
    digest.well("deliver")
    publish(digest, 2)
    digest.clock.go(days=2)
    digest.well("run")
    assert digest.mails() == []
    assert digest.states() == [(A, "suppressed")]
    said = digest.refused("subscriber", "add", "--basis", "form", A, "--publication", "p")
    assert "has unsubscribed from p (asked by phone)" in said
    assert "cannot resume a subscription that is unsubscribed" in digest.refused("subscriber", "resume", A)
    assert subscription(digest)["state"] == "unsubscribed"


def test_without_a_publication_all_of_them_are_meant(digest: Desk) -> None:
    digest.well("publication", "add", "other", "--every", "day")
    add(digest)
    digest.well("subscriber", "add", "--basis", "form", A, "--publication", "other")
    digest.well("subscriber", "pause", A, "--publication", "other")
    assert digest.well("subscriber", "unsubscribe", A).out.splitlines() == [
        "a@example.org: p is unsubscribed.", "a@example.org: other is unsubscribed.",
    ]  # fmt: skip
    assert "there is no subscriber" in digest.refused("subscriber", "unsubscribe", B)


def test_who_was_never_mailed_is_removed_for_good(digest: Desk) -> None:
    add(digest)
    assert digest.well("subscriber", "remove", A).out == "Removed a@example.org.\n"
    assert digest.well("subscriber", "list", "--json").json == []
    assert "there is no subscriber" in digest.refused("subscriber", "remove", A)
    assert "now gets p" in add(digest)


def test_who_was_mailed_is_suppressed_and_cannot_be_added_again(digest: Desk) -> None:
    add(digest)
    publish(digest, 1)
    digest.well("deliver")
    digest.well("publication", "add", "other", "--every", "day")
    said = digest.well("subscriber", "remove", A).out
    assert said == "a@example.org has been mailed: unsubscribed and suppressed; what was sent stays on record.\n"
    for publication in ("p", "other"):
        said = digest.refused("subscriber", "add", "--basis", "form", "A@Example.org", "--publication", publication)
        assert "this address is suppressed: removed by the operator" in said
    digest.typed("email,publication\na@example.org,other\n")
    said = digest.well("subscriber", "import", "-", "--basis", "form", "--json").json
    assert (said["suppressed"], said["added"]) == (1, 0)
    assert "suppressed" in digest.well("subscriber", "list").out
    publish(digest, 2)
    digest.well("deliver")
    assert len(digest.mails()) == 1
    assert digest.states() == [(A, "sent")]


def test_a_change_of_zone_moves_the_slot(digest: Desk) -> None:
    add(digest)
    digest.well("run")
    digest.well("subscriber", "edit", A, "--zone", "America/New_York")
    digest.news(1)
    digest.clock.go_to(3, 6)  # 07:00 in Brussels
    digest.well("run")
    assert digest.mails() == []
    digest.clock.now += timedelta(hours=6)  # 07:00 in New York
    digest.well("run")
    assert len(digest.mails(A)) == 1


def test_a_name_can_neither_steer_the_terminal_nor_add_a_header(digest: Desk, tmp_path: Path) -> None:
    add(digest, A, "--name", "Ann\x1b[31m\nBcc: c@example.org")
    said = digest.well("subscriber", "show", A).out
    assert "\x1b" not in said
    assert "\nBcc" not in said
    digest.news(1)
    digest.well("edition", "preview", "p", "--as", A, "--out", str(tmp_path / "out"))
    mail = message_from_bytes((tmp_path / "out" / "message.eml").read_bytes(), policy=policy.default)
    assert mail["Bcc"] is None
    assert [address.addr_spec for address in mail["To"].addresses] == [A]


def test_who_left_comes_back_only_when_they_asked_for_it(digest: Desk) -> None:
    digest.well("publication", "add", "zz", "--every", "day")
    add = ("subscriber", "add", "--basis", "form", "reader@example.com", "--publication", "zz")
    digest.well(*add)
    digest.well("subscriber", "unsubscribe", "reader@example.com", "--publication", "zz")
    assert "--again" in digest.refused(*add)
    digest.well(*add, "--again", "asked by letter on 1 March")
    told = digest.well("subscriber", "show", "reader@example.com", "--json").json
    (subscription,) = told["subscriptions"]
    assert subscription["state"] == "active"
    assert [c["to"] for c in subscription["changes"]] == ["active", "unsubscribed", "pending", "active"]
    assert subscription["changes"][-1]["reason"] == "asked by letter on 1 March"


def test_an_opt_out_outlives_the_removal_of_the_person(digest: Desk) -> None:
    digest.well("publication", "add", "zz", "--every", "day")
    digest.well("subscriber", "add", "--basis", "form", "reader@example.com", "--publication", "zz")
    digest.well("subscriber", "unsubscribe", "reader@example.com", "--publication", "zz")
    digest.well("subscriber", "remove", "reader@example.com")
    assert "suppressed" in digest.refused(
        "subscriber", "add", "--basis", "form", "reader@example.com", "--publication", "zz"
    )


def test_the_token_of_an_unsubscribe_mail_ends_just_that_subscription(digest: Desk) -> None:
    add(digest)
    publish(digest, 1)
    digest.well("deliver")
    (mail,) = digest.mails(A)
    found = re.search(r"unsubscribe%20([\w.-]+)", mail["List-Unsubscribe"])
    assert found is not None
    digest.well("subscriber", "unsubscribe", found[1])
    assert subscription(digest)["state"] == "unsubscribed"
    assert subscription(digest)["reason"] == "by the link in a mail"
    assert "not one of ours" in digest.refused("subscriber", "unsubscribe", found[1][:-1] + "-")


def test_what_the_operator_removed_the_operator_can_bring_back(digest: Desk) -> None:
    add(digest)
    publish(digest, 1)
    digest.well("deliver")
    digest.well("subscriber", "remove", A)
    assert "removed by the operator" in digest.refused("subscriber", "add", "--basis", "form", A, "--publication", "p")
    add(digest, A, "--again", "it was my slip")
    assert subscription(digest)["state"] == "active"


def test_one_subscription_that_has_ended_does_not_keep_the_others_from_a_pause(digest: Desk) -> None:
    for name in ("zz", "q"):
        digest.well("publication", "add", name, "--every", "day")
        digest.well("subscriber", "add", "--basis", "form", "reader@example.com", "--publication", name)
    digest.well("subscriber", "unsubscribe", "reader@example.com", "--publication", "zz")
    digest.well("subscriber", "pause", "reader@example.com")
    states = {s["publication"]: s["state"] for s in digest.well("subscriber", "list", "--json").json}
    assert states == {"zz": "unsubscribed", "q": "paused"}
