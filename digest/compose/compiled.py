"""Templates are compiled once in a process, however many renderers it makes: to compile takes longer than to render."""

from __future__ import annotations

from types import CodeType

from jinja2.bccache import Bucket, BytecodeCache

_MOST = 500


class Compiled(BytecodeCache):
    """For environments of one configuration. A template is still read each time: one that was changed is made anew."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType]] = {}  # by place: what the source was, and what was made of it

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._kept.get(bucket.key, ("", None))
        bucket.code = code if checksum == bucket.checksum else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[bucket.key] = (bucket.checksum, bucket.code)
