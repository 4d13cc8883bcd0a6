"""The one place where verified reports leave the web part."""

from __future__ import annotations

from collections.abc import Sequence

from digest.model.report import Report
from digest.pipeline import bounces
from digest.pipeline.services import Services


def take(services: Services, reports: Sequence[Report]) -> None:
    """Put on record what a provider proved to have said; durable when this returns, harmless when repeated."""
    bounces.take(services, reports, proven=True)
