"""SMTP, driven command by command, so that we know what was on the wire when something broke."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import smtplib
import socket
import ssl
from typing import ClassVar

from digest.deliver import headers
from digest.deliver.retry import Stage
from digest.deliver.transports.base import Reply, TransportSettings
from digest.errors import TransportError

_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\s+")
_BROKEN = (OSError, smtplib.SMTPException)
#: RFC 5321, 4.5.3.2: a server may take ten minutes over the final dot, and giving up earlier repeats mails.
_DOT_SECONDS = 600.0
_CONNECT_SECONDS = 30.0


class SmtpTransport:
    """Entry point `smtp`."""

    name: ClassVar[str] = "smtp"

    def __init__(self, settings: TransportSettings) -> None:
        self._settings = settings

    def open(self) -> SmtpConnection:
        s = self._settings
        where = f"{s.host}:{s.port}"
        client: smtplib.SMTP | None = None
        try:
            client = self._connect()
            self._secure(client)
            if s.user:
                self._login(client)
        except _BROKEN as error:
            if client is not None:
                client.close()
            raise TransportError(_say(error), where=where, mend="check [smtp] in digest.toml") from error
        return SmtpConnection(client, s.timeout)

    def _connect(self) -> smtplib.SMTP:
        s = self._settings
        helo = s.helo or None
        if s.tls == "tls":
            return smtplib.SMTP_SSL(s.host, s.port, helo, timeout=_CONNECT_SECONDS, context=self._context())
        return smtplib.SMTP(s.host, s.port, helo, timeout=_CONNECT_SECONDS)

    def _secure(self, client: smtplib.SMTP) -> None:
        """STARTTLS where it is asked for, which off loopback it is by default."""
        s = self._settings
        client.ehlo_or_helo_if_needed()
        wanted = s.tls == "starttls" or (s.tls == "auto" and not _is_loopback(client.sock))
        if not wanted:
            return
        if not client.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError("the server offers no STARTTLS, and mail is not sent in the open")
        client.starttls(context=self._context())
        client.ehlo()

    def _login(self, client: smtplib.SMTP) -> None:
        if not isinstance(client.sock, ssl.SSLSocket) and not _is_loopback(client.sock):
            raise smtplib.SMTPNotSupportedError("a password is not sent in the open: use tls or starttls")
        client.login(self._settings.user, self._settings.password)

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file or None)


class SmtpConnection:
    """One connection, kept for many messages."""

    def __init__(self, client: smtplib.SMTP, timeout: float) -> None:
        self._client, self._timeout = client, timeout
        assert client.sock is not None
        client.sock.settimeout(timeout)
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def begin(self, sender: str, recipient: str) -> Reply:
        wide = headers.needs_smtputf8(recipient) or headers.needs_smtputf8(sender)
        if wide and not self._client.has_extn("smtputf8"):
            text = "the relay cannot take an international address (it offers no SMTPUTF8)"
            return Reply(553, text, Stage.RCPT, "5.6.7")
        options = ["SMTPUTF8", "BODY=8BITMIME"] if wide else []
        reply = self._command(Stage.MAIL, f"MAIL FROM:<{headers.wire_address(sender)}> {' '.join(options)}".rstrip())
        if not reply.ok:
            return reply
        return self._command(Stage.RCPT, f"RCPT TO:<{headers.wire_address(recipient)}>")

    def send(self, message: bytes) -> Reply:
        reply = self._command(Stage.DATA, "DATA")
        if reply.code != 354:
            return reply if not reply.ok else Reply(451, f"unexpected answer {reply.code} to DATA", Stage.DATA)
        try:
            self._write(_stuffed(message))
        except _BROKEN as error:
            return self._lost(error, Stage.DATA)
        try:
            self._dot_timeout(max(_DOT_SECONDS, self._timeout))
            self._write(b".\r\n")
            reply = self._read(Stage.DOT)
        except _BROKEN as error:
            return self._lost(error, Stage.DOT, ambiguous=True)
        self._dot_timeout(self._timeout)
        return reply

    def reset(self) -> None:
        with contextlib.suppress(*_BROKEN):
            self._client.rset()

    def close(self) -> None:
        try:
            if self._client.sock is not None:
                self._client.sock.settimeout(5)
                self._client.quit()
        except _BROKEN:
            self._client.close()

    def _command(self, stage: Stage, line: str) -> Reply:
        try:
            self._write(line.encode("utf-8") + b"\r\n")
            return self._read(stage)
        except _BROKEN as error:
            return self._lost(error, stage)

    def _write(self, data: bytes) -> None:
        if self._client.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        self._client.sock.sendall(data)

    def _read(self, stage: Stage) -> Reply:
        code, raw = self._client.getreply()
        if code == -1:
            raise smtplib.SMTPServerDisconnected("the server closed the connection")
        text = " ".join(raw.decode("utf-8", "replace").split())
        enhanced = found[1] if (found := _ENHANCED.match(text)) else ""
        return Reply(code, text.removeprefix(enhanced).strip(), stage, enhanced)

    def _lost(self, error: Exception, stage: Stage, *, ambiguous: bool = False) -> Reply:
        self._client.close()
        return Reply(0, _say(error), stage, ambiguous=ambiguous)

    def _dot_timeout(self, seconds: float) -> None:
        if self._client.sock is not None:
            self._client.sock.settimeout(seconds)


def _stuffed(message: bytes) -> bytes:
    """CRLF line ends only, one at the end, and leading dots doubled (RFC 5321, 4.5.2)."""
    lines = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n")
    data = b"\r\n".join(lines.split(b"\n")) + b"\r\n"
    data = data.replace(b"\r\n.", b"\r\n..")
    return b"." + data if data.startswith(b".") else data


def _is_loopback(sock: socket.socket | None) -> bool:
    if sock is None:
        return False
    if sock.family == socket.AF_UNIX:
        return True
    return ipaddress.ip_address(sock.getpeername()[0].partition("%")[0]).is_loopback


def _say(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return f"{error.smtp_code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
