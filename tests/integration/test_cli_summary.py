"""digest summary"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.unit.cli.running import Runner, fill, make_home

KEY = "sk-very-secret-4711"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("summaries"))


@pytest.fixture
def digest(filled: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(filled, capsys)


@pytest.fixture
def model(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Request]]:
    """It says again what the first article says, and something that nobody said."""
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        material = json.loads(json.loads(request.data)["messages"][1]["content"])["articles"][0]
        first = material["text"].split(". ")[0].rstrip(".") + "."
        told = [{"text": first, "articles": [1]}, {"text": "It cost 123,456 dollars.", "articles": [1]}]
        content = json.dumps({"sentences": told})
        usage = {"prompt_tokens": 700, "completion_tokens": 90}
        return Response(json.dumps({"choices": [{"message": {"content": content}}], "usage": usage}))

    httpserver.expect_request("/v1/chat/completions").respond_with_handler(answer)
    for name, value in {
        "URL": httpserver.url_for("/v1"), "MODEL": "tiny", "KEY": KEY, "PRICE_IN": "1", "PRICE_OUT": "2",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"DIGEST_LLM_{name}", value)
    return asked


def english(digest: Runner) -> str:
    rows = digest.well("story", "list", "--json").json
    return str(next(row["id"] for row in rows if row["languages"] == ["en"]))


def test_without_a_model_there_are_quotations(digest: Runner) -> None:
    story = english(digest)
    out = digest.well("summary", "test", story, "--lang", "en").out
    assert "extract" in out
    assert "llm" not in out
    (attempt,) = digest.well("summary", "test", story, "--json").json["attempts"]
    assert attempt["summariser"] == "extract"
    assert {s["manner"] for s in attempt["sentences"]} == {"quoted"}
    assert attempt["requests"] == 0
    assert digest.well("summary", "costs").out.endswith("No language model was asked yet.\n")


def test_two_side_by_side_what_was_dropped_why_and_what_it_cost(digest: Runner, model: list[Request]) -> None:
    story = english(digest)
    said = digest.well("summary", "test", story, "--lang", "en")
    assert "dropped: the number '123,456' stands in no article that it names" in " ".join(said.out.split())
    assert "790 tokens" in said.out
    assert all(len(line) <= 80 for line in said.out.splitlines())
    assert KEY not in said.out
    assert len(model) == 1

    told = digest.well("summary", "test", story, "--lang", "en", "--json").json
    assert len(model) == 1, "it is remembered"
    extract, llm = told["attempts"]
    assert (extract["summariser"], llm["summariser"]) == ("extract", "llm")
    assert [d["text"] for d in llm["dropped"]] == ["It cost 123,456 dollars."]
    assert llm["requests"] == 0
    digest.well("summary", "test", story, "--lang", "en", "--summariser", "llm", "--again")
    assert len(model) == 2

    costs = digest.well("summary", "costs", "--json").json
    assert costs["today"] == {"tokens": 1580, "cost": pytest.approx(1.76)}
    assert costs["costs"][0]["requests"] == 2
    assert "1,580 of 500,000 tokens" in digest.well("summary", "costs").out


def test_what_cannot_be_tried(digest: Runner, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no story" in digest.refused("summary", "test", "99999")
    assert "no summariser 'nobody'" in digest.refused("summary", "test", "--summariser", "nobody")
    assert "digest group" in Runner(make_home(tmp_path), capsys).refused("summary", "test")
    digest.refused("summary", "test", "--lang", "zzz")
