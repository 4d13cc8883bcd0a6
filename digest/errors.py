"""One error tree. The message is built by the class from facts kept as attributes.

Every message is one line that says what is wrong, where, and how to mend it.
"""

from __future__ import annotations

from datetime import datetime

_NAMES_IN_A_LINE = 30


class DigestError(Exception):
    """Base of everything that this program raises on purpose.

    `what` says what is wrong, `where` names the file, key or object, `mend` says what to do.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.mend = what, where, mend

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        text = f"{head} ({self.mend})" if self.mend else head
        if self.__cause__ is not None and str(self.__cause__) not in ("", self.what):
            text += f" [{type(self.__cause__).__name__}: {self.__cause__}]"
        return " ".join(text.split())


class UsageError(DigestError):
    """The caller asked for something that cannot be; nothing was done."""

    exit_code = 2


class NotFound(UsageError):
    """A named thing does not exist; the nearest names are offered."""

    def __init__(self, kind: str, name: str, known: list[str] | None = None) -> None:
        import difflib

        near = difflib.get_close_matches(name, known or [], n=1)
        listed = f"see: digest {kind} list" if known is None else f"there is: {_listed(known)}"
        mend = f"did you mean {near[0]!r}?" if near else listed
        super().__init__(f"there is no {kind} {name!r}", mend=mend)
        self.kind, self.name = kind, name


def _listed(known: list[str]) -> str:
    """All names, unless they are too many for a line; then it shows that there are more."""
    more = f", … ({len(known) - _NAMES_IN_A_LINE} more)" if len(known) > _NAMES_IN_A_LINE else ""
    return ", ".join(known[:_NAMES_IN_A_LINE]) + more or "none yet"


class AlreadyExists(UsageError):
    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name!r} exists already", mend=f"see: digest {kind} show {name}")
        self.kind, self.name = kind, name


class SettingsError(UsageError):
    """An unknown or wrong setting: file, key, what was meant."""


class SchemaError(DigestError):
    """The database is older or newer than this program."""


class BadInput(DigestError):
    """One piece of input could not be read; good input beside it still goes through."""


class TemplateError(DigestError):
    """A template is broken; names file and line. Nothing is sent."""


class TransportError(DigestError):
    """A transport could not be set up (address, TLS, login)."""


class LoginRefused(TransportError):
    """A relay refuses name or password: to try again at once may lock the account."""


class FetchError(DigestError):
    """An address could not be fetched. `status` is 0 where no HTTP answer came."""

    def __init__(
        self, what: str, *, where: str = "", mend: str = "", status: int = 0, retry_after: datetime | None = None
    ) -> None:
        super().__init__(what, where=where, mend=mend)
        self.status, self.retry_after = status, retry_after

    @property
    def busy(self) -> bool:
        """Whether the server is busy or away, so that whoever asks on is a nuisance."""
        return self.status == 429 or self.status >= 500 or not self.status


class Disallowed(FetchError):
    """The site asks not to read this address (robots.txt); others of it may be read."""

    @property
    def busy(self) -> bool:
        return False


class NotNow(FetchError):
    """The host is busy with others of ours, or wants to be left alone: no failure of the source. `seconds` to wait."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__("its host is left alone for now", where=host, mend="it will be fetched later")
        self.host, self.seconds = host, seconds


class EndpointError(DigestError):
    """A language model's endpoint gave no answer. `spent`: it may have worked, and may be paid for it."""

    def __init__(self, what: str, *, where: str = "", mend: str = "", spent: bool = False) -> None:
        super().__init__(what, where=where, mend=mend)
        self.spent = spent


class Unexpected(DigestError):
    """What nobody foresaw went wrong with one thing among many. The others go through; this one is tried again."""


class Busy(DigestError):
    """Another process holds a lock that this command needs."""
