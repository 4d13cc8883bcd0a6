"""What kind of source a place is: a look at the path, or one fetch of the address."""

from __future__ import annotations

import re
from pathlib import Path

from digest.errors import FetchError, UsageError
from digest.ingest import discover, fetch
from digest.ingest.discover import Found
from digest.ingest.fetch_connect import check_proxy
from digest.ingest.fetch_login import check as check_login
from digest.ingest.kinds import web
from digest.model.publication import Source
from digest.pipeline.fetching import fetch_options
from digest.pipeline.services import Services

_JSON_LINES = {".jsonl", ".ndjson"}
_SAVED = {".xml", ".rss", ".atom", ".json", ".txt"}
_LISTS = {".opml"}
_OF_A_SOURCE = "it will be tried again"  # what a fetch says that fails; this is none yet
_PATH = re.compile(r"[~./]|[^/.]*/|[^/]*\.(?:jsonl|ndjson|opml|txt)$")


def find(services: Services, location: str, *, login: str = "", proxy: str = "") -> Found:
    """Raises UsageError; FetchError where a web address does not answer."""
    if "://" not in location:
        path = Path(location).expanduser()
        if path.exists():
            return Found(_local(path, location), location)
        if _PATH.match(location):
            raise UsageError("does not exist", where=location, mend="give a path or a web address")
    url = web.check_address(location)
    options = fetch_options(services)
    place = Source("", "", url, login=check_login(login) if login else "", proxy=check_proxy(proxy) if proxy else "")
    try:
        return discover.find(url, lambda address: fetch.ask(place, options, url=address))
    except FetchError as error:
        # Whoever knows what it is can add it while the server sleeps.
        mend = "try again later" if error.mend == _OF_A_SOURCE else error.mend
        error.mend = "; ".join(filter(None, (mend, "or say what it is: --kind feed")))
        raise


def _local(path: Path, location: str) -> str:
    if path.is_dir():
        return "maildir" if all((path / name).is_dir() for name in ("cur", "new", "tmp")) else "folder"
    suffix = path.suffix.lower()
    if suffix in _JSON_LINES:
        return "jsonl"
    if suffix in _LISTS:
        raise UsageError("is a list of feeds", where=location, mend=f"digest source import {location}")
    mend = f"digest ingest {location}" if suffix in _SAVED else "give a folder, a .jsonl file, a maildir or an address"
    raise UsageError("is a single file, which is taken in by hand", where=location, mend=mend)


def told(found: Found) -> list[str]:
    """What the operator shall know of how it was found."""
    if not found.page:
        return []
    if found.kind == discover.PAGE:
        return [f"{found.page} has no feed: its text is read as one article, and its changes are updates"]
    others = [link for link in found.named if link.url != found.location]
    said = [f"{found.page} is a page: taking its feed {found.location}"]
    if others:
        said.append("other feeds that it names:")
        said += [f"  {link.url}" + (f"  {link.title}" if link.title else "") for link in others]
    return said
