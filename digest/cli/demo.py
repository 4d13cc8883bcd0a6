"""digest demo"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli import show

if TYPE_CHECKING:
    from digest.pipeline.services import Services

_READERS = (
    ("reader-nl@example.org", "nl", "Europe/Amsterdam"),
    ("reader-de@example.org", "de", "Europe/Berlin"),
    ("reader-en@example.org", "en", "Europe/London"),
)


@click.command()
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), help="A new folder for it; by default a temporary one."
)
def demo(into: Path | None) -> int:
    """Sample articles in, three digests out: into a mail folder that it names.

    Nothing leaves this machine.

    \b
    Example:
      digest demo
      digest demo --into /tmp/digest-demo
    """
    from digest import app, resources
    from digest.cli import log
    from digest.cli.progress import Bar
    from digest.errors import UsageError

    folder = (into or Path(tempfile.mkdtemp(prefix="digest-demo-"))).expanduser().resolve()
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("this folder is not empty", where=str(folder), mend="name a new one")
    environ = {k: v for k, v in os.environ.items() if not k.startswith("DIGEST_")}
    app.init(folder, sender="Digest demo <demo@example.org>", transport="maildir", environ=environ)
    bar = Bar()
    services = app.services(folder, environ, progress=bar)
    end_log = log.keep(folder)
    try:
        return _show(services, resources.seeds())
    finally:
        bar.close()
        end_log()
        services.database.close()


def _show(services: Services, seeds: Path) -> int:
    from digest.ingest.files import read_path
    from digest.model.cause import Cause
    from digest.pipeline import calendar, deliver, group, publications, publish, subscriptions
    from digest.pipeline.ingest import ingest

    click.echo(click.style("digest demo", bold=True) + f" in {services.home.folder}\n")
    report = ingest(services, read_path(seeds))
    languages = _languages(services)
    _step("articles", f"{report.new} sample articles read, in {len(languages)} languages: {', '.join(languages)}")
    grouped = group.group(services)
    stories, lines = _stories(services)
    _step("stories", f"{grouped.grouped} articles grouped into {stories} stories on {lines} storylines")

    made = publications.add(services, publications.Asked("world", title="The World in Brief", every=["day"]))
    for email, language, zone in _READERS:
        wanted = subscriptions.Wanted(email, made.name, language=language, zone=zone)
        subscriptions.subscribe(services, wanted, cause=Cause("sample subscriber"))
    _step("readers", f"{len(_READERS)} sample subscribers, reading {', '.join(r[1] for r in _READERS)}")

    planned = publish.plan_editions(services, calendar.cut_by_hand(services, made, "", ""))
    _step("edition", f"{planned[0].edition}: {show.count(planned[0].planned, 'mail')}, each in its reader's language")
    sent = deliver.deliver(services)
    _step("delivery", f"{sent.sent} delivered into a mail folder")
    _tell(services)
    return 0 if sent.sent == len(_READERS) else 1


def _step(name: str, text: str) -> None:
    click.echo(f"  {click.style('✓', fg='green')} {click.style(name.ljust(9), dim=True)} {text}")


def _languages(services: Services) -> list[str]:
    from digest.store import articles

    with services.database.read() as connection:
        return sorted({a.language for a in articles.listing(connection)})


def _stories(services: Services) -> tuple[int, int]:
    from digest.store import stories

    with services.database.read() as connection:
        found = stories.listing(connection)
    return len(found), len({s.storyline for s in found})


def _tell(services: Services) -> None:
    """The longest storyline as an appetiser, and where to look."""
    from collections import Counter

    from digest.cli.main import PROGRAM
    from digest.store import stories

    with services.database.read() as connection:
        found = stories.listing(connection)
    line, _ = Counter(s.storyline for s in found).most_common(1)[0]
    show.heading("The longest storyline it found")
    for story in sorted((s for s in found if s.storyline == line), key=lambda s: s.first.start):
        date = click.style(story.first.iso()[:10].ljust(10), fg="cyan")
        click.echo(f"  {date}  {click.style('/'.join(story.languages), dim=True)}  {story.title}")

    folder = services.home.folder
    mails = sorted((folder / "maildir").glob("*/new/*"))
    show.heading("Where to look")
    for mail in mails:
        click.echo(f"  {mail}")
    click.echo(f"\n  As a page:  {PROGRAM} --home {folder} edition preview world --open")
    click.echo(f"  Inside:     {PROGRAM} --home {folder} story list")
