"""Links as footnotes: each address once, numbered as it is read, said with what it leads to."""

from __future__ import annotations

from digest.compose.footnotes import footnotes
from digest.compose.page import Passage, Source, SourceLine, StepLine, Text

A, B, C, D = (f"https://example.org/{name}" for name in "abcd")


def passage(url: str | None, **changes: object) -> Passage:
    return Passage((Text("Ja."),), "Blad", url, continues=False, **changes)


def source(url: str | None, publisher: str = "Blad", title: str = "Brug open", badge: str = "") -> SourceLine:
    return SourceLine(publisher, Text(title, badge=badge), url, "25 mei 2025")


def step(url: str | None) -> StepLine:
    return StepLine("2022", Text("Ja."), "Blad 1", url, fresh=False)


def test_in_the_order_of_reading_and_each_once() -> None:
    found = footnotes(A, [passage(A), passage(B)], [step(C), step(A)], [source(A), source(B), source(D)])
    assert [(f.number, f.url) for f in found] == [(1, A), (2, B), (3, C), (4, D)]


def test_a_source_is_said_with_its_title_and_a_step_of_the_past_with_its_date() -> None:
    found = footnotes(A, [], [step(C), step(A)], [source(A, badge="DE")])
    assert [f.said for f in found] == ["Blad, 25 mei 2025 [DE]: Brug open", "Blad 1, 2022"]


def test_what_a_source_lacks_is_not_said() -> None:
    (found,) = footnotes(A, [], [], [source(A, publisher="", title="")])
    assert found.said == "25 mei 2025"


def test_of_a_retold_sentence_each_article_that_it_rests_on_counts() -> None:
    retold = passage(A, retold=True, note="naar", after=(Source("Blad", A), Source("Krant", B)))
    assert [f.url for f in footnotes(None, [retold], [], [])] == [A, B]


def test_what_has_no_address_has_no_footnote() -> None:
    assert footnotes(None, [passage(None)], [step(None)], [source(None)]) == ()
