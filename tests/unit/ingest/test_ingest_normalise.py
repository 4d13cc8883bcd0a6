"""Titles, language, addresses, signatures, and all of it put together."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import BadInput
from digest.ingest import headline, language
from digest.ingest.canonical import canonical_url
from digest.ingest.files import read_path
from digest.ingest.normalise import content_hash, normalise
from digest.ingest.signature import signature
from digest.model.article import RawArticle
from digest.model.dates import PartialDate, Precision
from digest.model.signature import near_duplicate, similarity
from tests.support.examples import up_to


@pytest.mark.parametrize(
    ("title", "publisher", "clean"),
    [
        ("  Ferry\n sails \u202e", "", "Ferry sails"),
        ("Ferry &amp; <i>harbour</i>", "", "Ferry & harbour"),
        ("Ferry &amp;amp; harbour", "", "Ferry & harbour"),
        ("Ferry sails - The Quay", "The Quay", "Ferry sails"),
        ("Ferry sails | THE QUAY", "The Quay", "Ferry sails"),
        ("Ferry sails - The Quay", "Other", "Ferry sails - The Quay"),
        ("Marlow - Ferry 2-1", "The Quay", "Marlow - Ferry 2-1"),
        ("“Ferry sails", "", "Ferry sails"),
        ("Ferry sails”", "", "Ferry sails"),
        ("“Ferry” sails", "", "“Ferry” sails"),
        ("Ferry's crew: 'We sail'", "", "Ferry's crew: 'We sail'"),
        ("", "", None),
        ("– …", "", None),
    ],
)
def test_given_titles(title: str, publisher: str, clean: str | None) -> None:
    assert headline.clean_title(title, publisher) == clean


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("Ferry sails | the-quay.example", "Ferry sails"),
        ("Ferry sails - The Quay", "Ferry sails"),
        ("Ferry sails | Harbour | THE QUAY", "Ferry sails | Harbour"),
        ("Ferry sails - The Quay | thequay.example", "Ferry sails"),
        ("Ferry sails - Quayside", "Ferry sails - Quayside"),
        ("The Quay - The Quay", "The Quay"),
        ("The Quay", "The Quay"),
    ],
)
def test_a_host_is_a_site_s_name_too(title: str, clean: str) -> None:
    assert headline.clean_title(title, "", "thequay.example") == clean


@pytest.mark.parametrize(
    ("tongue", "text", "title"),
    [
        ("en", "The ferry to Marlow sails again. More follows.", "The ferry to Marlow sails again"),
        (
            "nl",
            "BRUSSEL (ANP) - De veerboot naar Oudemeer vaart weer. Dat meldt de stad.",
            "De veerboot naar Oudemeer vaart weer",
        ),
        (
            "nl",
            "Wat nu? De veerboot naar Oudemeer vaart weer sinds 3 mei.",
            "De veerboot naar Oudemeer vaart weer sinds 3 mei",
        ),
        ("de", "Am 3. Juli fuhr die Fähre nach Altsee wieder.", "Am 3. Juli fuhr die Fähre nach Altsee wieder"),
        ("und", "Kort.", "Kort"),
        ("ja", "渡船は月曜日に再び運航を始めた。詳細は後日。", "渡船は月曜日に再び運航を始めた"),
    ],
)
def test_derived_titles(tongue: str, text: str, title: str) -> None:
    assert headline.derive([text], tongue) == title


def test_a_long_sentence_is_left_at_a_clause() -> None:
    text = (
        "The ferry to Marlow sails again after a winter in the dock, with a new engine, a new captain and, "
        + "much " * 9
    )
    assert (
        headline.shorten(text)
        == "The ferry to Marlow sails again after a winter in the dock, with a new engine, a new captain and…"
    )
    plain = "word " * 40
    assert len(headline.shorten(plain)) <= headline.LONGEST
    assert headline.shorten("x" * 300).endswith("…")


@given(st.text(max_size=400))
@settings(max_examples=up_to(75), deadline=None)
def test_titles_never_fail_nor_grow(text: str) -> None:
    title = headline.clean_title(text)
    assert title is None or (len(title) <= 250 and "\n" not in title)
    assert len(headline.derive([text], "en")) <= max(headline.LONGEST, 0)


@pytest.mark.parametrize(
    ("text", "declared", "found"),
    [
        ("De gemeenteraad besloot dat de brug wordt vervangen.", None, "nl"),
        ("De gemeenteraad besloot dat de brug wordt vervangen.", "nl-BE", "nl"),
        ("De gemeenteraad besloot dat de brug wordt vervangen.", "ja", "nl"),
        ("Marlow", None, "und"),
        ("Marlow", "en_GB", "en"),
        ("", "deu", "de"),
        ("12 34 56", "not a tag!", "und"),
        ("東京で会議が開かれた", None, "ja"),
        ("Το συμβούλιο αποφάσισε να αλλάξει τη γέφυρα.", None, "el"),
        ("De gemeenteraad besloot dat de brug wordt vervangen.", "et", "et"),
        ("De gemeenteraad besloot dat de brug wordt vervangen.", "sl", "nl"),
        ("", "slv", "sl"),
    ],
)
def test_language(text: str, declared: str | None, found: str) -> None:
    assert language.detect(text, declared=declared) == found


def test_only_configured_languages_are_found() -> None:
    assert language.detect("De gemeenteraad besloot dat de brug wordt vervangen.", ("en", "de")) in {"en", "de", "und"}


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://Example.ORG:80/a?utm_source=x&id=2&fbclid=y#frag", "http://example.org/a?id=2"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("https://example.org/?b=2&a=1", "https://example.org/?b=2&a=1"),
        ("https://münchen.example/ä b", "https://xn--mnchen-3ya.example/%C3%A4%20b"),
        ("https://example.org/%C3%A4", "https://example.org/%C3%A4"),
        ("https://example.org/#!/a", "https://example.org/#!/a"),
        ("  https://example.org/a).\n", "https://example.org/a"),
        ("https://example.org/Foo_(bar)", "https://example.org/Foo_(bar)"),
        ("https://user:secret@example.org/", "https://example.org/"),
        ("http://[2001:DB8::1]/", "http://[2001:db8::1]/"),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("mailto:a@example.org", None),
        ("//example.org/a", None),
        ("https:///a", None),
        ("https://exa mple.org/", None),
        ("https://example.org:99999/", None),
        ("http://[::1/", None),
        ("", None),
        (None, None),
    ],
)
def test_canonical_addresses(url: str | None, canonical: str | None) -> None:
    assert canonical_url(url) == canonical
    assert canonical is None or canonical_url(canonical) == canonical


def test_relative_addresses_need_a_base() -> None:
    assert canonical_url("/b", "https://example.org/feed.xml") == "https://example.org/b"


def test_signatures() -> None:
    text = " ".join(f"word{i}" for i in range(300))
    edited = text.replace("word150", "changed")
    assert similarity(signature(text), signature(text.upper())) == 1.0
    assert similarity(signature(text), signature(edited)) > 0.85
    assert similarity(signature(text), signature(" ".join(f"other{i}" for i in range(300)))) < 0.1
    assert signature("… !") == b""
    assert similarity(b"", b"") == 0.0
    assert len(signature("東京で会議が開かれた")) == 256


def test_signatures_are_the_same_from_release_to_release() -> None:
    # They are stored: should a new rensa compute others, this must be seen before the mails are.
    digest = hashlib.sha256(signature("the ferry to marlow sails again after a winter")).hexdigest()
    assert digest.startswith("aecb5dc730ca581d")


def test_an_article(raw: RawArticle, now: datetime) -> None:
    article = normalise(raw, source="manual", publisher="The Quay", now=now)
    assert (
        article.title
        == "The town council of Marlow Ferry voted on Tuesday to replace the old swing bridge with a fixed one"
    )
    assert not article.title_given
    assert (article.language, article.publisher, len(article.paragraphs)) == ("en", "The Quay", 2)
    assert article.published.iso() == "2026-03-01T12:30Z"
    assert len(article.content_hash) == 16
    assert article.identity == "id:bridge-1"


def test_what_an_article_says_of_itself_goes_first(raw: RawArticle, now: datetime) -> None:
    told = replace(
        raw,
        title="Bridge goes | Ferry Post",
        publisher="Ferry Post",
        language="en-GB",
        date=PartialDate(now, Precision.MONTH),
        url="https://www.ferry.example/b?utm_medium=x",
    )
    article = normalise(told, source="s", publisher="The Quay", now=now)
    assert (article.title, article.title_given, article.publisher) == ("Bridge goes", True, "Ferry Post")
    assert (article.published.precision, article.url) == (Precision.MONTH, "https://www.ferry.example/b")
    nobody = normalise(replace(told, publisher=None), source="s", publisher="", now=now)
    assert nobody.publisher == "ferry.example"


def test_white_space_and_composition_do_not_change_the_hash(raw: RawArticle, now: datetime) -> None:
    spaced = replace(raw, text=raw.text.replace(" ", "  ").replace("\n\n", "\r\n\r\n\r\n"))
    hashes = {normalise(r, source="s", publisher="", now=now).content_hash for r in (raw, spaced)}
    assert len(hashes) == 1
    assert content_hash("é", ()) == content_hash("e\u0301", ())
    assert content_hash("a", ("b",)) != content_hash("a", ("c",))


def test_promotion_does_not_change_the_hash_nor_become_the_title(raw: RawArticle, now: datetime) -> None:
    noisy = replace(raw, text="Sign up for our free newsletter!\n\n" + raw.text)
    before, after = (normalise(r, source="s", publisher="", now=now) for r in (raw, noisy))
    assert after.title == before.title
    assert after.content_hash == before.content_hash
    assert [cut.reason for cut in after.cut] == ["promotion"]


def test_markup_and_hidden_characters_are_gone(now: datetime) -> None:
    raw = RawArticle(
        text="<p>The ferry \u202esails &lt;today&gt; at noon.</p><script>x</script><p>It is full.\x00</p>",
        origin="feed",
        title="A\u202eb",
        publisher="Q\x07uay",
        topics=("se\u200ba", " "),
        markup=True,
    )
    article = normalise(raw, source="s", publisher="", now=now)
    assert article.paragraphs == ("The ferry sails <today> at noon.", "It is full.")
    assert (article.title, article.publisher, article.topic_hints) == ("Ab", "Quay", ("sea",))


def test_a_title_alone_is_an_article(now: datetime) -> None:
    article = normalise(RawArticle(text="", origin="x", title="The ferry sails"), source="s", publisher="", now=now)
    assert (article.title, article.paragraphs) == ("The ferry sails", ())
    assert article.signature


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "— * —"])
def test_nothing_readable_is_an_error(text: str, now: datetime) -> None:
    with pytest.raises(BadInput) as caught:
        normalise(RawArticle(text=text, origin="x.txt"), source="s", publisher="", now=now)
    assert caught.value.where == "x.txt"


def test_a_date_years_ahead_is_an_error(raw: RawArticle, now: datetime) -> None:
    soon, late = (PartialDate(now + timedelta(days=days), Precision.DAY) for days in (30, 700))
    assert normalise(replace(raw, date=soon), source="s", publisher="", now=now).published == soon
    with pytest.raises(BadInput, match="future"):
        normalise(replace(raw, date=late), source="s", publisher="", now=now)


def test_real_seeds(shared: Path, now: datetime) -> None:
    found = [
        normalise(r, source="m", publisher="", now=now)
        for r in read_path(shared / "seeds")
        if isinstance(r, RawArticle)
    ]
    assert [article.language for article in found] == ["nl", "nl", "nl", "de", "it"]
    assert found[0].title == "Carlo Ancelotti vertrekt bij Real Madrid"
    for article in found:
        shown = "\n".join((article.title, article.text))
        assert not any(noise in shown for noise in ("Jetzt kostenlos", "++", "Mehr News"))


def test_near_duplicates_are_told_without_reading_all_of_them() -> None:
    """As many lanes as may differ, wherever they stand."""
    lanes = [number.to_bytes(4, "little") for number in range(64)]
    other = [(number + 1000).to_bytes(4, "little") for number in range(64)]

    def changed(where: range) -> bytes:
        return b"".join(other[i] if i in where else lanes[i] for i in range(64))

    one = b"".join(lanes)
    for start in (0, 20, 51):
        assert near_duplicate(one, changed(range(start, start + 12)))
        assert not near_duplicate(one, changed(range(start, start + 13)))
    assert not near_duplicate(one, changed(range(64)))
    assert not near_duplicate(b"", b"")
    assert not near_duplicate(one, one[:-4])
