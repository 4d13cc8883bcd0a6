"""Lead images of an edition: chosen from its entries, fetched once for all editions, within a time limit for all.

No edition waits for them longer than the settings say. What is not there in time is left out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from digest.errors import BadInput, FetchError, NotNow
from digest.model.edition import Entry, View
from digest.model.image import Image, LeadImage
from digest.pipeline.faults import unexpected
from digest.pipeline.services import Services
from digest.store import images as stored

if TYPE_CHECKING:
    from digest.pipeline.reading import Readers

#: All pictures of one mail, as its bytes: five of the largest.
MOST_BYTES = 420_000
#: CSS pixels: the width of a mail's column, and what fills a small screen.
_SHOWN = 520
_AT_ONCE = 4
_CLOSE = 0.5  # seconds: what fails so shortly before the end may have wanted no more than time
#: A day, less what an edition may be early: the next morning's asks again.
_AGAIN = timedelta(hours=20)
_DECODING = 5.0  # seconds, for one


@dataclass(frozen=True, slots=True)
class Shown:
    """The picture of one entry, ready to go into a mail."""

    story: int  # the entry's
    lead: LeadImage
    image: Image

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in CSS pixels: never more than the file has."""
        width, height = self.image.width, self.image.height
        scale = min(1.0, _SHOWN / width, _SHOWN / height)
        return max(1, round(width * scale)), max(1, round(height * scale))


class Images:
    """Those of one edition, whatever its variants. `missing` says why some could not be had, by their addresses."""

    def __init__(self, services: Services, most: int) -> None:
        self._services, self._most = services, most
        self._settings = services.settings.images
        self._seconds = self._settings.edition_seconds  # that are left
        self._found: dict[str, Image] = {}
        self.missing: dict[str, str] = {}

    def of(self, view: View) -> list[Shown]:
        """For the best entries that have one: the headline's article's, or else another source's. Best first."""
        if not self._most:
            return []
        entries = sorted(view.entries, key=lambda e: -e.score)
        shown: dict[int, Shown] = {}
        while len(shown) < self._most and (wanted := self._next(entries, shown)):
            self._get([lead.url for _, lead in wanted])
            for entry, lead in wanted:
                if lead.url in self._found:
                    shown[entry.story] = Shown(entry.story, lead, self._found[lead.url])
        return _that_fit([shown[entry.story] for entry in entries if entry.story in shown])

    def _next(self, entries: Sequence[Entry], shown: Mapping[int, Shown]) -> list[tuple[Entry, LeadImage]]:
        """What to try for entries that have none yet. A picture that stands in the mail already says nothing more."""
        taken = {one.lead.url for one in shown.values()}
        wanted: list[tuple[Entry, LeadImage]] = []
        for entry in entries:
            if len(shown) + len(wanted) >= self._most:
                break
            tried = taken | self.missing.keys()
            lead = next((lead for lead in entry.images if lead.url not in tried), None)
            if lead and entry.story not in shown:
                wanted.append((entry, lead))
                taken.add(lead.url)
        return wanted

    def _get(self, urls: Iterable[str]) -> None:
        """Each is found or missing after that."""
        asked = [url for url in urls if url not in self._found]
        if not asked:
            return
        now = self._services.clock()
        with self._services.database.read() as connection:
            kept = stored.known(connection, asked)
        self._found |= {url: one.image for url, one in kept.items() if one.image}
        self.missing |= {u: one.reason for u, one in kept.items() if not one.image and now - one.fetched_at < _AGAIN}
        fetched = self._fetch([url for url in asked if url not in self._found and url not in self.missing])
        self._found |= {url: one for url, one in fetched.items() if isinstance(one, Image)}
        self.missing |= {url: one for url, one in fetched.items() if isinstance(one, str)}
        self.missing |= {url: "not there in time" for url in asked if url not in self._found | fetched | self.missing}
        with self._services.database.write() as connection:
            stored.keep(connection, fetched, now)
            stored.used(connection, [url for url in asked if url in self._found], now)
            if fetched:
                stored.prune(connection, self._settings.cache_megabytes * 1_000_000, now)

    def _fetch(self, urls: Sequence[str]) -> dict[str, Image | str]:
        """Pictures, or why there are none; nothing of those that did not come in time."""
        if not urls or self._seconds <= 0:
            return {}
        from digest.ingest import images  # not at the start: few publications want some
        from digest.ingest.workers import Limits
        from digest.pipeline.reading import Readers

        if not images.available():
            self.missing |= dict.fromkeys(urls, "Pillow is not installed")
            return {}
        begun = time.monotonic()
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="image")
        readers = Readers(self._services, limits=Limits(wall_seconds=_DECODING)).__enter__()
        late: set[Future[Image]] = set()
        try:
            asked = {pool.submit(partial(self._one, url, readers, begun)): url for url in urls}
            done, late = wait(asked, self._seconds)
            return {asked[one]: found for one in done if (found := self._said(one, asked[one])) is not None}
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # nobody waits for a server that does not answer
            ending = threading.Thread(target=readers.__exit__, args=(None, None, None), name="images-end")
            ending.start()
            if not late:  # nor for a process that is still reading
                ending.join()
            self._seconds -= time.monotonic() - begun

    def _one(self, url: str, readers: Readers, begun: float) -> Image:
        from digest.ingest import fetch, images
        from digest.pipeline.fetching import fetch_options

        left = self._seconds - (time.monotonic() - begun)
        if left <= 0:  # nobody waits for it any more
            raise NotNow(url, 0.0)
        options = fetch_options(self._services)
        options = replace(options, timeout=min(options.timeout, left))
        most = self._settings.max_kilobytes * 1000
        try:
            get = partial(fetch.plain, options=options, max_bytes=most, accept=images.ACCEPT)
            return images.fetch(url, get, readers.run)
        except FetchError as error:
            if time.monotonic() - begun + _CLOSE < self._seconds:
                raise
            raise NotNow(url, 0.0) from error  # it had less time than a server may take

    def _said(self, done: Future[Image], url: str) -> Image | str | None:
        """None where it is to be asked for again."""
        try:
            return done.result()
        except NotNow:
            return None
        except (FetchError, BadInput) as error:
            return error.what
        except Exception as error:  # noqa: BLE001 - whatever it is, the edition does not wait for a picture
            unexpected(self._services, error, f"lead image {url}")
            return None


def _that_fit(shown: Sequence[Shown]) -> list[Shown]:
    """The best of them, as far as a mail may carry them."""
    kept: list[Shown] = []
    left = MOST_BYTES
    for one in shown:
        left -= len(one.image.data) * 78 // 57 + 300  # 57 bytes make a line of 76 signs and its end
        if left < 0:
            break
        kept.append(one)
    return kept
