"""What leaves the renderer: whole, harmless, with its slots where splicing finds them."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from digest.compose.candidates import Sent, StorylineHistory
from digest.compose.clean import clean, link, shorten
from digest.compose.edit import edit
from digest.compose.layout import columns
from digest.compose.render import Facts, ImageBlock, Renderer, SlotNames
from digest.errors import TemplateError
from digest.model.cadence import Cadence, Every
from digest.model.edition import View
from tests.support.looks import LOOKS
from tests.support.making import BRIDGE, TEMPLATES, article, day, edition, request, story

SLOTS = SlotNames("SLOT-ADDRESS-1c9e", "SLOT-UNSUBSCRIBE-1c9e")
FACTS = Facts("De Kade", "De Kade <kade@example.org>", "weekday")


def view(*titles: str, language: str = "nl", limit: int = 30, **changes: object) -> View:
    stories = [
        story(n, article(n, *BRIDGE, title=title, url=f"https://example.org/{n}"), topics=("city",))
        for n, title in enumerate(titles or ("Brug open",), start=1)
    ]
    made = edit(
        request(language, max_entries=limit, max_per_section=99, **changes), stories, StorylineHistory(), Sent()
    )
    assert made is not None
    return made


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer([TEMPLATES])


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def test_a_mail_is_whole(renderer: Renderer) -> None:
    mail = renderer.render(view("Brug open", "Markt dicht"), SLOTS, FACTS)
    page = Page(mail.html)
    assert mail.html.lower().startswith("<!doctype html>")
    assert page.all("html")[0].items() >= {"lang": "nl", "dir": "ltr"}.items()
    assert len(page.all("h1")) == 1
    assert all(t.get("role") == "presentation" for t in page.all("table"))
    assert not page.all("img")
    assert not page.all("script")
    assert {"Brug open", "Markt dicht"} <= {line.lstrip("* ") for line in mail.text.splitlines()}
    assert mail.text.count("https://example.org/") == 2
    assert mail.subject == "Brug open · De Kade, 26 mei"
    assert "weekday" not in mail.text
    assert "elke werkdag" in " ".join(mail.text.split())
    assert "prefers-color-scheme: dark" in mail.html
    assert 'class="ink"' not in mail.html or "style=" in mail.html


def test_slots_stand_alone_on_their_lines(renderer: Renderer) -> None:
    mail = renderer.render(view(), SLOTS, FACTS)
    for body in (mail.text, mail.html):
        for marker in SLOTS.all:
            assert body.split("\n").count(marker) == body.count(marker) == 1
    links = [a["href"] or "" for a in Page(mail.html).all("a")]
    assert SLOTS.unsubscribe in [href.strip() for href in links]


def test_plain_text_stays_within_78_columns_but_for_links(renderer: Renderer) -> None:
    made = view("Een heel lange titel over de brug " * 6, "x" * 300, "橋が再び開通した" * 30)
    for line in renderer.render(made, SLOTS, FACTS).text.splitlines():
        assert columns(line) <= 78 or line.strip().startswith("https://")


HOSTILE = [
    "<script>alert(1)</script><b>vet</b>",
    "{{7*7}} {% include '/etc/passwd' %} ${7*7}",
    "Kop\r\nBcc: iemand@example.org\r\n\r\n<p>nog een regel",
    "omge\u202eekeerd \u2066en\u2069 \x00\x1b[31mrood",
    '"><img src=x onerror=alert(1)>',
    "A" * 5000,
    f"Kop met {SLOTS.address} en SLOT-UNSUB{SLOTS.unsubscribe}SCRIBE-1c9e",
    "--> <!-- ]]> <![endif]",
    "\ud800 half teken",
    "ok\n.\nQUIT",
]


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_titles_are_harmless(renderer: Renderer, title: str) -> None:
    made = view(title)
    entry = made.entries[0]
    quote = replace(entry.summary[0], text=title, publisher=title, url="javascript:alert(1)")
    source = replace(entry.sources[0], title=title, publisher=title, url='https://example.org/"onclick="x')
    worse = replace(entry, summary=(quote,), sources=(source, source), headline_language='x"><script>')
    section = made.sections[0]
    group = replace(section.groups[0], entries=(worse,))
    made = replace(made, sections=(replace(section, label=title, groups=(group,)),))
    mail = renderer.render(made, SLOTS, replace(FACTS, publication=title, sender=title))
    page = Page(mail.html)
    assert not page.all("script")
    assert not page.all("img")
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert not any((a.get("href") or "").strip().startswith("javascript") for a in page.all("a"))
    assert len(page.all("h1")) == 1
    for part in (mail.subject, mail.text, mail.html):
        part.encode()
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b\r]", part)
    assert "\n" not in mail.subject
    assert len(mail.subject) <= 78
    assert "49" not in mail.text
    assert "Bcc:" not in [line.split(" ")[0] for line in mail.text.splitlines()]
    assert mail.text.count(SLOTS.address) == mail.html.count(SLOTS.unsubscribe) == 1


def test_a_mail_too_long_is_shortened_and_says_so(renderer: Renderer) -> None:
    made = view(*(f"Kop nummer {n}" for n in range(150)), limit=150)
    mail = renderer.render(made, SLOTS, FACTS)
    assert len(mail.html.encode()) <= 80_000
    assert len(mail.view.entries) + mail.view.more == 150
    shown = [s for e in mail.view.entries for s, _ in e.stories]
    assert sorted([*shown, *mail.view.over]) == list(range(1, 151))
    assert f"Nog {mail.view.more} verhalen" in mail.text


def test_notes_and_optional_links(renderer: Renderer) -> None:
    made = view(lateness="late", missed=2)
    facts = replace(FACTS, web_copy_url="https://example.org/w", imprint="Kade 1\nDelft")
    slots = replace(SLOTS, preferences="SLOT-PREFERENCES-1c9e")
    mail = renderer.render(made, slots, facts)
    flat = " ".join(mail.text.split())
    assert "Deze editie komt te laat: ze had op 26 mei, 07:00 moeten verschijnen." in flat
    assert "ook 2 gemiste edities" in flat
    links = {(a["href"] or "").strip() for a in Page(mail.html).all("a")}
    assert {slots.preferences, slots.unsubscribe, "https://example.org/w"} <= links
    assert f"Voorkeuren wijzigen:\n{slots.preferences}\n" in mail.text
    assert "Kade 1\nDelft" in mail.text
    plain = renderer.render(view(), SLOTS, Facts("De Kade"))
    assert "example.org/w" not in plain.html
    assert "Voorkeuren" not in plain.text


def test_the_footer_says_on_which_day(renderer: Renderer) -> None:
    monthly = replace(FACTS, cadence="month", rule=Cadence(Every.MONTH, day=15))
    said = "omdat je bent geabonneerd op De Kade (elke maand, op dag 15)."
    for text in (renderer.render(view(), SLOTS, monthly).text, renderer.render(view(), SLOTS, monthly).html):
        assert said in " ".join(text.split())
    gone = renderer.render(view(), SLOTS, replace(FACTS, cadence="month")).text
    assert "(elke maand)" in " ".join(gone.split()), "the publication has no such cadence any more"


def test_the_reason_and_number_of_an_extra_edition(renderer: Renderer) -> None:
    from digest.model.edition import EditionKind

    made = replace(view(), edition=edition(kind=EditionKind.EXTRA, number=3))
    assert "Extra editie 3 · maandag 26 mei 2025, 07:00" in renderer.render(made, SLOTS, FACTS).text


# Operators' templates


def own(tmp_path: Path, name: str, text: str) -> Renderer:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return Renderer([tmp_path, TEMPLATES])


@pytest.mark.parametrize("block", ["masthead", "entry", "headline", "sources"])
@pytest.mark.parametrize("look", LOOKS)
def test_one_block_is_overridden(look: str, block: str, tmp_path: Path) -> None:
    for part in ("html", "txt"):
        text = f'{{% extends "shipped/edition/{look}/body.{part}" %}}{{% block {block} %}}\nOns blad\n{{% endblock %}}'
        renderer = own(tmp_path, f"edition/{look}/body.{part}", text)
    mail = renderer.render(replace(view(), look=look), SLOTS, FACTS)
    assert mail.html.count("Ons blad") == mail.text.count("Ons blad") == 1
    assert ("https://example.org/1\n" in mail.text) is (block in ("masthead", "headline"))
    assert ("DE KADE" in mail.text) is (block != "masthead")


def test_a_look_of_ones_own(tmp_path: Path) -> None:
    own(tmp_path, "edition/mine/subject.txt", "{{ page.title }}")
    own(tmp_path, "edition/mine/body.txt", '{% extends "base/base.txt" %}')
    renderer = own(tmp_path, "edition/mine/body.html", '{% extends "base/base.html" %}')
    assert renderer.looks() == ("brief", "mine", "paper", "plain")
    assert renderer.render(replace(view(), look="mine"), SLOTS, FACTS).subject == "De Kade"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("een\n{% if %}", r"body\.html:2"),
        ("een\n\n{{ page.nope }}", r"body\.html:3"),
        ("een\n{{ 1 / 0 }}", r"body\.html:2"),
        ("een\n{{ ''.__class__.__mro__ }}", r"body\.html:2"),
        ('{% extends "nergens.html" %}', r"nergens\.html"),
        ("{{ page.slots.address }}", "does not stand alone|missing"),
        ("<p>{{ page.slots.address }}</p>\n{{ page.slots.unsubscribe }}\n", "does not stand alone"),
        ("niets", "missing"),
    ],
)
def test_a_broken_template_is_named_with_its_line(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(TemplateError, match=place):
        own(tmp_path, "edition/paper/body.html", text).render(view(), SLOTS, FACTS)


def test_unknown_looks_and_bad_markers(renderer: Renderer) -> None:
    with pytest.raises(TemplateError, match="paper"):
        renderer.render(replace(view(), look="../paper"), SLOTS, FACTS)
    for marker in ("", "two words", "é", "x" * 61):
        with pytest.raises(TemplateError, match="marker"):
            renderer.render(view(), SlotNames(marker, "OTHER"), FACTS)


def test_a_right_to_left_language(tmp_path: Path) -> None:
    renderer = own(tmp_path, "locale/ar.po", 'msgid "Sources"\nmsgstr "المصادر"\n')
    html = renderer.render(view(language="ar"), SLOTS, FACTS).html
    assert Page(html).all("html")[0].items() >= {"lang": "ar", "dir": "rtl"}.items()
    assert '<span lang="nl" dir="ltr"' in html
    assert 'align="right"' in html


# Small parts


def test_links_that_may_be_followed() -> None:
    assert link("https://example.org/a?b=c&d=ë") == "https://example.org/a?b=c&d=ë"
    bad = [
        "javascript:x",
        "data:text/html,x",
        "//example.org",
        "https://",
        "https://a b",
        "https://[x",
        "",
        "http://a\nb",
        None,
    ]
    assert [link(url) for url in bad] == [None] * len(bad)
    assert link("https://example.org/" + "a" * 1000) is None


def test_shorten_and_clean() -> None:
    assert shorten("een twee drie vier", 10) == "een twee…"
    assert len(shorten("x" * 100, 10)) == 10
    assert shorten("kort", 10) == "kort"
    assert clean(" a\tb\r\nc\u202e ") == "a b c"
    assert clean("MAMARKERRKER x", ("MARKER",)) == "x"


def test_articles_without_title_publisher_and_address_are_named_by_date_and_language(renderer: Renderer) -> None:
    dutch = article(1, *BRIDGE, publisher="", published=day("2025-05-25"))
    german = article(2, "Die alte Brücke ist wieder offen.", language="de", publisher="", published=day("2025-05-24"))
    made = edit(request("nl"), [story(1, dutch, german)], StorylineHistory(), Sent())
    assert made is not None
    mail = renderer.render(made, SLOTS, FACTS)
    lines = [line.strip() for line in mail.text.splitlines()]
    assert "— 25 mei 2025" in lines
    assert [line for line in lines if line.startswith("- ")] == ["- 25 mei 2025", "- 24 mei 2025 [DE]"]
    assert "uitgever of de datum" in mail.text
    assert "— 25 mei 2025" in Page(mail.html).text.replace("\xa0", " ")


def test_a_quotation_of_another_day_than_its_entry_says_so(renderer: Renderer) -> None:
    first = article(1, *BRIDGE[:2], title="Brug open", published=day("2025-05-25"))
    older = article(2, "Een bakker zag de brug als eerste weer opengaan.", "De pont blijft varen.", publisher="De Pont")
    older = replace(older, published=day("2025-05-24"))
    made = edit(request("nl"), [story(1, first, older)], StorylineHistory(), Sent())
    assert made is not None
    lines = [line.strip() for line in renderer.render(made, SLOTS, FACTS).text.splitlines()]
    assert {"— De Kade", "— De Pont, 24 mei 2025"} <= set(lines)


def test_an_entry_shows_its_picture_under_its_headline_and_in_words(renderer: Renderer) -> None:
    shown = view("Brug open", "Markt dicht")
    block = ImageBlock("cid:a1@example.org", 'De brug "in" de \u202e<mist>', 520, 292, lang="nl")
    mail = renderer.render(shown, SLOTS, FACTS, {2: block})
    (img,) = Page(mail.html).all("img")
    assert img.items() >= {"src": "cid:a1@example.org", "width": "520", "height": "292"}.items()
    assert (img["alt"], img.get("lang")) == ('De brug "in" de <mist>', None)
    assert mail.html.index("Markt dicht</a>") < mail.html.index("cid:a1") < mail.html.index("</body>")
    without = renderer.render(shown, SLOTS, FACTS)
    assert not Page(without.html).all("img")
    assert mail.text == without.text
    assert mail.html.replace(mail.html[mail.html.index('<p class="figure') :][: _figure(mail.html)], "") == without.html


def _figure(html: str) -> int:
    at = html.index('<p class="figure')
    return html.index("</p>\n", at) + len("</p>\n") - at


def test_a_picture_in_another_language_says_so_and_none_repeats_the_headline(renderer: Renderer) -> None:
    shown = view("Brug open")
    foreign = ImageBlock("cid:a1@example.org", "The bridge at dawn", 400, 300, lang="en")
    (img,) = Page(renderer.render(shown, SLOTS, FACTS, {1: foreign}).html).all("img")
    assert (img["alt"], img["lang"]) == ("The bridge at dawn", "en")
    same = ImageBlock("cid:a1@example.org", "Brug  OPEN", 400, 300, lang="en")
    (img,) = Page(renderer.render(shown, SLOTS, FACTS, {1: same}).html).all("img")
    assert (img["alt"], img.get("lang")) == ("", None)
