"""[pure] Feeds of every dialect to articles: RSS 0.9x, 1.0 and 2.0, Atom, RDF, JSON Feed.

`fast` reads what it is sure to understand; `gate` and `names` say what that is. Everything else goes to feedparser
(`slow`), which understands nearly anything and takes much longer. JSON Feed has a reader of its own. All three
give the same `Feed`, and `entry` makes articles of it.
"""

from digest.ingest.feeds.json_feed import is_feed as is_json_feed
from digest.ingest.feeds.read import MOST_ENTRIES, read

__all__ = ["MOST_ENTRIES", "is_json_feed", "read"]
