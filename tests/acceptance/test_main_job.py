"""The main job on real input: five messy articles in, one good mail out, through a real SMTP server."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from digest.resources import seeds
from tests.support import sink
from tests.support.cli import Cli
from tests.support.mails import content, parsed

PROMOTION = ("Jetzt kostenlos", "++", "Mehr News", "DER WESTEN auf WhatsApp")


@pytest.fixture
def home(tmp_path: Path) -> Cli:
    return Cli(tmp_path / "home")


def test_the_five_seeds_become_one_mail_through_smtp(home: Cli, shared: Path) -> None:
    with sink.running() as server:
        home.init(port=server.port)
        assert home.json("ingest", shared / "seeds") == {"new": 5, "updated": 0, "known": 0, "held": 0, "failed": 0}
        assert home.json("ingest", shared / "seeds") == {"new": 0, "updated": 0, "known": 5, "held": 0, "failed": 0}
        home("group")
        found = home.json("article", "list")
        assert len({a["storyline"] for a in found}) == 1
        assert {(a["language"], a["date"], a["precision"]) for a in found} == {
            ("nl", "2022-05", "month"),
            ("de", "2023-11", "month"),
            ("nl", "2024-11", "month"),
            ("it", "2025-01", "month"),
            ("nl", "2025-05", "month"),
        }
        home("publication", "add", "sport", "--every", "day", "--zone", "Europe/Brussels")
        home(
            "subscriber",
            "add",
            "--basis",
            "asked at the desk",
            "lezer@example.org",
            "--publication",
            "sport",
            "--lang",
            "nl",
        )
        home("edition", "publish", "sport")
        assert home.json("deliver")["sent"] == 1
        assert home.json("deliver")["sent"] == 0
        (received,) = server.received()

    assert received.recipient == "lezer@example.org"
    mail = parsed(received.message)
    assert mail["To"] == "lezer@example.org"
    assert mail["List-Id"] is not None
    text, html = content(mail, "plain"), content(mail, "html")
    for date in ("mei 2022", "november 2023", "november 2024", "januari 2025", "mei 2025"):
        assert date in text
        assert date in html
    assert "[DE]" in text
    assert "[IT]" in text
    assert 'lang="de"' in html
    shown = [*text.splitlines(), mail["Subject"], *(a["title"] for a in found)]
    assert not [line for line in shown for promotion in PROMOTION if promotion in line]
    (delivery,) = home.json("delivery", "list")
    assert delivery["state"] == "sent"
    assert delivery["message_id"] == mail["Message-ID"]
    assert delivery["attempts"] == 1
    assert delivery["reply"].startswith("250")
    assert set(delivery) >= {"edition", "subscriber", "state", "message_id", "attempts", "reply"}


def test_unrelated_articles_do_not_join_the_storyline_of_the_seeds(home: Cli, shared: Path) -> None:
    home.init()
    # Our own samples tell the same long story in their first five articles; the others are strangers.
    strangers = [
        path for path in sorted(seeds().glob("*.txt")) if "ancelotti" not in path.read_text(encoding="utf-8").lower()
    ]
    strangers = [path for path in strangers if "alonso" not in path.name]
    assert len(strangers) > 20
    home("ingest", shared / "seeds", "--source", "seeds")
    home("ingest", *strangers, shared / "eval" / "authored-dev.jsonl", "--source", "others")
    home("group")
    lines: dict[int, set[str]] = {}
    for article in home.json("article", "list"):
        lines.setdefault(article["storyline"], set()).add(article["source"])
    assert [sources for sources in lines.values() if "seeds" in sources] == [{"seeds"}]


def test_the_demo_mails_three_readers_in_their_languages(tmp_path: Path) -> None:
    home = Cli(tmp_path / "nothing")
    shown = home("demo", "--into", tmp_path / "demo")
    mails = sorted((tmp_path / "demo" / "maildir").glob("*/new/*"))
    assert len(mails) == 3
    assert all(str(mail) in shown for mail in mails)
    languages = {parsed(mail.read_bytes())["Content-Language"] for mail in mails}
    assert languages == {"nl", "de", "en"}
    assert re.search(r"3[0-9] sample articles read, in \d+ languages", shown)


def test_one_broken_file_among_a_hundred(home: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for n in range(100):
        text = f"date 2026-01-{n % 28 + 1:02} The council of district {n} approved bridge number {n} over the canal.\n"
        (folder / f"{n:03}.txt").write_text(text if n != 41 else "no date here\n")
    home.init()
    done = home.result("ingest", folder, "--json", code=1)
    assert json.loads(done.stdout) == {"new": 99, "updated": 0, "known": 0, "held": 0, "failed": 1}
    (line,) = done.stderr.splitlines()
    assert "041.txt" in line


def test_preview_writes_what_would_be_sent(home: Cli, tmp_path: Path) -> None:
    home.init()
    home("ingest", seeds())
    home("group")
    home("publication", "add", "world", "--every", "week")
    home(
        "subscriber",
        "add",
        "--basis",
        "asked at the desk",
        "leser@example.org",
        "--publication",
        "world",
        "--lang",
        "de",
    )
    home("edition", "preview", "world", "--as", "leser@example.org", "--out", tmp_path / "out")
    mail = parsed((tmp_path / "out" / "message.eml").read_bytes())
    assert content(mail, "plain") == (tmp_path / "out" / "body.txt").read_text(encoding="utf-8")
    assert content(mail, "html") == (tmp_path / "out" / "body.html").read_text(encoding="utf-8")
    assert home.json("delivery", "list") == []
    assert home.json("edition", "list") == []
