"""The text format of Prometheus, 0.0.4."""

from __future__ import annotations

from digest.web.exposition import gauge, several, written
from digest.web.watch import Counts, Seen


def test_names_labels_and_numbers() -> None:
    text = written(
        [
            gauge("a_b", "One\\two\nlines.", True),
            several("c_total", "counter", "C.", [({"x": 'a"\\\n', "y": ""}, 3), ({"x": "b", "y": "é"}, 0.25)]),
        ]
    ).decode()
    assert text == (
        "# HELP a_b One\\\\two\\nlines.\n# TYPE a_b gauge\na_b 1\n"
        '# HELP c_total C.\n# TYPE c_total counter\nc_total{x="a\\"\\\\\\n",y=""} 3\nc_total{x="b",y="é"} 0.25\n'
    )


def seen(route: str, status: int, seconds: float) -> Seen:
    return Seen("GET", route, status, seconds, 0, {})


def test_the_histogram_adds_up() -> None:
    counts = Counts()
    for status, seconds in ((200, 0.004), (200, 0.005), (503, 0.2), (0, 60.0)):
        counts.add(seen("/u/{token}", status, seconds))
    text = written(counts.metrics()).decode()
    name = "digest_web_request_duration_seconds"
    for most, number in (("0.005", 2), ("0.1", 2), ("0.25", 3), ("10.0", 3), ("+Inf", 4)):
        assert f'{name}_bucket{{route="/u/{{token}}",le="{most}"}} {number}\n' in text
    assert f'{name}_count{{route="/u/{{token}}"}} 4\n' in text
    assert f'{name}_sum{{route="/u/{{token}}"}} 60.209\n' in text
    for status, number in (("2xx", 2), ("5xx", 1), ("none", 1)):
        assert f'digest_web_requests_total{{route="/u/{{token}}",status="{status}"}} {number}\n' in text
