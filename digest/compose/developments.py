"""Developments: statements on the same matter, by different articles, set in order of time. Pure.

The newest stands first; what is older is kept as what it was. Reports of one time that differ stand side by side.
Nothing is averaged. Better no development than one of two different things.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from digest.compose.matters import Said, beginning, interval, is_fine, matters
from digest.compose.phrasing import first_stages, rising
from digest.compose.stated import same
from digest.compose.statements import statements
from digest.model.article import Article
from digest.model.dates import Precision
from digest.model.development import Development, Report, State
from digest.model.story import Story

_SOON = timedelta(hours=1)
_MOST = 150  # statements on one matter that are looked at: a long storyline must not hold up a mail


def developments(told: Iterable[tuple[Story, Sequence[Article]]]) -> tuple[Development, ...]:
    """What changed, or is told differently, in the stories of a storyline; the newest first.

    `told`: of each story the newest revision of its articles.
    """
    said: dict[tuple[str, str, str], list[Said]] = {}
    for story, articles in told:
        for article in articles:
            for statement in statements(article):
                one = Said(statement, article, story.id)
                if not statement.strangers or _known(statement.strangers, article, articles):
                    said.setdefault(one.matter, []).append(one)
    parts = [part for every in said.values() for part in matters(_newest(every))]
    found = [made for part in parts if (made := _development(part)) is not None]
    return tuple(sorted(found, key=_standing, reverse=True))


def _standing(made: Development) -> tuple[datetime, int, int, str, str, str, list[int]]:
    articles = [-r.article for state in made.states for r in state.reports]
    now = made.now.date.start
    return now, len(made.states), -min(made.stories), made.matter, made.kind, made.unit, articles


def _newest(every: list[Said]) -> list[Said]:
    return sorted(every, key=lambda one: (one.article.published.start, one.article.id, one.story))[-_MOST:]


def _known(strangers: frozenset[str], article: Article, articles: Sequence[Article]) -> bool:
    """Whether another article of the story begins with one of these names."""
    return any(strangers & beginning(other) for other in articles if other.id != article.id)


def _development(every: list[Said]) -> Development | None:
    kind, name, unit = every[0].matter
    states = _states(_without_beginnings(every) if kind == "status" else every, name in rising())
    if len(states) < 2 and not any(state.conflicting for state in states):
        return None
    articles = {r.article for state in states for r in state.reports}
    stories = sorted({one.story for one in every if one.article.id in articles})
    return Development(kind, name, tuple(reversed(states)), tuple(stories), unit)


# --- in order of time -----------------------------------------------------------------------------


def _states(every: list[Said], rises: bool) -> list[State]:
    """Oldest first, no two neighbours alike. What is only dated to a month stands where it must, or nowhere."""
    ordered = sorted(every, key=lambda one: (one.article.published.start, one.article.id, one.story))
    states: list[list[Said]] = []
    for day in _by_day([one for one in ordered if is_fine(one)]):
        _append(states, _clear(day), rises)
    coarse = [one for one in ordered if not is_fine(one)]
    for one in sorted(coarse, key=lambda one: -one.article.published.precision.rank):
        _place_coarse(states, one, rises)
    return _folded([_state(held) for held in states])


def _by_day(ordered: Sequence[Said]) -> list[list[Said]]:
    """What was told on one day, by the hour where all hours are known and the values differ."""
    days: dict[datetime, list[Said]] = {}
    for one in ordered:
        days.setdefault(interval(one.article.published)[0], []).append(one)
    found: list[list[Said]] = []
    for held in days.values():
        timed = all(one.article.published.precision is Precision.MINUTE for one in held)
        found += _by_the_hour(held) if timed and len({one.value for one in held}) > 1 else [held]
    return found


def _by_the_hour(held: Sequence[Said]) -> list[list[Said]]:
    by_value: dict[str, list[Said]] = {}
    for one in held:
        by_value.setdefault(one.value, []).append(one)
    groups: list[list[Said]] = []
    for equal in by_value.values():
        late = equal[0].article.published.start
        if groups and late - groups[-1][0].article.published.start < _SOON:
            groups[-1] += equal
        else:
            groups.append(list(equal))
    return groups


def _clear(day: list[Said]) -> list[Said]:
    """Of stages told on one day only those that more articles tell; a claim may be disputed."""
    kind, name, _ = day[0].matter
    if kind != "status" or name == "claim":
        return day
    told = [one.value for one in day]
    most = max(map(told.count, told))
    leading = {value for value in told if told.count(value) == most}
    return [one for one in day if one.value in leading] if len(leading) == 1 else []


def _append(states: list[list[Said]], day: list[Said], rises: bool) -> None:
    """A day's reports: they confirm the state that there is, or make the next one."""
    if not states or not day:
        states += [list(day)] if day else []
        return
    now = states[-1]
    repeated = [one for one in day if any(_same(one, old) for old in now)]
    new = [one for one in day if one not in repeated]
    outdated = [one for one in new if rises and _under(one, now)]
    now += [*repeated, *outdated] if len(repeated) + len(outdated) == len(day) else []
    if len(repeated) + len(outdated) < len(day):
        states.append(list(day))


def _number(one: Said) -> Decimal:
    value = one.statement.value
    assert isinstance(value, Decimal)
    return value


def _under(one: Said, now: Sequence[Said]) -> bool:
    """Less than a total that was told before: one of the two is wrong, and we do not know which."""
    return all(_number(one) < _number(old) for old in now)


def _place_coarse(states: list[list[Said]], one: Said, rises: bool) -> None:
    first, last = interval(one.article.published)
    spans = [_span(held) for held in states]
    for held, (begin, end) in zip(states, spans, strict=True):
        if _confirms(one, held) and begin <= last and end >= first:
            held.append(one)
            return
    after = sum(end < first for _, end in spans)  # so many states are surely older
    before = sum(begin > last for begin, _ in spans)  # and so many surely newer
    if after + before == len(states):
        _insert(states, after, one)
    elif rises:
        # Told in the same month as others, of a total that only rises: its size says where it belongs.
        lower = sum(all(_number(old) < _number(one) for old in held) for held in states)
        higher = sum(all(_number(old) > _number(one) for old in held) for held in states)
        if lower + higher == len(states) and after <= lower and before <= higher:
            _insert(states, lower, one)


def _insert(states: list[list[Said]], place: int, one: Said) -> None:
    """A state of its own, unless it was so already before it or still is behind it."""
    beside = [held for held in states[max(0, place - 1) : place + 1] if _confirms(one, held)]
    if beside:
        beside[0].append(one)
    else:
        states.insert(place, [one])


def _confirms(one: Said, held: Sequence[Said]) -> bool:
    return any(_same(one, old) for old in held)


def _span(held: Sequence[Said]) -> tuple[datetime, datetime]:
    """The first and last day of a state; what is only dated to a month does not lengthen that of another's day."""
    known = [interval(one.article.published) for one in held if is_fine(one)]
    known = known or [interval(one.article.published) for one in held]
    return min(begin for begin, _ in known), max(end for _, end in known)


def _surely(one: Said) -> tuple[datetime, datetime, int]:
    """By when it was surely told: the fourth of a month comes before that month."""
    published = one.article.published
    return interval(published)[1], published.start, one.article.id


def _state(held: Sequence[Said]) -> State:
    """Rough numbers that agree with an exact one are told as that one."""
    exact = [one for one in held if not one.statement.rough]
    reports = []
    ordered = sorted(held, key=_surely)
    for one in ordered:
        like = next((other for other in exact if one.statement.rough and _same(one, other)), one)
        reports.append(one.report() if like is one else replace(one.report(), value=like.value, rough=""))
    return State(ordered[0].article.published, tuple(_without_own_conflicts(reports)))


def _folded(states: Sequence[State]) -> list[State]:
    """Neighbours that show the same values made one: a publisher's own corrections may leave two alike."""
    kept: list[State] = []
    for state in states:
        if kept and set(kept[-1].values) == set(state.values):
            newest = {_voice(r): r.value for r in state.reports}
            still = (r for r in kept[-1].reports if newest.get(_voice(r), r.value) == r.value)
            kept[-1] = State(kept[-1].date, (*still, *state.reports))
        else:
            kept.append(state)
    return kept


def _without_own_conflicts(reports: Sequence[Report]) -> list[Report]:
    """A publisher's newest word only: who corrects himself does not contradict himself."""
    last = {_voice(r): r.value for r in sorted(reports, key=lambda r: r.date.start)}
    return [r for r in reports if last[_voice(r)] == r.value]


def _voice(report: Report) -> str:
    return report.voice or str(report.article)


def _same(one: Said, other: Said) -> bool:
    return same(one.statement, other.statement)


def _without_beginnings(every: list[Said]) -> list[Said]:
    """Without what tells how it began when it had gone on already: "the stolen painting was found"."""
    first = first_stages()
    later = [interval(o.article.published)[0] for o in every if is_fine(o) and o.value != first[o.statement.matter]]
    return [
        one
        for one in every
        if one.value != first[one.statement.matter] or not later or interval(one.article.published)[1] < min(later)
    ]
