"""Faults that nobody foresaw: what has one waits for the next run, everything else goes through."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from digest.group.grouper import Grouper
from digest.ingest.kinds.folder import FolderSource
from digest.model.article import Article, RawArticle
from digest.pipeline import by_hand, calendar, fetching, group, ingest, intake, run
from digest.pipeline import compose as composing
from digest.pipeline.faults import LOG
from digest.store import stories
from tests.support import desk, home
from tests.support.desk import Desk
from tests.support.home import House, token

A, B = "a@example.org", "b@example.org"


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """Two publications of one reader each, whose slots come in an hour; articles to tell of."""
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    for name, reader in (("bad", B), ("good", A)):
        made.well("publication", "add", name, "--every", "day", "--at", "07:00", "--zone", "Europe/Brussels")
        made.well("subscriber", "add", "--basis", "form", reader, "--publication", name)
    made.news(1)
    made.clock.go(hours=1, minutes=1)
    return made


def failing(original: Callable[..., Any], when: Callable[..., bool], error: BaseException) -> Callable[..., Any]:
    """The function, but where `when` its arguments are such."""

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        if when(*args):
            raise type(error)(*error.args)  # a new one each time, with a traceback of its own
        return original(*args, **kwargs)

    return stand_in


def break_compose(patch: pytest.MonkeyPatch, when: Callable[..., bool], error: BaseException) -> None:
    patch.setattr(composing.Composer, "compose", failing(composing.Composer.compose, when, error))


def is_of(name: str) -> Callable[..., bool]:
    return lambda composer, *_: composer._publication.name == name


def logged(digest: Desk) -> str:
    file = digest.home / LOG
    return file.read_text(encoding="utf-8") if file.exists() else ""


# --- editions -------------------------------------------------------------------------------------


def test_an_edition_with_a_fault_does_not_hold_up_the_others(digest: Desk) -> None:
    with digest.monkeypatch.context() as patch:
        break_compose(patch, is_of("bad"), KeyError("no\nsuch thing"))
        said = digest("run")
        assert said.code == 1
        (line,) = said.err.splitlines()
        assert line.startswith("digest: edition bad/day/1 in en: failed unexpectedly: KeyError: 'no\\nsuch thing', at ")
        assert str(digest.home / LOG) in line
        assert "bad/day/1: 0 mails planned; 1 reader: could not be made (the next run tries again)." in said.out
        assert [len(digest.mails(who)) for who in (A, B)] == [1, 0]
        assert logged(digest).count("Traceback (most recent call last)") == 1
        assert "edition bad/day/1" in logged(digest)
        told = digest("run", "--json")
        assert told.code == 1
        assert set(told.json["failed_stages"]) == {"edition bad/day/1"}
    assert digest.well("run").out.splitlines() == ["bad/day/1: 1 mail planned (1 variant).", "Mails: 1 sent."]
    (mail,) = digest.mails(B)
    assert token(1) in desk.text_of(mail)
    assert len(digest.mails(A)) == 1
    digest.well("run")
    assert len(digest.mails()) == 2


def test_readers_of_the_same_edition_get_their_mail(digest: Desk) -> None:
    other = "c@example.org"
    digest.well("subscriber", "add", "--basis", "form", other, "--publication", "good", "--lang", "nl")
    digest.clock.go(hours=24)
    with digest.monkeypatch.context() as patch:
        break_compose(patch, lambda _, group, *__: group.language == "nl", ZeroDivisionError())
        said = digest("run")
        assert said.code == 1
        assert "edition good/day/1 in nl: failed unexpectedly: ZeroDivisionError, at" in said.err
        assert [len(digest.mails(who)) for who in (A, B, other)] == [1, 1, 0]
    digest.clock.go(hours=24)
    digest.well("run")
    assert [len(digest.mails(who)) for who in (A, B, other)] == [1, 1, 1]
    assert token(1) in desk.text_of(digest.mails(other)[0])


def test_an_edition_of_many_readers_says_it_once(digest: Desk) -> None:
    for language in ("nl", "de", "fr"):
        digest.well(
            "subscriber",
            "add",
            "--basis",
            "asked at the desk",
            f"{language}@example.org",
            "--publication",
            "bad",
            "--lang",
            language,
        )
    digest.clock.go(hours=24)
    with digest.monkeypatch.context() as patch:
        break_compose(patch, is_of("bad"), ZeroDivisionError())
        said = digest("run")
        assert said.err.count("\n") == 1
        assert "4 readers: could not be made" in said.out
        assert logged(digest).count("Traceback (most recent call last)") == 1


def test_what_is_published_by_hand_is_said_too(digest: Desk) -> None:
    with digest.monkeypatch.context() as patch:
        break_compose(patch, is_of("bad"), TypeError("what?"))
        said = digest("edition", "publish", "bad")
        assert said.code == 1
        assert said.err.startswith("digest: edition bad/extra/1 in en: failed unexpectedly: TypeError: what?")
        assert "could not be made" not in digest("edition", "publish", "good").out
    digest.well("run")
    assert len(digest.mails(B)) == 1


def test_a_publication_whose_slots_cannot_be_told_holds_up_no_other(digest: Desk) -> None:
    with digest.monkeypatch.context() as patch:
        when: Callable[..., bool] = lambda _, publication, *__: publication.name == "bad"  # noqa: E731
        patch.setattr(calendar, "_decide", failing(calendar._decide, when, ValueError("no such time")))
        said = digest("run")
        assert said.code == 1
        assert said.err.startswith("digest: bad (day, Europe/Brussels): failed unexpectedly: ValueError: no such time")
        assert [len(digest.mails(who)) for who in (A, B)] == [1, 0]
    digest.well("run")
    assert len(digest.mails(B)) == 1


def test_a_stage_with_a_fault_does_not_stop_the_next(digest: Desk) -> None:
    with digest.monkeypatch.context() as patch:
        patch.setattr(fetching, "fetch", failing(fetching.fetch, lambda *_: True, RuntimeError("oh")))
        said = digest("run")
        assert (said.code, said.err.count("\n")) == (1, 1)
        assert said.err.startswith("digest: fetch: failed unexpectedly: RuntimeError: oh")
        assert len(digest.mails()) == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
def test_who_interrupts_is_obeyed(house: House, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    home.publication(house)
    home.subscribe(house, A)
    home.take_in(house, 1)
    break_compose(monkeypatch, lambda *_: True, error)
    with pytest.raises(type(error)):
        home.publish_now(house)
    with pytest.raises(type(error)):
        run.run(house.services)


# --- sources --------------------------------------------------------------------------------------


@pytest.fixture
def wires(digest: Desk, tmp_path: Path) -> list[Path]:
    made = []
    for name in ("north", "south"):
        folder = tmp_path / name
        folder.mkdir()
        for n in (1, 2):
            text = f"The {name} bridge number {n} opens on Monday, after two years of work by {name} builders."
            (folder / f"{n}.txt").write_text(f"date 2026-03-01 {text}")
        digest.well("source", "add", str(folder))
        made.append(folder)
    return made


def titles(digest: Desk, source: str) -> list[str]:
    return [a["title"] for a in digest.well("article", "list", "--source", source, "--json").json]


def test_a_source_with_a_fault_is_named_recorded_and_tried_again(digest: Desk, wires: list[Path]) -> None:
    when: Callable[..., bool] = lambda _, source, *__: source.name == "north"  # noqa: E731
    with digest.monkeypatch.context() as patch:
        patch.setattr(FolderSource, "read", failing(FolderSource.read, when, AttributeError("x")))
        said = digest("fetch")
        assert said.code == 1
        assert said.err.count("\n") == 1
        assert said.err.startswith("digest: source north: failed unexpectedly: AttributeError: x")
        assert said.out.startswith("2 sources: 1 read, 1 failed.")
        assert "AttributeError" in digest.well("source", "show", "north").out
    assert (len(titles(digest, "north")), len(titles(digest, "south"))) == (0, 2)
    digest.clock.go(hours=3)
    digest.well("run")
    assert len(titles(digest, "north")) == 2


def test_a_source_that_cannot_be_stored_keeps_what_it_remembers(digest: Desk, wires: list[Path]) -> None:
    when: Callable[..., bool] = lambda _, source, *__: source.name == "north"  # noqa: E731
    with digest.monkeypatch.context() as patch:
        patch.setattr(intake, "store", failing(intake.store, when, IndexError("y")))
        said = digest("run", "--json")
        assert said.code == 1
        assert (said.json["fetched"], said.json["new"]) == (1, 2)
        assert "source north: failed unexpectedly: IndexError: y" in said.err
        assert said.json["sent"] == 2
    digest.well("fetch", "--all")
    assert len(titles(digest, "north")) == 2


def test_an_article_with_a_fault_is_read_again(digest: Desk, wires: list[Path]) -> None:
    when: Callable[..., bool] = lambda raw: "north bridge number 2" in raw.text  # noqa: E731
    with digest.monkeypatch.context() as patch:
        patch.setattr(by_hand, "normalise", failing(by_hand.normalise, when, ValueError("odd")))
        said = digest("run")
        assert said.code == 1
        assert "2.txt: failed unexpectedly: ValueError: odd" in said.err
        assert (len(titles(digest, "north")), len(titles(digest, "south"))) == (1, 2)
    digest.well("fetch", "--all")
    assert len(titles(digest, "north")) == 2


def test_one_article_of_a_batch_by_hand_that_cannot_be_stored(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def when(_connection: object, _source: object, batch: list[Article], *_: object) -> bool:
        return any(a.external_id == "5" for a in batch)

    raws: list[RawArticle] = [home.raw(n, house.clock()) for n in range(12)]
    with monkeypatch.context() as patch:
        patch.setattr(intake, "store", failing(intake.store, when, OverflowError("too large")))
        report = ingest.ingest(house.services, raws)
    assert (report.new, report.failed) == (11, 1)
    (error,) = report.errors
    assert str(error).startswith("article '5': failed unexpectedly: OverflowError: too large")
    again = ingest.ingest(house.services, raws)
    assert (again.new, again.known, again.failed) == (1, 11, 0)


# --- grouping -------------------------------------------------------------------------------------


def break_place(patch: pytest.MonkeyPatch, *numbers: int, error: BaseException | None = None) -> None:
    def when(_: object, article: Article, *__: object) -> bool:
        return article.external_id in map(str, numbers)

    patch.setattr(Grouper, "place", failing(Grouper.place, when, error or RecursionError("deep")))


def test_an_article_that_cannot_be_grouped_waits_and_the_others_do_not(digest: Desk) -> None:
    digest.typed("\n".join(json.dumps(desk.article(n, digest.clock())) for n in (2, 3, 4)))
    digest.well("ingest", "-")
    key = next(a["key"] for a in digest.well("article", "list", "--json").json if a["id"] == "3")
    with digest.monkeypatch.context() as patch:
        break_place(patch, 3)
        said = digest("group")
        assert said.code == 1
        assert said.err.startswith(f"digest: article {key}: failed unexpectedly: RecursionError: deep, at ")
        assert said.err.count("\n") == 1
        assert said.out.startswith("Grouped 2 articles into 2 new stories")
        assert digest("group", "--json").json["failed"] == 1
        told = digest("run", "--json")
        assert told.code == 1
        assert set(told.json["failed_stages"]) == {f"article {key}"}
        assert told.json["sent"] == 2
        assert logged(digest).count("Traceback (most recent call last)") == 3
    assert digest.well("group").out.startswith("Grouped 1 article into 1 new story")


def test_a_review_with_a_fault_is_made_up_for(digest: Desk) -> None:
    """The articles have their stories, and mails go out; what was not looked at is looked at by the next run."""
    digest.typed("\n".join(json.dumps(desk.article(n, digest.clock())) for n in (2, 3)))
    digest.well("ingest", "-")
    with digest.monkeypatch.context() as patch:
        patch.setattr(Grouper, "review", failing(Grouper.review, lambda *_: True, RecursionError("deep")))
        said = digest("group")
        assert (said.code, said.err.count("\n")) == (1, 1)
        assert said.err.startswith("digest: the review of the stories: failed unexpectedly: RecursionError: deep, at ")
        assert said.out.startswith("Grouped 2 articles into 2 new stories")
        assert digest("run", "--json").json["sent"] == 2
    seen = []
    with digest.monkeypatch.context() as patch:
        review = Grouper.review
        patch.setattr(Grouper, "review", lambda self, recheck=(): seen.append(len([*recheck])) or review(self, recheck))
        digest.well("group")
    assert seen == [2], "those that came since the last one that went well"


def test_after_faults_the_grouping_is_what_its_rows_say(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    home.take_in(house, 1, 2)
    raws = [home.raw(n, house.clock()) for n in range(3, 60)]
    raws += [home.raw(7, house.clock(), version=2)]
    ingest.ingest(house.services, raws)
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        break_place(patch, *range(4, 40))
        report = group.group(house.services)
        assert (report.grouped, len(report.failed)) == (21, 36)
        again = group.group(house.services)
        assert (again.grouped, len(again.failed)) == (0, 36)
    mine = house.services.memory["grouper"].grouper._state
    house.services.memory.clear()
    with house.services.database.read() as connection:
        rebuilt = group._grouper(house.services, None).grouper._state
        held = stories.listing(connection)
    assert (mine.stories, mine.line_of) == (rebuilt.stories, rebuilt.line_of)
    assert len(held) == len(mine.stories) == 23
    assert group.group(house.services).grouped == 37, "one of them has two revisions"
    assert group.group(house.services).grouped == 0
