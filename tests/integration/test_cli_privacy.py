"""digest subscriber forget, data, history; digest secret: on an operator's desk."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest import app
from digest.cli import subscriber_privacy
from digest.model.cause import By, Cause, Via
from digest.pipeline import subscriptions
from digest.store import personal
from digest.store import tables as t
from tests.integration.test_forgetting import of_persons
from tests.support import desk
from tests.support.desk import Desk
from tests.support.terminal import on_terminal

A = "a@example.org"
CONSENT = "I want the news of the morning by mail.\nI may end that at any time."
#: Where the rows of each table stand in what `subscriber data` prints.
PLACES = {
    "subscriber": ("person",),
    "subscription": ("subscriptions",),
    "subscription_event": ("subscriptions", "history"),
    "waiver": ("subscriptions", "waivers"),
    "edition_skip": ("subscriptions", "skipped"),
    "trace": ("subscriptions", "traces"),
    "delivery": ("mails",),
    "delivery_event": ("mails", "changes"),
    "report": ("reports",),
}


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day")
    return made


def signed_up(digest: Desk) -> None:
    """By the page, with a consent; then mailed, and paused by the operator."""
    services = app.services(digest.home)
    cause = Cause("signed up", By.READER, Via.PAGE, origin="192.0.2.7", consent=CONSENT, language="en")
    subscriptions.subscribe(services, subscriptions.Wanted(A, "p", name="Ada"), cause=cause)
    with services.database.write() as connection:
        connection.execute(sa.insert(t.subscriber_tag).values(subscriber_id=1, tag="press"))
    services.database.close()
    digest.news(1)
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    digest.clock.go(hours=1)
    digest.well("subscriber", "pause", A, "--reason", "on holiday")


def test_forgetting(digest: Desk) -> None:
    signed_up(digest)
    said = digest.well("subscriber", "forget", A).out
    (name,) = {row["subscriber"] for row in digest.well("delivery", "list", "--json").json}
    assert name.startswith("forgotten-")
    assert said.splitlines()[0] == f"Forgot {A}. 1 mail on record as {name}'s."
    assert "Not in our hands" in said
    for command in ("explain", "subscriber show", "subscriber history", "subscriber data"):
        assert name in digest.well(*command.split(), name).out
    assert digest.well("delivery", "list", "--subscriber", name, "--json").json[0]["state"] == "sent"
    assert digest.well("bounce", "list", "--subscriber", name).out == "No such reports.\n"
    shown = digest.well("edition", "show", "p/extra/1", "--as", name).out
    assert "It cannot be shown" in shown
    for command in ("explain", "subscriber show", "subscriber history"):
        assert digest.refused(*command.split(), A).startswith(f"{A}: this person asked to be forgotten (2026-03-02)")
    told = digest.well("subscriber", "data", A).json
    assert told["forgotten_at"].startswith("2026-03-02")
    assert told["person"] is None
    refused = digest.refused("subscriber", "add", A, "--publication", "p", "--basis", "form")
    assert "asked to be forgotten" in refused
    digest.typed(f"email\n{A}\n")
    said = digest.well("subscriber", "import", "-", "--publication", "p", "--basis", "a list", "--json").json
    assert {name: number for name, number in said.items() if number} == {"forgotten": 1}
    assert "was forgotten on 2026-03-02" in digest.well("subscriber", "forget", A).out
    digest.typed("")
    assert A not in digest.well("db", "status", "--json").out


def test_it_is_asked_first_on_a_terminal(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_up(digest)

    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    monkeypatch.setattr(subscriber_privacy.sys, "stdin", Terminal)
    monkeypatch.setattr(subscriber_privacy.click, "confirm", lambda *_: False)
    said = digest("subscriber", "forget", A)
    assert said.code == 1
    assert said.out == f"{A}: subscribes to p; 1 mail on record.\nNothing was changed.\n"
    assert digest.well("subscriber", "show", A).out
    assert digest.well("subscriber", "forget", A, "--yes").out.startswith("Forgot")


def test_all_that_is_held_is_told(digest: Desk) -> None:
    """Every column of every table that belongs to a person, or a reason why not."""
    signed_up(digest)
    told = digest.well("subscriber", "data", A).json
    assert told["person"]["tags"] == ["press"]
    (subscription,) = told["subscriptions"]
    assert subscription["history"][0]["consent"] == {"language": "en", "text": CONSENT}
    assert subscription["history"][0]["origin"] == "192.0.2.7"
    (mail,) = told["mails"]
    assert (mail["edition"], mail["state"], mail["address"]) == ("p/extra/1", "sent", A)
    assert mail["subject"]
    assert any("Tk1v1" in headline for headline in mail["told"])
    assert [change["after"] for change in mail["changes"]] == ["planned", "claimed", "committing", "sent"]
    assert {table.name for table in of_persons()} == PLACES.keys() | {"subscriber_tag"}, "a new table: tell it"
    for table, path in PLACES.items():
        columns = {c.name for c in t.metadata.tables[table].columns}
        left_out = {name.partition(".")[2] for name in personal.LEFT_OUT if name.partition(".")[0] == table}
        assert left_out <= columns, table
        facts = personal.told(t.metadata.tables[table], dict.fromkeys(columns, ""))
        assert facts.keys() | left_out == columns, table
        found = told
        for key in path:
            found = found[0][key] if isinstance(found, list) else found[key]
        row = found[0] if isinstance(found, list) and found else found
        assert not row or facts.keys() <= row.keys(), table


def test_the_keys_are_documented() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
    keys = {"asked_for", "made_at", "forgotten_at", "person", "subscriptions", "mails", "reports", "tags", "history"}
    keys |= {"waivers", "skipped", "changes", "consent", "subject", "told", "edition", "publication"}
    assert {key for key in keys if f"`{key}`" not in page} == set()


def test_the_file_is_the_operators_alone(digest: Desk, tmp_path: Path) -> None:
    signed_up(digest)
    out = tmp_path / "reader.json"
    said = digest.well("subscriber", "data", A, "--out", str(out)).out
    assert said == f"Wrote {out}: 1 subscription, 1 mail, 0 reports.\n"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "exists already" in digest.refused("subscriber", "data", A, "--out", str(out))
    assert "no subscriber" in digest.refused("subscriber", "data", "nobody@example.org")


def test_the_history_of_a_reader(digest: Desk) -> None:
    signed_up(digest)
    assert digest.well("subscriber", "history", A).out == (
        f"{A}\n  name     Ada\n  address  ok\n\np\n  times are those of UTC\n"
        "  Mon 2 Mar 2026, 05:00  active\n      subscribe by the reader on a page, from 192.0.2.7\n"
        "      reason: signed up\n      agreed to text 1\n"
        "  Mon 2 Mar 2026, 06:00  paused\n      pause by the operator with a command\n      reason: on holiday\n"
        "\nTexts that were agreed to\n  1  en\n     I want the news of the morning by mail.\n"
        "     I may end that at any time.\n"
    )
    told = digest.well("subscriber", "history", A, "--json").json
    first, second = told["subscriptions"][0]["changes"]
    assert (first["by"], first["via"], first["text"], second["reason"]) == ("reader", "page", 1, "on holiday")
    assert told["texts"] == [{"number": 1, "language": "en", "text": CONSENT}]


def test_what_was_chosen_anew_is_in_the_history_and_changes_no_state(digest: Desk) -> None:
    signed_up(digest)
    before = digest.well("explain", A).out
    digest.clock.go(hours=1)
    digest.well("subscriber", "edit", A, "--topic", "sport")
    digest.well("subscriber", "edit", A, "--topic", "sport", "--name", "Ada")
    said = digest.well("subscriber", "history", A).out.partition("\nTexts")[0]
    assert said.endswith(
        "reason: on holiday\n  Mon 2 Mar 2026, 07:00  paused\n"
        "      change by the operator with a command\n      topics: all -> sport\n"
    )
    # Paused since then, and on holiday.
    assert digest.well("explain", A).out == before.replace("in en, all topics", "in en, sport")
    digest.well("subscriber", "forget", A, "--yes")
    (person,) = digest.well("subscriber", "list", "--json").json
    told = digest.well("subscriber", "history", person["email"], "--json").json
    assert [c["reason"] for c in told["subscriptions"][0]["changes"] if c["action"] == "change"] == [""]


@pytest.mark.parametrize("columns", [40, 80])
def test_the_history_fits_the_terminal(digest: Desk, columns: int) -> None:
    signed_up(digest)
    lines = on_terminal(digest.home, columns, "subscriber", "history", A)
    assert max(map(len, lines)) <= columns
    assert any(line.startswith("  Mon 2 Mar 2026, 05:00  active") for line in lines), "when and what stay on a line"
    assert all(line.startswith("      ") for line in lines if "192.0.2.7" in line)


def test_keys(digest: Desk) -> None:
    (only,) = digest.well("secret", "list", "--json").json
    assert (only["key"], only["signs"], only["retired"]) == (1, True, False)
    digest.clock.go(days=1)
    key = (digest.home / "secret.key").read_text(encoding="utf-8").split()[0]
    said = digest.well("secret", "rotate").out
    assert "Links in mails that were sent go on working: 1 older key still counts." in said
    listed = digest.well("secret", "list").out
    assert "signs what is sent" in listed
    assert "2026-03-03 05:00 UTC" in listed
    new = (digest.home / "secret.key").read_text(encoding="utf-8").split()[0]
    assert not {key, new} & set(listed.split())
    assert "key 1 signs" in digest.refused("secret", "retire", "1")
    assert digest.well("secret", "retire", "2").out == "Key 2 is retired: what it signed counts no more.\n"
    assert "its links are dead" in digest.well("secret", "list").out
