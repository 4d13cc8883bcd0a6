"""What a sentence denies, doubts or only bounds is not stated. By language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.compose import clauses
from digest.compose.statements import statements
from digest.model.article import Article
from digest.model.dates import PartialDate, Precision


def stated(text: str, language: str) -> set[tuple[str, str]]:
    """(matter, value) of what a text states, but for things that no list knows."""
    published = PartialDate(datetime(2024, 3, 4, tzinfo=UTC), Precision.DAY)
    made = Article(
        source="test", title="", title_given=False, paragraphs=(text,), language=language, published=published,
        publisher="Paper", url=None, content_hash="1", signature=b"", identity="id:1", id=1, seq=1,
    )  # fmt: skip
    return {(s.matter, str(s.value)) for s in statements.__wrapped__(made) if s.kind != "noun"}


_NOTHING = {
    "en": (
        "The line will not open in 2026.",
        "The line won't open in 2026.",
        "The line will not, the ministry said, open in 2026.",
        "The line may open in 2026.",
        "It is not true that 12 people died.",
        "It is not true that 5 people were injured and 12 people died.",
        "That 12 people died is not true.",
        "It was wrongly reported that 12 people had died.",
        "12 people are believed to have died.",
        "None of the 12 people died.",
        "The death toll could rise to 12.",
        "Fewer than 12 people died.",
        "No more than 12 people died.",
        "Up to 12 people died.",
        "12 people may have died in the fire.",
        "12 people are feared dead.",
        "No one killed in Torvik.",
        "If 12 people have died, the law will change.",
        "It is unclear whether 12 people died.",
        "Have 12 people died in Torvik?",
        "12 people almost died in Torvik.",
        "A cancellation has been ruled out.",
        "The minister ruled out a cancellation.",
        "The match may be cancelled.",
        "The match was almost cancelled.",
        "The match was not cancelled.",
        "Will the match be cancelled?",
        "The match has yet to be cancelled.",
        "He could have been convicted.",
        "He was never convicted.",
        "The club refused to pay the ransom of €3 million.",
        "The club did not demand a ransom of €3 million.",
        "A fine of €3 million may be imposed.",
        "The club did not confirm the transfer.",
        "The club didn’t confirm the transfer.",
        "The club declined to confirm the transfer.",
        "Nobody confirmed the transfer.",
        "The trial is not scheduled for 12 May.",
        "The bill was not passed by 200 votes to 150.",
        "The police may have seized 12 kg of cocaine.",
    ),
    "nl": (
        "De lijn gaat niet in 2026 open voor productie.",
        "De lijn gaat in 2026 niet in gebruik.",
        "Het is niet waar dat 12 mensen zijn omgekomen.",
        "Minder dan 12 mensen zijn omgekomen.",
        "Mogelijk zijn 12 mensen omgekomen.",
        "12 mensen zouden zijn omgekomen.",
        "Het is onduidelijk of er 12 mensen zijn omgekomen.",
        "Zijn er 12 mensen omgekomen?",
        "Een vertraging is uitgesloten.",
        "De wedstrijd kan worden afgelast.",
        "De wedstrijd is bijna afgelast.",
        "De wedstrijd wordt niet afgelast.",
        "Hij zou kunnen worden veroordeeld.",
        "De club weigerde het losgeld van 3 miljoen euro te betalen.",
        "De club bevestigde de transfer maandag niet.",
        "Niemand bevestigde de transfer.",
    ),
    "de": (
        "Die Eröffnung ist 2026 nicht möglich.",
        "Die Fabrik geht 2026 nicht in Betrieb.",
        "Es ist nicht wahr, dass 12 Menschen gestorben sind.",
        "Es stimmt nicht, dass am Montag 12 Menschen gestorben sind.",
        "Dass 12 Menschen starben, ist falsch.",
        "Die Polizei schließt aus, dass 12 Menschen starben.",
        "Weniger als 12 Menschen starben.",
        "Bis zu 12 Menschen könnten gestorben sein.",
        "Am Montag sollen 12 Menschen gestorben sein.",
        "Es ist unklar, ob 12 Menschen gestorben sind.",
        "Falls 12 Menschen gestorben sind, wird gewarnt.",
        "Sind 12 Menschen gestorben?",
        "Eine Absage ist ausgeschlossen.",
        "Eine Absage droht.",
        "Das Spiel könnte abgesagt werden.",
        "Das Spiel wäre fast abgesagt worden.",
        "Er hätte verurteilt werden können.",
        "Der Klub weigerte sich, 3 Millionen Euro Lösegeld zu zahlen.",
        "Der Klub zahlt das Lösegeld von 3 Millionen Euro nicht.",
        "Der Klub bestätigte den Wechsel am Montag nicht.",
        "Niemand bestätigte den Wechsel.",
    ),
    "fr": (
        "La ligne ne va pas ouvrir en 2026.",
        "L'ouverture n’est pas pour 2026.",
        "Il n'est pas vrai que 12 personnes sont mortes.",
        "Moins de 12 personnes sont mortes.",
        "Jusqu'à 12 personnes seraient mortes.",
        "12 personnes auraient été tuées.",
        "Peut-être 12 personnes sont mortes.",
        "Si 12 personnes sont mortes, la loi changera.",
        "Est-ce que 12 personnes sont mortes ?",
        "Personne n'a été condamné.",
        "Une annulation est exclue.",
        "L'annulation du match n'est pas prévue.",
        "Le match pourrait être annulé.",
        "Le match a failli être annulé.",
        "Le match n'est pas annulé.",
        "Il aurait pu être condamné.",
        "Le club refuse de payer la rançon de 3 000 000 €.",
        "Le club ne confirme pas le transfert.",
        "Le club n'a pas confirmé le transfert.",
    ),
    "es": (
        "La línea no va a abrir en 2026.",
        "La línea podría abrir en 2026.",
        "No es cierto que 12 personas murieron.",
        "Es falso que 12 personas murieron.",
        "Menos de 12 personas murieron.",
        "Hasta 12 personas han muerto.",
        "Quizá 12 personas murieron en Torvik.",
        "¿De verdad 12 personas murieron?",
        "Si 12 personas murieron, cambiará la ley.",
        "La cancelación está descartada.",
        "El partido puede ser cancelado.",
        "El partido estuvo a punto de ser cancelado.",
        "El partido no fue cancelado.",
        "Pudo haber sido condenado.",
        "El club se negó a pagar el rescate de 3 millones de euros.",
        "El club no confirmó el traspaso.",
        "Nadie confirmó el traspaso.",
    ),
    "pt": (
        "A linha não vai abrir em 2026.",
        "A linha pode abrir em 2026.",
        "Não é verdade que 12 pessoas morreram.",
        "É falso que 12 pessoas morreram.",
        "Menos de 12 pessoas morreram.",
        "Até 12 pessoas morreram.",
        "Talvez 12 pessoas morreram em Torvik.",
        "Morreram 12 pessoas ou 12 pessoas morreram?",
        "O cancelamento está descartado.",
        "O jogo pode ser cancelado.",
        "O jogo quase foi cancelado.",
        "O jogo não foi cancelado.",
        "Poderia ter sido condenado.",
        "O clube recusou-se a pagar o resgate de 3 milhões de euros.",
        "O clube não confirmou a transferência.",
        "Ninguém confirmou a transferência.",
    ),
    "it": (
        "La linea non aprirà nel 2026.",
        "La linea potrebbe aprire nel 2026.",
        "Non è vero che 12 persone sono morte.",
        "È falso che 12 persone sono morte.",
        "Meno di 12 persone sono morte.",
        "Fino a 12 persone sarebbero morte.",
        "Forse 12 persone sono morte a Torvik.",
        "Se 12 persone sono morte, la legge cambierà.",
        "Sono 12 i morti a Torvik, 12 morti?",
        "L'annullamento è escluso.",
        "La partita può essere annullata.",
        "La partita è stata quasi annullata.",
        "La partita non è stata annullata.",
        "Avrebbe potuto essere condannato.",
        "Il club rifiuta di pagare il riscatto di 3 milioni di euro.",
        "Il club non conferma il trasferimento.",
        "Nessuno conferma il trasferimento.",
    ),
    "pl": (
        "Otwarcie nie odbędzie się w 2026 roku.",
        "Otwarcie może być w 2026 roku.",
        "To nieprawda, że 12 osób zginęło.",
        "Nie jest prawdą, że 12 osób zginęło.",
        "Zginęło mniej niż 12 osób, mniej niż 12 zabitych.",
        "Mogło być 12 zabitych.",
        "Nie wiadomo, czy 12 osób zginęło.",
        "Jeśli 12 osób zginęło, prawo się zmieni.",
        "Czy zginęło 12 osób, czy 12 osób zginęło?",
        "Mecz może zostać odwołany.",
        "Mecz został prawie odwołany.",
        "Mecz nie został odwołany.",
        "Mecz miał zostać odwołany.",
        "Mógł zostać skazany.",
        "Klub odmówił zapłaty okupu w wysokości 3 milionów euro.",
        "Klub nie potwierdził transferu.",
        "Nikt nie potwierdził transferu.",
    ),
    "sv": (
        "Linjen öppnar inte 2026.",
        "Linjen kan öppna 2026.",
        "Det är inte sant att 12 personer har dött.",
        "Färre än 12 personer har dött.",
        "Högst 12 personer har dött.",
        "Det är oklart om 12 personer har dött.",
        "Har 12 personer dött?",
        "Om 12 personer har dött ändras lagen.",
        "Matchen kan ställas in och är kanske inställd.",
        "Matchen blev nästan inställd.",
        "Matchen är inte inställd.",
        "Han kunde ha blivit dömd.",
        "Klubben vägrar betala en lösensumma på 3 miljoner euro.",
        "Klubben bekräftade inte affären.",
        "Ingen bekräftade affären.",
    ),
    "ru": (
        "Неправда, что 12 человек погибли.",
        "Возможно, что 12 человек погибли.",
        "Если 12 человек погибли, закон изменится.",
        "Матч может быть отменен.",
        "Матч не отменен.",
        "Клуб не подтвердил переход.",
    ),
    "ar": (
        "لن يتم إلغاء المباراة.",
        "قد يتم إلغاء المباراة.",
        "لم تؤجل المباراة.",
        "هل تأجلت المباراة في المدينة؟",
    ),
    "sl": (
        "Ni res, da je 12 mrtvih.",
        "Manj kot 12 mrtvih.",
        "Tekma morda bo odpovedana.",
        "Tekma ne bo odpovedana.",
        "Klub ni potrdil prestopa.",
        "Ali je 12 mrtvih?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in _NOTHING.items() for text in texts]
)
def test_what_is_denied_doubted_or_bounded_states_nothing(language: str, text: str) -> None:
    assert stated(text, language) == set()


@pytest.mark.parametrize(
    "text", ["Up to 12 may have died.", "No one died.", "If 12 people die, the law will change.", "Did 12 people die?"]
)
def test_words_that_no_list_knows_state_nothing_either(text: str) -> None:
    assert stated(text, "en") == set()


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in _NOTHING.items() for text in texts]
)
def test_without_its_doubt_each_of_them_states_something(
    language: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above would prove nothing."""
    monkeypatch.setattr(clauses, "_marks", lambda _: ())
    assert stated(text, language)
