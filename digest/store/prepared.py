"""Statements that run thousands of times a second: what SQLAlchemy makes of them is made once.

They go to the driver as they are, inside the caller's transaction. The driver's own errors pass through;
`Database` explains them as it does SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa


class Prepared:
    """`make` gives the statement, with a `bindparam` for each value that changes. For any number of threads."""

    def __init__(self, make: Callable[[], sa.UpdateBase | sa.Select[Any]]) -> None:
        self._make = make
        self._of: dict[str, _Compiled] = {}

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> int:
        """How many rows it changed."""
        compiled = self._compiled(connection.dialect)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.text, compiled.bound(values))
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def run_many(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        compiled = self._compiled(connection.dialect)
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(compiled.text, [compiled.bound(row) for row in rows])
        finally:
            cursor.close()

    def rows(self, connection: sa.Connection, values: Mapping[str, Any]) -> list[list[Any]]:
        """Of a SELECT, each value as its column's type says."""
        compiled = self._compiled(connection.dialect)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.text, compiled.bound(values))
            return [
                [read(value) if read else value for read, value in zip(compiled.reads, row, strict=True)]
                for row in cursor.fetchall()
            ]
        finally:
            cursor.close()

    def _compiled(self, dialect: sa.Dialect) -> _Compiled:
        found = self._of.get(dialect.name)
        if found is None:
            found = self._of[dialect.name] = _Compiled(self._make(), dialect)
        return found


class _Compiled:
    def __init__(self, statement: sa.UpdateBase | sa.Select[Any], dialect: sa.Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._by_name = compiled.positiontup is None
        names = compiled.positiontup or list(compiled.binds)
        self._binds = []
        self._last: tuple[Any, Any] = (None, None)
        for name in names:
            bind = compiled.binds[name]
            make = bind.type.dialect_impl(dialect).bind_processor(dialect)
            fixed = None if bind.required else (make(bind.value) if make else bind.value,)
            self._binds.append((name, make, fixed))
        columns = statement.selected_columns if isinstance(statement, sa.Select) else ()
        self.reads = [c.type.dialect_impl(dialect).result_processor(dialect, None) for c in columns]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them. Raises KeyError for one that is missing."""
        made = [
            fixed[0] if fixed is not None else self._made(make, values[name]) if make is not None else values[name]
            for name, make, fixed in self._binds
        ]
        return {name: value for (name, _, _), value in zip(self._binds, made, strict=True)} if self._by_name else made

    def _made(self, make: Callable[[Any], Any], value: Any) -> Any:
        """Row after row has the same instant, which is dear to write out."""
        last = self._last
        if last[0] is value and value is not None:
            return last[1]
        made = make(value)
        self._last = (value, made)
        return made
