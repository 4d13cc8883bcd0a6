"""Topics: the default ones by their words, the operator's own, hints, and the shipped lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest

from digest.group.evidence import weigh
from digest.group.lexicon import concepts, topic_entries
from digest.group.records import TopicScore
from digest.group.topic_rule_lexer import RuleError
from digest.group.topic_rules import any_phrase
from digest.group.topics import assign, default_topics, hint_topic, topic_label
from digest.model.article import Article
from digest.model.story import Topic
from tests.support.catalogues import SHIPPED

Make = Callable[..., Article]

MAIN = ("nl", "de", "it", "en", "fr", "es")


def topics_of(article: Article, *own: Topic) -> tuple[TopicScore, ...]:
    return assign(article, (*default_topics(), *own))


def test_the_17_topics_are_whole() -> None:
    topics = default_topics()
    assert len(topics) == 17
    assert {t.code for t in topics} == {f"medtop:{n:02}000000" for n in range(1, 18)}
    for entry in topic_entries().values():
        for language in MAIN:
            assert entry.labels[language]
            ideas = [c for c in concepts().values() if c.topic == entry.name]
            words = {w for c in ideas for w in c.words[language].split()}
            assert len(words) >= 40, (entry.name, language, len(words))


@pytest.mark.parametrize("language", sorted({*SHIPPED, "pt", "sv", "da", "pl", "ar", "he", "ru", "sl"}))
def test_whoever_reads_our_words_reads_the_topics_in_the_same_language(language: str) -> None:
    labels = {name: entry.labels.get(language, "") for name, entry in topic_entries().items()}
    assert all(labels.values()), labels
    assert len(set(labels.values())) == len(labels)
    english = {name for name, label in labels.items() if label == topic_label(name, "en")}
    assert english <= {"sport", "religion"} or language == "en"
    assert all(hint_topic(label) == name for name, label in labels.items())


def test_labels() -> None:
    assert topic_label("weather", "nl") == "Weer"
    assert topic_label("weather", "xx") == "Weather"
    assert topic_label("my-topic", "nl") == "my-topic"


@pytest.mark.parametrize(
    ("text", "language", "topic"),
    [
        ("Trainer verlaat club\nDe spits scoorde twee doelpunten in de finale van de beker.", "nl", "sport"),
        ("Klinik meldet Infektionen\nDie Patienten wurden von Ärzten mit Antibiotikum behandelt.", "de", "health"),
        ("Elezioni, il partito vince\nGli elettori hanno votato; il governo perde in parlamento.", "it", "politics"),
        (
            "Shares fall after profit warning\nInvestors sold stock as quarterly revenue missed.",
            "en",
            "economy-business",
        ),
        ("Une sonde sur un astéroïde\nLes chercheurs ont lancé la fusée et le satellite.", "fr", "science-technology"),
        ("El obispo preside la misa\nLos fieles rezaron en la catedral.", "es", "religion"),
        ("Greve dos sindicatos\nOs trabalhadores pedem salários.", "pt", "labour"),
        ("Sztorm i ulewa\nPrognoza pogody mówi o burzach i gradzie.", "pl", "weather"),
        ("Skolan får nya lärare\nElever och rektor gläds åt undervisningen.", "sv", "education"),
    ],
)
def test_each_language_finds_its_topic(make: Make, text: str, language: str, topic: str) -> None:
    scores = topics_of(make(text, language, "2022"))
    assert scores[0].topic == topic
    assert scores[0].reason.startswith("words ")


def test_at_most_three_heaviest_first(make: Make, news: SimpleNamespace) -> None:
    scores = topics_of(make(news.bridge["nl"] + news.budget, "nl", "2022"))
    assert 1 <= len(scores) <= 3
    assert [s.score for s in scores] == sorted((s.score for s in scores), reverse=True)


def test_no_evidence_no_topic(make: Make) -> None:
    assert topics_of(make("Zo is het\nEn niet anders.", "nl", "2022")) == ()


@pytest.mark.parametrize(
    ("text", "language", "topic"),
    [
        (
            """Ny karta över Vintergatan
För första gången är läget känt för alla lager av gas. Före oss har man bara sett stjärnor med teleskop, säger
astronomen.""",
            "sv",
            "science-technology",
        ),
        (
            """Telescopio scopre un pianeta
La campagna di misure è partita da una stella: gli astronomi parlano di un primato, in parte per la distanza
dalla galassia.""",
            "it",
            "science-technology",
        ),
        (
            """Ladrões levam colar do museu
A polícia procura os assaltantes do roubo, que fugiram pela varanda com as joias furtadas. Três suspeitos
foram detidos.""",
            "pt",
            "crime-law",
        ),
        (
            """Autobusy bez biletów
Pasażerowie komunikacji miejskiej płacą mniej, mówią mieszkańcy. Tory tramwajowe wyremontowano, a dojeżdżający
chwalą darmowy transport publiczny.""",
            "pl",
            "society",
        ),
        (
            """Parlement stemt in met wet
De lidstaten en het Europees Parlement zijn het eens over de verordening, zegt de minister. Onrechte is er
niet; honderd procent van de fracties steunt het voorstel.""",
            "nl",
            "politics",
        ),
        (
            """مستشفى جديد للمرضى
افتتحت المدينة مستشفى جديدا، وقال الأطباء إن العلاج من الملاريا سيكون بلا مقابل.""",
            "ar",
            "health",
        ),
    ],
)
def test_small_words_and_chance_stems_do_not_decide(make: Make, text: str, language: str, topic: str) -> None:
    assert topics_of(make(text, language, "2022"))[0].topic == topic


def test_a_single_weak_word_makes_no_topic(make: Make) -> None:
    assert topics_of(make("Zo is het\nEn toen liep er een hond voorbij, zei zij.", "nl", "2022")) == ()


def test_a_word_in_title_and_text_does(make: Make) -> None:
    assert [s.topic for s in topics_of(make("Aardbeving\nEr was een aardbeving.", "nl", "2022"))] == [
        "disaster-accident"
    ]


def test_a_weak_second_topic_is_left_out(make: Make) -> None:
    text = (
        "Trainer verlaat club\nDe spits scoorde twee doelpunten in de bekerfinale; de voetballer verdient veel salaris."
    )
    assert [s.topic for s in topics_of(make(text, "nl", "2022"))] == ["sport"]


def test_a_price_says_nothing_about_business(make: Make) -> None:
    priced = weigh(make("Feest\nHet kostte 40 euro. Of 50 miljoen euro.", "nl", "2022"))
    assert "economy-business" not in priced
    assert "economy-business" in weigh(make("Feest\nWij betalen met de euro.", "nl", "2022"))


def test_repeating_says_less_and_less(make: Make) -> None:
    once, twice, often = (
        weigh(make("Zo is het\n" + "Een aardbeving. " * n, "nl", "2022"))["disaster-accident"].weight for n in (1, 2, 3)
    )
    assert once < twice < often
    assert often - twice < twice - once


def test_title_and_opening_count_more(make: Make) -> None:
    filler = "Zo is het en niet anders dan dat. " * 12
    late = weigh(make(f"Zo is het\n{filler}aardbeving", "nl", "2022"))["disaster-accident"].weight
    early = weigh(make(f"Zo is het\nAardbeving. {filler}", "nl", "2022"))["disaster-accident"].weight
    title = weigh(make(f"Aardbeving\n{filler}", "nl", "2022"))["disaster-accident"].weight
    assert late < early < title


def test_reasons_name_words_of_the_article(make: Make, news: SimpleNamespace) -> None:
    for language, text in news.bridge.items():
        scores = topics_of(make(text, language, "2022"))
        assert scores
        for score in scores:
            for word in score.reason.removeprefix("words ").split(", "):
                assert word in " ".join(text.lower().replace("-", " ").split())


@pytest.mark.parametrize(
    ("hint", "topic"),
    [
        ("sport", "sport"),
        ("Wirtschaft", "economy-business"),
        ("sport/voetbal", "sport"),
        ("Météo", "weather"),
        ("xyzzy", None),
    ],
)
def test_hints(hint: str, topic: str | None) -> None:
    assert hint_topic(hint) == topic


def test_a_hint_counts_and_is_named(make: Make) -> None:
    (score,) = topics_of(make("Zo is het\nEn niet anders.", "nl", "2022", topic_hints=("Sport",)))
    assert score.topic == "sport"
    assert "filed under 'Sport'" in score.reason


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ("oster", True),
        ("OSTER", True),
        ("ost", False),
        ("hanne dewolf", True),
        ("dewolf hanne", False),
        ('"joost brakel"', True),
        ("ingestorte", False),
        ("brussel", False),
    ],
)
def test_a_plain_list_means_any_of_these_as_they_stand(
    make: Make, news: SimpleNamespace, match: str, found: bool
) -> None:
    own = Topic("mine", "Mine", rule=any_phrase([match.replace('"', ""), "never there"]))
    scores = topics_of(make(news.bridge["nl"], "nl", "2022"), own)
    assert ("mine" in {s.topic for s in scores}) is found
    if found:
        assert scores[0].topic == "mine"
        assert match.strip('"') in scores[0].reason


def test_accents_do_not_hide_a_match(make: Make) -> None:
    scores = topics_of(make("Café Müller\nGesloten.", "nl", "2022"), Topic("mine", "Mine", rule='"cafe muller"'))
    assert [s.topic for s in scores] == ["mine"]


def test_own_topics_come_first_the_one_with_more_matches_before(make: Make) -> None:
    article = make("Trainer verlaat club\nDe spits scoorde twee doelpunten in de finale.", "nl", "2022")
    scores = topics_of(
        article,
        Topic("one", "", rule="trainer"),
        Topic("two", "", rule="club spits"),
        Topic("none", "", rule="schaken"),
    )
    assert [(s.topic, s.score > 1) for s in scores] == [("two", True), ("one", True), ("sport", False)]


def test_own_topics_take_the_place_of_default_ones(make: Make) -> None:
    article = make("Trainer verlaat club\nDe spits scoorde twee doelpunten in de finale.", "nl", "2022")
    own = [Topic(f"own-{n}", "", rule="trainer") for n in range(4)]
    assert [s.topic for s in topics_of(article, *own)] == ["own-0", "own-1", "own-2", "own-3"]


def test_a_default_topic_can_be_narrowed(make: Make) -> None:
    article = make("Trainer verlaat club\nDe spits scoorde twee doelpunten in de finale.", "nl", "2022")
    (plain,) = assign(article, (Topic("sport", "Sport", kind="iptc"),))
    narrow = Topic("sport", "Cycling", kind="iptc", rule="peloton or wielrenner")
    assert assign(article, (narrow,)) == ()
    (score,) = assign(article, (replace(narrow, rule="not peloton and spits"),))
    assert (score.topic, score.score) == ("sport", plain.score)
    assert score.reason == f"{plain.reason}; matches spits; without peloton"


def test_a_default_topic_as_a_condition_goes_by_its_vocabulary_alone(make: Make) -> None:
    """Whether the operator narrowed or removed it: so no rule can depend on another one."""
    article = make("Trainer verlaat club\nDe spits scoorde twee doelpunten in de finale.", "nl", "2022")
    own, narrow = Topic("mine", "", rule="topic:sport"), Topic("sport", "", kind="iptc", rule="peloton")
    assert [s.topic for s in assign(article, (own, narrow))] == ["mine"]
    assert [s.topic for s in assign(article, (own,))] == ["mine"]
    assert assign(make("Zo is het\nEn niet anders.", "nl", "2022"), (own,)) == ()


def test_a_rule_that_cannot_be_read_names_its_topic(make: Make) -> None:
    with pytest.raises(RuleError, match=r"^topic mine: rule, character 3, at “or”: nothing follows 'or'"):
        assign(make("Zo is het\nEn niet anders.", "nl", "2022"), (Topic("mine", "", rule="a or"),))
