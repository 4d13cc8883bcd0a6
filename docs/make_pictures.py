"""Make docs/images/digest-light.png and digest-dark.png: the mail that a reader of `digest demo` gets.

    .venv/bin/python docs/make_pictures.py [reader-nl | reader-de | reader-en]

Needs playwright (in the test extra) and Chromium; CHROMIUM names another program than /usr/bin/chromium.
"""

from __future__ import annotations

import email
import email.policy
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDTH, HEIGHT, SCALE = 600, 1000, 2
MOST_BYTES = 400_000
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def mail_of(reader: str) -> str:
    """The HTML part of the mail that the demo delivers to a reader."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "digest", "demo", "--into", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
        (file,) = Path(folder).glob(f"maildir/{reader}@*/new/*")
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    part = message.get_body(("html",))
    assert part is not None
    html: str = part.get_content()
    return html


def main(reader: str = "reader-nl") -> None:
    html = mail_of(reader)
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scheme in ("light", "dark"):
            page = browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE, color_scheme=scheme
            )
            page.set_content(html)
            file = IMAGES / f"digest-{scheme}.png"
            page.screenshot(path=file)
            size = file.stat().st_size
            print(f"{file.name}: {size:,} bytes")  # noqa: T201 - a script
            if size > MOST_BYTES:
                sys.exit(f"{file.name} is larger than {MOST_BYTES:,} bytes")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
