"""How a change came about, in words."""

from __future__ import annotations

import pytest

from digest.audience import history_said
from digest.model.cause import By, Via


@pytest.mark.parametrize("via", Via)
def test_every_means_has_words(via: Via) -> None:
    said = history_said.cause("suppress", By.SERVER, via, "192.0.2.7")
    assert said.startswith("suppress by the recipient's server ")
    assert said.endswith(", from 192.0.2.7")
    assert said == said.strip()


@pytest.mark.parametrize("by", By)
def test_everybody_has_a_name(by: By) -> None:
    assert history_said.cause("pause", by, Via.COMMAND, "").endswith(" with a command")
