"""digest publication"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.ingest import images
from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import token

_FIELDS = {
    "name", "title", "every", "zone", "language", "late", "from", "look", "topics", "sources", "languages",
    "paused", "readers", "late_limit_hours", "max_entries", "max_per_section", "catch_up_days", "uncertain",
    "images",
    "reply_to", "postal", "imprint", "nothing_new", "approval_hours", "unapproved",
    "sign_up", "archive", "about", "consent", "thanks",
}  # fmt: skip


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    return desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)


def test_only_the_name_and_every_are_required(digest: Desk) -> None:
    assert digest.well("publication", "list", "--json").json == []
    assert "No publications yet" in digest.well("publication", "list").out
    said = digest.well("publication", "add", "the-morning", "--every", "day").out
    assert "Added publication the-morning." in said
    assert "Next: digest subscriber add EMAIL --publication the-morning" in said
    (told,) = digest.well("publication", "list", "--json").json
    assert told == {
        "name": "the-morning", "title": "The morning", "zone": "UTC", "language": "en", "late": "late",
        "every": [{"every": "day", "at": "07:00", "on": None}], "from": "Digest <digest@example.com>",
        "look": "paper", "topics": [], "sources": [], "languages": [], "paused": False, "readers": 0,
        "late_limit_hours": 12.0, "max_entries": 30, "max_per_section": 10, "catch_up_days": 14, "uncertain": "resend",
        "images": 0,
        "reply_to": "", "postal": "", "imprint": "", "nothing_new": "skip", "approval_hours": 0.0, "unapproved": "send",
        "sign_up": "closed", "archive": "closed", "about": "", "consent": "", "thanks": "",
    }  # fmt: skip
    assert digest.well("publication", "show", "the-morning", "--json").json == told


def test_a_publication_says_itself_whom_its_mails_are_from(digest: Desk) -> None:
    digest.news(1)
    (digest.home / "digest.toml").write_text(
        '[mail]\nfrom = "Digest <digest@example.com>"\nreply_to = "all@example.com"\npostal = "Main Street 1"\n'
        'imprint = "The House"\n'
    )
    own = ("--reply-to", "Desk <desk@example.org>", "--postal", "Quay 1", "--postal", "Exampletown\nBelgium")
    digest.well("publication", "add", "own", "--every", "day", *own, "--imprint", "The Desk")
    digest.well("publication", "add", "plain", "--every", "day")
    told = digest.well("publication", "show", "own", "--json").json
    assert (told["postal"], told["imprint"]) == ("Quay 1\nExampletown\nBelgium", "The Desk")
    for name in ("own", "plain"):
        digest.well("subscriber", "add", "--basis", "form", f"{name}@example.net", "--publication", name)
        digest.well("subscriber", "add", f"{name}-asked@example.net", "--publication", name)
        digest.well("edition", "publish", name)
        digest.well("edition", "test", name, "--to", f"{name}-test@example.net")
    digest.well("deliver")
    for kind in ("", "-asked", "-test"):
        (own_mail,), (plain,) = digest.mails(f"own{kind}@example.net"), digest.mails(f"plain{kind}@example.net")
        footer, common = desk.text_of(own_mail), desk.text_of(plain)
        assert own_mail["Reply-To"] == "Desk <desk@example.org>"
        assert plain["Reply-To"] == "all@example.com"
        assert "Quay 1\nExampletown\nBelgium\nThe Desk" in footer.replace("\r\n", "\n")
        assert "Main Street" not in footer
        assert "The House" not in footer
        assert "Main Street 1\nThe House" in common.replace("\r\n", "\n")
        assert "mailto:desk@example.org" in own_mail.as_string() or kind == "-asked"
    assert "desk@example.org" in desk.text_of(digest.mails("own-asked@example.net")[0]), "who takes the answer"


def test_what_is_taken_back_is_as_the_settings_say_again(digest: Desk) -> None:
    digest.well("publication", "add", "p", "--every", "day", "--reply-to", "a@example.org", "--postal", "Quay 1")
    digest.well("publication", "edit", "p", "--reply-to", "", "--postal", "")
    told = digest.well("publication", "show", "p", "--json").json
    assert (told["reply_to"], told["postal"]) == ("", "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--reply-to", "somebody"), "not an e-mail address"),
        (("--reply-to", "a@example.org, b@example.org"), "is not an address to answer to"),
        (("--reply-to", "a@example.org\nBcc: b@example.org"), "is not an address to answer to"),
        (("--reply-to", "zoë@example.org"), "choose one with only ASCII letters"),
        (("--reply-to", f"{'N' * 400} <a@example.org>"), "too long"),
        (("--postal", "Quay\x1b[31m 1"), "the postal address has a control sign"),
        (("--postal", "x" * 201), "the postal address has a line of 201 signs"),
        (("--imprint", "\n".join("abcdefghijklm")), "the imprint has 13 lines (at most 12"),
        (("--approve-within", "721"), "0 to 720"),
    ],
)
def test_what_no_mail_could_carry_is_refused_in_a_line(digest: Desk, given: tuple[str, str], said: str) -> None:
    assert said in digest.refused("publication", "add", "p", "--every", "day", *given)
    assert digest.well("publication", "list", "--json").json == []


def test_all_that_can_be_said_is_kept(digest: Desk) -> None:
    digest.news(1, source="wire")
    digest.well(
        "publication", "add", "p.1_b", "--title", "De Post", "--every", "week", "--every", "month", "--every", "hour",
        "--on", "Friday", "--on", "31", "--at", "6:30", "--zone", "Europe/Brussels", "--late", "merge",
        "--from", "Post <post@example.org>", "--topic", "sport", "--topic", "politics", "--topic", "sport",
        "--source", "wire", "--lang", "nl-BE", "--lang", "de", "--language", "nl", "--look", "paper",
    )  # fmt: skip
    told = digest.well("publication", "show", "p.1_b", "--json").json
    assert set(told) == _FIELDS
    assert told["every"] == [
        {"every": "week", "at": "06:30", "on": "fri"},
        {"every": "month", "at": "06:30", "on": 31},
        {"every": "hour", "at": "06:30", "on": None},
    ]
    assert (told["topics"], told["sources"], told["languages"]) == (["sport", "politics"], ["wire"], ["nl", "de"])
    assert (told["late"], told["from"], told["language"]) == ("merge", "Post <post@example.org>", "nl")
    shown = digest.well("publication", "show", "p.1_b").out
    assert "week on fri at 06:30; month on 31 at 06:30; hour at :30" in shown
    assert "Mon 2026-03-02 06:30" in shown, "the next edition, in the local time of the publication"


def test_limits_and_policies_can_be_said_and_changed(digest: Desk) -> None:
    limits = (
        "--late-limit",
        "0",
        "--max-entries",
        "5",
        "--max-per-section",
        "2",
        "--catch-up",
        "3",
        "--uncertain",
        "hold",
    )
    digest.well("publication", "add", "p", "--every", "day", *limits)
    told = digest.well("publication", "show", "p", "--json").json
    names = ("late_limit_hours", "max_entries", "max_per_section", "catch_up_days", "uncertain")
    assert [told[name] for name in names] == [0, 5, 2, 3, "hold"]
    digest.well("publication", "edit", "p", "--max-entries", "7", "--late-limit", "6")
    told = digest.well("publication", "show", "p", "--json").json
    assert [told[name] for name in names] == [6, 7, 2, 3, "hold"]
    assert "max_entries" not in digest.refused("publication", "edit", "p", "--max-entries", "0")
    digest.well("publication", "edit", "p", "--uncertain", "idempotent")
    assert digest.well("publication", "show", "p", "--json").json["uncertain"] == "idempotent"


def test_what_cannot_be_a_publication_is_one_line_and_adds_nothing(digest: Desk) -> None:
    add = ("publication", "add", "p", "--every", "day")
    for name in ("", "Morning", "two words", "-x", "a/b", "p" * 61):
        assert "cannot be a publication's name" in digest.refused("publication", "add", "--every", "day", "--", name)
    assert "needs --every" in digest.refused("publication", "add", "p")
    assert "'fortnight' is not one of 'hour', 'day'" in digest.refused(
        "publication", "add", "p", "--every", "fortnight"
    )
    assert "there is no time zone 'Mars'" in digest.refused(*add, "--zone", "Mars")
    assert "there is no time zone 'Europe'" in digest.refused(*add, "--zone", "Europe")
    assert "not a time of day" in digest.refused(*add, "--at", "25:00")
    assert "add --every week" in digest.refused(*add, "--on", "mon")
    assert "is no day" in digest.refused(*add, "--on", "32")
    assert "did you mean 'sport'?" in digest.refused(*add, "--topic", "spor")
    assert "there is no source 'wire'" in digest.refused(*add, "--source", "wire")
    assert "not a language code" in digest.refused(*add, "--lang", "Dutch!")
    assert "there is no look 'glossy' (there is: brief, paper, plain" in digest.refused(*add, "--look", "glossy")
    assert "not one of 'late', 'merge', 'discard'" in digest.refused(*add, "--late", "never")
    assert "is not an e-mail address" in digest.refused(*add, "--from", "News")
    assert digest.well("publication", "list", "--json").json == []
    digest.well(*add)
    assert "publication 'p' exists already" in digest.refused(*add)


def test_edit_changes_what_is_said_and_nothing_else(digest: Desk) -> None:
    digest.well("publication", "add", "p", "--every", "week", "--on", "wed", "--topic", "sport", "--lang", "nl")
    before = digest.well("publication", "show", "p", "--json").json
    digest.well("publication", "edit", "p", "--at", "18:15")
    after = digest.well("publication", "show", "p", "--json").json
    assert after == before | {"every": [{"every": "week", "at": "18:15", "on": "wed"}]}
    digest.well(
        "publication", "edit", "p", "--all-topics", "--all-languages", "--title", "Post", "--zone", "Asia/Tokyo"
    )
    again = digest.well("publication", "show", "p", "--json").json
    assert again == after | {"topics": [], "languages": [], "title": "Post", "zone": "Asia/Tokyo"}
    assert "nothing to change was said" in digest.refused("publication", "edit", "p")
    said = digest.refused("publication", "edit", "p", "--all-topics", "--topic", "sport")
    assert "--all-topics and --topic contradict each other" in said
    assert "did you mean 'p'?" not in digest.refused("publication", "edit", "nothing", "--at", "07:00")


def test_a_cadence_that_somebody_reads_by_stays(digest: Desk) -> None:
    digest.well("publication", "add", "p", "--every", "day", "--every", "week")
    digest.well("subscriber", "add", "--basis", "form", "a@example.org", "--publication", "p", "--cadence", "week")
    assert "still go by week" in digest.refused("publication", "edit", "p", "--every", "day")
    digest.well("subscriber", "edit", "a@example.org", "--cadence", "day")
    digest.well("publication", "edit", "p", "--every", "day")


def test_paused_it_publishes_nothing_and_then_goes_on(digest: Desk) -> None:
    digest.well("publication", "add", "p", "--every", "day")
    digest.well("subscriber", "add", "--basis", "form", "a@example.org", "--publication", "p")
    assert digest.well("publication", "pause", "p", "--resume").out.endswith("is not paused; nothing was changed.\n")
    assert digest.well("publication", "pause", "p").out == "Publication p is paused.\n"
    assert digest.well("publication", "pause", "p").out == "Publication p is paused; nothing was changed.\n"
    assert "paused" in digest.well("publication", "list").out
    assert "p is paused: none of these" in digest.well("publication", "calendar", "p").out
    digest.news(1)
    digest.clock.go(hours=3)
    digest.well("run")
    assert digest.well("edition", "list", "--json").json == []
    assert digest.well("publication", "pause", "p", "--resume").out == "Publication p goes on.\n"
    digest.well("run")
    assert digest.well("edition", "list", "--json").json == [], "slots that passed meanwhile are not made up for"
    digest.clock.go(days=1)
    digest.well("run")
    (mail,) = digest.mails("a@example.org")
    assert token(1) in desk.text_of(mail), "what came in meanwhile goes into the next edition"


def test_removed_its_readers_get_nothing_more_and_what_was_sent_stays(digest: Desk) -> None:
    digest.well("publication", "add", "p", "--every", "day")
    for reader in ("a@example.org", "b@example.org"):
        digest.well("subscriber", "add", "--basis", "form", reader, "--publication", "p")
    digest.news(1)
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    digest.news(2)
    digest.well("edition", "publish", "p")
    assert digest.well("publication", "remove", "p").out == "Removed publication p; 2 subscriptions ended.\n"
    assert digest.well("deliver").out == "Nothing is due.\n"
    assert len(digest.mails()) == 2
    assert sorted(digest.states()) == [
        ("a@example.org", "sent"), ("a@example.org", "suppressed"),
        ("b@example.org", "sent"), ("b@example.org", "suppressed"),
    ]  # fmt: skip
    assert digest.well("publication", "list", "--json").json == []
    assert "there is no publication 'p'" in digest.refused("publication", "remove", "p")
    digest.well("publication", "add", "p", "--every", "week")
    digest.clock.go(days=8)
    digest.well("run")
    assert len(digest.mails()) == 2, "the new one of that name has no readers of the old one"


def test_the_calendar_marks_what_the_clocks_move(digest: Desk) -> None:
    digest.well("publication", "add", "p", "--every", "day", "--at", "02:30", "--zone", "Europe/Brussels")
    digest.clock.now = datetime(2026, 3, 27, 12, tzinfo=UTC)
    rows = digest.well("publication", "calendar", "p", "--days", "3", "--json").json
    assert [(row["local"], row["instant"]) for row in rows] == [
        ("2026-03-28T02:30:00", "2026-03-28T01:30:00+00:00"),
        ("2026-03-29T02:30:00", "2026-03-29T01:00:00+00:00"),
        ("2026-03-30T02:30:00", "2026-03-30T00:30:00+00:00"),
    ]
    assert [bool(row["note"]) for row in rows] == [False, True, False]
    assert [row["clocks"] for row in rows] == ["", "clocks go forward 1 hour at 02:00", ""]
    year = digest.well("publication", "calendar", "p").out.splitlines()
    assert year[0] == "P, in Europe/Brussels: 366 slots in 366 days"
    assert year[2:7] == [
        "March 2026",
        "  Sat 28  02:30  01:30 UTC",
        "  Sun 29  clocks go forward 1 hour at 02:00 this day",
        "          02:30  01:00 UTC  skipped: sent at 03:00",
        "  Mon 30  02:30  00:30 UTC",
    ]
    assert "  Sun 25  clocks go back 1 hour at 03:00 this day" in year
    assert "          02:30  00:30 UTC  comes twice: sent the first time" in year
    assert max(map(len, year)) <= 80
    digest.clock.now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert "comes twice" in digest.well("publication", "calendar", "p").out
    rows = digest.well("publication", "calendar", "p", "--zone", "Asia/Tokyo", "--days", "1", "--json").json
    assert [row["instant"] for row in rows] == ["2026-10-24T17:30:00+00:00"]
    assert "there is no time zone" in digest.refused("publication", "calendar", "p", "--zone", "Mars")
    assert "give a whole number, " in digest.refused("publication", "calendar", "p", "--days", "0")
    digest.well("publication", "add", "m", "--every", "month", "--on", "31")
    assert "No slots in 1 day." in digest.well("publication", "calendar", "m", "--days", "1").out


def test_lead_images_are_off_and_need_pillow(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PIL", reason="Pillow is not installed")
    digest.well("publication", "add", "morning", "--every", "day")
    assert digest.well("publication", "show", "morning", "--json").json["images"] == 0
    assert "up to 3 a mail" in digest.well("publication", "edit", "morning", "--images", "3").out
    digest.well("publication", "edit", "morning", "--at", "06:00")
    assert digest.well("publication", "show", "morning", "--json").json["images"] == 3
    assert "--images" in digest.refused("publication", "edit", "morning", "--images", "21")
    monkeypatch.setattr(images, "available", lambda: False)
    said = digest.refused("publication", "add", "evening", "--every", "day", "--images", "1")
    assert "pip install 'storyline-digest[images]'" in said
    digest.well("publication", "edit", "morning", "--images", "0")
    assert digest.well("publication", "show", "morning", "--json").json["images"] == 0
