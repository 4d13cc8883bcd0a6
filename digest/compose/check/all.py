"""All checks of a finished mail that need nothing but the mail. Pure."""

from __future__ import annotations

from digest.compose.check import contrast, hrefs, size, structure, support
from digest.compose.check.finished import Asked, Finished
from digest.model.finding import Finding


def findings(mail: Finished, asked: Asked) -> list[Finding]:
    """In the order of the report."""
    return [
        *size.findings(mail),
        *structure.findings(mail, asked),
        *hrefs.findings(mail, asked),
        *contrast.findings(mail),
        *support.findings(mail),
    ]
