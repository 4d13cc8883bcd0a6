"""The keys that sign: where they are kept, and which of them signs a mail."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

from digest.deliver.dkim_names import ALGORITHMS, check_selector, record_name, signing_domain
from digest.errors import BadInput, NotFound, SettingsError, UsageError
from digest.home import Home
from digest.keys import write_private
from digest.pipeline.services import Services
from digest.settings import DkimSettings
from digest.store import publications

if TYPE_CHECKING:
    from digest.deliver.dkim_keys import KeyPair, Record
    from digest.deliver.sign import Signer

_SUFFIXES = (".rsa.pem", ".ed25519.pem")


@dataclass(frozen=True, slots=True)
class Selector:
    """A pair of keys in the home, and since when it is there."""

    name: str
    made: datetime


class Keyring:
    """The keys of a home. For use by several threads; each key is read once.

    `bind` names the keys that are to sign from now on. A delivery keeps that name from its first try, so that a resend
    is signed by `bound` with the same keys for the same domain, whatever the settings say by then.
    """

    def __init__(self, folder: Path, settings: DkimSettings) -> None:
        self.folder, self.settings = folder, settings
        self._signers: dict[str, Signer] = {}
        self._bindings: dict[str, str] = {}
        self._lock = threading.Lock()

    def bind(self, sender: str) -> str:
        """`SELECTOR@DOMAIN` for mails from this address; empty where nothing is signed."""
        if not self.settings.selector:
            return ""
        if sender not in self._bindings:
            try:
                domain = signing_domain(self.settings.domain, sender)
            except BadInput as error:
                mend = "give the publication a From address of a domain of yours"
                raise SettingsError(f"mails from {sender!r} cannot be signed", where="dkim", mend=mend) from error
            self._bindings[sender] = f"{self.settings.selector}@{domain}"
        return self._bindings[sender]

    def bound(self, binding: str) -> Signer | None:
        """Who signs what `bind` has named; None where it is empty."""
        if not binding:
            return None
        with self._lock:
            found = self._signers.get(binding)
            if found is None:
                selector, _, domain = binding.partition("@")
                found = self._signers[binding] = self.pair(selector).signer(domain, selector)
        return found

    def signer(self, selector: str, domain: str) -> Signer:
        """Raises SettingsError where a key is missing or damaged."""
        found = self.bound(f"{selector}@{domain}")
        assert found is not None
        return found

    def require(self) -> None:
        """Whether the keys that are to sign are there, before anything is sent. Raises SettingsError."""
        if self.settings.selector:
            self.pair(self.settings.selector)

    def pair(self, selector: str) -> KeyPair:
        from digest.deliver.dkim_keys import KeyPair  # not for those who sign nothing: cryptography takes a moment

        first, second = self._paths(selector)
        new = not first.exists() and not second.exists() and selector == self.settings.selector
        mend = f"make it: digest dkim new --selector {selector}" if new else "put it back from your backup"
        pems = []
        for path in (first, second):
            try:
                pems.append(path.read_bytes())
            except OSError as error:
                missing = isinstance(error, FileNotFoundError)
                why = "is missing" if missing else f"cannot be read: {error.strerror or error}"
                raise SettingsError(
                    f"the key of selector {selector} {why}", where=str(path), mend=mend if missing else "chmod, chown"
                ) from None
        try:
            return KeyPair.read(*pems)
        except BadInput as error:
            where = f"{first} and {second.name}"
            raise SettingsError(error.what, where=where, mend="put them back from your backup") from None

    def selectors(self) -> list[Selector]:
        """Those that there are files of, the oldest first."""
        names = {path.name.removesuffix(end): path for end in _SUFFIXES for path in self.folder.glob(f"?*{end}")}
        found = [Selector(name, datetime.fromtimestamp(path.stat().st_mtime, UTC)) for name, path in names.items()]
        return sorted(found, key=lambda s: (s.made, s.name))

    def chosen(self, selector: str = "") -> Selector:
        """The one that is named; else the one that signs; else the newest. Raises NotFound, SettingsError."""
        there = {found.name: found for found in self.selectors()}
        if name := selector or self.settings.selector:
            if name not in there:
                if not selector:
                    self.require()  # says more
                raise NotFound("selector", name, sorted(there))
            return there[name]
        if not there:
            raise SettingsError("there are no keys yet", where=str(self.folder), mend="digest dkim new")
        return list(there.values())[-1]

    def free_selector(self, now: datetime) -> str:
        """A name for new keys: the month, and a number where it has some already."""
        taken = {found.name for found in self.selectors()}
        month = f"s{now:%Y%m}"
        names = [month, *(f"{month}-{number}" for number in range(2, len(taken) + 3))]
        return next(name for name in names if name not in taken)

    def make(self, selector: str, bits: int = 2048) -> list[Path]:
        """Make the two keys of a selector; returns their files. Raises UsageError: a key is never overwritten."""
        from digest.deliver.dkim_keys import KeyPair

        paths = self._paths(check_selector(selector))
        if any(path.exists() for path in paths):
            mend = f"give another name: --selector NAME; see: digest dkim show {selector}"
            raise UsageError(f"selector {selector!r} has keys already", where=str(self.folder), mend=mend)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made: list[Path] = []
        try:
            for path, pem in zip(paths, KeyPair.make(bits).pem(), strict=True):
                write_private(path, pem)
                made.append(path)
        except OSError:
            for path in made:  # half a pair is none
                path.unlink()
            raise
        return made

    def records(self, selector: str, domain: str) -> list[Record]:
        """The two TXT records that publish a selector's keys."""
        from digest.deliver.dkim_keys import Record, record_text

        public = self.pair(selector).public()
        return [Record(record_name(domain, selector, a), a, record_text(a, public[a])) for a in ALGORITHMS]

    def _paths(self, selector: str) -> tuple[Path, Path]:
        first, second = (self.folder / f"{selector}{end}" for end in _SUFFIXES)
        return first, second


def keyring(home: Home) -> Keyring:
    return Keyring(home.path(home.settings.dkim.folder), home.settings.dkim)


def domains(services: Services) -> list[str]:
    """The domains that sign: that of `mail.from` first, then those of publications with another one."""
    with services.database.read() as connection:
        senders = [publication.sender for publication in publications.listing(connection)]
    setting = services.settings.dkim.domain
    addresses = [parseaddr(sender)[1] for sender in (services.settings.mail.from_, *senders)]
    return list(dict.fromkeys(signing_domain(setting, address) for address in addresses))
