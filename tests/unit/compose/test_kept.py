"""What is kept for other variants is what would be made anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from digest.compose.kept import Shelf
from digest.compose.render import Renderer
from digest.errors import TemplateError
from tests.support.fixed_view import FACTS, SLOTS, TEMPLATES, modelled, view


def test_a_thing_is_made_once_for_the_same_key_and_the_same_object() -> None:
    made: list[str] = []
    shelf, one, equal = Shelf(), [1], [1]
    for key, held in (("a", one), ("a", one), ("b", one), ("a", equal)):
        shelf.once(key, (held,), lambda key=key: made.append(key))  # type: ignore[misc]
    assert made == ["a", "b", "a"]


@pytest.mark.parametrize("language", ["nl", "de", "ar"])
def test_a_mail_is_the_same_whatever_was_rendered_before(language: str) -> None:
    fresh = Renderer([TEMPLATES]).render(view(language), SLOTS, FACTS)
    used = Renderer([TEMPLATES])
    for other in (modelled(language), view("en"), replace(view(language), zone="Asia/Tokyo"), view(language)):
        used.render(other, SLOTS, FACTS)
    assert used.render(view(language), SLOTS, FACTS) == fresh


def test_another_place_of_an_entry_is_another_block() -> None:
    """Whether a rule stands below it, and whether it leads, depends on where it stands."""
    shown = view("nl")
    renderer = Renderer([TEMPLATES])
    renderer.render(shown, SLOTS, FACTS)
    alone = replace(shown, sections=shown.sections[-1:])
    assert renderer.render(alone, SLOTS, FACTS) == Renderer([TEMPLATES]).render(alone, SLOTS, FACTS)


def test_rows_of_a_table_can_be_kept(tmp_path: Path) -> None:
    """On its own a parser would throw a row away."""
    look = tmp_path / "edition" / "paper"
    look.mkdir(parents=True)
    (look / "body.html").write_text(
        '{% extends "base/base.html" %}{% block style %}.cell { color: #123456; }{% endblock %}\n'
        "{% block content %}<h1>x</h1><table>"
        "{% for s in page.sections %}{% for g in s.groups %}{% for e in g.entries %}"
        '{% kept e %}<tr><td class="cell">{{ e.headline.text }}</td></tr>{% endkept %}'
        "{% endfor %}{% endfor %}{% endfor %}</table>{% endblock %}",
        encoding="utf-8",
    )
    html = Renderer([tmp_path, TEMPLATES]).render(view("nl"), SLOTS, FACTS).html
    assert html.count('<td class="cell" style="color:#123456') == len(view("nl").entries)


def test_what_fails_in_a_kept_part_is_told_with_its_place(tmp_path: Path) -> None:
    look = tmp_path / "edition" / "paper"
    look.mkdir(parents=True)
    body = '{% extends "shipped/edition/paper/body.html" %}\n{% block summary %}\n{{ entry.hedline }}{% endblock %}'
    (look / "body.html").write_text(body, encoding="utf-8")
    with pytest.raises(TemplateError) as told:
        Renderer([tmp_path, TEMPLATES]).render(view("nl"), SLOTS, FACTS)
    assert str(told.value).count("headline") == 1
    assert str(look / "body.html") + ":3" in str(told.value)
