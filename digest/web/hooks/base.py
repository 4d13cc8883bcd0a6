"""What a webhook is: it verifies what a mail provider posts, and reads bounces and complaints from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.errors import DigestError, SettingsError
from digest.model.report import Report


class Refused(DigestError):
    """Who posts this could not show to be the provider. The sender is told nothing of the reason."""


#: GET of an https address, not inwards; what is at that very address, or FetchError. For certificates and the like.
Fetch = Callable[[str], bytes]


class Webhook(Protocol):
    """Made once with a `Setup`, called from several threads."""

    def reports(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Report]:
        """What the request reports; empty where it has no news of a bounce or complaint. `headers` in lower case.

        Raises Refused for what is not the provider's, BadInput for what is but cannot be read, and another
        DigestError (a FetchError, say) where it cannot be told now: the provider is asked to try again.
        """
        ...


@dataclass(frozen=True)
class Setup:
    """What the settings have for one webhook. `name` is what stands after /hooks/ in its address."""

    name: str
    options: Mapping[str, str | list[str]]
    secrets: Mapping[str, Callable[[], str]]
    fetch: Fetch

    def text(self, key: str) -> str:
        value = self.options.get(key, "")
        return value if isinstance(value, str) else ",".join(value)

    def listed(self, key: str) -> list[str]:
        value = self.options.get(key, [])
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    def secret(self, key: str) -> str:
        """What the file of the option `<key>_file` holds. Raises SettingsError where none is given or it is empty."""
        found = self.secrets[key]() if key in self.secrets else ""
        if not found:
            raise self.wrong(f"{key}_file", "is needed", "name the file that holds it alone")
        return found

    def wrong(self, key: str, what: str, mend: str) -> SettingsError:
        """An error about one of its settings."""
        return SettingsError(f"hooks.{self.name}_{key} {what}", where=f"webhook {self.name}", mend=mend)
