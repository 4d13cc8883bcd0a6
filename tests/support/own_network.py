"""Run in a network of its own (`unshare --net --mount`): a name server at port 53, and opendkim-testmsg asking it.

opendkim-testmsg knows no other way to a key than /etc/resolv.conf, which names no port.
Reads {"program", "records", "resolv", "messages": [file]} from standard input; prints what became of each message.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import subprocess
import sys
from pathlib import Path

from tests.support.name_server import serving

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        asked = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(handle, _SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(handle, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def main() -> None:
    task = json.load(sys.stdin)
    loopback_up()
    resolv = Path(task["resolv"])
    resolv.write_text("nameserver 127.0.0.1\n")
    subprocess.run(["mount", "--bind", str(resolv), "/etc/resolv.conf"], check=True)
    found = []
    with serving(task["records"], port=53):
        for name in task["messages"]:
            with Path(name).open("rb") as file:
                done = subprocess.run([task["program"]], stdin=file, capture_output=True, text=True, timeout=60)
            found.append([done.returncode, (done.stdout + done.stderr).strip()])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
