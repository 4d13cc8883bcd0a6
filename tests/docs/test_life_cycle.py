"""The life cycle as docs/subscribers.md tells it is the one that the program has."""

from __future__ import annotations

import re
from pathlib import Path

from digest.audience.rules import RULES, Action
from digest.model.subscription import AddressState, SubscriptionState

PAGE = Path(__file__).resolve().parents[2] / "docs" / "subscribers.md"


def tables() -> list[list[list[str]]]:
    """Each table of the page: its rows, without the rule below the head."""
    found = re.findall(r"(?:^\|.*\|\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    rows = [[[cell.strip(" `") for cell in line[1:-1].split("|")] for line in one.splitlines()] for one in found]
    return [[row for row in one if set(row[0]) != {"-"}] for one in rows]


def test_what_may_happen_is_the_one_table_in_the_code() -> None:
    head, *rows = tables()[0]
    told = {(row[0], action): after for row in rows for action, after in zip(head[1:], row[1:], strict=True)}
    assert {state for state, _ in told} == set(map(str, SubscriptionState))
    assert set(head[1:]) == set(map(str, Action))
    assert {key: after for key, after in told.items() if after != "–"} == {
        (str(state), str(action)): str(after) for (state, action), after in RULES.items()
    }


def test_the_states_of_an_address_are_all_told() -> None:
    _, *rows = tables()[1]
    assert {row[0] for row in rows} == set(map(str, AddressState))


def test_the_picture_names_every_state() -> None:
    picture = re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    for name in (*SubscriptionState, *AddressState):
        assert re.search(rf"\b{name}\b", picture), name
