"""Right to left: the catalogues of such languages, and text of one direction inside text of the other."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from digest.compose import bidi
from digest.compose.layout import columns, fill
from digest.compose.letter import Confirm
from digest.compose.render import Rendered, Renderer
from digest.compose.words import Words
from digest.model.publication import Failing
from digest.web.pages import Pages
from tests.support.fixed_letters import BY_MAIL, LETTERS, letter
from tests.support.fixed_rtl import HEADLINE, PUBLISHER, SENTENCE, mixed
from tests.support.fixed_view import FACTS, MOSS, SLOTS, TEMPLATES, view

L, R, END, LRM, RLM = "\u2066", "\u2067", "\u2069", "\u200e", "\u200f"
SIGNS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
LOCALE = TEMPLATES / "locale"


def words(language: str) -> Words:
    return Words([LOCALE], language, "Europe/Brussels")


def mail(language: str, title: str = "De Ochtendpost") -> Rendered:
    return Renderer([TEMPLATES]).render(mixed(language), SLOTS, replace(FACTS, publication=title))


def base_of(line: str) -> str:
    """Which way a mail program lets a line run: by its first letter outside isolates (UAX 9, P2 and P3)."""
    depth = 0
    for sign in line:
        depth += (sign in (L, R)) - (sign == END)
        kind = unicodedata.bidirectional(sign)
        if not depth and kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


# The catalogues


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "ar",
            {
                0: "لا مصادر",
                1: "مصدر واحد",
                2: "مصدران",
                3: "3 مصادر",
                10: "10 مصادر",
                11: "11 مصدرًا",
                99: "99 مصدرًا",
                100: "100 مصدر",
                102: "102 مصدر",
                103: "103 مصادر",
                1211: "1,211 مصدرًا",
            },
        ),
        ("he", {0: "0 מקורות", 1: "מקור אחד", 2: "שני מקורות", 3: "3 מקורות", 20: "20 מקורות", 101: "101 מקורות"}),
        (
            "ru",
            {
                0: "0 источников",
                1: "1 источник",
                2: "2 источника",
                5: "5 источников",
                11: "11 источников",
                14: "14 источников",
                21: "21 источник",
                24: "24 источника",
                111: "111 источников",
            },
        ),
        ("sl", {0: "0 virov", 1: "1 vir", 2: "2 vira", 3: "3 viri", 4: "4 viri", 5: "5 virov", 11: "11 virov"}),
        ("sl", {100: "100 virov", 101: "101 vir", 102: "102 vira", 104: "104 viri", 105: "105 virov"}),
    ],
)
def test_each_number_has_its_plural(language: str, expected: dict[int, str]) -> None:
    said = words(language)
    assert {n: said.count("%(n)s source", "%(n)s sources", n) for n in expected} == expected


@pytest.mark.parametrize("language", ["ar", "he", "ru", "sl"])
def test_every_plural_form_is_reached(language: str) -> None:
    said = words(language)._catalogues[0]
    expected = {"ar": 6, "he": 3, "ru": 3, "sl": 4}[language]
    assert {said.plural(n) for n in range(200)} == set(range(expected))
    counted = [forms for message, forms in said.messages.items() if "%(n)s" in message and len(forms) > 1]
    assert len(counted) > 8
    assert {len(forms) for forms in counted} == {expected}


@pytest.mark.parametrize("language", ["ar", "he"])
def test_dates_and_numbers_are_written_in_the_same_digits(language: str) -> None:
    said, when = words(language), view(language).edition.due
    written = [
        said.number(1234567),
        said.number(Decimal("0.5")),
        said.count("%(n)s source", "%(n)s sources", 4321),
        said.moment(when),
        said.full(when.date()),
        said.short(when.date()),
        said.clock(when),
    ]
    digits = {c for text in [*written, mail(language).text] for c in text if unicodedata.category(c) == "Nd"}
    assert digits <= set("0123456789")
    assert all(set(text) & digits for text in written)


def test_a_list_has_the_comma_of_its_letters() -> None:
    assert [words(language).comma for language in ("ar", "he", "nl")] == ["، ", ", ", ", "]
    assert f"{PUBLISHER}، " not in mail("nl").text
    assert f"— {PUBLISHER}" in mail("ar").text
    assert f"- {PUBLISHER}، مايو 2025" in mail("ar").text


# What is put into a sentence


@pytest.mark.parametrize(
    ("language", "value", "stands"),
    [
        ("ar", "De Ochtendpost!", f"{L}De Ochtendpost!{END}"),
        ("ar", "post@example.org", f"{L}post@example.org{END}"),
        ("he", "+31 15 260", f"{L}+31 15 260{END}"),
        ("ar", "قناة BBC", f"{R}قناة BBC{END}"),
        ("ar", "جريدة الصباح", "جريدة الصباح"),
        ("he", "5,000", "5,000"),
        ("nl", "De Ochtendpost!", "De Ochtendpost!"),
        ("nl", "Złoty Łan – „ß“", "Złoty Łan – „ß“"),
        ("nl", PUBLISHER, f"{R}{PUBLISHER}{END}"),
        ("nl", f"{R}{PUBLISHER}{END}, Stadskrant", f"{R}{PUBLISHER}{END}, Stadskrant"),
    ],
)
def test_a_value_of_the_other_direction_is_kept_together(language: str, value: str, stands: str) -> None:
    for message in ("Sent by %(sender)s", "You will receive no more mails of %(publication)s."):
        said = words(language).say(message, sender=value, publication=value)
        assert stands in said
        assert len(SIGNS.findall(said)) == len(SIGNS.findall(stands))


def test_a_text_runs_as_its_language_does() -> None:
    assert bidi.isolate("BBC: انتهى", "ltr") == f"{L}BBC: انتهى{END}"
    assert bidi.isolate("BBC: انتهى", "ltr", "rtl") == f"{R}BBC: انتهى{END}"
    assert words("nl").isolate("BBC: انتهى", "ar") == f"{R}BBC: انتهى{END}"
    assert words("nl").isolate("BBC: انتهى", "und") == f"{L}BBC: انتهى{END}"


# Plain text


def test_a_wrapped_text_is_isolated_line_by_line() -> None:
    text = f"{L}{'woord ' * 40}einde{END} ثم {L}nog iets{END}"
    lines = fill(text, "  |  ", "  o  ").split("\n")
    assert len(lines) == 4
    for line in lines:
        assert line.startswith(("  o  ", "  |  "))
        assert line.count(L) == line.count(END) >= 1
        assert line[5] == L, "the rail stands outside"
        assert columns(line) <= 72
    assert " ".join(SIGNS.sub("", line[5:]) for line in lines) == SIGNS.sub("", text)


@pytest.mark.parametrize(
    ("base", "line", "begun"),
    [
        ("rtl", "* De brug", f"{RLM}* De brug"),
        ("rtl", f"  {L}De brug{END} انتهى", f"{RLM}  {L}De brug{END} انتهى"),
        ("rtl", "------", f"{RLM}------"),
        ("rtl", "  |", f"{RLM}  |"),
        ("rtl", "* الجسر", "* الجسر"),
        ("rtl", "    https://example.org/1", "    https://example.org/1"),
        ("rtl", "  digest deliver", "  digest deliver"),
        ("rtl", "", ""),
        ("ltr", "* الجسر", f"{LRM}* الجسر"),
        ("ltr", f"* {R}الجسر{END} [AR]", f"{LRM}* {R}الجسر{END} [AR]"),
        ("ltr", "* De brug", "* De brug"),
        ("ltr", "------", "------"),
    ],
)
def test_every_line_runs_as_its_mail(base: str, line: str, begun: str) -> None:
    assert bidi.lines_begun(f"x ا\n{line}", base, {"digest deliver"}).split("\n")[1] == begun


@pytest.mark.parametrize("language", ["ar", "he", "nl", "ru", "sl"])
def test_the_lines_of_a_mail_run_its_way_but_for_what_is_copied(language: str) -> None:
    way = words(language).dir
    lines = mail(language).text.split("\n")
    copied = [line for line in lines if line.strip() in SLOTS.all or line.lstrip().startswith("https://")]
    assert len(copied) == 9
    assert not SIGNS.search("".join(copied))
    assert {base_of(line) for line in lines if line.strip() and line not in copied} == {way}
    for line in lines:
        assert line.count(L) + line.count(R) == line.count(END), line


def test_what_stands_in_an_arabic_mail() -> None:
    text = mail("ar").text
    assert f"{RLM}  {L}… al mogen auto's er pas in september overheen. De aannemer had twee{END}\n" in text
    assert f"{RLM}* [تحديث] [NL]" not in text
    assert f"* [تحديث] [NL] {L}De oude Schiebrug gaat maandag open{END}\n" in text
    assert f"({L}Stadskrant{END})، نحو 7.9 مليون €\n" in text
    assert f"لأنكم مشتركون في {L}De Ochtendpost{END} (" in text
    assert f"المرسِل: {L}De Ochtendpost <post@example.org>{END}" in text


def test_what_stands_in_a_dutch_mail() -> None:
    text = mail("nl").text
    assert f"\n* [AR] {R}{HEADLINE}{END}\n" in text.replace(LRM, "")
    assert f"  - {R}{PUBLISHER}{END}, mei 2025 [AR]: {R}الجسر القديم{END}\n" in text.replace(LRM, "")
    assert SENTENCE in " ".join(SIGNS.sub("", text).split())


def test_a_value_in_its_list_stays_one() -> None:
    """Money in Hebrew is written with a Latin letter: the date behind it must not go with it."""
    assert f"{L}€6M{RLM}{END} (נובמבר 2023)" in mail("he").text


def test_commands_are_copied_as_they_are() -> None:
    for name in ("stopped", "hour", "edition", "uncertain"):
        notice = LETTERS[name][0]
        assert not isinstance(notice, Confirm)
        made = letter(name, "ar")
        assert {f"  {command}" for command in notice.commands} <= set(made.text.split("\n"))
        assert not SIGNS.search(made.subject)
    assert f"{RLM}  {L}the relay failed" in letter("stopped", "ar").text
    confirm = letter("confirm", "ar").text
    assert set(BY_MAIL.all) <= set(confirm.split("\n"))
    assert f"{L}post@example.org{END}" in confirm


@pytest.mark.parametrize("language", ["nl", "en", "ru"])
def test_where_all_runs_one_way_there_is_no_sign(language: str) -> None:
    made = Renderer([TEMPLATES]).render(view(language), SLOTS, FACTS)
    assert not SIGNS.search(made.subject + made.text + made.html)


# Headers and markup


@pytest.mark.parametrize(
    ("language", "title", "ends"),
    [
        ("ar", "De Ochtendpost", "26 مايو · De Ochtendpost"),
        ("ar", "الصباح", "الصباح، 26 مايو"),
        ("he", "De Ochtendpost", "26 במאי · De Ochtendpost"),
        ("nl", "De Ochtendpost", "De Ochtendpost, 26 mei"),
        ("nl", "الصباح", "26 mei · الصباح"),
    ],
)
def test_a_subject_has_no_sign_and_its_day_stays_whole(language: str, title: str, ends: str) -> None:
    subject = mail(language, title).subject
    assert subject.endswith(f" · {ends}")
    assert not SIGNS.search(subject)
    assert len(subject) <= 78


def test_in_html_elements_keep_apart_and_signs_where_none_can_stand() -> None:
    html = mail("ar").html
    body = html[html.index("<body") :]
    preheader = re.search(r'<div class="preheader".*?</div>', body)
    assert preheader is not None
    assert preheader[0].count(L) == preheader[0].count(END) >= 1
    assert not SIGNS.search(body.replace(preheader[0], ""))
    assert f"<title>{L}De Ochtendpost{END}، " in html
    assert '<span dir="ltr">De Ochtendpost</span> (' in body
    assert ">Stadskrant</span></a>" in body
    assert '<span lang="nl" dir="ltr">De oude Schiebrug gaat maandag open</span>' in body
    assert '<span lang="nl" dir="ltr">… al mogen auto\'s er pas in september overheen. De aannemer' in body
    dutch = mail("nl").html
    assert f'<span lang="ar" dir="rtl">{HEADLINE}</span>' in dutch
    assert f'<span dir="rtl">{PUBLISHER}</span>' in dutch


def test_half_an_isolate_opens_no_element() -> None:
    assert bidi.marked_up(f"<p>{L}a</p><p>b{END}</p>") == f"<p>{L}a</p><p>b{END}</p>"
    assert bidi.marked_up(f"<p>{END}{L}</p>") == f"<p>{END}{L}</p>"
    assert (
        bidi.marked_up(f'<i title="{L}a{END}">{L}a{END} b</i>')
        == f'<i title="{L}a{END}"><span dir="ltr">a</span> b</i>'
    )
    assert bidi.marked_up(f'<i dir="ltr">{L}a{END}</i>') == '<i dir="ltr">a</i>'


def test_what_is_cut_short_is_closed() -> None:
    assert bidi.closed(f"ا {L}De ou…") == f"ا {L}De ou…{END}"
    assert bidi.closed(f"ا {L}De{END} …") == f"ا {L}De{END} …"
    long = replace(MOSS, headline="Een woord en " * 12, headline_language="nl", story=90, score=1.0)
    shown = mixed("ar")
    city, *others = shown.sections
    (group,) = city.groups
    city = replace(city, groups=(replace(group, entries=(*group.entries, long)),))
    html = Renderer([TEMPLATES]).render(replace(shown, sections=(city, *others)), SLOTS, FACTS).html
    said = re.search(r'<div class="preheader".*?</div>', html)
    assert said is not None
    assert "…" in said[0]
    assert said[0].count(L) + said[0].count(R) == said[0].count(END)


def test_a_stranger_cannot_end_an_isolate() -> None:
    city = mixed("ar").sections[0]
    bad = replace(MOSS, headline=f"De{END}\u202e brug\u2068", story=91, score=99.0)
    (group,) = city.groups
    shown = replace(mixed("ar"), sections=(replace(city, groups=(replace(group, entries=(bad,)),)),))
    made = Renderer([TEMPLATES]).render(shown, SLOTS, FACTS)
    assert f"* [DE] {L}De brug{END}\n" in made.text
    assert "\u202e" not in made.text + made.html + made.subject


def test_the_operators_line_keeps_names_apart() -> None:
    since = view("ar").edition.cut_at - timedelta(days=2)
    failing = Failing(((1, "example.org", since), (2, "example.net", since)), 40)
    made = Renderer([TEMPLATES]).render(view("ar"), SLOTS, replace(FACTS, failing=failing))
    assert f"{L}example.org{END}، {L}example.net{END}" in " ".join(made.text.split())


def test_pages_run_the_readers_way() -> None:
    pages = Pages([TEMPLATES])
    html = bytes(pages.page("unsubscribe", "he", title="De Ochtendpost!").body).decode()
    assert '<html lang="he" dir="rtl">' in html
    assert '<span dir="ltr">De Ochtendpost!</span>.' in html
    assert "<bdi>De Ochtendpost!</bdi>" in html
    assert not SIGNS.search(html)
    dutch = bytes(pages.page("unsubscribed", "nl", title="الصباح", others=0, every=False, sign_up="").body).decode()
    assert '<span dir="rtl">الصباح</span>' in dutch
