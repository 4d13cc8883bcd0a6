"""A small model2vec model, real but for its size: a few hundred words whose likeness we chose."""

from __future__ import annotations

from pathlib import Path

import numpy as np

#: Words of one meaning, in two languages or of one: they lie near each other, and far from all others.
MEANINGS = (
    "flood flooding deluge inundation überschwemmung hochwasser flut",
    "river stream waterway fluss strom gewässer",
    "village hamlet settlement dorf ortschaft siedlung",
    "evacuated cleared emptied evakuiert geräumt",
    "houses homes dwellings häuser wohnungen",
    "strike walkout stoppage streik ausstand arbeitsniederlegung",
    "rail train railway bahn zug eisenbahn",
    "workers staff employees beschäftigte personal angestellte",
    "wages pay salaries löhne gehälter lohn",
    "court tribunal judges gericht richter kammer",
    "convicted sentenced condemned verurteilt schuldig",
    "fraud swindle deceit betrug schwindel täuschung",
    "bank lender institute geldhaus kreditinstitut sparkasse",
    "museum gallery collection galerie sammlung ausstellung",
    "painting canvas picture gemälde leinwand bild",
    "stolen taken missing gestohlen entwendet verschwunden",
    "match game fixture spiel partie begegnung",
    "goal header tor treffer kopfball",
    "coach manager trainer übungsleiter",
    "storm gale tempest sturm orkan unwetter",
    "roof tiles rooftop dach ziegel",
    "vaccine jab shot impfstoff impfung",
    "measles rash masern ausschlag",
    "school pupils classes schule schüler unterricht",
    "bridge crossing viaduct brücke übergang",
    "collapsed fell crumbled eingestürzt zusammengebrochen",
    "wolf wolves pack wölfe rudel",
    "sheep flock lambs schafe herde lämmer",
    "telescope observatory teleskop sternwarte",
    "comet meteor komet meteorit",
)
_WIDTH = 64


def vocabulary() -> dict[str, int]:
    """Word -> the number of its meaning; the words that mean nothing come last."""
    known = {word: number for number, line in enumerate(MEANINGS) for word in line.split()}
    return known | {f"filler{i}": len(MEANINGS) + i for i in range(200)}


def save(folder: Path, seed: int = 1) -> Path:
    """Write the model; another seed makes another one with the same words."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    meaning_of = vocabulary()
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(max(meaning_of.values()) + 1, _WIDTH))
    vectors = np.array([centres[m] + 0.15 * chance.normal(size=_WIDTH) for m in (0, *meaning_of.values())])
    vectors[0] = 0.0
    words = {"[UNK]": 0} | {word: i for i, word in enumerate(meaning_of, 1)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    StaticModel(vectors.astype(np.float32), tokenizer).save_pretrained(folder)
    return folder
