"""Mail: a message as one mail with text, HTML, pictures and files, and its way to the server.

Apprise reads the channel's address (server, port, security, sender, recipients). The mail itself is made and handed
over here: so it has our own plain text, files where they belong, a ``Message-ID`` that stays the same when a message
is tried again or repeated, and the server's own words when it is refused.
"""

from __future__ import annotations

import base64
import contextlib
import smtplib
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime
from typing import Any

from alerts.envelope import Envelope, Trouble, Uncertain, media_type
from alerts.quoting import line

_SECONDS = 10
"""So long a server may take for each of its answers."""


@dataclass(frozen=True)
class Server:
    """Where mail is handed over. ``security``: ``starttls``, ``ssl`` or ``insecure``."""

    host: str
    port: int
    security: str
    user: str
    password: str
    verified: bool

    def __repr__(self) -> str:
        return f"Server({self.host!r}, {self.port})"


@dataclass(frozen=True)
class Route:
    """A channel of mail: the server, who writes, and to whom."""

    server: Server
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, plugin: Any) -> Route:
        """What Apprise has read out of a ``mailto://`` address.

        Raises:
            Trouble: there is nobody to send to, or an address cannot be.
        """

        def named(address: str) -> Address:
            return _address(plugin.names.get(address) or "", address)

        name, sender = plugin.from_addr
        to = tuple(_address(name or "", address) for name, address in plugin.targets)
        if not to:
            raise Trouble("its address names nobody to send to; add ?to=name@example.com")
        return cls(
            server=Server(
                host=plugin.smtp_host,
                port=int(plugin.port),
                security=str(plugin.secure_mode),
                user=plugin.user or "",
                password=plugin.password or "",
                verified=bool(plugin.verify_certificate),
            ),
            sender=_address(name or "", sender),
            to=to,
            cc=tuple(named(address) for address in sorted(plugin.cc)),
            bcc=tuple(named(address) for address in sorted(plugin.bcc)),
            reply_to=tuple(named(address) for address in sorted(plugin.reply_to)),
            headers=tuple(plugin.headers.items()),
        )

    @property
    def recipients(self) -> list[str]:
        return list(dict.fromkeys(each.addr_spec for each in (*self.to, *self.cc, *self.bcc)))


def _address(name: str, address: str) -> Address:
    try:
        return Address(display_name=line(name, 80), addr_spec=address)
    except (ValueError, IndexError):
        raise Trouble("one of its mail addresses is none") from None


def mail(route: Route, envelope: Envelope, now: datetime) -> EmailMessage:
    """The mail, ready to be handed over. Its ``Message-ID`` is made of the envelope's id alone."""
    made = EmailMessage(policy=_policy(route, envelope.subject))
    made["Subject"] = line(envelope.subject, 250, "Receivables alerts")
    made["From"] = route.sender
    made["To"] = route.to
    if route.cc:
        made["Cc"] = route.cc
    if route.reply_to:
        made["Reply-To"] = route.reply_to
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{envelope.id}.outstanding@{route.sender.domain or 'localhost'}>"
    # So that nobody's out-of-office answers it.
    made["Auto-Submitted"] = "auto-generated"
    for name, value in route.headers:
        if name not in made:
            made[line(name, 60)] = line(value, 250)
    made.set_content(envelope.text)
    made.add_alternative(envelope.html, subtype="html")
    page = made.get_body(("html",))
    for name, data in envelope.attachments:
        main, _, sub = media_type(name).partition("/")
        if isinstance(page, EmailMessage) and f'"cid:{name}"' in envelope.html:
            # Where the HTML shows it; what it does not show goes along beside it.
            page.add_related(data, maintype=main, subtype=sub, filename=name, cid=f"<{name}>", disposition="inline")
        else:
            made.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return made


def hand_over(route: Route, made: EmailMessage, seconds: float = 0.0) -> str:
    """Give a mail to its server; what it said of recipients that it refused while it took others, else nothing.

    ``seconds``: how much longer than usual the server may take for its answer, as the mail is a large one.

    Raises:
        Trouble: it has taken nothing.
        Uncertain: the connection ended before its answer came.
    """
    with _connected(route.server) as server:
        if server.sock is not None:
            server.sock.settimeout(_SECONDS + seconds)
        try:
            refused = server.send_message(made, route.sender.addr_spec, route.recipients)
        except smtplib.SMTPRecipientsRefused as error:
            raise Trouble(f"the mail server refused {_refused(error.recipients)}") from None
        except smtplib.SMTPSenderRefused as error:
            raise Trouble(f"the mail server refused the sender: {_said(error)}") from None
        except smtplib.SMTPResponseException as error:
            raise Trouble(f"the mail server refused the message: {_said(error)}") from None
        except smtplib.SMTPNotSupportedError as error:
            raise Trouble(f"the mail server cannot take this message: {error}") from None
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise Uncertain(f"the mail server did not answer to the message ({_short(error)})") from None
    return _refused(refused) if refused else ""


@contextmanager
def _connected(where: Server) -> Generator[smtplib.SMTP]:
    place = f"the mail server {where.host}:{where.port}"
    try:
        server = _greeted(where)
    except smtplib.SMTPAuthenticationError as error:
        raise Trouble(f"{place} did not accept the user name or the password: {_said(error)}") from None
    except smtplib.SMTPResponseException as error:
        raise Trouble(f"{place} refused the connection: {_said(error)}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Trouble(f"{place} cannot be reached ({_short(error)})", is_down=True) from None
    try:
        yield server
    finally:
        # Whether it says goodbye changes nothing.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()


def _greeted(where: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if not where.verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if where.security == "ssl":
        server: smtplib.SMTP = smtplib.SMTP_SSL(where.host, where.port, timeout=_SECONDS, context=context)
    else:
        server = smtplib.SMTP(where.host, where.port, timeout=_SECONDS)
    try:
        if where.security == "starttls":
            server.starttls(context=context)
        if where.user and where.password:
            _log_in(server, where)
    except BaseException:
        server.close()
        raise
    return server


def _log_in(server: smtplib.SMTP, where: Server) -> None:
    """Log in; with letters beyond ASCII by ourselves, for the library has no way to write them."""
    if f"{where.user}{where.password}".isascii():
        server.login(where.user, where.password)
        return
    server.ehlo_or_helo_if_needed()
    written = base64.b64encode(f"\0{where.user}\0{where.password}".encode()).decode()
    code, said = server.docmd("AUTH", f"PLAIN {written}")
    if code not in _LOGGED_IN:
        raise smtplib.SMTPAuthenticationError(code, said)


_LOGGED_IN = (235, 503)


def _refused(recipients: dict[str, tuple[int, bytes]]) -> str:
    return ", ".join(
        f"{address} ({code} {line(said.decode('utf-8', 'replace'), 120)})"
        for address, (code, said) in recipients.items()
    )


def _said(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{error.smtp_code} {line(words, 160)}"


def _short(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return line(getattr(error, "strerror", None) or str(error), 120, type(error).__name__)


def _policy(route: Route, subject: str) -> EmailPolicy[Any]:
    """How headers are written: plain ones on one line, for a folded subject begins with a space in some programs."""
    everyone = (route.sender, *route.to, *route.cc, *route.reply_to)
    is_plain = all(words.isascii() for words in (subject, *(str(each) for each in everyone)))
    longest = 998 if is_plain else 78
    base = SMTP if all(address.isascii() for address in route.recipients) else SMTPUTF8
    return base.clone(max_line_length=longest)
