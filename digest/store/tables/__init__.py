"""The schema, as it stands after the newest migration. A test holds the two against each other."""

from digest.store.tables.base import metadata
from digest.store.tables.grouped import article_topic, story, story_article, storyline, topic
from digest.store.tables.incoming import article, counter, revision, revision_body, source
from digest.store.tables.outgoing import (
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

__all__ = [
    "article",
    "article_topic",
    "cadence",
    "clock",
    "counter",
    "delivery",
    "delivery_event",
    "edition",
    "edition_skip",
    "edition_slot",
    "leader",
    "metadata",
    "publication",
    "revision",
    "revision_body",
    "source",
    "story",
    "story_article",
    "storyline",
    "subscriber",
    "subscription",
    "subscription_event",
    "topic",
    "variant",
    "variant_entry",
    "waiver",
]
