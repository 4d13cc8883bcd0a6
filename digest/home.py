"""A home folder: `digest.toml`, the environment on top, and the secrets.

`DIGEST_<SECTION>_<KEY>` overrides `[section] key`. Secrets come from the environment or from a
file that a setting names, never from `digest.toml` itself.
"""

from __future__ import annotations

import difflib
import stat
import tomllib
import types
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from digest.errors import SettingsError
from digest.keys import Key, parse_keys
from digest.settings import Settings

FILE = "digest.toml"
# Not settings: where the home is, test data, and the secrets.
_RESERVED = {
    "DIGEST_HOME",
    "DIGEST_SHARED",
    "DIGEST_SMTP_PASSWORD",
    "DIGEST_MAIL_SECRET",
    "DIGEST_LLM_KEY",
    "DIGEST_HOOKS_POSTMARK_PASSWORD",
    "DIGEST_WEB_MONITOR_TOKEN",
}
_SECRETS = {
    ("smtp", "password"),
    ("mail", "secret"),
    ("llm", "key"),
    ("hooks", "postmark_password"),
    ("web", "monitor_token"),
}
_SHORTEST_TOKEN = 16  # characters: who guesses may do so as often as it likes


class Home(msgspec.Struct, frozen=True):
    """A home folder, the settings found in it, and the paths that follow from them."""

    folder: Path
    settings: Settings
    environ: Mapping[str, str]

    @property
    def database_url(self) -> str:
        return self.settings.store.url or f"sqlite:///{self.folder / 'digest.db'}"

    @property
    def templates(self) -> Path:
        return self.folder / "templates"

    def path(self, name: str) -> Path:
        """A path from the settings: relative ones are relative to the home folder."""
        return self.folder / Path(name).expanduser()

    def password(self, relay: str = "") -> str:
        """Of the login at a relay: the one of [smtp] itself, or one of its further relays."""
        if not relay and (given := self.environ.get("DIGEST_SMTP_PASSWORD")):
            return given
        smtp = self.settings.smtp
        name = smtp.relays[relay].password_file if relay else smtp.password_file
        key = f"smtp.relays.{relay}.password_file" if relay else "smtp.password_file"
        mend = "put the password alone into it" + ("" if relay else ", or into DIGEST_SMTP_PASSWORD")
        return _read_secret(self.path(name), key, mend) if name else ""

    def llm_key(self) -> str:
        """The key of the language model's endpoint; empty where it needs none."""
        if given := self.environ.get("DIGEST_LLM_KEY"):
            return given.strip()
        name = self.settings.llm.key_file
        mend = "put the key alone into it, or into DIGEST_LLM_KEY"
        return _read_secret(self.path(name), "llm.key_file", mend) if name else ""

    def hook_secret(self, hook: str, key: str, name: str) -> str:
        """What a webhook and its provider agreed on; `name` is the file. Empty where none is given."""
        variable = f"DIGEST_HOOKS_{hook}_{key}".upper()
        if given := self.environ.get(variable):
            return given.strip()
        return _read_secret(self.path(name), f"hooks.{hook}_{key}_file", "put the secret alone into it") if name else ""

    def monitor_token(self) -> str:
        """What monitors show to be told at /healthz and /metrics; empty where their address decides."""
        name, variable = self.settings.web.monitor_token_file, "DIGEST_WEB_MONITOR_TOKEN"
        given = self.environ.get(variable, "").strip()
        if not given and not name:
            return ""
        mend = f"put a long random word alone into it, or into {variable}"
        token = given or _read_secret(self.path(name), "web.monitor_token_file", mend)
        if len(token) < _SHORTEST_TOKEN or not (token.isascii() and token.isprintable()) or " " in token:
            what = f"no word of at least {_SHORTEST_TOKEN} letters, digits and signs of ASCII"
            where = f"environment: {variable}" if given else str(self.path(name))
            raise SettingsError(what, where=where, mend="make one: openssl rand -hex 32")
        return token

    def open_secrets(self) -> list[Path]:
        """The files with secrets that every user of this machine may read."""
        settings = self.settings
        names = [relay.password_file for relay in settings.smtp.relays.values()]
        names += [settings.smtp.password_file, settings.llm.key_file, settings.mail.secret_file]
        names += [settings.hooks.postmark_password_file, settings.web.monitor_token_file]
        keys = sorted(self.path(settings.dkim.folder).glob("*.pem"))
        return [path for path in [*(self.path(name) for name in names if name), *keys] if _is_open(path)]

    def secret(self) -> bytes:
        """The key under Message-IDs and tokens: the newest one."""
        return self.secrets()[0]

    def secrets(self) -> tuple[bytes, ...]:
        """All keys that count, the newest first. What older ones signed goes on working."""
        return tuple(key.secret for key in self.keys() if not key.retired)

    def kept_secrets(self) -> tuple[bytes, ...]:
        """Those that were retired too: nobody who was forgotten under one of them comes back unasked."""
        return tuple(key.secret for key in self.keys())

    def keys(self) -> tuple[Key, ...]:
        """As they stand in the environment or in their file, the newest first."""
        if given := self.environ.get("DIGEST_MAIL_SECRET"):
            where = "environment: DIGEST_MAIL_SECRET"
            return _usable(parse_keys(given.split("\n")), where, "give it a key, or unset it")
        path = self.path(self.settings.mail.secret_file)
        try:
            found = path.stat()
            version = (found.st_mtime_ns, found.st_ino, found.st_size)
        except OSError:
            version = (0, 0, 0)
        return _keys(path, version)


@lru_cache(maxsize=8)
def _keys(path: Path, _version: tuple[int, int, int]) -> tuple[Key, ...]:
    """Read once for the thousands of tokens of an edition."""
    text = _read_secret(path, "mail.secret_file", "put it back from your backup")
    lines = (line.strip() for line in text.splitlines())
    return _usable(parse_keys(lines), str(path), "remove the file, then: digest init")


def _usable(found: tuple[Key, ...], where: str, mend: str) -> tuple[Key, ...]:
    if not found:  # with an empty key anybody could sign
        raise SettingsError("the key is empty", where=where, mend=mend)
    if found[0].retired:
        raise SettingsError("the newest key is retired", where=where, mend="take that word from its line")
    return found


def _is_open(path: Path) -> bool:
    """Whether every user of this machine may read the file."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def _read_secret(path: Path, key: str, mend: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        why = "does not exist" if missing else f"cannot be read: {error.strerror or error}"
        raise SettingsError(
            f"{key} names this file, which {why}", where=str(path), mend=mend if missing else "check its permissions"
        ) from None


def read_home(folder: Path, environ: Mapping[str, str], said: Mapping[str, str] | None = None) -> Home:
    """Read a home folder. Raises SettingsError naming file, key and what was meant.

    `said`: settings for this once, like `summary.words`, on top of the file and the environment.
    """
    path = folder / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            "there is no digest home here", where=str(folder), mend=f"digest init {folder}, or say where: --home FOLDER"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"not valid TOML: {error}", where=str(path)) from None
    _refuse_secrets(data, path)
    _check_names(data, Settings, str(path), "")
    merged = _overlay(data, environ)
    _say(merged, said or {})
    try:
        settings = msgspec.convert(merged, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_explain(error, merged), where=_origin(error, environ, path, said or {})) from None
    return Home(folder, settings, environ)


def _refuse_secrets(data: Mapping[str, Any], path: Path) -> None:
    for section, values in data.items():
        for key in values if isinstance(values, dict) else ():
            if (section, key) in _SECRETS:
                mend = f"use {section}.{key}_file, or DIGEST_{section.upper()}_{key.upper()}"
                raise SettingsError("secrets do not go into this file", where=f"{path}: {section}.{key}", mend=mend)


def _names(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Encoded name -> attribute name."""
    return {f.encode_name: f.name for f in msgspec.structs.fields(struct)}


def _check_names(data: Mapping[str, Any], struct: type[msgspec.Struct], where: str, prefix: str) -> None:
    known = _names(struct)
    hints = get_type_hints(struct)
    for key, value in data.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            mend = f"did you mean {prefix}{near[0]}?" if near else f"known: {', '.join(sorted(known))}"
            raise SettingsError(f"unknown setting {prefix}{key}", where=where, mend=mend)
        inner = hints[known[key]]
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            if not isinstance(value, dict):
                raise SettingsError(f"{key} is a section", where=where, mend=f"write [{key}]")
            _check_names(value, inner, where, f"{prefix}{key}.")


def _overlay(data: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """The file's values with the environment's on top."""
    merged: dict[str, Any] = {k: dict(v) if isinstance(v, dict) else v for k, v in data.items()}
    known = {
        f"DIGEST_{section}_{key}".upper(): (section, key, struct)
        for section, struct in get_type_hints(Settings).items()
        for key in _names(struct)
    }
    for name, value in environ.items():
        if not name.startswith("DIGEST_") or name in _RESERVED:
            continue
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            mend = f"did you mean {near[0]}?" if near else "see: digest init --help"
            raise SettingsError(f"unknown setting {name}", where="environment", mend=mend)
        section, key, struct = known[name]
        merged.setdefault(section, {})[key] = _written(struct, key, value)
    return merged


def _say(merged: dict[str, Any], said: Mapping[str, str]) -> None:
    """Put what was said for this once on top."""
    for name, value in said.items():
        section, _, key = name.partition(".")
        _check_names({section: {key: value}}, Settings, "--set", "")
        merged.setdefault(section, {})[key] = _written(get_type_hints(Settings)[section], key, value)


def _written(struct: type[msgspec.Struct], key: str, value: str) -> str | list[str]:
    """A value as the file would have it: of a list the parts between the commas."""
    listed = _is_list(get_type_hints(struct, include_extras=True)[_names(struct)[key]])
    return [v.strip() for v in value.split(",") if v.strip()] if listed else value


def _is_list(hint: Any) -> bool:
    if get_origin(hint) in (Union, types.UnionType):
        return any(_is_list(arg) for arg in get_args(hint))
    return hint is list or get_origin(hint) is list


def _origin(error: msgspec.ValidationError, environ: Mapping[str, str], path: Path, said: Mapping[str, str]) -> str:
    """Who said it: what was said for this once, else the variable in the environment, else the file."""
    key = str(error).partition("$.")[2].partition("[")[0].rstrip("`")
    if key in said:
        return f"--set {key}"
    variable = "DIGEST_" + key.replace(".", "_").upper()
    return f"environment: {variable}" if variable in environ else str(path)


def _explain(error: msgspec.ValidationError, data: Mapping[str, Any]) -> str:
    """`Expected int, got str - at $.smtp.port` -> `smtp.port: expected int, got str 'abc'`."""
    what, _, path = str(error).partition(" - at `$.")
    key = path.rstrip("`")
    value: Any = data
    for part in key.split("."):
        value = value.get(part, "") if isinstance(value, dict) else ""
    if what.startswith("Invalid enum value") and (allowed := _choices(key)):
        near = difflib.get_close_matches(str(value), allowed, n=1)
        what = f"must be one of {', '.join(allowed)}" + (f"; did you mean {near[0]}?" if near else "")
    return f"{key}: {what[:1].lower()}{what[1:]} (it says {value!r})" if key else what


def _choices(key: str) -> tuple[str, ...]:
    """What a setting may say, where only a few words will do."""
    section, _, name = key.partition(".")
    struct = get_type_hints(Settings).get(section)
    hint = get_type_hints(struct).get(_names(struct).get(name, "")) if struct else None
    return get_args(hint) if get_origin(hint) is Literal else ()
