"""Many new rows at once, with ids given to them: what SQLAlchemy does for each value is done once for each table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from digest.store import counters

_Processor = Callable[[Any], Any]


def ids(connection: sa.Connection, table: sa.Table, number: int) -> Sequence[int]:
    """So many for new rows, which nobody else gets; in a transaction that writes."""
    if connection.dialect.name == "sqlite":  # whoever writes, writes alone
        last = max(_highest(connection, table), counters.last(connection, _retired(table)))
        return range(last + 1, last + 1 + number)
    following = sa.func.nextval(sa.func.pg_get_serial_sequence(table.name, "id"))
    return list(connection.execute(sa.select(following).select_from(sa.func.generate_series(1, number))).scalars())


def retire(connection: sa.Connection, table: sa.Table) -> None:
    """Before rows are deleted: no later row gets the number of one of these, which stands in links of old mails."""
    last = max(_highest(connection, table), counters.last(connection, _retired(table)))
    counters.advance(connection, _retired(table), last)


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that have the same columns."""
    if not rows:
        return
    statement, named, columns = _prepared(table, tuple(rows[0]), connection.dialect)
    values = [tuple([make(row[name]) if make else row[name] for name, make in columns]) for row in rows]
    if named:
        names = [name for name, _ in columns]
        connection.exec_driver_sql(statement, [dict(zip(names, row, strict=True)) for row in values])
    else:
        connection.exec_driver_sql(statement, values)


def _highest(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(_last(table)).scalar() or 0


def _retired(table: sa.Table) -> str:
    return f"last {table.name}"


@lru_cache(maxsize=32)
def _last(table: sa.Table) -> sa.Select[Any]:
    return sa.select(sa.func.max(table.c.id))


@lru_cache(maxsize=32)
def _prepared(
    table: sa.Table, columns: tuple[str, ...], dialect: sa.Dialect
) -> tuple[str, bool, Sequence[tuple[str, _Processor | None]]]:
    """The statement, whether the driver wants its values by name, and what makes of each what the driver takes, in the
    statement's order.
    """
    compiled = sa.insert(table).compile(dialect=dialect, column_keys=columns)
    names = compiled.positiontup or columns
    kinds = [table.c[name].type.dialect_impl(dialect) for name in names]
    processors = [(name, kind.bind_processor(dialect)) for name, kind in zip(names, kinds, strict=True)]
    return str(compiled), compiled.positiontup is None, processors
