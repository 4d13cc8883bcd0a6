"""The benchmarks read sets that they have never seen: other splits, no dates, no titles, no labels."""

from __future__ import annotations

import importlib
import json
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
LONG = "De burgemeester van Utrecht heeft dinsdag de nieuwe brug over het kanaal geopend, meldt de gemeente."


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a module of benchmarks/ as its commands do."""
    monkeypatch.syspath_prepend(str(CHECKOUT / "benchmarks"))
    return importlib.import_module


@pytest.fixture
def sets(bench: Any) -> ModuleType:
    found: ModuleType = bench("sets")
    return found


def write(folder: Path, name: str, *rows: dict[str, Any] | str) -> Path:
    path = folder / name
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows) + "\n", encoding="utf-8")
    return path


def test_sets_are_found_by_their_names_and_split_with_dev_first(sets: ModuleType, tmp_path: Path) -> None:
    write(tmp_path, "authored-held.jsonl", {"id": 1, "text": LONG, "event": "a"})
    rows = [{"id": n, "title": f"Bridge {n} opens in Utrecht", "story": "s", "split": s} for n, s in enumerate("zda")]
    rows[1]["split"] = "dev"
    path = write(tmp_path, "og2021-other.jsonl", *rows)
    write(tmp_path, "something-else.jsonl", {"id": 1, "text": LONG})
    assert [(kind, p.name) for kind, p in sets.find(tmp_path)] == [
        ("authored", "authored-held.jsonl"),
        ("og2021", "og2021-other.jsonl"),
    ]
    assert [p.name for p in sets.parts("og2021", path)] == ["og2021-other dev", "og2021-other a", "og2021-other z"]
    (whole,) = sets.parts("authored", tmp_path / "authored-held.jsonl")
    assert (whole.name, whole.levels) == ("authored-held", {"story": "event"})


def test_odd_rows_are_read_or_refused_but_never_fatal(
    sets: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(
        tmp_path,
        "authored-odd.jsonl",
        {"id": "newest", "date": "2025-08", "title": "Bridge closes"},
        {"id": "late", "date": "2025-05-24 10:00:00", "title": "Bridge opens", "text": None, "event": "a"},
        {"id": "undated", "date": "", "text": LONG, "event": None},
        {"id": 3, "date": "2024", "title": None, "text": LONG},
        {"id": "empty", "date": "2024-02", "title": "", "text": "", "event": "b", "lang": "nl"},
        {"id": "wrong", "date": "soon", "text": LONG},
        "{broken",
        "",
        "[1]",
    )
    (part,) = sets.parts("authored", path)
    assert [a.identity for a in part.articles] == ["id:3", "id:late", "id:undated", "id:newest"]
    assert [a.id for a in part.articles] == [1, 2, 3, 4]
    assert [row["id"] for row, _ in part.refused] == ["empty", "wrong"]
    assert part.labels("event") == [None, "a", None, None]
    told = capsys.readouterr().out
    assert f"{path}:7 is left out" in told
    assert f"{path}:9 is left out: it is no object" in told


def test_nothing_but_the_given_fields_reaches_the_product(sets: ModuleType) -> None:
    noise = "Abonneer u nu op onze wekelijkse nieuwsbrief"
    row = {
        "id": "x", "text": f"{LONG}\n\n{noise}", "date": "2025-05", "source": "De Krant", "topic": "sport",
        "url": "https://krant.example/brug", "split": "dev", "boilerplate": [LONG],
    }  # fmt: skip
    bare = {name: row[name] for name in sets.GIVEN if name in row}
    one = sets.part("authored", "s", "all", [row | {"lang": "eu", "language": "eu"}]).articles
    assert one == sets.part("authored", "s", "all", [bare]).articles
    assert (one[0].language, one[0].published.iso(), one[0].publisher) == ("nl", "2025-05", "De Krant")
    assert LONG in one[0].text
    assert one[0].topic_hints == ()


def test_articles_without_the_label_are_grouped_but_not_scored_and_refused_ones_stand_alone(
    bench: Any, sets: ModuleType, shared: Path
) -> None:
    quality, score = bench("quality"), bench("tables").load_score(shared / "eval")
    rows = [{"id": n, "title": f"Bridge {n} opens in Utrecht", "story": story} for n, story in enumerate("aab")]
    rows += [{"id": 7, "title": "Unlabelled"}, {"id": 8, "title": "", "story": "a"}]
    part = sets.part("og2021", "s", "all", rows)
    figures = quality.figures(score, part, [1, 1, 2, 2], "story")
    assert (figures.said, figures.true) == (3, 2)
    assert figures.bcubed[0] == 1.0
    assert figures.bcubed[1] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)


def test_topics_are_compared_by_subject_and_unknown_ones_left_out(bench: Any) -> None:
    quality = bench("quality")
    said = [["science-technology"], ["health", "sport"], [], ["politics"]]
    result = quality.topics(["tech", "sport", None, "xyzzy"], said)
    assert (result.articles, result.first, result.among) == (2, 1, 2)
    assert result.unknown == {"xyzzy": 1}


def test_noise_counts_from_25_characters_that_the_article_does_not_say_itself(bench: Any) -> None:
    cleaning = bench("cleaning")
    noise = "Read also: Matteo Ferrandi leaves Ribalta for Chile"
    proper = cleaning.plain("Coach Matteo Ferrandi leaves Ribalta for Chile in June.")
    assert cleaning.stands_in(noise, f"Before. {noise[:30]}", "other words")
    assert not cleaning.stands_in(noise, noise[:24], "other words")
    assert not cleaning.stands_in(noise, "Matteo Ferrandi leaves Ribalta for Chile", proper)
    assert cleaning.stands_in("Anzeige", "… ANZEIGE  …", "other words")


def test_the_made_up_stream_is_the_same_every_time(bench: Any, sets: ModuleType) -> None:
    synthetic = bench("synthetic")
    articles = [sets.read_seed(path) for path in sorted((CHECKOUT / "seeds").glob("*.txt"))]
    one, other = (list(islice(synthetic.World(articles).stream(300), 100)) for _ in range(2))
    assert one == other
    assert {len(a.text) for a in one} == {synthetic.CHARACTERS}
    assert [a.published.start for a in one] == sorted(a.published.start for a in one)
    assert len({a.language for a in one}) >= 3
