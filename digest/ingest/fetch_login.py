"""Logins by reference: a source names a file, and what is in it is read when it is needed, never kept or told."""

from __future__ import annotations

import base64
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from digest.errors import FetchError, UsageError
from digest.ingest.fetch_connect import Target, target

KINDS = ("basic", "bearer", "cookies")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750
_COOKIE_FILE = re.compile(r"# (Netscape )?HTTP Cookie File")
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Login:
    """`reference` is KIND:FILE. It is for the origin of `url`, the source's own address, and for no other."""

    reference: str
    url: str

    def is_for(self, to: Target) -> bool:
        return to.origin == target(self.url).origin

    def headers(self, to: Target, now: datetime) -> dict[str, str]:
        """What to send to `to`; nothing where it is of another origin. Raises FetchError, without the secret."""
        kind, _, name = self.reference.partition(":")
        if not self.is_for(to):
            return {}
        text = _read(Path(name))
        if kind == "cookies":
            found = [f"{c.name}={c.value}" for c in cookies(text, name) if c.is_for(to, now)]
            return {"Cookie": "; ".join(found)} if found else {}
        secret = text.strip()
        if kind == "bearer":
            if not _TOKEN.fullmatch(secret):
                raise FetchError("is no token", where=name, mend="the file holds the token alone")
            return {"Authorization": f"Bearer {secret}"}
        if ":" not in secret or not secret.isprintable():
            raise FetchError("is no user and password", where=name, mend="the file holds one line, user:password")
        return {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode('ascii')}"}


def check(reference: str) -> str:
    """KIND:FILE with the whole path. Raises UsageError where it cannot be used as it is."""
    kind, _, name = reference.partition(":")
    if kind not in KINDS or not name.strip():
        raise UsageError(f"{kind!r} is no kind of login", mend=f"give KIND:FILE, KIND one of {', '.join(KINDS)}")
    path = Path(name.strip()).expanduser().resolve()
    made = f"{kind}:{path}"
    try:
        text = _read(path)
        if kind == "cookies":
            list(cookies(text, str(path)))
        else:
            Login(made, "https://login.invalid/").headers(target("https://login.invalid/"), datetime.now(UTC))
    except FetchError as error:
        raise UsageError(error.what, where=error.where, mend=error.mend) from None
    return made


def _read(path: Path) -> str:
    """The file's text, where it is a file that is not open to everybody."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IROTH | stat.S_IWOTH):
                raise FetchError("is a login that every user of this machine can read", where=str(path),
                                 mend=f"chmod 600 {path}")  # fmt: skip
            return file.read(_MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        what = f"is named as a login and cannot be read: {error.strerror or error}"
        raise FetchError(what, where=str(path), mend="check the path and its permissions") from None
    except UnicodeDecodeError:
        raise FetchError("is named as a login and is not UTF-8", where=str(path), mend="save it as text") from None


@dataclass(frozen=True, slots=True, repr=False)
class Cookie:
    """A line of a Netscape cookie file. The matching is RFC 6265's; http.cookiejar knows no host without a dot."""

    domain: str
    below: bool  # for the hosts below the domain too
    path: str
    secure: bool
    expires: float  # 0: with the session, which is what we have
    name: str
    value: str

    def is_for(self, to: Target, now: datetime) -> bool:
        host, asked = to.host.lower(), to.parts.path or "/"
        near = host == self.domain or (self.below and host.endswith(f".{self.domain}"))
        path = self.path.rstrip("/")
        within = asked == self.path or asked.startswith(f"{path}/")
        alive = not self.expires or self.expires > now.timestamp()
        return near and within and alive and (to.parts.scheme == "https" or not self.secure)


def cookies(text: str, where: str) -> Iterator[Cookie]:
    """Every cookie of a Netscape cookie file. Raises FetchError naming the line, never what is on it."""
    lines = text.splitlines()
    if not lines or not _COOKIE_FILE.match(lines[0]):
        raise FetchError("is no Netscape cookie file", where=where, mend="export the cookies as cookies.txt")
    for number, line in enumerate(lines, start=1):
        line = line.removeprefix("#HttpOnly_")
        if not line.strip() or line.startswith(("#", "$")):
            continue
        parts = line.split("\t")
        if len(parts) != 7 or not re.fullmatch(r"-?\d*(\.\d+)?", parts[4]) or not _sendable(parts[5] + parts[6]):
            raise FetchError(f"line {number} is no cookie", where=where, mend="seven fields with tabs between them")
        domain, below, path, secure, expires, name, value = parts
        yield Cookie(
            domain.lstrip(".").lower(), below == "TRUE" or domain.startswith("."), path or "/", secure == "TRUE",
            float(expires or 0), name, value,
        )  # fmt: skip


def _sendable(text: str) -> bool:
    return text.isascii() and text.isprintable() and ";" not in text
