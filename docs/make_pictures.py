"""Make docs/images/*.png: the mail of a reader of `digest demo`, in each look, light and dark, wide and narrow.

    .venv/bin/python docs/make_pictures.py [nl | de | en]

Needs playwright (in the test extra) and Chromium; CHROMIUM names another program than /usr/bin/chromium.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
LOOKS = ("paper", "brief", "plain")
WIDE, NARROW, HEIGHT, SCALE = 600, 360, 900, 1.5
MOST_BYTES = 400_000
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def mails_of(language: str) -> Iterator[tuple[str, str]]:
    """Of each look the HTML part of what the demo would mail to a new reader; of `paper` in Arabic too."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        digest("demo", "--into", str(home))
        for name, look, lang in [*((look, look, language) for look in LOOKS), ("arabic", "paper", "ar")]:
            reader, out = f"{name}@example.org", Path(folder) / name
            digest(
                "--home",
                str(home),
                "subscriber",
                "add",
                "--basis",
                "asked at the desk",
                reader,
                "--publication",
                "world",
                "--lang",
                lang,
            )
            digest("--home", str(home), "publication", "edit", "world", "--look", look)
            digest("--home", str(home), "edition", "preview", "world", "--as", reader, "--out", str(out))
            yield name, (out / "body.html").read_text("utf-8")


def digest(*words: str) -> None:
    command = [sys.executable, "-m", "digest", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program


def main(language: str = "nl") -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, html in mails_of(language):
            shots = [("light", "light", WIDE), ("dark", "dark", WIDE), ("narrow", "light", NARROW)]
            for label, scheme, width in shots if name in LOOKS else shots[:1]:
                page = browser.new_page(
                    viewport={"width": width, "height": HEIGHT}, device_scale_factor=SCALE, color_scheme=scheme
                )
                page.set_content(html)
                file = IMAGES / ("paper-arabic.png" if name == "arabic" else f"{name}-{label}.png")
                page.screenshot(path=file)
                page.close()
                size = file.stat().st_size
                print(f"{file.name}: {size:,} bytes")  # noqa: T201 - a script
                if size > MOST_BYTES:
                    sys.exit(f"{file.name} is larger than {MOST_BYTES:,} bytes")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
