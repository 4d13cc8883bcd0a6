"""[pure] Numbers for Prometheus, in its text format (version 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """`kind` is counter, gauge or histogram; each sample has the end of its name ("" or "_bucket"), labels, value."""

    name: str
    kind: str
    help: str
    samples: Sequence[tuple[str, Labels, float]]


def gauge(name: str, text: str, value: float, labels: Labels | None = None) -> Metric:
    return Metric(name, "gauge", text, [("", labels or {}, value)])


def several(name: str, kind: str, text: str, values: Iterable[tuple[Labels, float]]) -> Metric:
    return Metric(name, kind, text, [("", labels, value) for labels, value in values])


def written(metrics: Iterable[Metric]) -> bytes:
    """Each family once, as the format asks for."""
    lines: list[str] = []
    for metric in metrics:
        lines.append(f"# HELP {metric.name} {_escaped(metric.help)}")
        lines.append(f"# TYPE {metric.name} {metric.kind}")
        lines += [f"{metric.name}{end}{_labels(labels)} {_number(value)}" for end, labels, value in metric.samples]
    return ("\n".join(lines) + "\n").encode()


def _labels(labels: Labels) -> str:
    told = ",".join(f'{name}="{_quoted(value)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(value: str) -> str:
    return _escaped(value).replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
