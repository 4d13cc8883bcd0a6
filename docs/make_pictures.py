"""Make docs/images/*.png: the mail of a reader of `digest demo`, in each look, light and dark, wide and narrow; and
the pages of the web part.

    .venv/bin/python docs/make_pictures.py [nl | de | en]

Needs playwright (in the test extra) and Chromium; CHROMIUM names another program than /usr/bin/chromium.
"""

from __future__ import annotations

import email
import email.policy
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

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


@contextmanager
def pages_of(language: str) -> Iterator[list[tuple[str, str, str]]]:
    """File, colours and address of each page, while the web part of a demo answers."""
    with tempfile.TemporaryDirectory() as folder:
        home, reader = Path(folder) / "home", "reader@example.org"
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        digest("demo", "--into", str(home))
        os.environ.update(DIGEST_HOME=str(home), DIGEST_WEB_URL=url, DIGEST_WEB_PORT=str(port))
        digest("publication", "edit", "world", "--sign-up", "open", "--archive", "open")
        who = ["--publication", "world", "--lang", language, "--zone", "Europe/Brussels"]
        digest("subscriber", "add", "--basis", "asked at the desk", reader, *who)
        digest("edition", "publish", "world")
        digest("deliver")
        command = [sys.executable, "-m", "digest", "web"]
        web = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
        try:
            if web.stdout is None or not web.stdout.readline():  # said once it answers
                sys.exit("the web part did not start")
            yield [
                ("sign-up-light", "light", f"{url}/s/world?language={language}"),
                ("sign-up-dark", "dark", f"{url}/s/world?language={language}"),
                ("sign-up-arabic", "light", f"{url}/s/world?language=ar"),
                ("preferences", "light", preferences_in(home / "maildir" / reader / "new")),
                ("archive", "light", f"{url}/a/world"),
            ]
        finally:
            web.terminate()
            web.wait(20)


def preferences_in(folder: Path) -> str:
    """The link in the one mail that is there."""
    (path,) = folder.iterdir()
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = mail.get_body(("plain",))
    found = re.search(r"https?://\S+/p/\S+", body.get_content() if body else "")
    if not found:
        sys.exit(f"{path}: no link to the preferences")
    return found[0]


def digest(*words: str) -> None:
    command = [sys.executable, "-m", "digest", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program


def kept(page: Page, file: Path) -> None:
    page.screenshot(path=file)
    page.close()
    size = file.stat().st_size
    print(f"{file.name}: {size:,} bytes")  # noqa: T201 - a script
    if size > MOST_BYTES:
        sys.exit(f"{file.name} is larger than {MOST_BYTES:,} bytes")


def main(language: str = "nl") -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)

        def opened(scheme: str, width: int) -> Page:
            return browser.new_page(
                viewport={"width": width, "height": HEIGHT},
                device_scale_factor=SCALE,
                color_scheme=scheme,
                locale=language,
            )

        for name, html in mails_of(language):
            shots = [("light", "light", WIDE), ("dark", "dark", WIDE), ("narrow", "light", NARROW)]
            for label, scheme, width in shots if name in LOOKS else shots[:1]:
                page = opened(scheme, width)
                page.set_content(html)
                kept(page, IMAGES / ("paper-arabic.png" if name == "arabic" else f"{name}-{label}.png"))
        with pages_of(language) as pages:
            for name, scheme, address in pages:
                page = opened(scheme, WIDE)
                page.goto(address)
                kept(page, IMAGES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
