"""Articles of our own in several languages."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.support.grouped import Make, maker


@pytest.fixture
def make() -> Make:
    """Builds an article from a text whose first line is the title; ids are counted up unless given."""
    return maker()


BRIDGE = {
    "nl": """Brug over de Oster in Valkenrade ingestort, twee gewonden
Een deel van de Sint-Michielsbrug in Valkenrade is dinsdagochtend ingestort. Twee bestuurders raakten gewond toen hun
wagens in de Oster vielen, meldt burgemeester Hanne Dewolf. De brandweer haalde beiden uit het water.
Ingenieur Joost Brakel had in maart gewaarschuwd voor scheuren. De brug dateert van 1931 en telt 48 meter.""",
    "de": """Brücke in Valkenrade eingestürzt – Bürgermeisterin Dewolf kündigt Untersuchung an
In Valkenrade ist am Dienstag die Sint-Michiels-Brücke über die Oster zum Teil eingestürzt. Zwei Autofahrer wurden
verletzt. „Wir werden alles aufklären“, sagte Bürgermeisterin Hanne Dewolf. Der Ingenieur Joost Brakel hatte vor Rissen
gewarnt. Das Bauwerk von 1931 ist 48 Meter lang.""",
    "it": """Valkenrade, crolla il ponte sull'Oster: due feriti
Il ponte Sint-Michiels di Valkenrade è crollato in parte martedì mattina. Due automobilisti sono rimasti feriti, ha
detto la sindaca Hanne Dewolf. L'ingegnere Joost Brakel aveva segnalato crepe a marzo. Il ponte, del 1931, misura
48 metri.""",
    "en": """Two hurt as bridge collapses into the Oster at Valkenrade
Part of the Sint-Michiels bridge in Valkenrade collapsed on Tuesday morning, injuring two drivers, mayor Hanne Dewolf
said. Engineer Joost Brakel had warned of cracks in March. The 48-metre bridge was built in 1931.""",
}

#: The same mayor and town in the same week, but another affair.
BUDGET = """Dewolf verdedigt begroting van Valkenrade: belastingen omhoog
De gemeenteraad van Valkenrade heeft donderdag de begroting goedgekeurd. Burgemeester Hanne Dewolf verhoogt de
onroerende voorheffing met 6 procent; oppositieleider Piet Lammens noemt dat een belastingaanslag op gezinnen.
De raad stemde met 19 tegen 14 in met het voorstel van schepen Nora Ceulemans."""

#: The same kind of event in the same week, elsewhere.
ELSEWHERE = """Footbridge collapses in Caldermouth, three injured
A footbridge over the river Lenn in Caldermouth collapsed on Wednesday, injuring three pupils. Firefighters rescued
them, council leader Priya Nandakumar said. The 20-metre bridge had been inspected by Torval Engineering in 2019."""

#: Two years on, the bridge again.
TRIAL = {
    "nl": """Brugramp Valkenrade: ingenieur Joost Brakel getuigt tegen stadsbestuur
Voor de rechtbank heeft ingenieur Joost Brakel maandag verklaard dat burgemeester Hanne Dewolf zijn brief over de
Sint-Michielsbrug in Valkenrade ongeopend liet. Twee bestuurders vielen bij de instorting in de Oster.
De aanklager vraagt een boete van 40.000 euro.""",
    "en": """Engineer tells court mayor ignored letter on Valkenrade bridge
Joost Brakel told the court on Monday that mayor Hanne Dewolf left his letter about the Sint-Michiels bridge in
Valkenrade unopened before it collapsed into the Oster. Prosecutors want a fine of 40,000 euros.""",
}


@pytest.fixture
def news() -> SimpleNamespace:
    """One event in four languages, its traps, and what came of it."""
    return SimpleNamespace(bridge=BRIDGE, budget=BUDGET, elsewhere=ELSEWHERE, trial=TRIAL)
