"""[pure] What elements are called, whatever prefix a feed gives them, and which of them change nothing for us."""

from __future__ import annotations

# As feedparser has them; in lower case, for it does not tell case apart either. These mean the feed's own elements:
_CORE = (
    "",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://example.com/newformat#",
    "http://example.com/necho",
    "http://purl.org/echo/",
    "uri/of/echo/namespace#",
    "http://purl.org/pie/",
    "http://purl.org/atom/ns#",
    "http://www.w3.org/2005/atom",
    "http://purl.org/rss/1.0/modules/rss091#",
)
_MODULES = {
    "http://webns.net/mvcb/": "admin",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://podlove.org/simple-chapters": "psc",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/xml/1998/namespace": "xml",
}
SPACES = dict.fromkeys(_CORE, "") | _MODULES
#: feedparser goes by these prefixes even where a feed binds them to something else.
RESERVED = frozenset(_MODULES.values())
_USERLAND = "backend.userland.com/rss"
_OTHER = "?"  # a module that nobody here knows: its elements mean nothing to us

ATOM = "http://www.w3.org/2005/atom"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

_WRAPPED_MEDIA = (
    "community content copyright credit embed group hash license player rating restriction starrating statistics "
    "status tag text thumbnail title"
)
_PODCAST = "author block complete duration email episode episodetype explicit image name new-feed-url season title type"
_PEOPLE = "author contributor managingeditor webmaster name email uri url homepage"
_ABOUT = "comments enclosure rights copyright generator rating expirationdate ttl docs cloud subtitle tagline"
_MODULE_NAMES = (
    "dc:creator dc:author dc:publisher dc:rights dc:identifier dc:format dc:type dc:source dc:relation dc:coverage "
    "georss:point georss:featurename feedburner:origlink feedburner:origenclosurelink feedburner:info "
    "feedburner:feedburnerhostname feedburner:emailserviceid feedburner:feedflare rdf:seq rdf:li rdf:bag"
)

#: Elements, at any depth of an entry, that have no say in what we take from it.
IDLE_IN_ENTRY = frozenset(
    [
        *_PEOPLE.split(),
        *_ABOUT.split(),
        *_MODULE_NAMES.split(),
        *(f"media:{name}" for name in _WRAPPED_MEDIA.split()),
        *(f"itunes:{name}" for name in _PODCAST.split()),
    ]
)
#: The same outside of the entries, where dates and topics count for nothing either.
_DATES = "pubdate published issued updated modified lastbuilddate created"
_DATE_MODULES = "dc:date dcterms:created dcterms:issued dcterms:modified"
_OF_CHANNEL = "category keywords dc:subject icon logo skipdays skiphours day hour items itunes:owner"
IDLE_IN_FEED = IDLE_IN_ENTRY.union(_DATES.split(), _DATE_MODULES.split(), _OF_CHANNEL.split()) - {"media:title"}
_IDLE_MODULES = (_OTHER, "admin", "cc", "creativecommons")


def space_of(uri: str) -> str:
    lower = uri.lower()
    return "" if _USERLAND in lower else SPACES.get(lower, _OTHER)


def name_of(tag: str) -> str:
    """`title`, `dc:date`, or `?:x` for what no known module has."""
    uri, _, local = tag[1:].partition("}") if tag[:1] == "{" else ("", "", tag)
    space = space_of(uri)
    return f"{space}:{local.lower()}" if space else local.lower()


def is_idle(name: str, idle: frozenset[str]) -> bool:
    return name in idle or name.partition(":")[0] in _IDLE_MODULES
