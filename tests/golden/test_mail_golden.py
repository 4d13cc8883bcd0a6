"""The mail as it leaves the renderer, kept as files: look at the difference before you accept it.

After a wanted change: pytest tests/golden --snapshot-update
"""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from digest.compose.render import Renderer
from tests.support.fixed_letters import LETTERS, letter
from tests.support.fixed_view import FACTS, SLOTS, TEMPLATES, modelled, view


class _Text(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


class _Html(_Text):
    file_extension = "html"


@pytest.mark.parametrize("language", ["nl", "de", "en"])
def test_paper(language: str, snapshot: SnapshotAssertion) -> None:
    mail = Renderer([TEMPLATES]).render(view(language), SLOTS, FACTS)
    assert f"{mail.subject}\n\n{mail.text}" == snapshot(extension_class=_Text, name=f"paper-{language}")
    assert mail.html == snapshot(extension_class=_Html, name=f"paper-{language}")


@pytest.mark.parametrize("language", ["nl", "de"])
def test_paper_with_a_models_words(language: str, snapshot: SnapshotAssertion) -> None:
    mail = Renderer([TEMPLATES]).render(modelled(language), SLOTS, FACTS)
    assert f"{mail.subject}\n\n{mail.text}" == snapshot(extension_class=_Text, name=f"modelled-{language}")
    assert mail.html == snapshot(extension_class=_Html, name=f"modelled-{language}")


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("language", ["nl", "de", "en"])
def test_mails_to_one_person(language: str, name: str, snapshot: SnapshotAssertion) -> None:
    made = letter(name, language)
    assert f"{made.subject}\n\n{made.text}" == snapshot(extension_class=_Text, name=f"{name}-{language}")
    if language == "en":
        assert made.html == snapshot(extension_class=_Html, name=f"{name}-{language}")
