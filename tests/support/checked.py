"""A finished mail to check: a good one, and the same with one thing changed."""

from __future__ import annotations

from digest.compose.check.finished import Asked, Finished, of_parts
from digest.model.finding import Finding

LINK = "https://news.nordlys.se/1"
UNSUBSCRIBE = "https://news.nordlys.se/u/token"
IMPRINT = "Kade 1\n2611 Delft"
ASKED = Asked(imprint=IMPRINT)
HEADERS = (("List-Unsubscribe", f"<{UNSUBSCRIBE}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
TEXT = f"De brug is open.\n{LINK}\n\nKade 1\n2611 Delft\n{UNSUBSCRIBE}\n"
BODY = f"""<div style="display:none">Maandag rijden de eerste fietsers over de brug.</div>
<table role="presentation"><tr><td><h1>De Kade</h1><h2>Stad</h2>
<p>De brug is <a href="{LINK}">open</a>.</p>
<p>Kade 1<br>2611 Delft <a href="{UNSUBSCRIBE}">Uitschrijven</a></p></td></tr></table>"""


def html(body: str = BODY, *, head: str = "", style: str = "", root: str = 'lang="nl" dir="ltr"') -> str:
    return (
        f'<!doctype html><html {root}><head><title>De Kade</title>{head}<style data-css-inline="keep">{style}</style>'
        f"</head><body>{body}</body></html>"
    )


def mail(
    page: str | None = None, *, text: str = TEXT, subject: str = "De brug is open", headers: object = HEADERS
) -> Finished:
    page = html() if page is None else page
    source = f"Subject: {subject}\r\n\r\n{text}{page}".replace("\r\n", "\n").encode()
    return of_parts(source, subject, headers, text, page)  # type: ignore[arg-type]


def bad(findings: list[Finding]) -> list[tuple[str, str]]:
    """Level and what, of all that is not well."""
    return [(str(f.level), f.what) for f in findings if f.level != "ok"]
