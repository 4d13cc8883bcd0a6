"""digest edition"""

from __future__ import annotations

import email
import email.policy
import json
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import token

_FIELDS = {
    "id", "edition", "publication", "number", "cadence", "slot", "zone", "due", "cutoff", "state", "lateness",
    "missed", "deliveries", "approval", "approve_by", "approval_at", "approval_reason",
}  # fmt: skip
A, B = "a@example.org", "b@example.org"


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """A publication with one reader and one article of news."""
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day", "--every", "hour", "--zone", "Europe/Brussels")
    made.well("subscriber", "add", "--basis", "form", A, "--publication", "p", "--name", "Ann")
    made.news(1)
    return made


def test_an_article_of_one_endless_sentence_and_no_title_is_mailed_cut_to_the_limit(digest: Desk) -> None:
    long = "The ferry company Nordlys halts its crossings after a fire on board of the Havfru, where one hears "
    long += "that in the harbour more people were told to leave, and " * 14 + "that nobody was hurt."
    digest.typed(json.dumps({"id": "long", "date": "2026-03-02", "language": "en", "text": long}))
    digest.well("ingest", "-", "--source", "wire")
    digest.well("group")
    assert "The ferry company Nordlys" in digest.well("edition", "preview", "p").out
    assert "The ferry company Nordlys" in digest.well("summary", "test", "2").out
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    (mail,) = digest.mails(A)
    told = " ".join(desk.text_of(mail).split())
    assert told.count("more people were told to leave") == 7, "82 words below a headline of 18"
    assert "nobody was hurt" not in told


def test_preview_is_text_to_read_and_stores_nothing(digest: Desk) -> None:
    said = digest.well("edition", "preview", "p", "--as", A).out
    assert said.startswith("Subject: ")
    assert token(1) in said
    assert A in said
    assert digest.well("edition", "preview", "p").out.startswith("Subject: "), "as a new reader"
    assert digest.well("edition", "list", "--json").json == digest.well("delivery", "list", "--json").json == []


def test_preview_writes_three_files(digest: Desk, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    said = digest.well("edition", "preview", "p", "--as", A, "--out", str(out)).out
    assert said == f"Wrote message.eml, body.html and body.txt to {out}.\n"
    assert sorted(path.name for path in out.iterdir()) == ["body.html", "body.txt", "message.eml"]
    mail = email.message_from_bytes((out / "message.eml").read_bytes(), policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail["To"] == f"Ann <{A}>"
    assert desk.text_of(mail).replace("\r\n", "\n") == (out / "body.txt").read_text(encoding="utf-8")
    assert token(1) in (out / "body.html").read_text(encoding="utf-8")
    digest.well("edition", "preview", "p", "--as", A, "--out", str(out))


def test_preview_says_where_it_cannot_be_opened(digest: Desk, tmp_path: Path) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        digest.monkeypatch.delenv(name, raising=False)
    digest.monkeypatch.setattr("sys.platform", "linux")
    opened: list[str] = []
    digest.monkeypatch.setattr("click.launch", lambda url: opened.append(url) or 0)
    said = digest("edition", "preview", "p", "--open", "--out", str(tmp_path))
    assert (
        said.err
        == f"digest: there is no browser here to open it in (open it where there is one: {tmp_path}/body.html)\n"
    )
    digest.monkeypatch.setenv("DISPLAY", ":0")
    digest.well("edition", "preview", "p", "--open", "--out", str(tmp_path))
    assert opened == [f"{tmp_path}/body.html"]


def test_a_preview_for_nobody_names_an_address_that_nobody_has(digest: Desk) -> None:
    assert "preview@example.invalid" in digest.well("edition", "preview", "p").out


def test_preview_is_what_is_then_sent(digest: Desk, tmp_path: Path) -> None:
    digest.well("edition", "preview", "p", "--as", A, "--out", str(tmp_path / "out"))
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    (mail,) = digest.mails(A)
    previewed = (tmp_path / "out" / "body.txt").read_text(encoding="utf-8")
    assert [line for line in previewed.splitlines() if token(1) in line]
    assert [line for line in previewed.splitlines() if "was opened by" in line] == [
        line for line in desk.text_of(mail).splitlines() if "was opened by" in line
    ]


def test_a_folder_that_cannot_be_written_is_one_line(digest: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    preview = ("edition", "preview", "p", "--out")
    assert "is a file" in digest.refused(*preview, str(tmp_path / "file"))
    said = digest.refused(*preview, str(tmp_path / "file" / "out"), code=1)
    assert "file/out: cannot write the preview: Not a directory" in said
    (tmp_path / "out" / "body.html").mkdir(parents=True)
    assert "body.html: cannot write the preview" in digest.refused(*preview, str(tmp_path / "out"), code=1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_folder_is_one_line(digest: Desk, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "message.eml").symlink_to("/dev/full")
    said = digest.refused("edition", "preview", "p", "--out", str(tmp_path / "out"), code=1)
    assert "cannot write the preview: No space left on device" in said


def test_preview_as_somebody_who_does_not_read_it(digest: Desk) -> None:
    preview = ("edition", "preview", "p", "--as")
    assert "there is no subscriber" in digest.refused(*preview, B)
    assert "is not an e-mail address" in digest.refused(*preview, "ann")
    digest.well("publication", "add", "other", "--every", "day")
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "other")
    assert f"digest subscriber add {B} --publication p" in digest.refused(*preview, B)
    assert "there is no publication 'q'" in digest.refused("edition", "preview", "q")


def test_preview_says_where_there_is_nothing_new_and_what_is_not_grouped(digest: Desk) -> None:
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    assert (
        digest.well("edition", "preview", "p", "--as", A).out == f"Nothing new for {A} in p; there would be no mail.\n"
    )
    digest.typed("date 2026-03-02 The old bridge over the river opened to cyclists on Monday.")
    digest.well("ingest", "-")
    said = digest("edition", "preview", "p", "--as", A)
    assert (said.code, said.err) == (0, "digest: 1 article not grouped yet: not in here (digest group)\n")
    assert "Nothing new" in said.out


def test_publish_without_a_slot_is_an_extra_edition(digest: Desk) -> None:
    assert digest.well("edition", "publish", "p").out == (
        "p/extra/1: 1 mail planned (1 variant).\nNext: digest deliver\n"
    )
    digest.news(2)
    (report,) = digest.well("edition", "publish", "p", "--json").json
    assert report == {
        "edition": "p/extra/2", "planned": 1, "variants": 1, "expired": 1, "waiting": 0, "failed": 0,
        "skipped": {}, "images_missing": 0,
    }  # fmt: skip
    digest.well("deliver")
    (mail,) = digest.mails(A)
    assert token(1) in desk.text_of(mail)
    assert token(2) in desk.text_of(mail)
    assert digest.well("edition", "publish", "p").out == "p/extra/3: 0 mails planned; 1 reader: nothing new.\n"
    digest.well("publication", "add", "q", "--every", "day")
    assert digest.well("edition", "publish", "q").out == "q/extra/1: there is nobody left to plan a mail for.\n"


def test_publish_groups_first(digest: Desk) -> None:
    digest.typed("date 2026-03-02 The old bridge over the river opened to cyclists on Monday.")
    digest.well("ingest", "-")
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    (mail,) = digest.mails(A)
    assert "old bridge" in desk.text_of(mail)


def test_publish_of_a_slot_in_each_zone_that_has_readers(digest: Desk) -> None:
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "p", "--zone", "Asia/Tokyo")
    digest.clock.go(hours=2)
    reports = digest.well("edition", "publish", "p", "--slot", "2026-03-02T07:00", "--json").json
    assert [r["edition"] for r in reports] == ["p/day/1", "p/day/1"]
    found = digest.well("edition", "list", "--json").json
    assert sorted((e["slot"], e["zone"]) for e in found) == [
        ("2026-03-02T07:00", "Asia/Tokyo"), ("2026-03-02T07:00", "Europe/Brussels"),
    ]  # fmt: skip
    assert "say which: p/day/1@" in digest.refused("edition", "show", "p/day/1")
    assert digest.well("edition", "show", "p/day/1@Asia/Tokyo", "--json").json["zone"] == "Asia/Tokyo"
    digest.well("deliver")
    digest.well("run")
    digest.well("edition", "publish", "p", "--slot", "2026-03-02")
    assert len(digest.well("edition", "list", "--json").json) == 2, "a slot has one edition"
    assert len(digest.mails(A)) == 1


def test_a_slot_that_is_none_names_the_nearest(digest: Desk) -> None:
    publish = ("edition", "publish", "p", "--slot")
    said = digest.refused(*publish, "2026-03-02T08:00")
    assert "nearest: 2026-03-02T07:00 or 2026-03-03T07:00" in said
    said = digest.refused(*publish, "2026-03-02T08:10", "--cadence", "hour")
    assert "nearest: 2026-03-02T08:00 or 2026-03-02T09:00" in said
    assert "write it like" in digest.refused(*publish, "yesterday")
    assert "has an offset" in digest.refused(*publish, "2026-03-02T07:00+01:00")
    assert "p has no cadence 'week' (it has: day, hour)" in digest.refused(*publish, "2026-03-02", "--cadence", "week")
    assert "more than a day ahead" in digest.refused(*publish, "2026-03-09")
    assert "--cadence says whose slot is meant" in digest.refused("edition", "publish", "p", "--cadence", "day")
    assert "there is no publication" in digest.refused("edition", "publish", "q")
    assert digest.well("edition", "list", "--json").json == []


def test_list_and_show(digest: Desk) -> None:
    assert "No editions yet" in digest.well("edition", "list").out
    digest.well("edition", "publish", "p")
    digest.well("publication", "add", "q", "--every", "day")
    digest.well("edition", "publish", "q")
    found = digest.well("edition", "list", "--json").json
    assert [e["edition"] for e in found] == ["q/extra/1", "p/extra/1"], "the newest first"
    assert all(set(e) == _FIELDS for e in found)
    assert [e["edition"] for e in digest.well("edition", "list", "--publication", "p", "--json").json] == ["p/extra/1"]
    assert len(digest.well("edition", "list", "--limit", "1", "--json").json) == 1
    assert "give a whole number, " in digest.refused("edition", "list", "--limit", "0")
    assert "1 planned" in digest.well("edition", "list").out
    told = digest.well("edition", "show", "p/extra/1", "--json").json
    assert set(told) == _FIELDS | {"skipped", "variants"}
    (variant,) = told["variants"]
    assert set(variant) == {"language", "look", "subject", "readers", "entries"}
    assert (variant["language"], variant["readers"]) == ("en", 1)
    (entry,) = variant["entries"]
    assert set(entry) == {"story", "section", "kind", "headline", "reason"}
    assert token(1) in entry["headline"]
    assert digest.well("edition", "show", str(told["id"]), "--json").json == told
    shown = digest.well("edition", "show", "p/extra/1").out
    assert token(1) in shown
    assert "In en for 1 reader" in shown
    assert "names no edition" in digest.refused("edition", "show", "p")
    assert "there is no edition 'p/extra/9'" in digest.refused("edition", "show", "p/extra/9")
    assert "there is no edition" in digest.refused("edition", "show", "9" * 30)


def test_a_slip_in_a_template_is_told_in_names_that_templates_know(digest: Desk) -> None:
    own = digest.home / "templates" / "edition" / "paper"
    own.mkdir(parents=True)
    for text, says in (
        ("{{ page.titel }}", "there is no 'titel' in it (did you mean 'title'?)"),
        ("{{ page.xyzzy }}", "there is no 'xyzzy' in it (there is: "),
        ("{{ pge.title }}", "there is no 'pge' here"),
    ):
        (own / "subject.txt").write_text(text)
        said = digest.refused("edition", "preview", "p", code=1)
        assert said.startswith(f"{own / 'subject.txt'}:1: {says}")
        assert "digest.compose" not in said


def test_a_broken_catalogue_is_named_with_its_line(digest: Desk) -> None:
    file = digest.home / "templates" / "locale" / "en.po"
    file.parent.mkdir(parents=True)
    file.write_text('msgid ""\nmsgstr ""\n\nfoo "x"\n')
    said = digest.refused("edition", "preview", "p", code=1)
    why = "the catalogue cannot be read: unknown or misformatted keyword (it must be a gettext .po file)"
    assert said == f"{file}:4: {why}"


def test_a_template_of_the_home_folder_is_used(digest: Desk) -> None:
    own = digest.home / "templates" / "edition" / "paper"
    own.mkdir(parents=True)
    (own / "subject.txt").write_text("Our own words: {{ page.title }}\n")
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    (mail,) = digest.mails(A)
    assert mail["Subject"].startswith("Our own words: ")


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [("subject.txt", "{{ page.title }\n", 1), ("body.txt", "\n\n{{ page.nothing.here }}\n", 3)],
)
def test_a_broken_template_is_one_line_and_nothing_is_sent(digest: Desk, name: str, text: str, line: int) -> None:
    own = digest.home / "templates" / "edition" / "paper"
    own.mkdir(parents=True)
    (own / name).write_text(text)
    assert digest.refused("edition", "preview", "p", code=1).startswith(f"{own / name}:{line}: ")
    said = digest("edition", "publish", "p")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert f"{own / name}:{line}: " in said.err
    assert said.out == "p/extra/1: 0 mails planned; 1 reader: could not be made (the next run tries again).\n"
    digest.clock.go(days=1, hours=3)
    said = digest("run")
    assert said.code == 1
    assert f"{own / name}:{line}: " in said.err
    assert digest.mails() == []
    (own / name).unlink()
    digest.well("run")
    (mail,) = digest.mails(A)
    assert token(1) in desk.text_of(mail), "mended, it is sent after all"


def test_an_edition_left_in_planning_is_not_made_after_a_newer_one_was_cut(digest: Desk) -> None:
    """Nor does who subscribed after it was cut get it."""
    own = digest.home / "templates" / "edition" / "paper"
    own.mkdir(parents=True)
    (own / "body.txt").write_text("{{ page.nothing.here }}\n")
    assert digest("edition", "publish", "p").code == 1
    digest.clock.go(minutes=1)
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "p")
    (own / "body.txt").unlink()
    digest.clock.go(minutes=1)
    digest.well("edition", "publish", "p")
    for delivery in digest.well("delivery", "list", "--json").json:
        digest.well("delivery", "cancel", str(delivery["id"]))
    digest.clock.go(minutes=1)
    digest.well("run")
    assert digest.states() == [(A, "cancelled"), (B, "cancelled")]
    assert digest.mails() == []


def test_who_subscribes_after_an_extra_edition_was_cut_is_not_in_it(digest: Desk) -> None:
    own = digest.home / "templates" / "edition" / "paper"
    own.mkdir(parents=True)
    (own / "body.txt").write_text("{{ page.nothing.here }}\n")
    assert digest("edition", "publish", "p").code == 1
    digest.clock.go(minutes=1)
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "p")
    (own / "body.txt").unlink()
    digest.well("run")
    assert digest.states() == [(A, "sent")]


def test_who_was_in_a_newer_edition_and_moved_since_is_not_in_an_older_one(digest: Desk) -> None:
    own = digest.home / "templates" / "edition" / "paper"
    own.mkdir(parents=True)
    (own / "body.txt").write_text("{{ page.nothing.here }}\n")
    assert digest("edition", "publish", "p").code == 1
    (own / "body.txt").unlink()
    digest.clock.go(minutes=1)
    digest.well("edition", "publish", "p", "--slot", "2026-01-05T07:00")
    for delivery in digest.well("delivery", "list", "--json").json:
        digest.well("delivery", "cancel", str(delivery["id"]))
    digest.well("subscriber", "edit", A, "--publication", "p", "--zone", "Asia/Tokyo")
    digest.clock.go(minutes=1)
    digest.well("run")
    assert digest.mails() == []
