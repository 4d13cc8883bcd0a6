"""The seed format, JSON Lines, and the choice between readers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from digest.errors import BadInput
from digest.ingest import jsonl, seed
from digest.ingest.files import read_bytes, read_path
from digest.model.article import RawArticle


def articles(found: list[RawArticle | BadInput]) -> list[RawArticle]:
    assert not [error for error in found if isinstance(error, BadInput)]
    return [article for article in found if isinstance(article, RawArticle)]


@pytest.mark.parametrize(
    ("data", "iso", "text"),
    [
        (b"date 2025-05 The ferry sails.", "2025-05", "The ferry sails."),
        (b" \n date 2025 The ferry sails.", "2025", "The ferry sails."),
        (b"\xef\xbb\xbfdate 2025-05-24\r\n\r\nOne.\r\n\r\nTwo.\r\n", "2025-05-24", "One.\n\nTwo."),
        (b"date 2024-12-07T22:10+01:00 Late news.", "2024-12-07T21:10Z", "Late news."),
        (b"date 2024-12-07 22:10\n\nLate news.", "2024-12-07T22:10Z", "Late news."),
        (b"date 2024-12-07 22:10 was the time.", "2024-12-07", "22:10 was the time."),
        (b"Date: 2025-05 The ferry sails.", "2025-05", "The ferry sails."),
        ("date 2025-05 Zażółć".encode("utf-16"), "2025-05", "Zażółć"),
    ],
)
def test_seed_forms(data: bytes, iso: str, text: str) -> None:
    article = seed.read(data, "a.txt", "path:a.txt")
    assert article.date is not None
    assert (article.date.iso(), article.text, article.identity) == (iso, text, "path:a.txt")


@pytest.mark.parametrize(
    ("data", "place", "what"),
    [
        (b"", "a.txt", "empty"),
        (b"\xef\xbb\xbf \n", "a.txt", "empty"),
        (b"The ferry sails.", "a.txt:1", "no date"),
        (b"\n\ndate soon The ferry sails.", "a.txt:3", "'soon'"),
        (b"date 2025-13 The ferry sails.", "a.txt:1", "2025-13"),
        (b"date 2025-05\n\n", "a.txt:1", "no text"),
        (b"date 2025-05 x\n\ncaf\xe9", "a.txt:3", "not UTF-8"),
        (b"date 2025-05 \0\1\2", "a.txt", "binary"),
    ],
)
def test_broken_seeds_say_what_where_and_how_to_mend(data: bytes, place: str, what: str) -> None:
    with pytest.raises(BadInput) as caught:
        seed.read(data, "a.txt")
    assert caught.value.where == place
    assert what in caught.value.what
    assert caught.value.mend
    assert "\n" not in str(caught.value)


def test_json_lines_all_keys() -> None:
    line = {
        "id": 7,
        "date": "2025-05",
        "title": "Ferry",
        "text": "It sails.",
        "lang": "en-GB",
        "url": "https://example.org/ferry",
        "source": "The Quay",
        "topic": ["sea", "sea", " travel "],
        "date_precision": "month",
        "anything": {"else": 1},
    }
    (article,) = articles(list(jsonl.read(json.dumps(line).encode(), "a.jsonl")))
    assert (article.identity, article.external_id, article.origin) == ("id:7", "7", "a.jsonl:1")
    assert article.date is not None
    assert article.date.iso() == "2025-05"
    assert (article.publisher, article.topics, article.language) == ("The Quay", ("sea", "travel"), "en-GB")


def test_json_null_and_empty_are_absent() -> None:
    line = b'{"id": null, "date": "", "title": null, "text": "It sails.", "lang": "", "url": null, "topic": null}'
    (article,) = articles(list(jsonl.read(line, "a.jsonl")))
    assert article == RawArticle(text="It sails.", origin="a.jsonl:1")


@pytest.mark.parametrize(
    ("url", "identity"),
    [("https://Example.org/a?utm_source=x", "url:https://example.org/a"), ("https://example.org/", ""), ("none", "")],
)
def test_json_without_an_id_is_known_by_the_page_it_names(url: str, identity: str) -> None:
    (article,) = articles(list(jsonl.read(json.dumps({"text": "x", "url": url}).encode(), "a")))
    assert article.identity == identity


def test_one_bad_json_line_costs_only_itself() -> None:
    good = b'{"text": "good"}'
    bad = [b"{", b'{"text": 5}', b"[1]", b'{"title": ""}', b'{"text": "x", "date": "soon"}', b'{"text": "\xff"}']
    lines = [part for line in bad for part in (line, good)]
    found = list(jsonl.read(b"\n".join([good, *lines, b""]), "a.jsonl"))
    assert [error.where for error in found if isinstance(error, BadInput)] == [f"a.jsonl:{n}" for n in range(2, 14, 2)]
    assert sum(1 for article in found if isinstance(article, RawArticle)) == 7
    assert all(error.mend for error in found if isinstance(error, BadInput))


@pytest.mark.parametrize(
    "data",
    [
        b'[{"text": "a"}, {"text": "a"}]',
        b'{\n "text": "a"\n}',
        b'\xef\xbb\xbf{"text": "a"}',
        '{"text": "a"}'.encode("utf-16"),
    ],
)
def test_json_documents(data: bytes) -> None:
    assert {article.text for article in articles(list(jsonl.read(data, "a.json")))} == {"a"}


def test_a_title_alone_is_enough() -> None:
    (article,) = articles(list(jsonl.read(b'{"title": "Ferry sails", "text": ""}', "a")))
    assert article.title == "Ferry sails"


def test_a_folder_is_read_in_order_without_what_is_no_article(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name, text in {
        "b/2.txt": "date 2025 two",
        "1.txt": "date 2025 one",
        "README.txt": "about this folder",
        ".hidden.txt": "date 2025 hidden",
        ".git/x.txt": "date 2025 hidden",
        "notes.md": "# notes",
        "3.JSONL": '{"text": "three"}',
    }.items():
        (tmp_path / name).write_text(text)
    found = articles(list(read_path(tmp_path, base=tmp_path)))
    assert [(article.text, article.identity) for article in found] == [
        ("one", "path:1.txt"),
        ("three", ""),
        ("two", "path:b/2.txt"),
    ]


def test_one_broken_file_among_a_hundred(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number:03}.txt").write_text(f"date 2025 number {number}" if number != 50 else "no date")
    found = list(read_path(tmp_path))
    assert sum(isinstance(article, RawArticle) for article in found) == 99
    (error,) = [article for article in found if isinstance(article, BadInput)]
    assert error.where == f"{tmp_path / '050.txt'}:1"


def test_named_directly_any_file_is_read_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text("date 2025 one")
    (article,) = articles(list(read_path(file)))
    assert article.identity == f"path:{file.resolve()}"


def test_missing_and_empty_paths_are_one_line(tmp_path: Path) -> None:
    for path, what in ((tmp_path / "none.txt", "does not exist"), (tmp_path, "no article files")):
        (error,) = list(read_path(path))
        assert isinstance(error, BadInput)
        assert what in str(error)


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b"date 2025 seed", ["seed"]),
        (b' {"text": "json"}\n{"text": "lines"}', ["json", "lines"]),
        (b'<?xml version="1.0"?><rss version="2.0"><channel><item><title>t</title></item></channel></rss>', [""]),
    ],
)
def test_standard_input_is_told_by_its_first_character(data: bytes, texts: list[str]) -> None:
    assert [article.text for article in articles(list(read_bytes(data, "standard input")))] == texts


def test_real_seeds_are_read(shared: Path) -> None:
    found = articles(list(read_path(shared / "seeds")))
    assert sorted(article.date.iso() for article in found if article.date) == [
        "2022-05",
        "2023-11",
        "2024-11",
        "2025-01",
        "2025-05",
    ]
