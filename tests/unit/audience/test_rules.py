"""What may happen to a subscription: nobody comes back without having said so."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.rules import RULES, Action, state_after
from digest.errors import UsageError
from digest.model.subscription import SubscriptionState

S, A = SubscriptionState, Action
REFUSED = {
    (S.PENDING, A.PAUSE),
    (S.PENDING, A.RESUME),
    (S.PAUSED, A.RESUBSCRIBE),
    (S.UNSUBSCRIBED, A.CONFIRM),
    (S.UNSUBSCRIBED, A.PAUSE),
    (S.UNSUBSCRIBED, A.RESUME),
}


def test_the_table_and_the_refusals_are_all_there_is() -> None:
    assert set(RULES) | REFUSED == set(itertools.product(S, A))
    assert not set(RULES) & REFUSED


@pytest.mark.parametrize(("state", "action"), sorted(REFUSED))
def test_a_refusal_is_one_clear_line(state: S, action: A) -> None:
    with pytest.raises(UsageError) as caught:
        state_after(state, action, who="ann@example.org/daily")
    text = str(caught.value)
    assert text.startswith(f"ann@example.org/daily: cannot {action} a subscription that is {state} (")
    assert "\n" not in text


def test_the_ordinary_life_of_a_subscription() -> None:
    state = S.PENDING
    for action, then in [
        (A.CONFIRM, S.ACTIVE),
        (A.PAUSE, S.PAUSED),
        (A.RESUME, S.ACTIVE),
        (A.UNSUBSCRIBE, S.UNSUBSCRIBED),
        (A.RESUBSCRIBE, S.PENDING),
        (A.CONFIRM, S.ACTIVE),
    ]:
        state = state_after(state, action)
        assert state is then


@pytest.mark.parametrize("state", list(S))
def test_unsubscribe_is_always_possible_and_twice_is_no_error(state: S) -> None:
    once = state_after(state, A.UNSUBSCRIBE)
    assert once is S.UNSUBSCRIBED
    assert state_after(once, A.UNSUBSCRIBE) is S.UNSUBSCRIBED


def test_a_confirmation_link_opened_again_changes_nothing() -> None:
    assert state_after(S.ACTIVE, A.CONFIRM) is S.ACTIVE
    assert state_after(S.PAUSED, A.CONFIRM) is S.PAUSED


@given(st.lists(st.sampled_from(list(A)), max_size=12))
def test_after_an_unsubscribe_only_a_new_confirmation_makes_it_active(actions: list[A]) -> None:
    state, confirmed = S.UNSUBSCRIBED, False
    asked = False
    for action in actions:
        try:
            state = state_after(state, action)
        except UsageError:
            continue
        asked = (asked or action is A.RESUBSCRIBE) and action is not A.UNSUBSCRIBE
        confirmed = (confirmed or (asked and action is A.CONFIRM)) and action is not A.UNSUBSCRIBE
        assert confirmed or state not in (S.ACTIVE, S.PAUSED)
