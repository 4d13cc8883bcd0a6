"""Vectors of texts by a model2vec model: from a folder, or by its name at a hub.

A folder is read without any network. A named model is fetched once, into the cache of huggingface_hub; from then on
it is read from there, without asking the hub again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from digest.errors import SettingsError

Vectors = npt.NDArray[np.float32]

_INSTALL = "pip install 'storyline-digest[embeddings]'"
_SAVED = "name a folder that model2vec saved"
#: `owner/name`, with a revision if one is wanted: `owner/name@1f2e3d`.
_AT_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(@[\w./-]+)?")
_FILES = ["*.safetensors", "*.json", "README.md"]
#: Of each file of a model so many bytes at both ends, and its length, tell it from another.
_ENDS = 65536


class Embeddings:
    """A model, which is read when it is first asked. Raises SettingsError where it, or its package, is not there."""

    def __init__(
        self, named: str, folder: Path, *, where: str, progress: Callable[[str, int, int], None] = lambda *_: None
    ) -> None:
        """`named`: what the setting says; `folder`: where it is if it is a folder; `where`: the settings' file."""
        self._named, self._where, self._progress = named, f"{where}: group.embeddings", progress
        if importlib.util.find_spec("model2vec") is None:
            raise self._error(f"{named!r} needs the package model2vec, which is not installed", _INSTALL)
        self._folder = folder if folder.is_dir() else self._from_hub()
        if not _has_model(self._folder):
            raise self._error(f"{str(self._folder)!r} holds no model", _SAVED)
        self.name = _fingerprint(self._folder)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row per text, of length 1; zeros where the model knows none of its words."""
        model = self._model
        if not texts:
            return np.zeros((0, int(model.dim)), dtype=np.float32)
        rows = np.asarray(model.encode(list(texts)), dtype=np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        vectors: Vectors = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
        return vectors

    @cached_property
    def _model(self) -> Any:
        try:
            from model2vec import StaticModel

            return StaticModel.from_pretrained(self._folder)
        except Exception as error:  # the libraries below have no error in common
            raise self._error(f"the model in {str(self._folder)!r} cannot be read", _SAVED) from error

    def _from_hub(self) -> Path:
        """Where the hub's model lies on this machine; fetched if it does not yet."""
        if not _AT_HUB.fullmatch(self._named):
            raise self._error(f"there is no folder {self._named!r}", "the path of a model, or owner/name at a hub")
        from huggingface_hub import snapshot_download
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()
        repository, _, revision = self._named.partition("@")
        for offline in (True, False):
            if not offline:
                self._progress("fetching the model", 0, 0)
            try:
                found = snapshot_download(
                    repository, revision=revision or None, allow_patterns=_FILES, local_files_only=offline
                )
            except Exception as error:  # noqa: BLE001 - the libraries below have no error in common
                if offline:
                    continue
                said = next(iter(str(error).splitlines()), type(error).__name__)
                mend = "check the name and the network, or give a folder"
                raise self._error(f"{self._named!r} is no folder, and the hub does not give it: {said}", mend) from None
            if not offline:
                self._progress("fetching the model", 1, 1)
            # What was fetched by half is fetched again.
            if not offline or _has_model(Path(found)):
                return Path(found)
        raise AssertionError

    def _error(self, what: str, mend: str) -> SettingsError:
        return SettingsError(what, where=self._where, mend=mend)


def _has_model(folder: Path) -> bool:
    return next(folder.rglob("*.safetensors"), None) is not None


def _fingerprint(folder: Path) -> str:
    """32 hex digits: another model in the same place has others."""
    made = hashlib.blake2b(digest_size=16)
    for path in sorted([*folder.rglob("*.safetensors"), *folder.rglob("*.json")]):
        size = path.stat().st_size
        made.update(f"{path.relative_to(folder).as_posix()} {size}\n".encode())
        with path.open("rb") as file:
            made.update(file.read(_ENDS))
            file.seek(max(0, size - _ENDS))
            made.update(file.read(_ENDS))
    return made.hexdigest()
