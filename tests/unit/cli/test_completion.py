"""digest completion"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from digest.cli.main import run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_prints_the_script_of_the_shell(shell: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    out = capfd.readouterr().out
    assert f"_DIGEST_COMPLETE={shell}_complete" in out


def test_another_shell_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "tcsh"]) == 2
    assert "'bash', 'zsh', 'fish'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "number", "offered"),
    [("digest sto", 1, {"story", "storyline"}), ("digest db ", 2, {"backup", "check", "status", "upgrade"}),
     ("digest source add --kind ", 4, {"feed", "folder"})],
)  # fmt: skip
def test_what_the_script_asks_for_is_answered(words: str, number: int, offered: set[str]) -> None:
    asked = {"_DIGEST_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(number)}
    program = "from digest.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | asked, capture_output=True, text=True, check=True
    )
    assert {line.partition(",")[2] for line in done.stdout.splitlines()} >= offered
