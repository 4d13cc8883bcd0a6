"""A polled source kind that gives what it is told to."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import pytest

from digest.errors import BadInput
from digest.ingest import arriving
from digest.ingest.kinds.base import Batch, FetchOptions
from digest.model.article import RawArticle
from digest.model.publication import Source
from digest.pipeline import sources
from digest.pipeline.reading import Readers
from tests.support.home import House


class Wire:
    kind, polled = "feed", True

    def __init__(self) -> None:
        self.gives: list[RawArticle | BadInput] = []

    def check(self, location: str) -> str:
        return location

    def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:
        return Batch(articles=list(self.gives))


def wired(house: House, monkeypatch: pytest.MonkeyPatch, location: str = "https://quay.example/feed") -> Wire:
    """A source `wire` of the house. What it gives is normalised right here, which is quicker."""
    monkeypatch.setattr(Readers, "_normalised", lambda _self, part, wanted, _where: arriving.taken_in(part, wanted))
    made = Wire()
    house.services = dataclasses.replace(house.services, load_source_kind=lambda _kind: made)
    sources.add(house.services, sources.Asked("feed", location, name="wire"))
    return made
