"""How often strangers may ask for something that sends a mail, or try links: by network and over all.

One process counts for itself and forgets with its end. What must outlive that, how often one address is mailed, is
counted in the database.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from digest.model.network import address_of, neighbours

_HOUR = 3600.0
#: More networks than ask in an hour, unless somebody makes them up; then the limit over all holds.
_ROOM = 20_000
_ALL = ""


class Limits:
    """So many an hour for each act: at once, or as the hour goes by (the generic cell rate algorithm, ITU-T I.371).

    Of each network one number is kept: until when its hour is used up.
    """

    def __init__(
        self, per_network: int, in_all: int, clock: Callable[[], float] = time.monotonic, room: int = _ROOM
    ) -> None:
        self._each, self._all = _HOUR / per_network, _HOUR / in_all
        self._clock, self._room = clock, room
        self._used: OrderedDict[tuple[str, str], float] = OrderedDict()  # the one asked for last stands last
        self._lock = threading.Lock()

    def wait(self, act: str, client: str) -> float:
        """0, and it is counted; or the seconds to wait, and it is not. `client` is a network address."""
        now = self._clock()
        known = address_of(client)
        keys = {(act, str(neighbours(known)) if known else "?"): self._each, (act, _ALL): self._all}
        with self._lock:
            used = {key: max(self._used.get(key, now), now) + step for key, step in keys.items()}
            late = max(until - now - _HOUR for until in used.values())
            if late > 1e-6:  # not the rounding of many steps
                return late
            for key, until in used.items():
                self._used[key] = until
                self._used.move_to_end(key)
            while len(self._used) > self._room:
                self._used.popitem(last=False)
        return 0.0
