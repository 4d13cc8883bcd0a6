"""Pictures of a page by the Chromium of this machine: headless, on a profile of its own, without the network."""

from __future__ import annotations

import html
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from digest.adapters.programs import run
from digest.errors import DigestError
from digest.model.finding import Shot

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 60.0  # for one picture
_HIGHEST = 16_000  # pixels: what Chromium can draw in one piece
_FLAGS = (
    "--headless", "--disable-gpu", "--hide-scrollbars", "--mute-audio", "--no-first-run", "--no-default-browser-check",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-extensions",
    "--disable-sync", "--disable-dev-shm-usage", "--force-device-scale-factor=1",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
_DARK, _LIGHT = "0", "1"  # as Blink counts the schemes
_HEIGHTS = re.compile(r"<title>([\d,]+)</title>")


def find(named: str, environ: Mapping[str, str]) -> str:
    """The program: as the settings or CHROMIUM name it, or from the path. Raises DigestError where there is none."""
    for where, said in (("preview.chromium", named), ("CHROMIUM", environ.get("CHROMIUM", ""))):
        if said:
            found = shutil.which(said, path=environ.get("PATH"))
            if not found:
                raise DigestError(f"{said!r} is no program", where=where, mend="name Chromium's path")
            return found
    found = next(filter(None, (shutil.which(name, path=environ.get("PATH")) for name in _NAMES)), "")
    if not found:
        mend = "apt install chromium, or name it: preview.chromium, or CHROMIUM in the environment"
        raise DigestError("Chromium is not installed, and pictures need it", mend=mend)
    return found


def photograph(program: str, page: str, shots: Sequence[Shot], told: Callable[[int], None]) -> None:
    """Each at the page's full height; `told` how many are done. Raises DigestError."""
    with tempfile.TemporaryDirectory(prefix="digest-preview-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        widths = list(dict.fromkeys(shot.width for shot in shots))
        heights = dict(zip(widths, _heights(program, page, widths, folder), strict=True))
        file = folder / "page.html"
        file.write_text(page, encoding="utf-8")
        for done, shot in enumerate(shots, 1):
            taken = folder / "taken.png"
            taken.unlink(missing_ok=True)
            size = f"--window-size={shot.width},{min(heights[shot.width], _HIGHEST)}"
            scheme = f"--blink-settings=preferredColorScheme={_DARK if shot.dark else _LIGHT}"
            _chromium(program, folder, size, scheme, f"--screenshot={taken}", file.as_uri())
            if not taken.is_file():
                raise DigestError("Chromium took no picture", where=program, mend="try it by hand: chromium --version")
            shutil.move(taken, shot.file)
            told(done)


def _heights(program: str, page: str, widths: Sequence[int], folder: Path) -> list[int]:
    """How high the page is at each width: it is laid out in frames, in which no script of its own runs."""
    frames = "".join(
        f'<iframe sandbox="allow-same-origin" style="width:{width}px;height:1px;border:0" '
        f'srcdoc="{html.escape(page)}"></iframe>'
        for width in widths
    )
    script = (
        "onload=()=>{document.title=[...document.querySelectorAll('iframe')]"
        ".map(f=>Math.ceil(f.contentDocument.documentElement.scrollHeight)).join()}"
    )
    measuring = folder / "heights.html"
    text = f"<!doctype html><meta charset=utf-8><title></title><body>{frames}<script>{script}</script>"
    measuring.write_text(text, encoding="utf-8")
    told = _HEIGHTS.search(_chromium(program, folder, "--dump-dom", measuring.as_uri()))
    found = [int(text) for text in told[1].split(",")] if told else []
    if len(found) != len(widths) or not all(found):
        raise DigestError("Chromium did not say how high the page is", where=program, mend="try a newer one")
    return found


def _chromium(program: str, folder: Path, *arguments: str) -> str:
    root = ["--no-sandbox"] if os.getuid() == 0 else []  # its sandbox refuses to run for root
    command = [program, *_FLAGS, *root, f"--user-data-dir={folder / 'profile'}", *arguments]
    done = run(command, seconds=_SECONDS)
    if done.code != 0:
        said = done.err.decode("utf-8", "replace").strip().splitlines()
        last = said[-1] if said else f"exit code {done.code}"
        raise DigestError(f"Chromium failed: {last[:200]}", where=program, mend="try it by hand: chromium --version")
    return done.out.decode("utf-8", "replace")
