"""How a change came about, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.audience import history_said
from digest.model.cause import By, Via
from digest.model.subscription import Subscriber, Subscription


@pytest.mark.parametrize("via", Via)
def test_every_means_has_words(via: Via) -> None:
    said = history_said.cause("suppress", By.SERVER, via, "192.0.2.7")
    assert said.startswith("suppress by the recipient's server ")
    assert said.endswith(", from 192.0.2.7")
    assert said == said.strip()


@pytest.mark.parametrize("by", By)
def test_everybody_has_a_name(by: By) -> None:
    assert history_said.cause("pause", by, Via.COMMAND, "").endswith(" with a command")


def test_what_was_chosen_is_told_as_what_is_different() -> None:
    before = Subscription(Subscriber("a@example.org"), "p", "day", "en", "UTC", ("sport", "health"))
    after = replace(before, cadence="week", language="nl", zone="Asia/Tokyo", topics=("labour", "sport"))
    assert history_said.chosen(before, after) == (
        "cadence: day -> week; language: en -> nl; zone: UTC -> Asia/Tokyo; topics: +labour, -health"
    )
    assert history_said.chosen(before, replace(before, topics=())) == "topics: sport, health -> all"
    assert history_said.chosen(replace(before, topics=()), before) == "topics: all -> sport, health"


def test_nothing_is_told_of_what_is_the_same() -> None:
    before = Subscription(Subscriber("a@example.org"), "p", "day", "en", "UTC", ("sport", "health"))
    assert history_said.chosen(before, replace(before, topics=("health", "sport"), reason="x")) == ""
