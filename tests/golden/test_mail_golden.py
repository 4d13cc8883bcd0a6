"""The mail as it leaves the renderer, kept as files: look at the difference before you accept it.

After a wanted change: pytest tests/golden --snapshot-update
"""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.support.fixed_letters import LETTERS, letter
from tests.support.fixed_view import modelled, view
from tests.support.looks import LANGUAGES, LOOKS, rendered, right_to_left


class _Text(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


class _Html(_Text):
    file_extension = "html"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("look", LOOKS)
def test_each_look_in_each_language(look: str, language: str, snapshot: SnapshotAssertion) -> None:
    mail = rendered(look, view(language))
    assert f"{mail.subject}\n\n{mail.text}" == snapshot(extension_class=_Text, name="mail")
    assert mail.html == snapshot(extension_class=_Html, name="mail")


@pytest.mark.parametrize("look", LOOKS)
def test_from_right_to_left(look: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    mail = rendered(look, view("he"), right_to_left(tmp_path))
    assert f"{mail.subject}\n\n{mail.text}" == snapshot(extension_class=_Text, name="mail")
    assert mail.html == snapshot(extension_class=_Html, name="mail")


@pytest.mark.parametrize("language", ["nl", "de"])
@pytest.mark.parametrize("look", LOOKS)
def test_with_a_models_words(look: str, language: str, snapshot: SnapshotAssertion) -> None:
    mail = rendered(look, modelled(language))
    assert f"{mail.subject}\n\n{mail.text}" == snapshot(extension_class=_Text, name="mail")
    assert mail.html == snapshot(extension_class=_Html, name="mail")


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("language", ["nl", "de", "en"])
def test_mails_to_one_person(language: str, name: str, snapshot: SnapshotAssertion) -> None:
    made = letter(name, language)
    assert f"{made.subject}\n\n{made.text}" == snapshot(extension_class=_Text, name=f"{name}-{language}")
    if language == "en":
        assert made.html == snapshot(extension_class=_Html, name=f"{name}-{language}")
