"""SMTP, driven command by command, so that we know what was on the wire when something broke."""

from __future__ import annotations

import ipaddress
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from digest.deliver import headers
from digest.deliver.retry import Stage
from digest.deliver.transports.base import Reply, TransportSettings, Wire
from digest.errors import DigestError, LoginRefused, TransportError

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?!\S)")
_BROKEN = (OSError, smtplib.SMTPException)
#: RFC 5321, 4.5.3.2: a server may take ten minutes over the final dot, and giving up earlier repeats mails.
_DOT_SECONDS = 600.0
_CONNECT_SECONDS = 30.0
_LONGEST_LINE, _LONGEST_REPLY = 8192, 100  # bytes and lines: RFC 5321 allows 512, some servers send more
_LONGEST_TEXT = 1000  # characters of a reply that are kept
_Commands = Sequence[tuple[Stage, bytes]]


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
        except (*_BROKEN, ValueError) as error:  # ValueError: of a host that is no name
            if client is not None:
                client.close()
            kind = LoginRefused if isinstance(error, smtplib.SMTPAuthenticationError) else TransportError
            raise kind(_say(error), where=where, mend="check [smtp] in digest.toml") from error
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
        try:
            client.login(self._settings.user, self._settings.password)
        except UnicodeEncodeError:  # it names the character
            text = "a user or password with characters outside ASCII cannot be sent"
            raise smtplib.SMTPNotSupportedError(text) from None

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file or None)


class SmtpConnection:
    """One connection, kept for many messages."""

    def __init__(self, client: smtplib.SMTP, timeout: float) -> None:
        assert client.sock is not None
        self._client, self._timeout = client, timeout
        self._sock: socket.socket = client.sock
        self._replies = Replies(self._sock)
        self._pipelining = client.has_extn("pipelining")
        self._wide = client.has_extn("smtputf8")
        self._in_text = False  # the server waits for a message
        self._text_sent = False  # and now we for the answer to it
        self._commands: _Commands = ()
        self._refused: Reply | None = None  # known before the server has answered
        self.deadline = 0.0
        self._sock.settimeout(timeout)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def begin(self, sender: str, recipient: str) -> Reply:
        self.ask(sender, recipient)
        return self.agreed()

    def is_ready(self) -> bool:
        return self._refused is not None or not self._pipelining_or_text() or self._replies.is_at_hand()

    def _pipelining_or_text(self) -> bool:
        """Whether something was written that an answer is waited for."""
        return self._pipelining or self._text_sent

    def fileno(self) -> int:
        return self._sock.fileno()

    def ask(self, sender: str, recipient: str) -> None:
        """RFC 2920: where the server allows it, all three in one write."""
        self._refused, self._text_sent = None, False
        self.deadline = time.monotonic() + self._timeout
        wide = headers.needs_smtputf8(recipient) or headers.needs_smtputf8(sender)
        if wide and not self._wide:
            text = "the relay cannot take an international address (it offers no SMTPUTF8)"
            self._refused = Reply(553, text, Stage.RCPT, "5.6.7")
            return
        options = " SMTPUTF8 BODY=8BITMIME" if wide else ""
        try:
            self._commands = (
                (Stage.MAIL, f"MAIL FROM:<{headers.wire_address(sender)}>{options}\r\n".encode()),
                (Stage.RCPT, f"RCPT TO:<{headers.wire_address(recipient)}>\r\n".encode()),
                (Stage.DATA, b"DATA\r\n"),
            )
        except DigestError as error:
            self._refused = Reply(553, error.what, Stage.RCPT, "5.1.3")
            return
        if self._pipelining:
            try:
                self._sock.settimeout(self._timeout)
                self._sock.sendall(b"".join(line for _, line in self._commands))
            except _BROKEN as error:
                self._refused = self._lost(error, Stage.MAIL)

    def agreed(self) -> Reply:
        if self._refused is not None:
            return self._refused
        return self._together(self._commands) if self._pipelining else self._one_by_one(self._commands)

    def _together(self, commands: _Commands) -> Reply:
        """The replies come in order. The first that is a refusal is the answer."""
        answer: Reply | None = None
        stage = Stage.MAIL
        try:
            self._wait_until_deadline()
            for stage, _ in commands:
                reply = self._replies.read(stage)
                self._in_text = stage is Stage.DATA and reply.code == 354
                if answer is None and not _goes_on(reply):
                    answer = reply
        except _BROKEN as error:
            return answer or self._lost(error, stage)
        return answer or reply

    def _one_by_one(self, commands: _Commands) -> Reply:
        stage = Stage.MAIL
        try:
            self._sock.settimeout(self._timeout)
            for stage, line in commands:
                self._sock.sendall(line)
                reply = self._replies.read(stage)
                if not _goes_on(reply):
                    return reply
        except _BROKEN as error:
            return self._lost(error, stage)
        self._in_text = True
        return reply

    def send(self, message: bytes) -> Reply:
        self.hand_over(message)
        return self.answered()

    def hand_over(self, message: bytes) -> None:
        """Once all of it is on its way, with the dot at its end, whatever breaks is ambiguous."""
        if not self._in_text:  # its lines would be taken for commands
            self._refused = Reply(503, "no message was announced", Stage.DATA, "5.5.1")
            return
        self._in_text, self._refused, self._text_sent = False, None, True
        if self._replies.is_at_hand():  # the next word would be taken for the answer to this message
            out_of_turn = smtplib.SMTPServerDisconnected("the server answered what it was not asked")
            self._refused = self._lost(out_of_turn, Stage.DATA)
            return
        try:
            self._sock.settimeout(self._timeout)
            self._sock.sendall(_stuffed(message) + b".\r\n")
            self.deadline = time.monotonic() + max(_DOT_SECONDS, self._timeout)
        except _BROKEN as error:
            self._refused = self._last_words() or self._lost(error, Stage.DATA)

    def answered(self) -> Reply:
        if self._refused is not None:
            return self._refused
        try:
            self._wait_until_deadline()
            return self._replies.read(Stage.DOT)
        except _BROKEN as error:
            return self._lost(error, Stage.DOT, ambiguous=True)

    def _wait_until_deadline(self) -> None:
        self._sock.settimeout(max(0.001, self.deadline - time.monotonic()))

    def _last_words(self) -> Reply | None:
        """What a server said that hung up in the middle of the text, like 552 for one that is too long."""
        try:
            self._sock.settimeout(1.0)
            reply = self._replies.read(Stage.DOT)
        except _BROKEN:
            return None
        finally:
            self._client.close()
        return replace(reply, last=True) if reply.code >= 400 else None

    def reset(self) -> bool:
        """RSET; where the server already waits for the text, only hanging up takes the message back."""
        if self._in_text:
            self._in_text = False
            self._client.close()
            return False
        try:
            self._sock.settimeout(self._timeout)
            self._sock.sendall(b"RSET\r\n")
            return self._replies.read(Stage.MAIL).ok
        except _BROKEN:
            self._client.close()
            return False

    def close(self) -> None:
        try:
            if self._client.sock is not None and not self._in_text:
                self._sock.settimeout(5)
                self._sock.sendall(b"QUIT\r\n")
                self._replies.read(Stage.MAIL)
        except _BROKEN:
            pass
        finally:
            self._client.close()

    def _lost(self, error: Exception, stage: Stage, *, ambiguous: bool = False) -> Reply:
        self._client.close()
        return Reply(0, _say(error), stage, ambiguous=ambiguous, last=True)


def _goes_on(reply: Reply) -> bool:
    return reply.code == 354 if reply.stage is Stage.DATA else 200 <= reply.code < 300


class Replies:
    """What the server says, one reply at a time (RFC 5321, 4.2.1)."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = b""

    def read(self, stage: Stage) -> Reply:
        """Raises OSError, or SMTPException where it is no reply or the end."""
        said: list[str] = []
        code = 0
        while True:
            line = self._line()
            if not line[:3].isdigit() or line[3:4] not in (b" ", b"-", b""):
                # RFC 5321, 4.2: not a reply; whatever it answers stays unknown.
                return Reply(-1, _readable(line.decode("utf-8", "replace"))[:200], stage)
            code = int(line[:3])
            said.append(line[4:].decode("utf-8", "replace"))
            if line[3:4] != b"-":
                break
            if len(said) > _LONGEST_REPLY:
                raise smtplib.SMTPServerDisconnected("the server's reply has no end")
        enhanced = found[1] if (found := _ENHANCED.match(said[0])) else ""
        if enhanced:
            said = [text.removeprefix(enhanced).strip() for text in said]
        return Reply(code, _readable(" ".join(" ".join(said).split())), stage, enhanced)

    def is_at_hand(self) -> bool:
        """Some of it has come, though the system would not tell: it was read along, or waits behind the cipher."""
        return bool(self._buffer) or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0)

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LONGEST_LINE:
                raise smtplib.SMTPServerDisconnected("the server's reply has no end")
            if not (more := self._sock.recv(4096)):
                raise smtplib.SMTPServerDisconnected("the server closed the connection")
            self._buffer += more
        line, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        return line.rstrip(b"\r")


def _readable(text: str) -> str:
    """It is kept, and shown on a terminal."""
    return (text if text.isprintable() else headers.clean(text))[:_LONGEST_TEXT]


def _stuffed(message: bytes) -> bytes:
    """CRLF line ends only, one at the end, and leading dots doubled (RFC 5321, 4.5.2)."""
    if isinstance(message, Wire):
        return message
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
