"""Languages as Babel knows them, each with its own names of months and days.

Babel keeps what an alias stands for in a table that many languages share (python-babel/babel#1234). In a process that
named a month in Hebrew, months would be Hebrew in French as well. So whoever needs such names asks for a locale here.
"""

from __future__ import annotations

import copy
import functools
from typing import Any

from babel import Locale
from babel.localedata import LocaleDataDict, load

#: The tables that have aliases in them.
_SHARED = ("months", "days", "quarters", "eras", "currency_formats")


class _Apart(Locale):
    @functools.cached_property
    def _data(self) -> LocaleDataDict:
        """What Babel's own one reads, with copies of the tables that it would write to."""
        held: dict[Any, Any] = dict(load(str(self)))
        held.update((name, copy.deepcopy(held[name])) for name in _SHARED if name in held)
        return LocaleDataDict(held)


@functools.lru_cache(maxsize=256)
def parse(name: str) -> Locale:
    """By a name like pt_BR.

    Raises UnknownLocaleError or ValueError: nobody knows it.
    """
    return _Apart.parse(name)
