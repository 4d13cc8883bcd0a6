"""A finished mail, checked and photographed before anybody gets it."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Sequence
from pathlib import Path

from digest.compose.check import all as every
from digest.compose.check import hrefs
from digest.compose.check.finished import Asked, Finished
from digest.compose.contact_sheet import contact_sheet
from digest.deliver.inline import in_a_browser
from digest.errors import DigestError
from digest.ingest import fetch_there
from digest.ingest.address import names_private
from digest.model.finding import Finding, Shot, Verdict, fail, ok, warn
from digest.model.publication import Publication
from digest.pipeline.fetching import fetch_options
from digest.pipeline.imprint import imprint
from digest.pipeline.services import Services

WIDTHS = (320, 360, 600, 1200)  # pixels
_ONLINE_SECONDS = 30.0
_SPAM = "spam filters"
_SUSPECT, _SPAM_SCORE = 1.0, 5.0
_NAMED = 5

Judge = Callable[[bytes], Sequence[Verdict]]
Photographer = Callable[[str, Sequence[Shot], Callable[[int], None]], None]


def check(services: Services, publication: Publication, mail: Finished, *, online: bool, judge: Judge) -> list[Finding]:
    """Everything that can be found out here; with `online` each link is asked too."""
    footer = imprint(services.settings.mail, publication).footer
    asked = Asked(imprint=footer, private=names_private)
    found = every.findings(mail, asked)
    if online:
        found += ask_links(services, mail)
    found += [_told(verdict) for verdict in judge(mail.source)]
    headings = list(dict.fromkeys(finding.check for finding in found))
    return sorted(found, key=lambda finding: headings.index(finding.check))


def ask_links(services: Services, mail: Finished) -> list[Finding]:
    """Each web address once, the guarded way that sources are fetched."""
    urls = hrefs.to_ask(mail)
    services.progress("asking the links", 0, len(urls))
    wrong = fetch_there.ask(urls, fetch_options(services), seconds=_ONLINE_SECONDS)
    services.progress("asking the links", len(urls), len(urls))
    dead = {url: said for url, said in wrong.items() if said and said != fetch_there.UNASKED}
    unasked = [url for url, said in wrong.items() if said == fetch_there.UNASKED]
    mend = "look at where the article comes from"
    found = [fail(hrefs.CHECK, f"a link is dead: {said}", url, mend) for url, said in dead.items()]
    if unasked:
        what = f"{len(unasked)} of {len(urls)} links were not asked: {_ONLINE_SECONDS:g} seconds were over"
        found.append(warn(hrefs.CHECK, what, ", ".join(unasked[:_NAMED]), "try again"))
    return found or [ok(hrefs.CHECK, f"every link to the web answers ({len(urls)} asked)")]


def _told(verdict: Verdict) -> Finding:
    if verdict.score is None:
        return ok(_SPAM, f"{verdict.name}: {verdict.trouble}")
    rules = ", ".join(f"{rule} {points:g}" for rule, points in verdict.against[:_NAMED])
    what = f"{verdict.name} gives {verdict.score + 0.0:.1f} points"
    if verdict.score < _SUSPECT:
        return ok(_SPAM, f"{what} (spam from {_SPAM_SCORE:g} on)")
    mend = "change what these rules name; the rest is the sending server's: DKIM, SPF, its address"
    return (fail if verdict.score >= _SPAM_SCORE else warn)(_SPAM, what, rules, mend)


def photograph(services: Services, mail: Finished, about: str, folder: Path, take: Photographer) -> list[Path]:
    """Pictures of the HTML at each width, light and dark, and a page that shows them. Raises DigestError."""
    shots = [Shot(w, dark, folder / f"{w}-{'dark' if dark else 'light'}.png") for w in WIDTHS for dark in (False, True)]
    page = in_a_browser(email.message_from_bytes(mail.source, policy=email.policy.default)).replace("\r\n", "\n")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        services.progress("taking pictures", 0, len(shots))
        take(page, shots, lambda done: services.progress("taking pictures", done, len(shots)))
        index = folder / "index.html"
        index.write_text(contact_sheet(mail.subject, about, shots), encoding="utf-8")
    except OSError as error:
        what = f"cannot write the pictures: {error.strerror or error}"
        raise DigestError(what, where=str(error.filename or folder), mend="name a folder that can be written") from None
    return [index, *(shot.file for shot in shots)]
