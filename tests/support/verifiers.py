"""Four programs that check DKIM signatures, by people who do not know ours; each is given the keys without a DNS.

A verifier takes messages and the records, and says for each message which keys' signatures hold: {"s1r", "s1e"}.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import dkim
import pytest

from tests.support.sink import free_port

#: Name in the DNS -> text of the TXT record.
Records = dict[str, str]
Verify = Callable[[Sequence[bytes]], list[set[str]]]

_PATHS = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
_OURS = re.compile(rb"DKIM-Signature:.*?\r\n(?![ \t])", re.DOTALL)
_SELECTOR = re.compile(rb"[;\s]s=([^;]+);")


def dkimpy(records: Records, folder: Path) -> Iterator[Verify]:
    texts = {f"{name}.".encode(): text.encode() for name, text in records.items()}

    def one(message: bytes) -> set[str]:
        found = set()
        for index, selector in enumerate(_selectors(message)):
            with contextlib.suppress(dkim.DKIMException):
                if dkim.DKIM(message).verify(idx=index, dnsfunc=lambda name, timeout=5: texts.get(name)):
                    found.add(selector)
        return found

    yield lambda messages: [one(message) for message in messages]


def opendkim(records: Records, folder: Path) -> Iterator[Verify]:
    """It tells of a message that one signature holds, not which: so each is looked at by itself."""
    program = _program("opendkim-testmsg", "opendkim-tools")
    cell = ["unshare", "--map-root-user", "--net", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*cell, "true"], capture_output=True).returncode:
        pytest.skip("no network of its own for opendkim-testmsg (unshare) on this machine")

    def verify(messages: Sequence[bytes]) -> list[set[str]]:
        files, whose = [], []
        for number, message in enumerate(messages):
            for selector in _selectors(message):
                path = folder / f"{number}-{selector}.eml"
                path.write_bytes(_only(message, selector))
                files.append(str(path))
                whose.append((number, selector))
        task = {
            "program": program,
            "records": {name: [_quoted(text)] for name, text in records.items()},
            "resolv": str(folder / "resolv.conf"),
            "messages": files,
        }
        done = subprocess.run(
            [*cell, sys.executable, "-m", "tests.support.own_network"],
            input=json.dumps(task), capture_output=True, text=True, timeout=120, check=False,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: list[set[str]] = [set() for _ in messages]
        for (number, selector), (code, said) in zip(whose, json.loads(done.stdout), strict=True):
            assert code in (0, 70), said  # EX_SOFTWARE: it looked at the message, and says no
            if code == 0:
                found[number].add(selector)
        return found

    yield verify


_MAILAUTH = """
const { dkimVerify } = require('mailauth/lib/dkim/verify');
const { records, messages } = JSON.parse(require('fs').readFileSync(0));
const resolver = async (name, type) => {
    if (type === 'TXT' && records[name]) return [[records[name]]];
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
};
(async () => {
    const all = [];
    for (const message of messages) {
        const found = await dkimVerify(Buffer.from(message, 'base64'), { resolver });
        all.push(found.results.filter(r => r.status.result === 'pass').map(r => r.selector));
    }
    console.log(JSON.stringify(all));
})();
"""


def mailauth(records: Records, folder: Path) -> Iterator[Verify]:
    home = Path(sys.prefix) / "mailauth"  # where .ci/run installs it
    if not (home / "node_modules" / "mailauth").is_dir() or not shutil.which("node"):
        pytest.skip("mailauth (npm) is not installed beside the tests' Python (.ci/run does it)")

    def verify(messages: Sequence[bytes]) -> list[set[str]]:
        from base64 import b64encode

        task = {"records": records, "messages": [b64encode(message).decode() for message in messages]}
        done = subprocess.run(
            ["node", "-e", _MAILAUTH],
            input=json.dumps(task), capture_output=True, text=True, timeout=120, cwd=home, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [set(found) for found in json.loads(done.stdout)]

    yield verify


_RSPAMD = """
options {{
  filters = "dkim"; pidfile = "{folder}/pid"; tempdir = "{folder}"; hs_cache_dir = "{folder}/";
  cache_file = "{folder}/cache"; control_socket = "{folder}/control mode=0600"; url_tld = "{folder}/tld";
  dns {{ nameserver = ["127.0.0.1:9:1"]; fake_records = {records}; }}
}}
logging {{ type = "file"; filename = "{folder}/log"; level = "warning"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
dkim {{ }}
"""


def rspamd(records: Records, folder: Path) -> Iterator[Verify]:
    """An instance of our own, which asks nobody; ended when the tests are."""
    program = _program("rspamd", "rspamd")
    port = free_port()
    fixed = [{"name": name, "type": "txt", "replies": [text]} for name, text in records.items()]
    (folder / "tld").write_text("com\nnet\norg\n")  # its own list takes it ten seconds to read
    (folder / "conf").write_text(_RSPAMD.format(folder=folder, port=port, records=json.dumps(fixed)))
    as_root = ["--insecure", "--user", "root", "--group", "root"] if os.geteuid() == 0 else []
    command = [program, "--no-fork", "--config", str(folder / "conf"), *as_root]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process, folder / "log")
        yield lambda messages: [_ask_rspamd(port, message) for message in messages]
    finally:
        process.terminate()
        process.wait(timeout=30)


def _ask_rspamd(port: int, message: bytes) -> set[str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/checkv2", data=message, timeout=30) as answer:
        symbols = json.load(answer)["symbols"]
    told = [
        symbols.get(f"R_DKIM_{name}", {}).get("options", []) for name in ("ALLOW", "REJECT", "PERMFAIL", "TEMPFAIL")
    ]
    assert any(told), "rspamd did not look at the signatures"
    return {option.partition(":s=")[2] for option in told[0]}


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            pytest.fail(f"rspamd ended: {log.read_text() if log.exists() else process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    pytest.fail("rspamd did not start")


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=_PATHS)
    if found is None:
        pytest.skip(f"{name} (Debian: {package}) is not installed")
    return found


def _selectors(message: bytes) -> list[str]:
    """Of the signatures, from the top."""
    return [_selector(found) for found in _OURS.findall(message)]


def _selector(field: bytes) -> str:
    found = _SELECTOR.search(field)
    assert found is not None
    return found[1].decode()


def _only(message: bytes, selector: str) -> bytes:
    """The message without its other signatures."""
    return _OURS.sub(lambda found: found[0] if _selector(found[0]) == selector else b"", message)


def _quoted(text: str) -> str:
    return " ".join(f'"{text[i : i + 255]}"' for i in range(0, len(text), 255))


ALL = (dkimpy, opendkim, mailauth, rspamd)
