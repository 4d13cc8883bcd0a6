"""A model that makes vectors, real but small: grouping, the store, restarts, and what goes wrong."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from digest import app
from digest.adapters.embeddings import Embeddings
from digest.errors import DigestError, SettingsError
from digest.group import meanings
from digest.model.article import RawArticle
from digest.model.dates import PartialDate, Precision
from digest.pipeline import group, ingest
from digest.store import tables as t
from digest.store import vectors
from tests.support import small_model
from tests.support.cli import Cli
from tests.support.home import House, all_rows, open_house

if importlib.util.find_spec("model2vec") is None:
    pytest.skip("model2vec is not installed (pip install 'storyline-digest[embeddings]')", allow_module_level=True)

WEIGHT = {"DIGEST_GROUP_EMBEDDINGS_WEIGHT": "12", "DIGEST_GROUP_EMBEDDINGS_CENTRE": "0.3"}
#: (number, language, title): 1 and 4, 2 and 5 tell the same without a word in common; 3 and 6 are by themselves.
NEWS = (
    (1, "en", "Wolves took lambs at dawn"),
    (2, "en", "Comet seen through new telescope"),
    (3, "en", "Harbour Mile won by Okafor"),
    (4, "de", "Rudel riss Schafe"),
    (5, "de", "Sternwarte sichtet Meteorit"),
    (6, "de", "Lammens tritt in Valkenrade ab"),
)
COMMIT = "0123456789abcdef" * 2 + "01234567"
TOGETHER = [[1, 4], [2, 5], [3], [6]]
APART = [[1], [2], [3], [4], [5], [6]]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model.save(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture
def folder(tmp_path: Path, empty_home: Path) -> Path:
    """A home of its own, still closed."""
    return Path(shutil.copytree(empty_home, tmp_path / "home"))


@contextmanager
def opened(folder: Path, model: Path | str = "", **environ: str) -> Iterator[House]:
    with open_house(folder, DIGEST_GROUP_EMBEDDINGS=str(model), **WEIGHT, **environ) as house:
        yield house


def take_in(house: House, *numbers: int, days_old: float = 0, title: str = "") -> None:
    when = PartialDate(house.clock() - timedelta(days=days_old), Precision.MINUTE)
    found = [
        RawArticle("", f"{n}.txt", f"id:{n}", str(n), title or head, language, when)
        for n, language, head in NEWS
        if n in numbers
    ]
    assert not ingest.ingest(house.services, found).failed
    group.group(house.services)


def together(house: House) -> list[list[int]]:
    """The numbers of the articles, story by story."""
    held: dict[int, list[int]] = {}
    with house.services.database.read() as connection:
        query = sa.select(t.article.c.external_id, t.story_article.c.story_id)
        for number, story in connection.execute(query.join(t.story_article)):
            held.setdefault(story, []).append(int(number))
    return sorted(sorted(numbers) for numbers in held.values())


def stored(house: House) -> dict[int, tuple[str, bytes]]:
    """Revision -> model and vector."""
    with house.services.database.read() as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute(sa.select(t.revision_vector))}


class Counted:
    """A model that counts what it is asked."""

    def __init__(self, inner: Embeddings) -> None:
        self.name, self._inner, self.asked = inner.name, inner, 0

    def embed(self, texts: Sequence[str]) -> meanings.Vectors:
        self.asked += len(texts)
        return self._inner.embed(texts)


def counted(house: House) -> Counted:
    """From here on the house asks a model that counts."""
    made = Counted(house.services.embedder())  # type: ignore[arg-type]
    object.__setattr__(house.services, "embedder", lambda: made)
    return made


# --- grouping -------------------------------------------------------------------------------------


def test_headlines_without_a_shared_word_are_one_story_where_a_model_is_set(folder: Path, model: Path) -> None:
    with opened(folder, model) as house:
        take_in(house, 1, 2, 3, 4, 5, 6)
        assert together(house) == TOGETHER
        with house.services.database.read() as connection:
            why = connection.execute(sa.select(t.story_article.c.why)).scalars().all()
        assert sum("meaning 0.9" in told for told in why) == 2


def test_without_a_model_they_are_not_and_nothing_is_kept(folder: Path) -> None:
    with opened(folder) as house:
        take_in(house, 1, 2, 3, 4, 5, 6)
        assert together(house) == APART
        assert stored(house) == {}


def test_a_folder_may_be_named_from_the_home(folder: Path, model: Path) -> None:
    shutil.copytree(model, folder / "models" / "small")
    with opened(folder, "models/small") as house:
        take_in(house, 1, 4)
        assert together(house) == [[1, 4]]


def test_a_restart_changes_nothing_and_asks_nothing_again(tmp_path: Path, empty_home: Path, model: Path) -> None:
    """One process that stays, and one that is started anew for each article."""
    order = (1, 5, 3, 2, 4, 6)
    stays, starts = (Path(shutil.copytree(empty_home, tmp_path / name)) for name in ("stays", "starts"))
    with opened(stays, model) as house:
        for number in order:
            take_in(house, number)
            house.clock.go(hours=1)
        kept = all_rows(house)
        assert together(house) == TOGETHER
    for hour, number in enumerate(order):
        with opened(starts, model) as house:
            house.clock.go(hours=hour)
            model_of = counted(house)
            take_in(house, number)
            assert model_of.asked == 1
    with opened(starts, model) as house:
        assert together(house) == TOGETHER
        for table in ("story", "story_article", "storyline", "revision_vector"):
            assert all_rows(house)[table] == kept[table]


def test_vectors_are_stored_as_they_are_used(folder: Path, model: Path) -> None:
    with opened(folder, model) as house:
        take_in(house, 1, 2, 3)
        asked = house.services.embedder()
        assert asked is not None
        with house.services.database.read() as connection:
            found = vectors.load(connection, asked.name)
        for article, (_, _, title) in zip(sorted(found), NEWS, strict=False):
            made = meanings.whole(asked.embed([title])[0])
            assert found[article] == meanings.pack(made)
        assert [len(found[a]) for a in sorted(found)] == [128, 128, 0]  # the third has no word that it knows


def test_a_new_revision_has_a_vector_of_its_own(folder: Path, model: Path) -> None:
    with opened(folder, model) as house:
        take_in(house, 1)
        take_in(house, 1, title="Comet seen through new telescope")
        assert len(stored(house)) == 2
        take_in(house, 5)
        assert together(house) == [[1, 5]]
    with opened(folder) as house:  # no model meanwhile: what is revised now has none
        take_in(house, 1, title="Orkan")
    with opened(folder, model) as house, house.services.database.read() as connection:
        assert len(vectors.load(connection, Embeddings("", model, where="").name)) == 1


# --- what was grouped before ----------------------------------------------------------------------


def test_recent_articles_are_read_when_a_model_is_set_later(folder: Path, model: Path) -> None:
    with opened(folder) as house:
        take_in(house, 1, 2, days_old=1)
        take_in(house, 3, days_old=11)
    with opened(folder, model) as house:
        asked = counted(house)
        take_in(house, 4)
        assert asked.asked == 3  # two of those before, and the new one; not the old one
        assert together(house) == [[1, 4], [2], [3]]
    with opened(folder, model) as house:
        asked = counted(house)
        take_in(house, 5)
        assert asked.asked == 1
        assert together(house) == [[1, 4], [2, 5], [3]]


def test_another_model_in_the_same_place_does_not_use_the_vectors_of_the_first(folder: Path, tmp_path: Path) -> None:
    place = small_model.save(tmp_path / "model")
    with opened(folder, place) as house:
        take_in(house, 1, days_old=1)
        take_in(house, 2, days_old=11)
        first = stored(house)
    small_model.save(place, seed=2)
    with opened(folder, place) as house:
        take_in(house, 4)
        second = stored(house)
        assert together(house) == [[1, 4], [2]]
        with house.services.database.read() as connection:
            by_name = {name: sorted(vectors.load(connection, name)) for name, _ in second.values()}
    assert sorted(by_name.values()) == [[1, 3], [2]]
    changed = {revision for revision in first if first[revision] != second[revision]}
    assert changed == {1}
    assert len({name for name, _ in second.values()}) == 2


# --- the adapter ----------------------------------------------------------------------------------


def test_vectors_have_length_one_or_none(model: Path) -> None:
    found = Embeddings("", model, where="")
    made = found.embed(["wolf", "wolf sheep unheard", "unheard", ""])
    assert (made.dtype, made.shape) == (np.float32, (4, 64))
    assert np.allclose(np.linalg.norm(made, axis=1), [1, 1, 0, 0], atol=1e-6)
    assert found.embed([]).shape == (0, 64)


def test_a_model_is_known_by_its_files(tmp_path: Path) -> None:
    names = []
    for number, (begin, end) in enumerate((("a", "z"), ("b", "z"), ("a", "y"), ("a", "z"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "model.safetensors").write_text(begin + 300_000 * "m" + end)
        names.append(Embeddings("", folder, where="").name)
    assert len(set(names)) == 3
    assert names[0] == names[3]
    (tmp_path / "3" / "tokenizer.json").write_text("{}")
    assert Embeddings("", tmp_path / "3", where="").name not in names


def test_a_model_is_not_read_before_it_is_needed(folder: Path, model: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(model, tmp_path / "broken"))
    (broken / "model.safetensors").write_bytes(b"\xff" * 100)
    with opened(folder) as house:
        take_in(house, 1)
    with opened(folder, broken) as house:
        house.clock.go(days=30)
        group.group(house.services)  # nothing to read
        with pytest.raises(SettingsError, match="cannot be read"):
            take_in(house, 2)
    with opened(folder) as house:  # and nothing is lost
        assert group.group(house.services).grouped == 1


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("nowhere", "there is no folder 'nowhere'"),
        ("./no/where", "there is no folder './no/where'"),
        ("templates", "holds no model"),
    ],
)
def test_a_model_that_is_not_there_is_told_where_articles_are_grouped(folder: Path, named: str, said: str) -> None:
    cli = Cli(folder, {"DIGEST_GROUP_EMBEDDINGS": named})
    file = folder / "news.txt"
    file.write_text("date 2026-03\n\nWolves took lambs at dawn\n\nThey came by night.\n", encoding="utf-8")
    assert "1" in cli("ingest", file)
    assert cli.json("article", "list")
    (line,) = cli.errors("group", code=2)
    assert said in line
    assert "digest.toml: group.embeddings" in line
    assert Cli(folder).json("group")["grouped"] == 1  # nothing is lost


def test_a_missing_package_is_told(folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with opened(folder, model) as house:
        with pytest.raises(DigestError) as caught:
            take_in(house, 1)
        assert "pip install 'storyline-digest[embeddings]'" in str(caught.value)
        assert "group.embeddings" in str(caught.value)


def test_a_model_of_a_hub_is_read_from_its_cache(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As huggingface_hub lays it out; the network is not asked."""
    import huggingface_hub

    cache = tmp_path / "cache" / "models--someone--small"
    shutil.copytree(model, cache / "snapshots" / COMMIT)
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(COMMIT)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    for named in ("someone/small", f"someone/small@{COMMIT}"):
        found = Embeddings(named, tmp_path / named, where="")
        assert found.embed(["wolf"]).shape == (1, 64)
        assert found.name == Embeddings("", model, where="").name


def test_a_hub_is_asked_once_and_what_it_says_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    asked, told = [], []

    def refuse(repository: str, *, revision: str | None, local_files_only: bool, **_more: object) -> str:
        asked.append((repository, revision, local_files_only))
        raise OSError("no network here\nand much more")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(SettingsError) as caught:
        Embeddings("someone/small@v2", tmp_path / "x", where="digest.toml", progress=lambda *a: told.append(a))
    assert asked == [("someone/small", "v2", True), ("someone/small", "v2", False)]
    assert told == [("fetching the model", 0, 0)]
    assert str(caught.value) == (
        "digest.toml: group.embeddings: 'someone/small@v2' is no folder, and the hub does not give it: "
        "no network here (check the name and the network, or give a folder)"
    )


def test_what_was_fetched_by_half_is_fetched_again(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    half = tmp_path / "half"
    half.mkdir()
    (half / "config.json").write_text("{}")

    def give(_repository: str, *, local_files_only: bool, **_more: object) -> str:
        return str(half if local_files_only else model)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", give)
    assert Embeddings("someone/small", tmp_path / "x", where="").embed(["wolf"]).shape == (1, 64)


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("EMBEDDINGS", "https://example.org/model"),
        ("EMBEDDINGS", " models/small"),
        ("EMBEDDINGS_WEIGHT", "-1"),
        ("EMBEDDINGS_WEIGHT", "inf"),
        ("EMBEDDINGS_CENTRE", "1.5"),
        ("EMBEDDINGS_CENTRE", "nan"),
    ],
)
def test_a_wrong_setting_is_refused_at_once(folder: Path, key: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"(?i)group.{key}"):
        app.services(folder, {f"DIGEST_GROUP_{key}": value})
