"""The file of keys: a line each, replaced at once, for its owner alone."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import SettingsError
from digest.home import FILE, Home, read_home
from digest.keys import Key, new_key, parse_keys, replace_private

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)


def load(folder: Path, **environ: str) -> Home:
    (folder / FILE).write_text("", encoding="utf-8")
    return read_home(folder, environ)


def test_a_line_comes_back_as_it_was() -> None:
    for key in (Key(b"plain"), Key(b"a b # c"), new_key(NOW), new_key(NOW)._replace(retired=True)):
        assert parse_keys([key.line]) == (key,)


@pytest.mark.parametrize(
    "line", ["correct horse battery staple", "x # since ever", "x  # since 2026-02-30T00:00:00Z", "# since"]
)
def test_what_only_looks_like_a_date_is_part_of_the_key(line: str) -> None:
    assert parse_keys([line]) == (Key(line.encode()),)


def test_retired_keys_verify_nothing_but_are_kept(tmp_path: Path) -> None:
    keys = [new_key(NOW), new_key(NOW)._replace(retired=True), Key(b"from before dates were kept")]
    (tmp_path / "secret.key").write_text("".join(f"{k.line}\n" for k in keys), encoding="utf-8")
    home = load(tmp_path)
    assert home.secret() == keys[0].secret
    assert home.secrets() == (keys[0].secret, keys[2].secret)
    assert home.kept_secrets() == tuple(k.secret for k in keys)


def test_in_the_environment_they_are_lines_too(tmp_path: Path) -> None:
    home = load(tmp_path, DIGEST_MAIL_SECRET="new and long enough\n\nold and long enough")
    assert home.secrets() == (b"new and long enough", b"old and long enough")
    with pytest.raises(SettingsError, match="DIGEST_MAIL_SECRET: the key is empty"):
        load(tmp_path, DIGEST_MAIL_SECRET="\n").secret()


def test_a_retired_key_cannot_be_the_one_that_signs(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(f"{new_key(NOW)._replace(retired=True).line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="retired"):
        load(tmp_path).secret()


def test_a_replaced_file_is_seen_at_once(tmp_path: Path) -> None:
    """Also where the clock of the file system has not moved on."""
    path = tmp_path / "secret.key"
    path.write_text("first\n", encoding="utf-8")
    home = load(tmp_path)
    lines = ["first"]
    for number in range(5):
        lines.insert(0, f"another {number}")
        replace_private(path, "\n".join(lines).encode())
        os.utime(path, ns=(1, 1))
        assert home.secret() == lines[0].encode()


def test_it_is_replaced_whole_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.key"
    path.write_text("before\n", encoding="utf-8")
    path.chmod(0o644)
    (tmp_path / "secret.key.new").write_text("of one who was killed", encoding="utf-8")
    replace_private(path, b"after\n")
    assert path.read_bytes() == b"after\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_private(path, b"never\n")
    assert path.read_bytes() == b"after\n"
    assert [p.name for p in tmp_path.iterdir()] == ["secret.key"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("before\n", encoding="utf-8")
    (tmp_path / "secret.key").symlink_to(tmp_path / "real")
    replace_private(tmp_path / "secret.key", b"after\n")
    assert (tmp_path / "secret.key").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"after\n"
