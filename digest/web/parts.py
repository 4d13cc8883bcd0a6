"""What the routes need, made once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from digest.model.report import Report
from digest.pipeline.services import Services
from digest.web.hooks.base import Webhook
from digest.web.limits import Limits
from digest.web.pages import Pages
from digest.web.turns import Turns

#: Told of what goes wrong, in one line.
Say = Callable[[str], None]
#: Puts verified reports on record; durable when it returns.
Take = Callable[[Services, Sequence[Report]], object]


@dataclass(frozen=True)
class Web:
    """`services` has a database of its own here, which gives up sooner than the one of the pipeline."""

    services: Services
    pages: Pages
    hooks: Mapping[str, Webhook]
    say: Say
    take: Take
    turns: Turns
    limits: Limits
