"""Words for numbers, magnitudes and units, by language. Tables, and what follows from them."""

from __future__ import annotations

from functools import cache

_ONES = {
    "en": "one two three four five six seven eight nine",
    "nl": "een twee drie vier vijf zes zeven acht negen",
    "de": "ein zwei drei vier fünf sechs sieben acht neun",
    "sv": "en två tre fyra fem sex sju åtta nio",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "sv": "tjugo trettio fyrtio femtio sextio sjuttio åttio nittio",
}
#: `word=value`; one is left out everywhere, since in most languages it is the article too.
_WORDS = {
    "en": "two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 thirteen=13 fourteen=14 "
    "fifteen=15 sixteen=16 seventeen=17 eighteen=18 nineteen=19 hundred=100 thousand=1000 million=1000000 twice=2 "
    "third=3 fourth=4 fifth=5 sixth=6 seventh=7 eighth=8 ninth=9 tenth=10 eleventh=11 twelfth=12 thirteenth=13 "
    "fourteenth=14 fifteenth=15 dozen=12",
    "nl": "twee=2 drie=3 vier=4 vijf=5 zes=6 zeven=7 acht=8 negen=9 tien=10 elf=11 twaalf=12 dertien=13 veertien=14 "
    "vijftien=15 zestien=16 zeventien=17 achttien=18 negentien=19 honderd=100 duizend=1000 miljoen=1000000 "
    "tweede=2 derde=3 vierde=4 vijfde=5 zesde=6 zevende=7 achtste=8 negende=9 tiende=10 elfde=11 twaalfde=12 "
    "dertiende=13 veertiende=14 vijftiende=15 tweemaal=2 driemaal=3 dozijn=12",
    "de": "zwei=2 zwo=2 drei=3 vier=4 fünf=5 sechs=6 sieben=7 acht=8 neun=9 zehn=10 elf=11 zwölf=12 dreizehn=13 "
    "vierzehn=14 fünfzehn=15 sechzehn=16 siebzehn=17 achtzehn=18 neunzehn=19 hundert=100 tausend=1000 "
    "zweite=2 zweiten=2 zweiter=2 zweites=2 dritte=3 dritten=3 dritter=3 drittes=3 vierte=4 vierten=4 vierter=4 "
    "fünfte=5 fünften=5 sechste=6 sechsten=6 siebte=7 siebten=7 achte=8 achten=8 neunte=9 neunten=9 zehnte=10 "
    "zehnten=10 zweimal=2 dreimal=3 viermal=4 dutzend=12",
    "sv": "två=2 tre=3 fyra=4 fem=5 sex=6 sju=7 åtta=8 nio=9 tio=10 elva=11 tolv=12 tretton=13 fjorton=14 femton=15 "
    "sexton=16 sjutton=17 arton=18 nitton=19 hundra=100 tusen=1000 tredje=3 fjärde=4 femte=5 sjätte=6 sjunde=7",
    "da": "to=2 tre=3 fire=4 fem=5 seks=6 syv=7 otte=8 ni=9 ti=10 elleve=11 tolv=12 tretten=13 fjorten=14 femten=15 "
    "seksten=16 sytten=17 atten=18 nitten=19 tyve=20 tredive=30 fyrre=40 hundrede=100 tusind=1000 tredje=3 fjerde=4",
    "it": "due=2 tre=3 quattro=4 cinque=5 sei=6 sette=7 otto=8 nove=9 dieci=10 undici=11 dodici=12 tredici=13 "
    "quattordici=14 quindici=15 sedici=16 diciassette=17 diciotto=18 diciannove=19 venti=20 trenta=30 quaranta=40 "
    "cinquanta=50 sessanta=60 settanta=70 ottanta=80 novanta=90 cento=100 mille=1000 mila=1000 terzo=3 terza=3 "
    "quarto=4 quarta=4 quinto=5 quinta=5 sesto=6 sesta=6 settimo=7 ottavo=8 nono=9 decimo=10",
    "fr": "deux=2 trois=3 quatre=4 cinq=5 six=6 sept=7 huit=8 neuf=9 dix=10 onze=11 douze=12 treize=13 quatorze=14 "
    "quinze=15 seize=16 dix-sept=17 dix-huit=18 dix-neuf=19 vingt=20 trente=30 quarante=40 cinquante=50 soixante=60 "
    "soixante-dix=70 quatre-vingts=80 quatre-vingt=80 quatre-vingt-dix=90 cent=100 mille=1000 deuxième=2 troisième=3 "
    "quatrième=4 cinquième=5 sixième=6 septième=7 huitième=8 neuvième=9 dixième=10",
    "es": "dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 once=11 doce=12 trece=13 catorce=14 "
    "quince=15 dieciséis=16 diecisiete=17 dieciocho=18 diecinueve=19 veinte=20 treinta=30 cuarenta=40 cincuenta=50 "
    "sesenta=60 setenta=70 ochenta=80 noventa=90 cien=100 ciento=100 mil=1000 tercero=3 tercera=3 tercer=3 cuarto=4 "
    "cuarta=4 quinto=5 quinta=5 sexto=6 sexta=6",
    "pt": "dois=2 duas=2 três=3 quatro=4 cinco=5 seis=6 sete=7 oito=8 nove=9 dez=10 onze=11 doze=12 treze=13 "
    "catorze=14 quatorze=14 quinze=15 dezasseis=16 dezesseis=16 dezassete=17 dezessete=17 dezoito=18 dezanove=19 "
    "dezenove=19 vinte=20 trinta=30 quarenta=40 cinquenta=50 sessenta=60 setenta=70 oitenta=80 noventa=90 cem=100 "
    "mil=1000 terceiro=3 terceira=3 quarto=4 quarta=4",
    "pl": "dwa=2 dwie=2 dwóch=2 dwaj=2 dwoma=2 trzy=3 trzech=3 trzej=3 cztery=4 czterech=4 pięć=5 pięciu=5 sześć=6 "
    "sześciu=6 siedem=7 siedmiu=7 osiem=8 ośmiu=8 dziewięć=9 dziewięciu=9 dziesięć=10 dziesięciu=10 jedenaście=11 "
    "jedenastu=11 dwanaście=12 dwunastu=12 piętnaście=15 piętnastu=15 dwadzieścia=20 dwudziestu=20 trzydzieści=30 "
    "trzydziestu=30 czterdzieści=40 czterdziestu=40 pięćdziesiąt=50 pięćdziesięciu=50 sto=100 stu=100 tysiąc=1000 "
    "trzeci=3 trzecia=3 czwarty=4 piąty=5",
}


@cache
def numerals(language: str) -> dict[str, int]:
    """Word, in small letters, -> its value."""
    found = {}
    for entry in _WORDS.get(language, "").split():
        word, _, value = entry.partition("=")
        found[word] = int(value)
    ones, tens = _ONES.get(language, "").split(), _TENS.get(language, "").split()
    for t, ten in enumerate(tens, start=2):
        found[ten] = 10 * t
        for o, one in enumerate(ones, start=1):
            joined = {
                "en": f"{ten}-{one}",
                "de": f"{one}und{ten}",
                "nl": f"{one}{'ën' if one.endswith('e') else 'en'}{ten}",
                "sv": f"{ten}{'ett' if one == 'en' else one}",
            }
            found[joined[language]] = 10 * t + o
    return found


_LONG = {12: "billion billionen biljoen bilione bilioni billón billones bilhão bilion biliony"}
_THOUSAND = "thousand duizend tausend tusen tusind mila mille mil tys tysiąc tysiące tysięcy k"
_MILLION = (
    "million millions millionen mio miljoen miljoenen mln milione milioni miljon miljoner millionen millioner "
    "millón millones milhão milhões milion miliony milionów m"
)
_MILLIARD = (
    "milliard milliards milliarde milliarden mrd miljard miljarden mld miliardo miliardi miljarder "
    "miliard miliardy miliardów bilhões"
)


def _magnitudes(language: str) -> dict[str, int]:
    found = dict.fromkeys(_THOUSAND.split(), 10**3)
    found |= dict.fromkeys(_MILLION.split(), 10**6) | dict.fromkeys(_MILLIARD.split(), 10**9)
    if language == "en":
        return found | {"billion": 10**9, "billions": 10**9, "bn": 10**9, "trillion": 10**12}
    return found | {word: 10**power for power, words in _LONG.items() for word in words.split()}


#: Language -> word behind a number -> what it multiplies by. English counts its billions shorter.
MAGNITUDES = {
    language: _magnitudes(language) for language in ("en", "nl", "de", "sv", "da", "no", "it", "fr", "es", "pt", "pl")
}

_PERCENT = "percent procent prozent percento pct procenta procentów por\u00a0cento"
#: Word behind a number -> the unit that it is a number of. Those of which there are no two are left out.
UNITS = (
    dict.fromkeys(_PERCENT.split(), "%")
    | dict.fromkeys(("per cent", "per cento", "pour cent", "por ciento", "por cento", "pour-cent"), "%")
    | dict.fromkeys(("procentpunt", "prozentpunkte", "prozentpunkten", "procentenheter"), "pp")
    | dict.fromkeys(("percentage points", "percentage point", "punti percentuali", "puntos porcentuales"), "pp")
    | dict.fromkeys(("euro", "euros", "eur", "evro"), "EUR")
    | dict.fromkeys(("dollar", "dollars", "dollari", "dólares", "dólar", "dolarów", "dolary", "usd"), "USD")
    | dict.fromkeys(("pond", "pounds", "pound", "pfund", "sterline", "libras", "gbp", "funtów"), "GBP")
    | dict.fromkeys(("frank", "franken", "francs", "franchi", "chf"), "CHF")
    | dict.fromkeys(("złotych", "złoty", "zloty", "pln"), "PLN")
    | dict.fromkeys(("kronor", "kroner", "kronen"), "KR")
    | dict.fromkeys(("yen", "jpy"), "JPY")
)
