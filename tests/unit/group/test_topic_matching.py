"""Topics' rules on articles: inflection, phrases, names, fields, reasons, near misses, the laws of logic."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.group.name_forms import wanted
from digest.group.topic_rule_match import matcher, reason
from digest.group.topic_rules import All, Either, Not, Rule, all_of, either_of, tell
from digest.group.topics import judge
from digest.model.article import Article
from tests.support.grouped import when
from tests.unit.group.test_topic_rules import rules

Make = Callable[..., Article]


def holds(rule: str, article: Article) -> bool:
    return matcher(rule, article.language).holds(judge(article).reading)


def why(rule: str, article: Article, most: int = 6) -> str:
    return reason(matcher(rule, article.language), judge(article).reading, most)


def missing(rule: str, article: Article) -> tuple[str, ...]:
    return matcher(rule, article.language).gap(judge(article).reading).missing


def nearly(rule: str, article: Article) -> bool:
    return matcher(rule, article.language).gap(judge(article).reading).nearly


@pytest.mark.parametrize(
    ("rule", "language", "text", "found"),
    [
        ("bridge", "en", "The bridges were closed.", True),
        ("bridges", "en", "A BRIDGE was closed.", True),
        ("=bridge", "en", "The bridges were closed.", False),
        ('"bridge"', "en", "The bridges were closed.", False),
        ("=bridges", "en", "The Bridges were closed.", True),
        ("bridge", "en", "The footbridge was closed.", False),
        ("*bridge", "en", "The footbridge was closed.", True),
        ("*bridge", "en", "The footbridges were closed.", False),
        ("eur*", "nl", "De eurozone groeit.", True),
        ("eur*", "nl", "De leur groeit.", False),
        ("brug", "nl", "Twee bruggen zijn dicht.", True),
        ("Stadt", "de", "In allen Städten wird gebaut.", True),
        ("stadte", "de", "In allen Städten wird gebaut.", True),
        ("cafe", "fr", "Les cafés sont fermés.", True),
        ("CAFÉS", "fr", "Un cafe est fermé.", True),
        ("minorite", "fr", "Les minorités sont protégées.", True),
        ("minorite-protege", "fr", "Les minorités protégées.", True),
        ("tranvia", "es", "Los tranvías no circulan.", True),
        ("ponte", "it", "I ponti sono chiusi.", True),
        ("most", "pl", "Nowe mosty stoją.", True),
        ("мост", "ru", "Новые мосты открыты.", True),
        ("مستشفى", "ar", "افتتحت المدينة المستشفى الجديد.", True),
        ("bridge", "und", "The bridges were closed.", False),
        ("oster", "it", "Il ponte sull'Oster è chiuso.", True),
        ("euro", "nl", "Tien euro's kostte het.", True),
        ('"single currency"', "en", "The single\ncurrency, they say.", True),
        ('"single currency"', "en", "The single currencies.", False),
        ("single-currency", "en", "The single currencies.", True),
        ('"single currency"', "en", "A currency, the single one.", False),
        ('"currency single"', "en", "The single currency.", False),
        ("covid-19", "en", "He had Covid 19.", True),
        ("covid-19", "en", "It was Covid: 19 are ill.", True),
        ("41.200", "en", "There were 41,200 of them.", True),
        ('"東京都"', "ja", "昨日、東京都で火災があった。", True),
        ('"東京都"', "ja", "昨日、京都で火災があった。", False),
    ],
)
def test_words_and_phrases(make: Make, rule: str, language: str, text: str, found: bool) -> None:
    assert holds(rule, make(f"Zzz\n{text}", language, "2022")) is found
    assert holds(f"text:{rule}", make(f"Zzz\n{text}", language, "2022")) is found
    title = " ".join(text.split())
    assert holds(f"title:{rule}", make(f"{title}\nZzz", language, "2022")) is found
    assert not holds(f"title:{rule}", make(f"Zzz\n{text}", language, "2022"))
    assert not holds(f"text:{rule}", make(f"{title}\nZzz", language, "2022"))


def test_a_phrase_does_not_run_from_the_title_into_the_text(make: Make) -> None:
    assert not holds('"single currency"', make("It is single\nCurrency matters.", "en", "2022"))


@pytest.mark.parametrize(
    ("name", "language", "text", "found"),
    [
        ("Carlo Ancelotti", "en", "Yesterday Carlo Ancelotti signed.", True),
        ("carlo ancelotti", "en", "Yesterday Carlo Ancelotti signed.", True),
        ("Ancelotti", "en", "Yesterday Carlo Ancelotti signed.", True),
        ("Carlo Ancelotti", "en", "Yesterday Davide Ancelotti signed.", False),
        ("Carlo Ancelotti", "en", "Yesterday Ancelotti and Carlo signed.", False),
        ("Carlo Ancelotti", "de", "Das ist Carlo Ancelottis Vertrag.", True),
        ("Carlo Ancelotti", "pl", "To kontrakt Carlo Ancelottiego.", True),
        ("Carlo Ancelotti", "ru", "Вчера Карло Анчелотти подписал контракт.", True),
        ("Анчелотти", "en", "Yesterday Carlo Ancelotti signed.", True),
        ("Donald Tusk", "pl", "Wczoraj Donalda Tuska pytano o to.", True),
        ("Volodymyr Zelensky", "de", "Gestern sprach Wolodymyr Selenskyj in Berlin.", True),
        ("Volodymyr Zelenskyy", "uk", "Вчора Володимир Зеленський виступив.", True),
        ("Putin", "nl", "Gisteren sprak Vladimir Poetin lang.", True),
        ("Poetin", "en", "Yesterday Vladimir Putin spoke at length.", True),
        ("Thomas Müller", "nl", "Gisteren scoorde Thomas Mueller weer.", True),
        ("Thomas Müller", "de", "Gestern traf Thomas Möller wieder.", False),
        ("Virgil van Dijk", "nl", "Gisteren speelde Virgil van Dijk mee.", True),
        ("Ursula von der Leyen", "en", "Yesterday Ursula von der Leyen spoke.", True),
        ("Mailand", "it", "Ieri a Milano pioveva.", True),
        ("Deutschland", "en", "They moved to Germany last year.", True),
        ("Rose", "en", "He picked a rose there.", False),
        ("李強", "zh", "昨天李強在北京說。", True),
    ],
)
def test_names(make: Make, name: str, language: str, text: str, found: bool) -> None:
    assert holds(f'name:"{name}"', make(f"Zzz\n{text}", language, "2022")) is found


def test_a_long_name_is_all_there() -> None:
    assert len(wanted("Jean Claude Juncker")) == 2
    assert len(wanted("Luis de la Fuente")) == 1


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("lang:nl", True),
        ("lang:de", False),
        ("lang:de,nl", True),
        ('source:"de volkskrant"', True),
        ("source:volkskrant", False),
        ("source:*volkskrant", True),
        ("source:de*", False),
        ('publisher:"Journal de Geneve"', True),
        ("publisher:journal*", True),
        ("publisher:geneve*", False),
        ("topic:sport", True),
        ("topic:politics", False),
        ("topic:politics,sport", True),
    ],
)
def test_fields(make: Make, rule: str, found: bool) -> None:
    text = "Trainer verlaat club\nDe spits scoorde twee doelpunten in de finale."
    article = make(text, "nl", "2022", source="De  Volkskrant", publisher="Journal de Genève")
    if rule == "source:de*":
        article = make(text, "nl", "2022", source="volkskrant.nl")
    assert holds(rule, article) is found


def test_a_default_topic_is_any_of_them(make: Make) -> None:
    for topic, text in {
        "weather": "Heavy rain tomorrow\nForecasters expect thunderstorms and hail in the north.",
        "sport": "Coach leaves club\nThe striker scored two goals in the cup final.",
    }.items():
        article = make(text, "en", "2022")
        assert holds(f"topic:{topic}", article)
        assert why(f"topic:{topic}", article).startswith(f"matches topic:{topic} (words ")
        assert not holds("topic:religion", article)


def test_the_reason_names_each_condition_and_what_was_found(make: Make) -> None:
    text = "Euro falls\nThe bridges of Valkenrade cost 40 euros, mayor Hanne Dewolf said."
    article = make(text, "en", "2022", source="wire")
    assert why("euro", article) == "matches euro (euros)"
    assert why("=euro", article) == 'matches "euro"'
    assert why("bridge or euro", article) == "matches bridge (bridges), euro (euros)"
    assert why("bridge or zebra", article) == "matches bridge (bridges)"
    assert why("val* and lang:en and not (zebra or lion)", article) == (
        "matches val* (Valkenrade), lang:en; without zebra or lion"
    )
    assert why("not zebra", article) == "without zebra"
    assert why('name:"Hanne Dewolf"', article) == 'matches name:"Hanne Dewolf"'
    assert why("the bridge of cost said mayor", article, 2) == "matches the, bridge (bridges), 4 more"


def test_near_misses(make: Make) -> None:
    article = make("Zzz\nThe bridge is open for football.", "en", "2022")
    assert missing("bridge and open", article) == ()
    assert missing("bridge and zebra", article) == ("zebra",)
    assert missing("bridge and not football", article) == ("not football, but there is football",)
    assert missing("bridge and (zebra or lion)", article) == ("zebra or lion",)
    assert missing("(bridge zebra) or (lion tiger bear)", article) == ("zebra",)
    assert missing("bridge zebra lion", article) == ("zebra", "lion")
    assert nearly("bridge and zebra", article)
    assert nearly("bridge and not football", article)
    assert not nearly("bridge and open", article)
    assert not nearly("bridge zebra lion", article)
    assert not nearly("zebra", article)
    assert not nearly("zebra or lion", article)


# --- the laws of logic ------------------------------------------------------------------------------

_SAMPLES = (
    ("nl", "aä b cde ab", "Café de l'eau. Aa bb and or not."),
    ("de", "", "Der UND das; bcd eé u.s. a:b (x)"),
    ("und", "жπ 1 11", "a b c d e j k l n o r s t u w z"),
)


def _article(language: str, title: str, text: str) -> Article:
    return Article(
        source="and OR", title=title, title_given=True, paragraphs=(text,), language=language, published=when("2022"),
        publisher=title, url=None, content_hash="", signature=b"", identity="",
    )  # fmt: skip


articles = st.builds(
    _article,
    st.sampled_from(["nl", "de", "und", "ar"]),
    st.text("aäbcdeéijklnorstuwzπжش1 ", max_size=12),
    st.lists(st.text("aäbcdeéijklnorstuwzπжش1", min_size=1, max_size=3), max_size=40).map(" ".join),
) | st.sampled_from(_SAMPLES).map(lambda sample: _article(*sample))


def asking(article: Article) -> Callable[[Rule], bool]:
    """Whether a rule, told and read again, holds in the article, which is read once."""
    reading = judge(article).reading
    return lambda rule: matcher(tell(rule), article.language).holds(reading)


@given(rules, rules, articles)
def test_the_laws_of_logic(one: Rule, other: Rule, article: Article) -> None:
    applies = asking(article)
    p, q = applies(one), applies(other)
    assert applies(Not(one)) is not p
    assert applies(Not(Not(one))) is p
    assert applies(all_of([one, other])) is (p and q)
    assert applies(either_of([one, other])) is (p or q)
    assert applies(Not(all_of([one, other]))) is applies(either_of([Not(one), Not(other)]))
    assert applies(Not(either_of([one, other]))) is applies(all_of([Not(one), Not(other)]))


@given(rules, articles)
def test_what_is_told_agrees_with_what_holds(rule: Rule, article: Article) -> None:
    applies = asking(article)
    found, reading = matcher(tell(rule), article.language), judge(article).reading
    gap = found.gap(reading)
    assert (not gap.missing) is found.holds(reading)
    if found.holds(reading):
        assert reason(found, reading, 50)
        assert not gap.nearly
    if isinstance(rule, All) and gap.nearly:
        assert sum(not applies(part) for part in rule.parts) == 1
    if isinstance(rule, Either):
        assert found.holds(reading) is any(applies(part) for part in rule.parts)
