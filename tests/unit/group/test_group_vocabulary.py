"""What words stand for: exact forms, stems, compounds, phrases, and the shipped lists themselves."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice

import pytest

from digest.group.lexicon import (
    TOPIC_NAMES,
    concepts,
    currencies,
    faint_words,
    never_parts,
    stop_forms,
    topic_entries,
    unlike_words,
    whole_words,
)
from digest.group.vocabulary import senses_of, terms
from digest.group.words import Token, arabic_stem, tokens, word_stem
from digest.pipeline.knowledge import common

LANGUAGES = ("en", "nl", "de", "it", "fr", "es", "pt", "pl", "sv", "ru", "ar", "sl")
FOLDER = files("digest.group").joinpath("data")


def topics_of(word: str, language: str) -> set[str]:
    return {sense.topic for sense in senses_of(word, language)}


def listed(language: str) -> Iterator[tuple[str, str, str]]:
    """Topic, concept and word of everything that is listed; a topic's further words are of no concept."""
    for concept in concepts().values():
        for word in concept.words[language].split():
            yield concept.topic, concept.id, word
    for entry in topic_entries().values():
        for word in entry.more.get(language, "").split():
            yield entry.name, "", word


@pytest.mark.parametrize(
    ("word", "language", "topic"),
    [
        ("för", "sv", "sport"),
        ("före", "sv", "sport"),
        ("lager", "sv", "sport"),
        ("läge", "sv", "sport"),
        ("man", "sv", "science-technology"),
        ("ums", "de", "disaster-accident"),
        ("para", "es", "labour"),
        ("las", "es", "science-technology"),
        ("torcie", "pl", "religion"),
        ("tory", "pl", "religion"),
        ("mniej", "pl", "religion"),
        ("partita", "it", "politics"),
        ("partire", "it", "politics"),
        ("parte", "it", "politics"),
        ("parte", "pt", "politics"),
        ("partir", "pt", "politics"),
        ("parte", "pt", "sport"),
        ("künstlich", "de", "arts-culture"),
        ("Beispiel", "de", "sport"),
        ("Land", "de", "science-technology"),
        ("Niederländer", "de", "science-technology"),
        ("Vierungsturm", "de", "weather"),
        ("gesproken", "nl", "health"),
        ("onrechte", "nl", "society"),
        ("prison", "en", "conflict-war"),
        ("deportación", "es", "sport"),
        ("golfo", "es", "sport"),
        ("prata", "pt", "lifestyle-leisure"),
        ("rifugio", "it", "politics"),
        ("Волков", "ru", "environment"),
    ],
)
def test_a_likeness_of_letters_is_not_enough(word: str, language: str, topic: str) -> None:
    assert topic not in topics_of(word, language)


@pytest.mark.parametrize(
    ("word", "language", "topic"),
    [
        ("partita", "it", "sport"),
        ("partiti", "it", "politics"),
        ("klubem", "pl", "sport"),
        ("rządem", "pl", "politics"),
        ("wyborach", "pl", "politics"),
        ("Kliniken", "de", "health"),
        ("œuvre", "fr", "arts-culture"),
        ("jobs", "en", "labour"),
        ("universo", "it", "science-technology"),
        ("università", "it", "education"),
    ],
)
def test_a_form_of_a_listed_word_counts(word: str, language: str, topic: str) -> None:
    assert topics_of(word, language) == {topic}


@pytest.mark.parametrize(
    ("word", "language", "topic"),
    [
        ("Universitätsbibliothek", "de", "arts-culture"),
        ("Raketenstart", "de", "science-technology"),
        ("Zentralregierungen", "de", "politics"),
        ("hulpziekenhuis", "nl", "health"),
        ("schooldirecteuren", "nl", "education"),
        ("barnsjukhuset", "sv", "health"),
        ("kyrkobyggnad", "sv", "religion"),
    ],
)
def test_the_parts_of_a_compound_count(word: str, language: str, topic: str) -> None:
    assert topic in topics_of(word, language)


def test_compounds_are_for_languages_that_write_them() -> None:
    assert senses_of("superhospital", "fr") == ()


def test_a_word_of_several_topics_says_less_for_each() -> None:
    shared, own = senses_of("gig", "en"), senses_of("apprentice", "en")
    assert {s.topic for s in shared} == {"arts-culture", "labour"}
    assert {s.topic for s in own} == {"labour"}
    assert max(s.weight for s in shared) < max(s.weight for s in own)


def test_a_phrase_is_one_term() -> None:
    found = list(terms(list(tokens("They fired tear gas at crowds", "en")), "en"))
    assert [t.text for t in found if "gas" in t.text] == ["tear gas"]
    assert {s.topic for t in found for s in t.senses if t.text == "tear gas"} == {"conflict-war"}


def test_further_words_are_no_concept() -> None:
    assert topics_of("airbase", "en") == {"conflict-war"}
    assert senses_of("airbase", "en", further=False) == ()


@pytest.mark.parametrize("word", ["مرض", "المرض", "والمرض", "للمرض", "أمراض", "الأمراض"])
def test_arabic_words_are_found_behind_article_and_conjunction(word: str) -> None:
    assert topics_of(word, "ar") == {"health"}


def test_arabic_spellings_are_one() -> None:
    assert arabic_stem("الأدوية") == arabic_stem("ادويه")


def test_no_stop_word_stands_for_anything() -> None:
    """But for what is listed in capitals, and written so: `US`, `WHO`."""
    text = files("digest.group").joinpath("data", "stopwords.toml").read_text(encoding="utf-8")
    for language, words in tomllib.loads(text).items():
        known = {word for _, _, word in listed(language)} if language in LANGUAGES else set()
        loud = {word for word in words.split() if senses_of(word.upper(), language) and word.upper() not in known}
        assert loud | {word for word in words.split() if senses_of(word, language)} == set(), language


@pytest.mark.parametrize(
    ("word", "language", "concept"),
    [
        ("волком", "ru", "science.wild-wolf"),
        ("судов", "ru", "crime-law.court"),
        ("vojsk", "sl", "conflict-war.army"),
        ("volkoma", "sl", "science.wild-wolf"),
    ],
)
def test_short_stems_are_known_in_every_case(word: str, language: str, concept: str) -> None:
    assert word not in {listed_word for _, _, listed_word in listed(language)}
    assert {sense.concept for sense in senses_of(word, language)} == {concept}


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("important", "en"),
        ("authority", "en"),
        ("customer", "en"),
        ("común", "es"),
        ("importante", "pt"),
        ("cameriera", "it"),
        ("environ", "fr"),
        ("gotowy", "pl"),
        ("сырой", "ru"),
        ("Zahlungen", "de"),
        ("Abteilung", "de"),
        ("normaler", "de"),
        ("gekregen", "nl"),
        ("gebonden", "nl"),
        ("inbegripen", "sv"),
    ],
)
def test_words_that_only_look_like_listed_ones_stand_for_nothing(word: str, language: str) -> None:
    assert senses_of(word, language) == ()


@pytest.mark.parametrize(
    ("word", "listed_word"), [("kidnap", "kidnapped"), ("rebelled", "rebels"), ("tragedies", "tragedy")]
)
def test_english_forms_of_longer_words_count(word: str, listed_word: str) -> None:
    assert {s.concept for s in senses_of(word, "en", further=False)} == {
        s.concept for s in senses_of(listed_word, "en", further=False)
    }


def test_every_concept_is_one_idea_in_all_languages() -> None:
    for concept in concepts().values():
        assert {language for language, text in concept.words.items() if text.split()} == set(LANGUAGES), concept.id
        assert concept.topic in {"", *TOPIC_NAMES}, concept.id
        assert 0 < concept.weight <= 1, concept.id
        assert 0 < concept.tells <= 2, concept.id


def test_a_finer_idea_says_less_of_its_topic() -> None:
    fine, broad = concepts()["sport.snowboard"], concepts()["sport.goal"]
    assert fine.weight == broad.weight == broad.tells == 1
    assert 0 < fine.tells < 1


def test_there_are_many_ideas() -> None:
    assert sum(not ident.startswith("@") for ident in concepts()) >= 1000


def test_no_file_takes_the_name_of_another_files_idea() -> None:
    names = []
    for folder in ("topics", "concepts"):
        for path in FOLDER.joinpath(folder).iterdir():
            table = tomllib.loads(path.read_text(encoding="utf-8"))["concept"]
            file = path.name.removesuffix(".toml")
            names += [name if name.startswith("@") else f"{file}.{name}" for name in table]
    assert len(names) == len(set(names)) == len(concepts())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_stands_in_two_ideas(language: str) -> None:
    """Nor does a phrase, whatever the endings of its words: the text could mean one of them only."""
    seen: dict[str, str] = {}
    for _, concept, word in listed(language):
        written = word if "-" not in word else " ".join(word_stem(t.text, language) for t in parts_of(word, language))
        if concept:
            assert seen.setdefault(written, concept) == concept, word


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_listed_word_is_found_as_what_it_is(language: str) -> None:
    missed = []
    for topic, concept, word in listed(language):
        written = parts_of(word, language)
        found = {(s.topic, s.concept) for s in senses_of(written[0].text, language)}
        if len(written) == 1 and (topic, concept) not in found:
            missed.append((topic, concept, word))
    # A further word of its topic that is a word of one of its ideas too is found as that.
    assert [(c, word) for topic, c, word in missed if c or topic not in topics_of(word, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_listed_words_are_found_in_a_sentence(language: str) -> None:
    """One in 23: phrases too, which only a text shows."""
    missed = []
    for topic, concept, word in islice(listed(language), 0, None, 23):
        sentence = list(tokens(f"1 {word.replace('-', ' ')}.", language))
        found = {(s.topic, s.concept) for term in terms(sentence, language) for s in term.senses}
        # A further word of its topic may be a word of somebody's name too, which says more.
        if (topic, concept) not in found and (concept or not found):
            missed.append((topic, concept, word))
    assert missed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_special_lists_hold_listed_words(language: str) -> None:
    written = {word for _, _, word in listed(language)}
    words = {word.lower() for word in written}
    assert faint_words(language) - words == set()
    assert whole_words(language) - words == set()
    assert never_parts(language) - words == set()
    assert stop_forms(language) & written == set()
    assert unlike_words(language) & words == set()
    assert currencies(language)


@cache
def parts_of(word: str, language: str) -> list[Token]:
    return list(tokens(word.replace("-", " "), language))


def ideas(text: str, language: str) -> set[str]:
    return {s.concept for term in terms(list(tokens(text, language)), language, further=False) for s in term.senses}


#: A sentence that has the word in another meaning, and one that means the concept.
COLLISIONS = [
    ("it", "@@nato", "Il pittore è nato a Parma nel 1950.", "La base NATO resta aperta, dice la Nato."),
    ("it", "@gm", "Si è rotto una gamba, due gambi di rosa.", "Il presidente del Gambia, il gambiano Barrow."),
    ("fr", "@fr", "Le franc valait deux francs de plus.", "Le président français et la presse française."),
    ("fr", "@@farc", "Une farce de théâtre.", "Un accord avec les FARC."),
    ("fr", "@tl", "Un enfant timoré.", "Le gouvernement timorais."),
    ("en", "@gb", "She sang at the Brit Awards.", "Two Brits won a medal."),
    ("en", "@pl", "They polish the shoes, polished for years.", "The Polish premier spoke."),
    ("en", "@tr", "We ate roast turkey and turkeys ran.", "Turkey closed the border."),
    ("en", "@us", "They told us what to do.", "The strike was ordered by US officials."),
    ("en", "@@who", "Nobody knows who did it.", "Aid was sent by WHO doctors."),
    ("en", "@@farc", "The trial was a farce.", "A deal with FARC fighters."),
    ("en", "@@tories", "A bird called a tori.", "The Tories lost."),
    ("nl", "@fr", "Een sjaal met franje.", "De Franse minister sprak."),
    ("nl", "@@tories", "Een lange historie van victories.", "De Tories verloren."),
    ("nl", "@@who", "Een concert van The Who.", "De WHO waarschuwt."),
    ("nl", "weather.fog", "De spits mist een kans.", "Ongelukken in de mist op de snelweg."),
    ("de", "@fi", "Die Chefinnen der Läden.", "Ein Finne gewann."),
    ("de", "@gb-sct", "Ein Garten mit Schotter.", "Ein Schotte gewann."),
    ("de", "health.mental", "Die Polizei sucht einen Zeugen.", "Eine Klinik gegen die Sucht."),
    ("es", "crime.death-penalty", "Un corredor cruzó la meta.", "Veinte años en el corredor de la muerte."),
    ("es", "@bd", "Encendieron bengalas rojas.", "Un trabajador bengalí."),
    ("es", "labour.layoffs", "Escribe una ere doble.", "La empresa anuncia un ERE."),
    ("pt", "@ir", "Os alunos irão à praia.", "As sanções contra o Irão."),
    ("pt", "@@cern", "O cerne da questão.", "Um físico do CERN."),
    ("pl", "weather.hail", "Posypał się grad pytań.", "Nad miastem przeszło gradobicie."),
    ("pl", "@ps-gza", "Rana była owinięta gazą.", "Wojna w Gazie, mieszkańcy Gazy."),
    ("pl", "@@who", "Film Doctor Who trafił do kin.", "Raport WHO o zdrowiu."),
    ("sv", "@ws", "De ska samordna arbetet.", "En båt från Samoa."),
    ("sv", "@dk", "En jordanska i Stockholm.", "Ett danskt bolag."),
    ("sv", "science.whale-stranding", "Resultatet i ett val väntas.", "En kaskelot simmade in."),
    ("sv", "religion.worship", "Han ville be om ursäkt.", "De höll en gudstjänst."),
    ("ru", "@ml", "Поддержка малого бизнеса, он слишком мал.", "Переговоры о Мали."),
    ("ru", "@pe", "Книга принадлежит его перу.", "Выборы прошли и в Перу."),
    ("ru", "@@who", "Лошадь тянула воз сена.", "Доклад ВОЗ о гриппе."),
    ("ru", "@@opec", "Ребёнка передали под опеку.", "Решение ОПЕК о добыче."),
    ("sl", "@pa", "Odžagan panj in pano na steni.", "Ladja iz Paname pod zastavo Panama."),
    ("sl", "@@ioc", "Vrečka moke.", "Odločitev MOK v Lozani."),
    ("sl", "@td", "Na steni je bil črn čad.", "Begunci v Čadu."),
    ("sl", "@za", "Težak jarem na vratu.", "Volitve v JAR so mimo."),
    ("sl", "@xk", "Zlomilo se je na deset kosov.", "Na meji s Kosovo."),
    ("sl", "@@nasa", "Prevzeli so nase odgovornost.", "Sonda agencije Nasa."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "concept", "other", "meant"), COLLISIONS)
def test_a_word_of_another_meaning_is_no_nation_and_no_body(
    language: str, concept: str, other: str, meant: str
) -> None:
    assert concept not in ideas(other, language)
    assert concept in ideas(meant, language)


def test_people_of_a_nation_are_common_words_as_they_are_written() -> None:
    assert common("Polish", "en")
    assert common("Franse", "nl")


def test_capitals_prove_no_acronym_where_all_is_in_capitals() -> None:
    assert "@@who" in ideas("Vaccines arrived, WHO said", "en")
    assert "@@who" not in ideas("REVEALED: WHO WINS TODAY", "en")
    assert "@pl" in ideas("POLISH MINISTER RESIGNS TODAY", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_is_listed_in_small_letters_with_one_capital_or_in_capitals(language: str) -> None:
    wrong = [w for _, _, w in listed(language) if w not in {w.lower(), w.upper(), w.lower().capitalize()}]
    assert wrong == []
    assert [w for _, _, w in listed(language) if "-" in w and w != w.lower()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phrase_has_no_more_words_than_are_looked_at(language: str) -> None:
    assert [w for _, _, w in listed(language) if "-" in w and not 2 <= len(parts_of(w, language)) <= 4] == []
