"""A wheel built from the sdist, in an empty environment, runs the demo from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SHIPPED = ("templates", "migrations", "seeds")


def run(*command: str | Path, cwd: Path, **environ: str) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DIGEST_", "PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=kept | environ,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as a packager would: checkout -> sdist -> wheel, each in an environment of its own."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--sdist", "--outdir", out, CHECKOUT, cwd=out)
    (sdist,) = out.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        # The filter came with Python 3.11.4; what is unpacked here we have just packed.
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(out / "source", **safely)  # type: ignore[arg-type]
    (source,) = (out / "source").iterdir()
    run(sys.executable, "-m", "build", "--wheel", "--outdir", out, source, cwd=out)
    (built,) = out.glob("*.whl")
    return built


def tracked(folder: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", folder], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return set(listed.stdout.splitlines())


@pytest.mark.slow
def test_the_wheel_holds_what_git_tracks_and_nothing_else(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = {name for name in inside if not name.startswith("digest/_shipped/")}
    shipped = {name.removeprefix("digest/_shipped/") for name in inside if name.startswith("digest/_shipped/")}
    assert package == tracked("digest")
    assert shipped == set().union(*(tracked(folder) for folder in SHIPPED))


@pytest.mark.slow
def test_the_wheel_runs_the_demo_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "env", cwd=tmp_path)
    python = tmp_path / "env" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=tmp_path)
    elsewhere = tmp_path / "any folder"
    elsewhere.mkdir()
    shown = run(python.parent / "digest", "demo", "--into", "demo", cwd=elsewhere, HOME=str(elsewhere))
    assert "3 delivered" in shown
    assert len(list(elsewhere.glob("demo/maildir/*/new/*"))) == 3
