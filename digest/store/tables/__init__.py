"""The schema, as it stands after the newest migration. A test holds the two against each other."""

from digest.store.tables.asked import model_answer, model_use
from digest.store.tables.base import metadata
from digest.store.tables.grouped import (
    article_topic,
    correction,
    correction_article,
    revision_vector,
    story,
    story_article,
    story_past,
    storyline,
    topic,
)
from digest.store.tables.incoming import article, counter, image, removal, revision, revision_body, source, source_line
from digest.store.tables.outgoing import (
    allowance,
    delivery,
    delivery_event,
    edition,
    edition_skip,
    edition_slot,
    leader,
    variant,
    variant_entry,
)
from digest.store.tables.readers import (
    cadence,
    clock,
    publication,
    subscriber,
    subscription,
    subscription_event,
    waiver,
)
from digest.store.tables.returned import report

__all__ = [
    "allowance",
    "article",
    "article_topic",
    "cadence",
    "clock",
    "correction",
    "correction_article",
    "counter",
    "delivery",
    "delivery_event",
    "edition",
    "edition_skip",
    "edition_slot",
    "image",
    "leader",
    "metadata",
    "model_answer",
    "model_use",
    "publication",
    "removal",
    "report",
    "revision",
    "revision_body",
    "revision_vector",
    "source",
    "source_line",
    "story",
    "story_article",
    "story_past",
    "storyline",
    "subscriber",
    "subscription",
    "subscription_event",
    "topic",
    "variant",
    "variant_entry",
    "waiver",
]
