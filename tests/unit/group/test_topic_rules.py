"""The language of topics' rules: what is read, what is refused and how, and that printing loses nothing."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.group.lexicon import TOPIC_NAMES
from digest.group.topic_rule_lexer import RuleError
from digest.group.topic_rule_parser import parse
from digest.group.topic_rules import (
    FIELDS,
    KEYWORDS,
    TERM_FIELDS,
    All,
    Condition,
    Either,
    How,
    Not,
    Rule,
    Value,
    all_of,
    any_phrase,
    either_of,
    tell,
)


def word(text: str, how: How = How.WORD, field: str = "") -> Condition:
    return Condition((Value(text, how),), field)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("euro", word("euro")),
        ("a b", All((word("a"), word("b")))),
        ("a AND b", All((word("a"), word("b")))),
        ("a or b c", Either((word("a"), All((word("b"), word("c")))))),
        ("(a or b) c", All((Either((word("a"), word("b"))), word("c")))),
        ("a (b (c))", All((word("a"), word("b"), word("c")))),
        ("not a b", All((Not(word("a")), word("b")))),
        ("not (a or b)", Not(Either((word("a"), word("b"))))),
        ("not not a", Not(Not(word("a")))),
        ('"single  currency"', word("single currency", How.EXACT)),
        ("“single currency”", word("single currency", How.EXACT)),
        ("«un mot»", word("un mot", How.EXACT)),
        ("„ein Wort“", word("ein Wort", How.EXACT)),
        ("=euro", word("euro", How.EXACT)),
        ('"or"', word("or", How.EXACT)),
        ("=and", word("and", How.EXACT)),
        ("eur*", word("eur", How.START)),
        ("or*", word("or", How.START)),
        ("a or*", All((word("a"), word("or", How.START)))),
        ("*partei", word("partei", How.END)),
        ("covid-19", word("covid-19")),
        ("AT&T", word("AT&T")),
        ("title:euro", word("euro", field="title")),
        ("Title : =euro", word("euro", How.EXACT, "title")),
        ('title:"the euro",eur*', Condition((Value("the euro", How.EXACT), Value("eur", How.START)), "title")),
        ("lang:nl,DE", Condition((Value("nl"), Value("de")), "lang")),
        ("lang: nl, de, nl x", All((Condition((Value("nl"), Value("de")), "lang"), word("x")))),
        ('name:"Carlo Ancelotti"', word("Carlo Ancelotti", field="name")),
        ('source:"de Volkskrant"', word("de Volkskrant", field="source")),
        ("publisher:nrc*", word("nrc", How.START, "publisher")),
        ("topic:Sport", word("sport", field="topic")),
    ],
)
def test_what_a_rule_says(text: str, rule: Rule) -> None:
    assert parse(text) == rule
    assert parse(tell(rule)) == rule


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("", 0, "a rule needs a word at least"),
        ("  ", 2, "a rule needs a word at least"),
        ("a or", 2, "nothing follows 'or'"),
        ("a and not", 6, "nothing follows 'not'"),
        ("or a", 0, "nothing stands before 'or'"),
        (") a", 0, "nothing stands before ')'"),
        ("a or or b", 2, "nothing stands between 'or' and 'or'"),
        ("a (b or)", 5, "nothing stands between 'or' and ')'"),
        ("a ()", 2, "nothing stands between these brackets"),
        ("x (", 2, "nothing follows '('"),
        ("a (b", 2, "this ( is not closed"),
        ("a b) c", 3, "this ) closes nothing"),
        ('a "b', 2, "this quotation mark has no partner"),
        ('a ""', 2, "'' has no word in it"),
        ("a … b", 2, "'…' has no word in it"),
        ("-football", 0, "write not football"),
        ("a && b", 2, "write and"),
        ("a || b", 2, "write or"),
        ("!a", 0, "write not a"),
        ("+a", 0, "a + has no meaning here"),
        ("eu*ro", 2, "a * stands at the beginning or the end of a word"),
        ("euro**", 4, "a * stands at the beginning or the end of a word"),
        ("e*", 1, "'e' is too short for a *"),
        ("* euro", 0, "no word follows this *"),
        ("euro *", 5, "no word follows this *"),
        ("*euro*", 5, "a * does not go with *euro"),
        ("=euro*", 5, "a * does not go with =euro"),
        ('"the euro"*', 10, "a * goes with a single word"),
        ("covid-1*", 7, "'covid-1' is more than one word"),
        ("= euro", 0, "no word follows this ="),
        ("a = b", 2, "this = is out of place"),
        ("euro, dollar", 4, "between words write or"),
        ("titel:euro", 0, "did you mean title:"),
        ("20:30", 0, "a text with a : in it stands in quotes"),
        (":euro", 0, "no field stands before this :"),
        ("title:", 6, "after title: comes a word or phrase"),
        ("title:(a or b)", 6, "any of several is title:a,b"),
        ("title:not x", 6, 'title:"not"'),
        ("lang:nl,", 8, "after lang: comes a language"),
        ("lang:dutch", 5, "'dutch' is no language"),
        ("lang:n*", 6, "a * does not go with lang:"),
        ("topic:sports", 6, "did you mean sport?"),
        ("topic:cycling", 6, "'cycling' is no default topic"),
        ("name:Ancel*", 10, "a * does not go with name:"),
        ("source:=x", 7, "a = goes with words"),
        ("a:b:c", 0, "there is no field 'a'"),
        ("title:b:c", 7, "this : is out of place"),
        ("(" * 500 + "a" + ")" * 500, 40, "more than 40 deep"),
        ("not " * 500 + "a", 160, "more than 40 deep"),
    ],
)
def test_an_error_says_where_and_how_to_mend_it(text: str, at: int, says: str) -> None:
    with pytest.raises(RuleError, match=re.escape(says)) as error:
        parse(text)
    assert error.value.at == at
    assert isinstance(error.value, UsageError)
    assert error.value.mend
    assert "\n" not in str(error.value)
    if text[at:].strip():
        assert f"rule, character {at + 1}, at “{text[at]}" in str(error.value)


def test_many_alternatives_are_no_depth() -> None:
    rule = parse(" or ".join(f"(word{n} and not (other{n}))" for n in range(2000)))
    assert isinstance(rule, Either)
    assert len(rule.parts) == 2000


def test_a_plain_list_becomes_a_rule() -> None:
    assert any_phrase(["Tour de France", "peloton"]) == '"Tour de France" or "peloton"'
    assert parse(any_phrase(["or"])) == word("or", How.EXACT)


# --- properties -------------------------------------------------------------------------------------

_LETTERS = "aäbcdeéijklnorstuwzπжش"
_WORDS = st.text(_LETTERS + "1", min_size=1, max_size=6).filter(lambda w: w not in KEYWORDS)
_LONG = st.text(_LETTERS, min_size=2, max_size=6)
_PHRASES = st.lists(_WORDS | st.sampled_from(["and", "OR", "not", "l'eau", "U.S.", "&", "a:b", "(x)", "x,y", "*"]),
                    min_size=1, max_size=3).map(" ".join).filter(lambda p: any(c.isalnum() for c in p))  # fmt: skip


def _values(field: str) -> st.SearchStrategy[Value]:
    whole = st.builds(Value, _WORDS | _PHRASES)
    stars = st.builds(Value, _LONG, st.sampled_from([How.START, How.END]))
    if field in TERM_FIELDS:
        return st.builds(Value, _WORDS) | st.builds(Value, _PHRASES, st.just(How.EXACT)) | stars
    if field == "lang":
        return st.builds(Value, st.sampled_from(["nl", "de", "und", "ar"]))
    if field == "topic":
        return st.builds(Value, st.sampled_from(TOPIC_NAMES))
    return whole if field == "name" else whole | stars


@cache  # made anew for each draw, the strategies would cost more than what is tested
def _conditions(field: str) -> st.SearchStrategy[Condition]:
    values = st.lists(_values(field), min_size=1, max_size=3 if field else 1, unique=True)
    return values.map(lambda found: Condition(tuple(found), field))


conditions = st.sampled_from(["", "", "", *FIELDS]).flatmap(_conditions)
rules: st.SearchStrategy[Rule] = st.recursive(
    conditions,
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=2, max_size=4).map(all_of)
        | st.lists(inner, min_size=2, max_size=4).map(either_of)
    ),
    max_leaves=12,
)


@given(rules)
def test_printing_and_reading_give_the_same_rule(rule: Rule) -> None:
    text = tell(rule)
    assert parse(text) == rule
    assert tell(parse(text)) == text
    assert parse(text.replace(" and ", " ")) == rule or '"' in text
    assert parse(f"(\n{text}\n)") == rule


@given(st.text(st.sampled_from('ab "(),:*=-!&“”„«»\n\tor and not title:lang:nl'), max_size=40) | st.text(max_size=40))
def test_any_text_is_a_rule_or_one_clear_line(text: str) -> None:
    try:
        rule = parse(text)
    except RuleError as error:
        refused = error
    else:
        assert parse(tell(rule)) == rule
        return
    assert 0 <= refused.at <= len(text)
    assert refused.mend
    assert "\n" not in str(refused)
