"""Vectors for articles that were grouped before a model was set, as far as their stories can still be joined."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from digest.group import meanings
from digest.group.scoring import MAX_DAYS, MeaningTerm, Scorer, shipped
from digest.pipeline.services import NamedEmbedder, Services
from digest.store import articles, counters, vectors
from digest.store.chunks import chunks

#: Articles of one transaction.
_BATCH = 200


def scorer(services: Services, model: NamedEmbedder | None) -> Scorer:
    """The score, with the vectors' term where a model is set."""
    if model is None:
        return shipped()
    group = services.settings.group
    return dataclasses.replace(shipped(), meaning=MeaningTerm(group.embeddings_weight, group.embeddings_centre))


def catch_up(services: Services, model: NamedEmbedder) -> None:
    """Make and store the vectors that are missing. Chosen by the articles' dates alone: doing it again adds none."""
    since = services.clock() - timedelta(days=MAX_DAYS)
    with services.database.read() as connection:
        sequence = counters.last(connection, counters.SEQUENCE)
        revision_of = vectors.missing(connection, model.name, since)
    done = 0
    for batch in chunks(sorted(revision_of), _BATCH):
        with services.database.read() as connection:
            found = list(articles.visible(connection, batch, sequence).values())
        made = meanings.read(model, found)
        with services.database.write() as connection:
            for article, meaning in zip(found, made, strict=True):
                vectors.save(connection, revision_of[article.id], model.name, meanings.pack(meaning))
        done += len(batch)
        services.progress("reading articles anew", done, len(revision_of))
