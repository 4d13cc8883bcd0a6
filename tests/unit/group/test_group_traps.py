"""Events that are told in one form of words, and one event told in several languages: the first two of their kind.

Nothing else has been seen: what common words and names weigh must not hang on a full store.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from digest.group.grouper import Grouper
from digest.group.topics import default_topics
from digest.model.article import Article

Make = Callable[..., Article]
Told = tuple[str, str]

ANOTHER: dict[str, tuple[Told, Told]] = {
    "a fire in two cities": (
        (
            "en",
            """Paint factory burns in Porto, two hurt
A fire broke out in a paint factory in Porto on Monday evening. Two people were hurt, firefighters said. What started
it is not known. People who live nearby were asked to stay indoors.""",
        ),
        (
            "en",
            """Paint factory burns in Aarhus, two hurt
A fire broke out in a paint factory in Aarhus on Monday evening. Two people were hurt, firefighters said. What started
it is not known. People who live nearby were asked to stay indoors.""",
        ),
    ),
    "two central banks": (
        ("en", "Norges Bank raises its key rate by half a point"),
        ("en", "Bank of Canada raises its key rate by half a point"),
    ),
    "a strike in two cities": (
        (
            "de",
            """Busfahrer in Bremen legen Arbeit nieder
In Bremen sind am Donnerstag die Busse im Depot geblieben. Die Fahrer verlangen mehr Geld und kürzere Schichten.""",
        ),
        (
            "de",
            """Busfahrer in Graz legen Arbeit nieder
In Graz sind am Donnerstag die Busse im Depot geblieben. Die Fahrer verlangen mehr Geld und kürzere Schichten.""",
        ),
    ),
    "a quake in two lands": (
        ("es", "Un terremoto de magnitud 6,4 sacude Ecuador"),
        ("es", "Un terremoto de magnitud 5,7 sacude Grecia"),
    ),
    "a match and a rumour": (
        (
            "en",
            """Benfica beat Braga 2-0
Benfica beat Braga 2-0 at home on Saturday with two late goals by Otavio Lemos. Braga had a man sent off.""",
        ),
        (
            "en",
            """Benfica want Danish striker
Benfica have offered 20 million euros for the striker Mads Kjellberg of Copenhagen, a newspaper reports.""",
        ),
    ),
}

THE_SAME: dict[str, tuple[Told, Told]] = {
    "a quake in two languages": (
        ("en", "Earthquake of magnitude 6.4 shakes Ecuador"),
        ("es", "Un terremoto de magnitud 6,4 sacude Ecuador"),
    ),
    "a strike in two languages": (
        ("de", "Streik in Mailand: Busse und U-Bahnen stehen am Freitag still"),
        ("it", "Sciopero a Milano, venerdì fermi autobus e metropolitana"),
    ),
    "a match in two languages": (
        ("en", "Benfica beat Braga 2-0 with two late goals by Lemos"),
        ("pt", "Benfica vence Braga por 2-0 com dois golos de Lemos"),
    ),
}


def grouped(make: Make, *told: Told) -> int:
    grouper = Grouper(1, 1, default_topics())
    made = [make(text, language, "2025-03-04") for language, text in told]
    for article in made:
        grouper.place(article)
    grouper.review()
    return len({grouper.member(article.id).story for article in made})


@pytest.mark.parametrize("name", ANOTHER)
def test_another_event_in_the_same_words_is_another_story(make: Make, name: str) -> None:
    one, other = ANOTHER[name]
    assert grouped(make, one, other) == 2
    assert grouped(make, other, one) == 2, "in whatever order they come"


@pytest.mark.parametrize("name", THE_SAME)
def test_the_same_event_in_other_words_is_one_story(make: Make, name: str) -> None:
    one, other = THE_SAME[name]
    assert grouped(make, one, other) == 1
    assert grouped(make, other, one) == 1, "in whatever order they come"
