"""What all tables share: the metadata, and constraints made from the nouns."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Integer

from digest.store.types import NAMES

metadata = sa.MetaData(naming_convention=NAMES)


def one_of(column: str, values: type) -> CheckConstraint:
    """The column holds a value of this StrEnum."""
    listed = ", ".join(f"'{v}'" for v in values)  # type: ignore[attr-defined]
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def identity() -> Column[int]:
    return Column("id", Integer, primary_key=True)
