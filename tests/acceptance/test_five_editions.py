"""Five articles of one long story arrive one by one, with an edition after each: five mails, each with its own news."""

from __future__ import annotations

import re
from pathlib import Path

from digest.compose import sentences
from tests.support.cli import Cli
from tests.support.mails import content, parsed

_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip
SO_FAR = "Het verhaal tot nu toe"
DATE = re.compile(r"^\s*date (\d{4}-\d{2})\s*")


def by_date(folder: Path) -> list[Path]:
    def date(path: Path) -> str:
        found = DATE.match(path.read_text(encoding="utf-8"))
        assert found is not None
        return found[1]

    return sorted(folder.glob("*.txt"), key=date)


def told(text: str) -> str:
    """The body without what frames it, in one line."""
    body = text.split("=" * 72)[1]
    lines = (line.strip().lstrip("|*o").strip() for line in body.splitlines())
    return " ".join(" ".join(lines).split())


def test_each_mail_has_the_news_of_its_day_and_the_story_so_far(tmp_path: Path, shared: Path) -> None:
    home = Cli(tmp_path / "home")
    home.init()
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
    papers = by_date(shared / "seeds")
    assert len(papers) == 5
    months = []
    had: set[str] = set()
    for number, paper in enumerate(papers, start=1):
        assert home.json("ingest", paper)["new"] == 1
        home("group")
        home("edition", "publish", "sport")
        assert home.json("deliver")["sent"] == 1
        out = tmp_path / str(number)
        home("edition", "show", f"sport/extra/{number}", "--as", "lezer@example.org", "--out", out)
        text = content(parsed((out / "message.eml").read_bytes()), "plain")
        (article,) = [a for a in home.json("article", "list") if a["date"] not in months]
        months.append(article["date"])
        news, _, so_far = text.partition(SO_FAR)
        # The news is that of this article alone, and nothing of it was told before.
        source = " ".join(paper.read_text(encoding="utf-8").split())
        mine = [s for s in sentences.split(told(news + "=" * 72), article["language"]) if len(s) > 40]
        assert mine
        assert not {sentences.fingerprint(s) for s in mine} & had
        assert all(part.strip(" …“”")[-30:] in source for part in mine[1:] if "—" not in part), mine
        had |= {sentences.fingerprint(s) for s in mine}
        # The story so far has a step for each article that there was, this one's marked as new.
        steps = [_month(m) for m in months] if number > 1 else []
        assert [line for line in steps if line in so_far] == steps
        assert so_far.count(" · nieuw") == (number > 1)
        assert f"{_month(months[-1])} · nieuw" in so_far or number == 1
        headline = re.search(r"^\* (.+)$", news, re.M)
        assert headline
        assert headline[1].removeprefix("[DE] ").removeprefix("[IT] ") not in so_far, "it stands right above"
    assert months == sorted(months)
    # With nothing more to tell there is no sixth mail.
    home("edition", "publish", "sport")
    assert home.json("deliver")["sent"] == 0


def _month(iso: str) -> str:
    """ "2025-05" in Dutch."""
    year, month = iso.split("-")
    return f"{_MONTHS[int(month) - 1]} {year}"
