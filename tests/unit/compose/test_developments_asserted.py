"""What only looks denied or doubted is stated, and what stands beside a denial. By language."""

from __future__ import annotations

import pytest

from tests.unit.compose.test_developments_denied import stated

DEAD, DENIED = ("dead", "12"), ("claim", "denied")
CANCELLED, CONVICTED = ("plan", "cancelled"), ("suspect", "convicted")

_SOMETHING = {
    "en": (
        ("The line will not open in 2026 but in 2027.", {("start", "2027")}),
        ("The line will not open in 2026; the opening is planned for 2027.", {("start", "2027")}),
        ("The line will not open in 2026 but is planned for 2027.", {("start", "2027")}),
        ("The line will not open until 2027.", {("start", "2027")}),
        ("The line is expected to open in 2027.", {("start", "2027"), ("claim", "expected")}),
        ("Police denied that 12 people had died.", {DENIED}),
        ("Police denied that 5 people were injured and 12 people had died.", {DENIED}),
        ("The club denied the transfer.", {DENIED}),
        ("The club denied a possible transfer.", {DENIED}),
        ("The club denied that it could happen.", {DENIED}),
        ("The club denied that the match had been cancelled.", {DENIED}),
        ("The deal could reportedly be done.", {("claim", "expected")}),
        ("Valdi is expected to join Torvik.", {("claim", "expected")}),
        ("Not only 12 dead, but 30 injured.", {DEAD, ("injured", "30")}),
        ("Not 7 but 12 people died.", {DEAD}),
        ("12 people died, not 7 as reported earlier.", {DEAD}),
        ("12 people died, not 13 dead as reported earlier.", {DEAD}),
        ("No fewer than 12 people died.", {DEAD}),
        ("No doubt 12 people died.", {DEAD}),
        ("Almost 12 people died.", {DEAD}),
        ("Nobody was rescued and the death toll rose to 12.", {DEAD}),
        ("12 people died in a fire that could have been prevented.", {DEAD}),
        ("12 people died because the alarm did not work.", {DEAD}),
        ("12 people died, it was not arson.", {DEAD}),
        ("The match has been cancelled, there may be a new date.", {CANCELLED}),
        ("In May, 12 people died.", {DEAD}),
        ("The club confirmed that Valdi will not leave.", {("claim", "confirmed")}),
        ("He was convicted but could appeal.", {CONVICTED}),
        ("The match was cancelled without explanation.", {CANCELLED}),
        ("The match was not cancelled but postponed.", {("plan", "postponed")}),
        ("The 12 dead have not been identified.", {DEAD}),
        ("The death toll rose to 12, but may rise further.", {DEAD}),
        ("The new plant would cost €3 million, no more.", {("price", "3000000")}),
        ("The plant is expected to cost €3 million.", {("price", "3000000"), ("claim", "expected")}),
        ("The bill was rejected by 150 votes to 200.", {("vote", "150–200")}),
        ("The trial is scheduled for 12 May.", {("day", "2024-05-12")}),
    ),
    "nl": (
        ("Niet alleen 12 doden, ook 30 gewonden.", {DEAD, ("injured", "30")}),
        ("Niet 7 maar 12 mensen zijn omgekomen.", {DEAD}),
        ("12 mensen zijn omgekomen, niet 7 zoals eerder gemeld.", {DEAD}),
        ("12 mensen zijn omgekomen omdat de brandweer niet op tijd kwam.", {DEAD}),
        ("De productie begint niet in 2026 maar in 2027.", {("start", "2027")}),
        ("De club ontkende de transfer.", {DENIED}),
        ("De politie ontkende dat 12 mensen zijn omgekomen.", {DENIED}),
        ("De wedstrijd is afgelast, misschien komt er een nieuwe datum.", {CANCELLED}),
    ),
    "de": (
        ("Nicht nur 12 Tote, auch 30 Verletzte.", {DEAD, ("injured", "30")}),
        ("Nicht 7, sondern 12 Menschen starben.", {DEAD}),
        ("12 Menschen starben, nicht 7 wie zuvor gemeldet.", {DEAD}),
        ("Die zwölf Toten sind noch nicht identifiziert, 12 Menschen starben.", {DEAD}),
        ("Verletzt wurde niemand, 12 Menschen starben.", {DEAD}),
        ("Das Spiel wurde ohne Angabe von Gründen abgesagt.", {CANCELLED}),
        ("Die 12 Verletzten schweben nicht in Lebensgefahr.", {("injured", "12")}),
        ("Die Produktion beginnt nicht 2026, sondern 2027.", {("start", "2027")}),
        ("Die Fabrik soll 2027 in Betrieb gehen.", {("start", "2027")}),
        ("Der Klub dementierte den Wechsel.", {DENIED}),
        ("Die Polizei dementierte, dass 12 Menschen gestorben sind.", {DENIED}),
        ("Der Klub wies Berichte über eine Absage zurück.", {DENIED}),
        ("Das Spiel wurde abgesagt, wohl wegen des Regens.", {CANCELLED}),
    ),
    "fr": (
        ("Non seulement 12 morts, mais 30 blessés.", {DEAD, ("injured", "30")}),
        ("Pas moins de 12 personnes sont mortes.", {DEAD}),
        ("12 personnes sont mortes, et non 7.", {DEAD}),
        ("12 personnes sont mortes dans un incendie qui n'a pas été éteint.", {DEAD}),
        ("Le club dément le transfert.", {DENIED}),
        ("La police dément que 12 personnes sont mortes.", {DENIED}),
        ("La ligne devrait ouvrir en 2027.", {("start", "2027")}),
        ("Le match est annulé, il pourrait avoir lieu en mai.", {CANCELLED}),
    ),
    "es": (
        ("No solo 12 muertos, también 30 heridos.", {DEAD, ("injured", "30")}),
        ("No 7 sino 12 personas murieron.", {DEAD}),
        ("Sin embargo 12 personas murieron.", {DEAD}),
        ("12 personas murieron, no 7.", {DEAD}),
        ("El club desmiente el traspaso.", {DENIED}),
        ("La policía niega que 12 personas murieron.", {DENIED}),
        ("La línea no va a abrir hasta 2027.", {("start", "2027")}),
        ("El partido fue cancelado, podría jugarse en mayo.", {CANCELLED}),
    ),
    "pt": (
        ("Não só 12 mortos, também 30 feridos.", {DEAD, ("injured", "30")}),
        ("Não 7 mas 12 pessoas morreram.", {DEAD}),
        ("12 pessoas morreram, não 7.", {DEAD}),
        ("O clube desmente a transferência.", {DENIED}),
        ("A polícia nega que 12 pessoas morreram.", {DENIED}),
        ("A linha deverá abrir em 2027.", {("start", "2027")}),
        ("O jogo foi cancelado, poderá realizar-se em maio.", {CANCELLED}),
    ),
    "it": (
        ("Non solo 12 morti, anche 30 feriti.", {DEAD, ("injured", "30")}),
        ("Non 7 ma 12 persone sono morte.", {DEAD}),
        ("12 persone sono morte, non 7.", {DEAD}),
        ("Il club smentisce il trasferimento.", {DENIED}),
        ("La polizia smentisce che 12 persone sono morte.", {DENIED}),
        ("La linea dovrebbe aprire nel 2027.", {("start", "2027")}),
        ("La partita è stata annullata, forse si gioca a maggio.", {CANCELLED}),
    ),
    "pl": (
        ("Nie tylko 12 zabitych, także 30 rannych.", {DEAD, ("injured", "30")}),
        ("Nie 7, lecz 12 osób zginęło.", {DEAD}),
        ("12 osób nie żyje.", {DEAD}),
        ("12 osób zginęło, a nie 7.", {DEAD}),
        ("Klub zaprzecza doniesieniom.", {DENIED}),
        ("Policja zaprzecza, że 12 osób zginęło.", {DENIED}),
        ("Mecz został odwołany, może odbędzie się w maju.", {CANCELLED}),
    ),
    "sv": (
        ("Inte bara 12 döda, också 30 skadade.", {DEAD, ("injured", "30")}),
        ("Inte 7 utan 12 personer har dött.", {DEAD}),
        ("12 personer har dött, inte 7.", {DEAD}),
        ("Klubben förnekar affären.", {DENIED}),
        ("Polisen förnekar att 12 personer har dött.", {DENIED}),
        ("Linjen väntas öppna 2027.", {("start", "2027")}),
        ("Matchen är inställd, den kan spelas i maj.", {CANCELLED}),
    ),
    "ru": (
        ("Не 7, а 12 человек погибли.", {DEAD}),
        ("Клуб опроверг переход.", {DENIED}),
        ("Полиция опровергла, что 12 человек погибли.", {DENIED}),
        ("Не только 12 погибших.", {DEAD}),
    ),
    "ar": (
        ("تم إلغاء المباراة.", {CANCELLED}),
        ("نفى النادي الخبر.", {DENIED}),
    ),
    "sl": (
        ("Ne samo 12 mrtvih.", {DEAD}),
        ("Klub zanika prestop.", {DENIED}),
        ("Tekma je odpovedana.", {CANCELLED}),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [(language, text, expected) for language, pairs in _SOMETHING.items() for text, expected in pairs],
)
def test_what_only_looks_denied_is_stated(language: str, text: str, expected: set[tuple[str, str]]) -> None:
    assert stated(text, language) == expected
