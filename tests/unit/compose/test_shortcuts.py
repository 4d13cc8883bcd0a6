"""The renderer's quick ways give what the plain ones give."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from digest.compose import bidi, clean, layout, links, render
from digest.compose.render import Renderer
from digest.compose.words import Words
from digest.errors import TemplateError
from tests.support.fixed_view import FACTS, SLOTS, TEMPLATES, view

LOCALE = TEMPLATES / "locale"
MOMENTS = st.integers(-(2**31), 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def made_of(*pieces: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=30).map("".join)


@given(
    st.one_of(made_of("a", "é", "\u00a0", "\t", "\u2067", "\ue000", "\ufeff"), st.text(st.characters(codec="utf-8")))
)
def test_a_text_without_odd_signs_is_cleaned_at_once(text: str) -> None:
    assert clean.clean(text) == " ".join(clean._harmless(text).split())


@given(made_of("http", "http://a", "HTTPS://b", "://", "www.", "wWw.", "WWW.", "a", "/", "@", " ", "\n"))
def test_addresses_are_counted_line_by_line(text: str) -> None:
    assert links._addresses(text) == len(links._URL.findall(text))


@given(
    made_of(
        '<a href="https://a.example">A</a>', '<a class="b" href="http://b.example">B</a>', '<a href="mailto:c@d">C</a>',
        '<a href="https://a.example">www.a.example</a>', 'write href="http://b.example"', '<div role="contentinfo">',
    )
)  # fmt: skip
def test_the_link_to_spare_is_found_from_the_end(html: str) -> None:
    end = html.find(links._FOOTER) if links._FOOTER in html else len(html)
    every = list(links._HREF.finditer(html, 0, end))
    first = {link["url"]: link for link in reversed(every)}
    repeated = [link for link in every if first[link["url"]] is not link]
    whole = [links._LINK.match(html, html.rfind("<a", 0, link.start())) for link in repeated]
    spare = [found.span() for found in whole if found and not links._URL.search(found["inner"])]
    told = links._spare(html)
    assert (told and told.span()) == (spare[-1] if spare else None)


@given(made_of("a", " ", "\u00a0", "\n", "\n\n\n", "\r\n", "\r"))
def test_lines_are_tidied_all_at_once(text: str) -> None:
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        bare = line.rstrip()
        if bare or (lines and lines[-1]):
            lines.append(bare)
    assert layout.tidy(text) == "\n".join(lines).strip("\n") + "\n"


@given(
    made_of("a", "é", "ש", "م", "7", " ", "\u2066", "\u2069", "\n", "\n", "https://b.example/"),
    st.sampled_from([bidi.LTR, bidi.RTL]),
)
def test_lines_are_begun_alike_whether_looked_at_or_not(text: str, base: str) -> None:
    assert bidi.lines_begun(text, base) == "\n".join(bidi._begun(line, base, ()) for line in text.split("\n"))


@given(made_of(" ", "|", "ש"), st.text("ab 東\u00a0", max_size=200), st.sampled_from([None, "", "- "]))
def test_lines_are_filled_alike_the_second_time(margin: str, text: str, first: str | None) -> None:
    assert layout.fill(text, margin, first) == layout._filled.__wrapped__(text, margin, first, layout.WIDTH)


@given(made_of("MARK", "\n", "\n", "a"))
def test_a_slot_is_alone_on_its_line_or_not(text: str) -> None:
    alone = text.count("MARK") == text.split("\n").count("MARK") > 0
    assert render._stands_alone("MARK", text) == alone


@pytest.mark.parametrize("language", ["nl", "en", "ar", "he", "sl"])
@given(
    moment=MOMENTS,
    zones=st.permutations([ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago"), ZoneInfo("Europe/Brussels")]),
)
def test_equal_moments_of_different_zones_are_told_each_in_its_own(
    language: str, moment: datetime, zones: list[ZoneInfo]
) -> None:
    words = Words([LOCALE], language, "UTC")
    for zone in zones:
        local = moment.astimezone(zone)
        clock = format_time(local.time(), "short", locale=words.locale)
        near = format_skeleton("MMMMd", local, locale=words.locale)
        assert words.moment(local, local.date()) == f"{near}{words.comma}{clock}"
        assert words.moment(local) == f"{format_date(local, 'long', locale=words.locale)}{words.comma}{clock}"
        assert words.full(local.date()) == format_date(local, "full", locale=words.locale)


@given(st.one_of(st.integers(-(10**9), 10**9), st.decimals("-100000", "100000", places=3)))
def test_numbers_are_written_as_the_language_does(number: int | Decimal) -> None:
    for language in ("nl", "ar", "he"):
        words = Words([LOCALE], language, "UTC")
        assert words.number(number) == format_decimal(number, locale=words.locale)


@pytest.mark.parametrize(
    "reached",
    ["page.__class__", "page.title.__class__", "loop.__init__", "loop._iterator", "page.sections[0].__doc__",
     "say.__func__", "page._title", "loop.nothing", "page.titel"],
)  # fmt: skip
def test_what_the_sandbox_refuses_stays_refused_with_its_place(tmp_path: Path, reached: str) -> None:
    look = tmp_path / "edition" / "paper"
    look.mkdir(parents=True)
    body = (
        f'{{% extends "shipped/edition/paper/body.html" %}}\n{{% block notes %}}{{% for n in [1] %}}{{{{ {reached} }}}}'
    )
    (look / "body.html").write_text(body + "{% endfor %}{% endblock %}", encoding="utf-8")
    with pytest.raises(TemplateError) as told:
        Renderer([tmp_path, TEMPLATES]).render(view("nl"), SLOTS, FACTS)
    assert f"{look / 'body.html'}:2" in str(told.value)


def test_a_catalogue_that_was_mended_is_read_by_the_next_edition(tmp_path: Path) -> None:
    (tmp_path / "locale").mkdir()
    catalogue = tmp_path / "locale" / "nl.po"
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Unsubscribe"\nmsgstr '
    catalogue.write_text(head + '"Weg"\n', encoding="utf-8")
    renderer = Renderer([tmp_path, TEMPLATES])
    assert "\nWeg:\n" in renderer.render(view("nl"), SLOTS, FACTS).text
    catalogue.write_text(head + '"Afmelden maar"\n', encoding="utf-8")
    renderer.clear()
    assert "\nAfmelden maar:\n" in renderer.render(view("nl"), SLOTS, FACTS).text
