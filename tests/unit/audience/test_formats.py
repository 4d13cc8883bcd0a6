"""Import and export: what was written is read back; a bad line is named and costs only itself."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.formats import COLUMNS, SubscriberRow, csv_lines, json_lines
from digest.audience.formats_lines import LONGEST, split
from digest.audience.formats_read import KINDS, Found, Note, Reading, read
from digest.errors import BadInput
from digest.model.cadence import Every
from digest.model.subscription import SubscriptionState

ANN = SubscriberRow(
    "ann@example.org", "Ann Smith", "daily", "day", "nl", "Europe/Brussels", ("politics", "sport"), "active",
    ("book club", "vip"), "signed the list", "", "", "",
)  # fmt: skip


def read_csv(text: str, origin: str = "") -> list[Found]:
    return list(read([text.encode(errors="surrogatepass")], Reading("csv"), origin))


def read_jsonl(text: str, origin: str = "") -> list[Found]:
    return list(read([text.encode(errors="surrogatepass")], Reading("jsonl"), origin))


def write_csv(rows: Iterable[SubscriberRow]) -> str:
    return "".join(csv_lines(rows))


def write_jsonl(rows: Iterable[SubscriberRow]) -> str:
    return "".join(json_lines(rows))


def sorted_out(found: list[Found]) -> tuple[list[SubscriberRow], list[str]]:
    rows = [each for each in found if isinstance(each, SubscriberRow)]
    return rows, [str(each) for each in found if isinstance(each, BadInput)]


# --- CSV ---


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_as_spreadsheets_write_it(delimiter: str, end: str, mark: str) -> None:
    head = delimiter.join(COLUMNS)
    line = delimiter.join(
        ["ann@example.org", "Ann Smith", "daily", "day", "nl", "Europe/Brussels", '"politics; sport"', "active",
         '"Book club;VIP;vip"', "signed the list"]
    )  # fmt: skip
    assert list(read_csv(mark + head + end + line + end)) == [ANN]


def test_csv_needs_only_the_address_and_takes_columns_in_any_order() -> None:
    rows, bad = sorted_out(list(read_csv("Name,EMAIL\nAnn,ann@example.org\n\n,bob@example.org\n")))
    assert rows == [SubscriberRow("ann@example.org", "Ann"), SubscriberRow("bob@example.org")]
    assert [row.line for row in rows] == [2, 4]
    assert not bad
    assert list(read_csv("email\nann@example.org")) == [SubscriberRow("ann@example.org")]


def test_cells_missing_at_the_end_are_empty() -> None:
    assert list(read_csv("email,name,zone\nann@example.org\n")) == [SubscriberRow("ann@example.org")]


def test_a_bad_line_is_named_and_the_others_go_through() -> None:
    text = 'email,name,cadence,state\nann@example.org,"Ann\nSmith",day,active\nbob,,,\ncy@example.org,,daily,\n'
    text += "di@example.org,,,asleep\ned@example.org,a,day,active,more\n,x,,\nfay@example.org,,,\n"
    rows, bad = sorted_out(list(read_csv(text, "people.csv")))
    assert [(row.email, row.line) for row in rows] == [("ann@example.org", 2), ("fay@example.org", 9)]
    assert rows[0].name == "Ann Smith"
    assert [line.partition(" ")[0] for line in bad] == [f"people.csv:{n}:" for n in (4, 5, 6, 7, 8)]
    assert "did you mean 'day'?" in bad[1]
    assert "one of pending, active, paused, unsubscribed" in bad[2]
    assert "5 cells, but the header has 4 columns" in bad[3]
    assert "no e-mail address" in bad[4]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("email,topcs", "line 1: unknown column 'topcs' (did you mean 'topics'?)"),
        ("email,phone_no", "unknown column 'phone_no' (known: email,"),
        ("name,zone", "no column 'email'"),
        ("email,name,email", "'email' stands there twice"),
        ('email,"na"me', "this is not CSV"),
    ],
)
def test_a_bad_header_is_one_line_and_nothing_is_taken(head: str, words: str) -> None:
    found = list(read_csv(f"{head}\nann@example.org,x,y\n"))
    assert len(found) == 1
    assert words in str(found[0])


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ('bob@example.org,"Bob', "this is not CSV"),
        ('bob@example.org,"B"ob', "this is not CSV"),
        ('bob@example.org,"' + "x" * 200_000, "this is not CSV: field larger"),
        ("bob@example.org," + "x" * (LONGEST + 1), "longer than"),
    ],
)
@pytest.mark.parametrize("after", [1, 30])
def test_a_stray_quote_costs_only_its_own_line(broken: str, words: str, after: int) -> None:
    more = "".join(f"r{n}@example.org,Name\n" for n in range(after))
    rows, bad = sorted_out(read_csv(f"email,name\nann@example.org,Ann\n{broken}\n{more}"))
    assert [row.line for row in rows] == [2, *range(4, 4 + after)]
    assert len(bad) == 1
    assert bad[0].startswith("line 3: ")
    if after == 1 or '"B"' in broken or words != "this is not CSV":
        assert words in bad[0]
    else:
        assert "a quoted cell of more than 20 lines" in bad[0]


def test_a_line_that_is_not_utf_8_costs_only_itself() -> None:
    data = b"email,name\na@example.org,J\xf6rg\nb@example.org,J\xc3\xb6rg\n"
    rows, bad = sorted_out(list(read([data], Reading(), "people.csv")))
    assert [row.name for row in rows] == ["Jörg"]
    assert bad == ["people.csv:2: this is not UTF-8 (save the file as UTF-8)"]


@given(st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"a", b"\r").replace(b"b", b"\n")), max_size=8))
def test_lines_are_the_same_however_the_bytes_come(blocks: list[bytes]) -> None:
    assert list(split(blocks)) == b"".join(blocks).splitlines(keepends=True)


def test_a_line_without_an_end_takes_no_memory() -> None:
    blocks = [b"email\n", *[b"x" * 100_000] * 50, b"\r\nann@example.org\n"]
    lines = list(split(blocks))
    assert [len(line) <= LONGEST + 100_000 for line in lines] == [True] * len(lines)
    assert lines[0] == b"email\n"
    assert lines[-1] == b"ann@example.org\n"
    rows, bad = sorted_out(list(read(blocks, Reading())))
    assert [(row.email, row.line) for row in rows] == [("ann@example.org", 3)]
    assert len(bad) == 1


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_nothing_in_nothing_out(text: str) -> None:
    assert not list(read_csv(text))
    assert not list(read_jsonl(text))


FORMULAS = ['=HYPERLINK("http://x")', "+1", "-1", "@sum", "＝1", "'=1", "''@a", "\t=1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_a_formula(cell: str) -> None:
    written = list(csv.reader(io.StringIO(write_csv([SubscriberRow("+a@example.org", cell)]), newline="")))
    for value in written[1]:
        assert value[:1] not in {"=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"}


@pytest.mark.parametrize("name", [*FORMULAS[:-1], "'t Hooft", "'", "''", "O'Neill", "a=b"])
def test_the_formula_guard_is_taken_away_again(name: str) -> None:
    row = SubscriberRow("-a+b@example.org", name)
    assert list(read_csv(write_csv([row]))) == [row]


def test_a_name_that_needs_no_guard_is_written_as_it_is() -> None:
    assert "\r\nann@example.org,'t Hooft," in write_csv([SubscriberRow("ann@example.org", "'t Hooft")])


def test_a_topic_with_a_semicolon_does_not_fit_csv() -> None:
    with pytest.raises(BadInput, match="use JSON Lines"):
        write_csv([SubscriberRow("ann@example.org", topics=("a;b",))])


# --- JSON Lines ---


def test_jsonl_as_scripts_write_it() -> None:
    text = '\ufeff{"email": "ann@example.org", "topics": ["a"], "name": null}\r\n\n{"email": "bob@example.org"}'
    rows, bad = sorted_out(list(read_jsonl(text)))
    assert rows == [SubscriberRow("ann@example.org", topics=("a",)), SubscriberRow("bob@example.org")]
    assert [row.line for row in rows] == [1, 3]
    assert not bad


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("[]", "not a JSON object"),
        ('{"email": "a@example.org", "topic": []}', "unknown key 'topic' (did you mean 'topics'?)"),
        ('{"email": "a@example.org", "topics": "a"}', "topics is not a list"),
        ('{"email": "a@example.org", "topics": [1]}', "topics is not a text: 1"),
        ('{"email": 1}', "email is not a text: 1"),
        ('{"name": "Ann"}', "no e-mail address"),
        ('{"email": "a@example.org", "name": "A\\u0000"}', "control character"),
        ('{"email": "a@example.org", "name": "\\ud800"}', "control character"),
        ('{"email": "a@example.org", "zone": "x", "state": "actve"}', "did you mean 'active'?"),
    ],
)
def test_a_bad_json_line_is_named(line: str, words: str) -> None:
    rows, bad = sorted_out(list(read_jsonl(f'{line}\n{{"email": "ok@example.org"}}', "people.jsonl")))
    assert [row.email for row in rows] == ["ok@example.org"]
    assert len(bad) == 1
    assert bad[0].startswith("people.jsonl:1: ")
    assert words in bad[0]


def test_a_line_separator_inside_a_json_text_is_no_end_of_line() -> None:
    rows, bad = sorted_out(list(read_jsonl('{"email": "a@example.org", "name": "A\u2028B"}')))
    assert rows == [SubscriberRow("a@example.org", "A B")]
    assert not bad


# --- there and back ---


def printable(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs"}


WORDS = st.text(max_size=12).map(lambda t: " ".join("".join(filter(printable, t)).split()))
SPICED = st.one_of(WORDS, st.text("'=+-@\"; ,é", max_size=6).map(lambda t: " ".join(t.split())))
TOPIC = WORDS.map(lambda t: " ".join(t.replace(";", " ").split())).filter(bool)
ROWS = st.builds(
    SubscriberRow,
    email=st.sampled_from(
        ["ann@example.org", "+b@example.org", "=c@example.org", "jürgen@bücher.de", "'-d@example.org"]
    ),
    name=SPICED,
    publication=WORDS,
    cadence=st.sampled_from(["", *map(str, Every)]),
    language=WORDS,
    zone=SPICED,
    topics=st.lists(TOPIC, max_size=3).map(tuple),
    state=st.sampled_from(["", *map(str, SubscriptionState)]),
    tags=st.lists(st.sampled_from(["vip", "book club", "été", "=a", "'b"]), unique=True).map(tuple),
    basis=SPICED,
    address=st.sampled_from(["", "ok", "suppressed"]),
    reason=SPICED,
    paused_until=st.sampled_from(["", "2026-05-03T06:00:00+00:00"]),
)


@given(st.lists(ROWS, max_size=5))
def test_csv_there_and_back(rows: list[SubscriberRow]) -> None:
    text = write_csv(rows)
    assert list(read_csv(text)) == rows
    assert list(read_csv(write_csv(rows))) == list(read_csv("\ufeff" + text))


@given(st.lists(ROWS, max_size=5))
def test_jsonl_there_and_back(rows: list[SubscriberRow]) -> None:
    assert list(read_jsonl(write_jsonl(rows))) == rows


GARBAGE = st.one_of(
    st.binary(max_size=300),
    st.text("email,name;\"'\n\r\t {}[]:\\@.a\u2028é", max_size=300).map(str.encode),
)
HEADS = [b"", b"email,name\n", b"{", b"[", b'"Email Address",OPTIN_TIME,UNSUB_TIME\n',
         b"uuid,email,name,attributes,status\n", b"email,active_subscription,email_disabled\n"]  # fmt: skip


@given(st.sampled_from(HEADS), st.lists(GARBAGE, max_size=3), st.sampled_from(["", *KINDS]), st.booleans())
def test_no_bytes_ever_raise(head: bytes, blocks: list[bytes], kind: str, mapped: bool) -> None:
    columns = {"name": "attributes.x", "topics": "name"} if mapped else {}
    for each in read([head, *blocks], Reading(kind, columns), "file"):
        assert isinstance(each, SubscriberRow | BadInput | Note)


LINES = [
    "a@example.org,Ann",
    'b@example.org,"B ""b"""',
    "nobody,x",
    "c@example.org,x,y",
    'd@example.org,"open',
    "",
    '"',
    "\xe9",
]


@given(st.lists(st.sampled_from(LINES), max_size=30))
def test_every_line_is_accounted_for(lines: list[str]) -> None:
    """None is lost in another one's quotes, unless these close again."""
    data = ("email,name\n" + "\n".join(lines)).encode("latin-1")
    told = [each.line for each in read([data], Reading("csv")) if not isinstance(each, Note)]
    assert told == sorted(set(told))
    # A quote that closes one before it makes a record of nothing at all: nobody is lost in it.
    swallowed = {n for n in range(2, len(lines) + 2) if lines[n - 2] not in ("", '"')} - set(told)
    opened = [n for n in range(2, len(lines) + 2) if lines[n - 2] in ('d@example.org,"open', '"')]
    assert all(any(o < n for o in opened) for n in swallowed)
    if len(opened) <= 1:
        assert not swallowed
        assert set(opened) <= set(told)
