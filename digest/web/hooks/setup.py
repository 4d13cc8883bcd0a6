"""The webhooks that the settings name, made."""

from __future__ import annotations

from functools import partial

import msgspec

from digest import plugins
from digest.errors import FetchError
from digest.home import FILE, Home
from digest.ingest import fetch
from digest.ingest.fetch_connect import target
from digest.web.hooks.base import Setup, Webhook

_SECONDS = 8.0  # providers wait some fifteen for an answer
_LARGEST = 100_000
_FILE = "_file"


def webhooks(home: Home) -> dict[str, Webhook]:
    """By name. Raises NotFound or SettingsError."""
    get = partial(_get, home)
    return {name: plugins.load(plugins.WEBHOOKS, name)(_setup(home, name, get)) for name in home.settings.hooks.names}


def _setup(home: Home, name: str, get: partial[bytes]) -> Setup:
    options: dict[str, str | list[str]] = {}
    for key, value in msgspec.structs.asdict(home.settings.hooks).items():
        if key.startswith(f"{name}_"):
            options[key.removeprefix(f"{name}_")] = value
    for given in home.settings.hooks.options:  # checks has seen their form
        whose, _, rest = given.partition(".")
        key, _, value = rest.partition("=")
        if whose.strip() == name:
            options[key.strip()] = value.strip()
    secrets = {
        key.removesuffix(_FILE): partial(home.hook_secret, name, key.removesuffix(_FILE), str(value))
        for key, value in options.items()
        if key.endswith(_FILE)
    }
    return Setup(name, options, secrets, get)


def _get(home: Home, url: str) -> bytes:
    """Guarded as all fetching is. What another address answers is not what was asked for."""
    ingest = home.settings.ingest
    got = fetch.get(
        url,
        timeout=_SECONDS,
        max_bytes=_LARGEST,
        user_agent=fetch.introduction(ingest.user_agent, ingest.contact),
        proxy=ingest.proxy,
    )
    if got.status != 200 or got.url != target(url).url:
        raise FetchError(f"answers {got.status}", where=url, mend=f"see proxy in {FILE}", status=got.status)
    return got.body
