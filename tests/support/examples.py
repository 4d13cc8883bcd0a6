"""How many examples a property is tried with: few while somebody works on the code, all of them in `make test`."""

from __future__ import annotations

from hypothesis import settings

FEW = 12
THOROUGH = "thorough"


def register() -> None:
    """`--hypothesis-profile=thorough` asks for all."""
    # The first example of a test may be the one that reads the word lists: how long one takes says nothing.
    settings.register_profile("quick", deadline=None, max_examples=FEW)
    settings.register_profile(THOROUGH, deadline=None, max_examples=50)
    settings.load_profile("quick")


def up_to(many: int, few: int = FEW) -> int:
    """`many` where all are asked for; `few` tells what one costs."""
    return many if settings.get_current_profile_name() == THOROUGH else min(many, few)
