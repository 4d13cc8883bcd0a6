"""The spam filters that most providers' own are like: SpamAssassin and rspamd, without the network."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.support.mailed import DOMAIN, READER, SENDER_IP
from tests.support.sink import free_port

_PATHS = "/usr/bin:/usr/local/bin:/usr/sbin:/usr/local/sbin"
_DETAILS = re.compile(r"^Content analysis details: +\((-?[\d.]+) points", re.MULTILINE)
_RULE = re.compile(r"^ *(-?\d+\.\d+) ([A-Z0-9_]+) ", re.MULTILINE)


@dataclass(frozen=True)
class Judged:
    """A filter's verdict: what it says in all, and the rules that count for something."""

    score: float
    rules: Mapping[str, float]
    action: str = ""

    @property
    def against(self) -> dict[str, float]:
        return {name: points for name, points in self.rules.items() if points > 0}


def program(name: str) -> str:
    """Its path; skips the test where it is not installed."""
    found = shutil.which(name, path=_PATHS)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def spamassassin(messages: Sequence[bytes], folder: Path) -> list[Judged]:
    """Its local tests (-L): no DNS, no lists on the network, no mailbox of learnt words."""
    command = [program("spamassassin"), "-L", "-t", "-x", "-p", os.devnull, "--cf=report_safe 0"]
    for number, message in enumerate(messages):
        folder.joinpath(f"{number:03}.eml").write_bytes(message)
    paths = sorted(map(str, folder.glob("*.eml")))
    environ = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run([*command, *paths], capture_output=True, check=True, env=environ, timeout=300)
    told = done.stdout.decode("utf-8", "replace")
    found = [_report(told[at.end() :], float(at[1])) for at in _DETAILS.finditer(told)]
    assert len(found) == len(messages), done.stderr.decode()
    return found


def _report(details: str, score: float) -> Judged:
    table = details.partition("---- ----")[2].partition("\n\n")[0]
    return Judged(score, {name: float(points) for points, name in _RULE.findall(table)})


@dataclass(frozen=True)
class Rspamd:
    """A private instance that answers on loopback."""

    port: int

    def judge(self, message: bytes, sender: str = f"news+token@{DOMAIN}", recipient: str = READER) -> Judged:
        """As the server says who gets this message from the sender's relay."""
        told = {"IP": SENDER_IP, "Helo": f"mail.{DOMAIN}", "Hostname": f"mail.{DOMAIN}"}
        headers = {**told, "From": sender, "Rcpt": recipient.encode().decode("latin-1")}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/checkv2", data=message, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.load(answer)
        rules = {name: float(symbol["score"]) for name, symbol in found["symbols"].items()}
        return Judged(float(found["score"]), rules, found["action"])


#: What the sender's domain says of itself. All that rspamd asks besides is answered by nobody.
RECORDS = {
    (DOMAIN, "txt"): f"v=spf1 ip6:{SENDER_IP} -all",
    (f"_dmarc.{DOMAIN}", "txt"): "v=DMARC1; p=reject; adkim=s",
    (DOMAIN, "mx"): f"10 mail.{DOMAIN}",
    (f"mail.{DOMAIN}", "aaaa"): SENDER_IP,
    (ip_address(SENDER_IP).reverse_pointer, "ptr"): f"mail.{DOMAIN}",
}
_NETWORK = ("rbl", "fuzzy_check", "asn", "url_redirector", "mx_check")


@contextlib.contextmanager
def rspamd(records: Mapping[tuple[str, str], str] = RECORDS) -> Iterator[Rspamd]:
    """The shipped configuration with our own DNS records, nothing that needs others, and one worker."""
    command = program("rspamd")
    folder = Path(tempfile.mkdtemp(prefix="digest-rspamd-"))
    port = free_port()
    _configure(folder, port, records)
    places = {"DBDIR": "db", "RUNDIR": "run", "LOGDIR": "log", "LOCAL_CONFDIR": "conf"}
    variables = [f"--var={name}={folder / place}" for name, place in places.items()]
    root = ["-i"] if os.getuid() == 0 else []
    with folder.joinpath("out.log").open("wb") as log:
        arguments = [command, "-f", *root, "-c", "/etc/rspamd/rspamd.conf", *variables]
        process = subprocess.Popen(arguments, stdout=log, stderr=log)
    try:
        _wait_for(port, process, folder / "out.log")
        yield Rspamd(port)
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _configure(folder: Path, port: int, records: Mapping[tuple[str, str], str]) -> None:
    for name in ("db", "run", "log", "conf/local.d", "conf/override.d"):
        (folder / name).mkdir(parents=True)
    fake = ",\n".join(
        f'{{ name = "{name}"; type = "{kind}"; replies = ["{value}"]; }}' for (name, kind), value in records.items()
    )
    # The list of all public suffixes takes ten seconds to compile, and the mails know these.
    folder.joinpath("suffixes").write_text("com\nnet\norg\nexample\n", encoding="ascii")
    files = {
        "override.d/options.inc": f'url_tld = "{folder}/suffixes";\n'
        f'dns {{ nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; fake_records = [\n{fake}\n]; }}\n',
        "override.d/worker-normal.inc": f'bind_socket = "127.0.0.1:{port}"; count = 1;\n',
        "override.d/worker-controller.inc": "enabled = false; count = 0;\n",
        "override.d/worker-proxy.inc": "enabled = false; count = 0;\n",
        "override.d/logging.inc": 'type = "console"; level = "warning";\n',
        **{f"override.d/{name}.conf": "enabled = false;\n" for name in _NETWORK},
    }
    for name, text in files.items():
        (folder / "conf" / name).write_text(text, encoding="utf-8")


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            pytest.fail(f"rspamd ended at once: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=1):
            return
        time.sleep(0.1)
    pytest.fail("rspamd did not start")
