from __future__ import annotations

import json
from pathlib import Path

import pytest

from digest.ingest import phrases, plain, seed, vocabulary
from digest.ingest.clean import clean
from digest.ingest.markup import to_paragraphs

BODY = (
    "De gemeenteraad van Oudemeer besloot woensdag dat de oude ophaalbrug over de vaart volgend jaar wordt vervangen.",
    "Volgens de wethouder kost het werk twaalf miljoen euro en kan het verkeer er pas in het najaar weer over.",
)

NOISE = """promotion Wil je elke ochtend het belangrijkste nieuws? Meld je aan voor De Ochtendpost.
cross-link LEES OOK: Vijf dingen die je moet weten over bruggen
cross-link >> Dit weten we over de brand
promotion Krijg meldingen van het laatste nieuws: download de app.
cross-link Tekst loopt door onder de afbeelding
cookie Wij maken gebruik van cookies om deze inhoud te kunnen tonen.
promotion Keine Nachricht mehr verpassen: Folgen Sie uns auf Instagram!
cross-link Lesen Sie auch: Was die neue Brücke kosten soll
cross-link +++ Brücke gesperrt: Hier staut es sich +++
caption Foto: dpa/Peter Müller
byline Quelle: dpa
cross-link Das könnte Sie auch interessieren:
promotion Mit unserer App sind Sie immer auf dem neuesten Stand. Jetzt herunterladen!
note Dieser Artikel erschien zuerst bei der Stadtzeitung.
cross-link Leggi anche – Ponte chiuso, le alternative
promotion Abbonati per leggere tutti gli articoli senza limiti.
byline © Tutti i diritti riservati
promotion Get the day's biggest stories delivered to your inbox every morning.
promotion Have you been affected? Email our newsroom at newsdesk@example.org.
caption Photograph: Robert Capa/The Courier
byline By Nellie Bly and Ida Tarbell
cookie We use cookies to improve your experience on this site.
promotion Recevez chaque matin l'essentiel de l'actualité dans votre boîte mail.
cross-link À lire aussi : le pont fermé jusqu'à l'automne
byline (Avec AFP)
promotion Suscríbete gratis a nuestro boletín de noticias.
cross-link Te puede interesar: Los puentes más bonitos
promotion Siga-nos no WhatsApp e não perca nenhuma notícia.
cross-link Leia também: Ponte fechada até ao outono
promotion Ladda ner vår app och få nyheterna direkt i mobilen.
cross-link Läs också: Bron stängs till hösten
promotion Zapisz się na nasz newsletter.
cross-link Czytaj też: Most zamknięty do jesieni""".splitlines()

NEWS = """WhatsApp krijgt vanaf maandag betaalde kanalen, meldt moederbedrijf Meta.
De app is gratis te downloaden en werkt ook zonder internet.
„Meld je aan voor onze nieuwsbrief“, stond er op het spandoek van de demonstranten.
Der Podcast gehört seit Jahren zu den meistgehörten des Landes, teilte der Sender mit.
Instagram führt in Deutschland ein kostenpflichtiges Abo ohne Werbung ein.
Jetzt kann die Stadt mit dem Bau beginnen.
Das Parlament setzt Cookies neue Grenzen: Nutzer sollen seltener gefragt werden.
Il canale di Suez resta chiuso fino a domenica per lavori.
The free newsletter was founded in 2019 and has 40,000 subscribers.
More than forty people were taken to hospital.
Photo finishes have decided three of the last five races.
Sources in Brussels say that the deal is close.
Bild und Ton wurden getrennt aufgezeichnet.
Door de storm vielen drie bomen om in het park.
Van de Velde won de derde rit in Gent.
Las autoridades pidieron a los vecinos que no salgan de casa.
Nous avons eu peur, raconte une habitante.
– Följ oss, sade polisen till de boende.
He won the race in 2:03.11 (a world record).
De burgemeester zei daarover het volgende:""".splitlines()


@pytest.mark.parametrize("line", NOISE)
def test_noise_between_paragraphs_is_cut_with_its_reason(line: str) -> None:
    reason, _, text = line.partition(" ")
    result = clean([BODY[0], text, BODY[1]])
    assert result.paragraphs == BODY
    assert [(cut.reason, cut.text) for cut in result.cut] == [(reason, text)]


@pytest.mark.parametrize("text", NEWS)
def test_news_is_kept(text: str) -> None:
    assert text in clean([BODY[0], text, BODY[1]]).paragraphs


@pytest.mark.parametrize("text", ["Twaalf miljoen euro", "Wat kost de brug?", "Eindelijk een besluit!"])
def test_sub_headings(text: str) -> None:
    result = clean([BODY[0], text, BODY[1]])
    assert result.paragraphs == BODY
    assert result.cut[0].reason == "heading"


def test_a_label_cuts_itself_and_the_links_below_but_not_the_article() -> None:
    result = clean([BODY[0], "Mehr News:", BODY[1]])
    assert result.paragraphs == BODY
    links = clean([*BODY, "Mehr zum Thema:", "Brücke bleibt zu", "Stadtrat tagt wieder"])
    assert links.paragraphs == BODY
    assert {cut.reason for cut in links.cut} == {"cross-link"}


def test_a_list_below_a_label_goes_from_a_short_article_too() -> None:
    news = "The bridge is shut."
    result = clean([news, "Related articles", "- Market closes early", "- New bus lane opens"])
    assert result.paragraphs == (news,)
    assert [cut.reason for cut in result.cut] == ["cross-link"] * 3


@pytest.mark.parametrize(
    "label", ["", "The main demands", "Video: the collapse", "Analysis: what we know", "More on it"]
)
def test_a_list_of_the_article_stays(label: str) -> None:
    """Below a heading too, and below what only looks like a link."""
    points = ("- Two lanes stay open", "- Ferries run all night", "- A third point is made")
    for body in (("The bridge is shut.",), BODY):
        kept = clean([*body, *([label] if label else []), *points]).paragraphs
        assert points[1:] == kept[-2:]


def test_an_article_is_not_emptied_for_its_list() -> None:
    points = ("- Two dead in Ostend", "- Ferries stay in port")
    assert clean(["Related articles", *points]).paragraphs == points


def test_buttons_go_before_and_behind_the_text_only() -> None:
    assert clean(["Print", *BODY, "Drucken", "Teilen", "Merken"]).paragraphs == BODY
    spelled = clean([BODY[0], "Print", BODY[1]])
    assert "Print" not in [cut.text for cut in spelled.cut if cut.reason == "promotion"]


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        ("(red.)", "byline"),
        ("(mvd)", "byline"),
        ("(dpa/lno)", "byline"),
        ("(Lees verder onder de advertentie.)", "cross-link"),
        ("[Leggi anche: il ponte]", "cross-link"),
        ("Lees ook: Zo werkt een ophaalbrug", "cross-link"),
        ("Schrijf je in voor onze nieuwsbrief en ontvang elke week het beste verhaal!", "promotion"),
    ],
)
def test_what_is_stuck_to_a_paragraph_comes_off(tail: str, reason: str) -> None:
    result = clean([f"{BODY[0]} {tail}", BODY[1]])
    assert result.paragraphs == BODY
    assert [(cut.reason, cut.text) for cut in result.cut] == [(reason, tail)]


@pytest.mark.parametrize("tail", ["(62) en de trainer.", "Hij is 62 (en niet 63).", "De eindstand: 2-1 (1-0)."])
def test_brackets_of_the_author_stay(tail: str) -> None:
    assert clean([f"{BODY[0]} {tail}"]).paragraphs == (f"{BODY[0]} {tail}",)


@pytest.mark.parametrize(
    "start", ["OUDEMEER (ANP) - ", "Oudemeer (dpa/lno) – ", "ROMA – ", "PARIS, 12 May (Reuters) - "]
)
def test_datelines(start: str) -> None:
    result = clean([start + BODY[0], BODY[1]])
    assert result.paragraphs == BODY
    assert result.cut[0].reason == "byline"


def test_a_picture_with_its_credit_is_a_caption() -> None:
    text = "De ophaalbrug bij zonsondergang, vorige week. Foto: Jan Peters"
    assert clean([BODY[0], text, BODY[1]]).paragraphs == BODY


def test_a_headline_before_the_text_is_told() -> None:
    result = clean(["Oudemeer krijgt een nieuwe brug", *BODY])
    assert (result.lead, result.paragraphs) == ("Oudemeer krijgt een nieuwe brug", BODY)


def test_text_that_never_ends_its_lines_is_not_judged_by_that() -> None:
    lines = ["Ajax wint", "Feyenoord verliest", "PSV speelt gelijk"]
    assert clean(lines).paragraphs == tuple(lines)


def test_an_article_is_never_emptied_for_its_form() -> None:
    text = "Dit artikel is verwijderd op verzoek van de auteur."
    assert clean([text]).paragraphs == (text,)
    assert clean([]).paragraphs == ()


def test_bullets_are_no_headings() -> None:
    lines = ["- twaalf miljoen euro", "- elf maanden werk"]
    assert clean([BODY[0], *lines, BODY[1]]).paragraphs == (BODY[0], *lines, BODY[1])


def test_wrapped_lines_are_one_paragraph_and_line_paragraphs_stay_apart() -> None:
    wrapped = (
        "The council of Marlow Ferry voted on Tuesday to replace\n"
        "the old swing bridge over the river with a fixed\n"
        "one made of steel and wood."
    )
    assert len(plain.paragraphs(wrapped)) == 1
    assert len(plain.paragraphs("\n".join(BODY))) == 2


def test_hidden_characters_are_gone() -> None:
    assert plain.one_line("a\u202eb\x00c\u200b d\u2066e\ufeff\ud800") == "abc de"
    assert plain.tidy("e\u0301") == "é"


def test_seed_with_promotion_between_its_paragraphs(shared: Path) -> None:
    (file,) = (shared / "seeds").glob("003_*.txt")
    result = clean(plain.paragraphs(seed.read(file.read_bytes(), "x").text))
    assert len(result.paragraphs) == 7
    assert result.paragraphs[-1].startswith("Denn egal")
    assert sorted(cut.reason for cut in result.cut) == ["cross-link", "cross-link", "heading", "heading", "promotion"]


def test_development_set_boilerplate_is_gone_and_text_is_not(shared: Path) -> None:
    survived, lost, total = [], [], 0
    for line in (shared / "eval" / "authored-dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        result = clean(plain.paragraphs(row["text"]))
        total += len(row["boilerplate"])
        survived += [noise for noise in row["boilerplate"] if noise in "\n".join(result.paragraphs)]
        lost += [cut for cut in result.cut if cut.reason != "heading" and cut.text not in row["boilerplate"]]
    assert total
    assert not survived
    assert not lost


def test_html_noise_is_cut_too() -> None:
    html = f"<p>{BODY[0]}</p><p><a href='x'>Lees ook: de brug</a></p><p>{BODY[1]}</p>"
    assert clean(to_paragraphs(html)).paragraphs == BODY


def test_of_a_long_paragraph_only_its_last_sentences_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one of so many ends, judged up to its own end each time, takes minutes."""
    seen: list[int] = []
    monkeypatch.setattr(phrases, "folded", lambda text: (seen.append(len(text)), vocabulary.folded(text))[1])
    length = 30_000
    clean(["。" * length])
    assert sum(seen) < 40 * length
    tail = "Read more: the bridge of Upper Sedge."
    assert clean(["The council met at noon. " * 400 + tail]).cut[0].text == tail


def test_a_paragraph_of_nothing_but_tails_is_not_gone_through_again_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    whole = phrases.judge_tail

    def count(sentences: str) -> str:
        asked.append(sentences)
        return whole(sentences)

    monkeypatch.setattr(phrases, "judge_tail", count)
    text = "The council of Upper Sedge met at noon to mend the bridge. " + "Read more on our website! " * 400
    found = clean([text.strip()])
    assert found.paragraphs[0].startswith("The council of Upper Sedge")
    assert 5 <= len(found.cut) <= 20
    assert len(asked) < 1000
