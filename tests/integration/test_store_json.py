"""What a column of JSON gives back is what was put there, whatever it was written by."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from digest.store import engine
from digest.store.engine import Database

_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=20)  # halves of pairs too
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
)


@given(VALUES)
def test_what_is_written_is_read(value: Any) -> None:
    assert engine._from_json(engine._as_json(value)) == json.loads(json.dumps(value))


@given(VALUES)
def test_what_was_written_by_the_standard_library_is_read(value: Any) -> None:
    assert engine._from_json(json.dumps(value)) == json.loads(json.dumps(value))


def test_no_number_was_once_written_as_such() -> None:
    assert math.isnan(engine._from_json("[NaN]")[0])


@pytest.mark.parametrize("name", ["letter-\udcff.eml", "\ud83d"])
def test_a_name_that_is_no_text_comes_back_from_the_database(tmp_path: Path, name: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    table = sa.Table("kept", sa.MetaData(), sa.Column("memory", sa.JSON))
    with database.write() as connection:
        table.create(connection)
        connection.execute(sa.insert(table).values(memory={name: [name]}))
        assert connection.execute(sa.select(table.c.memory)).scalar_one() == {name: [name]}
    database.close()
