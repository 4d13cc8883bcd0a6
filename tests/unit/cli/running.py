"""The command line run in this process, on a home of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from digest import app, resources
from digest.cli.main import run
from digest.ingest.files import read_path
from digest.pipeline.group import group
from digest.pipeline.ingest import ingest


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Runner:
    """`runner("topic", "list")`: exit code and output. Standard input is not a terminal here."""

    home: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Said:
        self.capsys.readouterr()
        code = run(["--home", str(self.home), *arguments])
        out, err = self.capsys.readouterr()
        return Said(code, out, err)

    def well(self, *arguments: str) -> Said:
        said = self(*arguments)
        assert (said.code, said.err) == (0, ""), said.err
        return said

    def refused(self, *arguments: str, code: int = 2) -> str:
        """The one line of an error; nothing is printed beside it."""
        said = self(*arguments)
        assert (said.code, said.out) == (code, ""), said
        assert said.err.startswith("digest: ")
        assert said.err.count("\n") == 1
        return said.err.removeprefix("digest: ").rstrip("\n")


def make_home(folder: Path) -> Path:
    app.init(folder, sender="News <news@example.org>", transport="maildir")
    return folder


def fill(folder: Path) -> Path:
    """A home with the sample articles, grouped."""
    make_home(folder)
    services = app.services(folder, {})
    assert ingest(services, read_path(resources.seeds())).failed == 0
    group(services)
    services.database.close()
    return folder
