"""What becomes of an edition that waits: decided from the facts alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.deliver import approval
from digest.deliver.approval import Lapse, lapse
from digest.model.edition import Approval, Edition, EditionKind, EditionState
from digest.model.publication import Unapproved

CUT = datetime(2026, 3, 2, 7, tzinfo=UTC)
UNTIL = CUT + timedelta(hours=2)


def edition(state: EditionState = EditionState.CLOSED) -> Edition:
    return Edition(
        "news", 1, "day", EditionKind.SLOT, datetime(2026, 3, 2, 7), "UTC", CUT, 5, CUT, state,  # noqa: DTZ001 - a slot
        approval=Approval.WAITING, approve_by=UNTIL,
    )  # fmt: skip


def test_it_waits_until_its_time_is_up() -> None:
    for unapproved in Unapproved:
        assert lapse(edition(), unapproved, UNTIL - timedelta(microseconds=1), left=3, had=True) is None
    assert lapse(edition(), Unapproved.SEND, UNTIL, left=3, had=True) == Lapse(goes=True, reason=approval.SENT)
    assert lapse(edition(), Unapproved.DROP, UNTIL, left=3, had=True) == Lapse(goes=False, reason=approval.DROPPED)


@pytest.mark.parametrize(("had", "reason"), [(True, approval.TAKEN_OVER), (False, approval.NOBODY)])
def test_it_need_not_wait_for_nobody(had: bool, reason: str) -> None:
    found = lapse(edition(), Unapproved.DROP, CUT, left=0, had=had)
    assert found is not None
    assert found.reason == reason
    assert lapse(edition(EditionState.PLANNING), Unapproved.DROP, CUT, left=0, had=had) is None, "some may still come"
