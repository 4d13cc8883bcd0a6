"""TXT records, by asking a name server (dnspython)."""

from __future__ import annotations

import ipaddress
import socket

import dns.exception
import dns.name
import dns.resolver

from digest.errors import DigestError, UsageError

_PORT = 53
_SECONDS = 10.0  # for one question, tries included


class TxtRecords:
    """Asks the system's name servers, or the one that is named (`HOST`, `HOST:PORT`, `[IPV6]:PORT`)."""

    def __init__(self, nameserver: str = "", *, seconds: float = _SECONDS) -> None:
        try:
            self._resolver = dns.resolver.Resolver(configure=not nameserver)
        except dns.resolver.NoResolverConfiguration:
            raise DigestError("this machine names no name server", mend="give one: --nameserver 9.9.9.9") from None
        self._resolver.lifetime = seconds
        if nameserver:
            host, port = _place(nameserver)
            self._resolver.nameservers, self._resolver.port = [host], port

    def __call__(self, name: str) -> list[str]:
        """Each record, its strings put together; none where there is no such name. Raises DigestError else."""
        try:
            answer = self._resolver.resolve(dns.name.from_text(f"{name}."), "TXT", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.resolver.NoNameservers:
            raise DigestError("the name servers answer with an error", where=name, mend="try again later") from None
        except (dns.exception.Timeout, OSError):
            raise DigestError(
                "no name server answers", where=name, mend="try again, or give one: --nameserver"
            ) from None
        except dns.exception.DNSException as error:
            raise DigestError(f"it cannot be looked up: {error}", where=name) from None
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def _place(nameserver: str) -> tuple[str, int]:
    """Raises UsageError where it is none."""
    host, _, port = nameserver.rpartition(":")
    if not host or (":" in host and not host.startswith("[")):
        host, port = nameserver, str(_PORT)
    host = host.removeprefix("[").removesuffix("]")
    try:
        number = int(port)
        if not 0 < number < 65536:
            raise ValueError
        return str(ipaddress.ip_address(_address(host))), number
    except (ValueError, OSError):
        mend = "like 9.9.9.9, or 127.0.0.1:5353"
        raise UsageError(f"{nameserver!r} is no name server", where="--nameserver", mend=mend) from None


def _address(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return str(socket.getaddrinfo(host, _PORT, type=socket.SOCK_DGRAM)[0][4][0])
