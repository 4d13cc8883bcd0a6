"""A Postfix of our own on loopback: its own settings, queue and mailboxes, nothing of the machine's."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.sink import free_port

#: One mailbox for all that comes to us.
_TAKEN = [f"{{ {name}@returns.example.com = bounces/ }}" for name in ("bounces", "leave")]
_PATHS = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Postfix:
    port: int
    folder: Path

    @property
    def maildir(self) -> Path:
        """Where what comes to `bounces+…@returns.example.com` and `leave@returns.example.com` lies."""
        return self.folder / "mail" / "bounces"

    def log(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "log").read_text()
        return ""


def program() -> str:
    """The path of postfix; skips the test where it is not installed or cannot be started."""
    found = shutil.which("postfix", path=_PATHS)
    if found is None:
        pytest.skip("Postfix is not installed")
    if os.geteuid() != 0:
        pytest.skip("Postfix can be started by root only")
    return found


@contextlib.contextmanager
def running(relay: int, routes: Mapping[str, int]) -> Iterator[Postfix]:
    """It hands on to the relay's port on loopback, and mail for the named addresses to theirs."""
    command = program()
    # Not pytest's own folder: Postfix's users must be able to reach it.
    folder = Path(tempfile.mkdtemp(prefix="digest-postfix-"))
    made = Postfix(free_port(), folder)
    try:
        _write(made, relay, routes)
        _call(command, folder, "start", made)
        try:
            yield made
        finally:
            _call(command, folder, "stop", made)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(made: Postfix, relay: int, routes: Mapping[str, int]) -> None:
    folder = made.folder
    folder.chmod(0o755)
    owner, nobody = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
    for name in ("etc", "queue", "mail", "data"):
        (folder / name).mkdir()
    os.chown(folder / "data", owner.pw_uid, -1)
    os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
    listed = ", ".join(f"{{ {address} = smtp:[127.0.0.1]:{port} }}" for address, port in routes.items())
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "maillog_file": folder / "log",
        "maillog_file_prefixes": folder,
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "myhostname": "relay.example.net",
        "mydestination": "",
        "alias_maps": "",
        "local_transport": "error:there is no local mail",
        "disable_dns_lookups": "yes",
        "smtp_host_lookup": "native",
        "smtp_tls_security_level": "none",
        "smtpd_peername_lookup": "no",
        "relayhost": f"[127.0.0.1]:{relay}",
        "transport_maps": f"inline:{{ {listed} }}",
        "recipient_delimiter": "+",
        "virtual_mailbox_domains": "returns.example.com",
        "virtual_mailbox_maps": f"inline:{{ {', '.join(_TAKEN)} }}",
        "virtual_mailbox_base": folder / "mail",
        "virtual_minimum_uid": "1",
        "virtual_uid_maps": f"static:{nobody.pw_uid}",
        "virtual_gid_maps": f"static:{nobody.pw_gid}",
    }
    text = "".join(f"{name} = {value}\n" for name, value in settings.items())
    (folder / "etc" / "main.cf").write_text(text)
    (folder / "etc" / "master.cf").write_text(_SERVICES.format(port=made.port))


def _call(command: str, folder: Path, what: str, made: Postfix) -> None:
    done = subprocess.run(
        [command, "-c", str(folder / "etc"), what], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        pytest.fail(f"postfix {what}: {done.stdout}{done.stderr}{made.log()}")


def wait_for_mail(made: Postfix, number: int, seconds: float = 30) -> list[Path]:
    """Until so many mails have come back."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        found = sorted((made.maildir / "new").glob("*")) if (made.maildir / "new").is_dir() else []
        if len(found) >= number:
            return found
        time.sleep(0.1)
    pytest.fail(f"nothing came back:\n{made.log()}")
