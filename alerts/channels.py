"""Handing a message to a channel: mail by ourselves, everything else through Apprise.

Apprise knows over a hundred services by the form of their addresses. It says only whether a message was taken; the
reason is read out of its log. Loading it takes a third of a second, so it is loaded when something is sent.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from alerts import mail
from alerts.envelope import Envelope, Trouble, Uncertain, is_picture, media_type
from alerts.quoting import line
from alerts.remarks import Written, noted
from alerts.scrubbing import Secrets, host_of

SECONDS = 30.0
"""So long one attempt may take in all."""

_ANSWER_SECONDS = 10.0
_THREAD = "outstanding-delivery"
_in_hand: ContextVar[Secrets | None] = ContextVar("secrets", default=None)
_MAIL = ("mailto", "mailtos")
# Services that send mail through an interface of their own: they take our HTML.
_MAIL_SERVICES = frozenset(
    {"o365", "azure", "brevo", "mailgun", "postmark", "resend", "sendgrid", "sendpulse", "ses", "smtp2go", "sparkpost"}
)
# Services that take a file of any kind with a message. Others take none, or pictures alone.
_TAKE_FILES = _MAIL_SERVICES | frozenset(
    {
        *("mailto", "mailtos", "json", "jsons", "xml", "xmls", "form", "forms", "apprise", "apprises"),
        *("slack", "discord", "tgram", "mmost", "mmosts", "matrix", "matrixs", "ntfy", "ntfys"),
        *("pbul", "signal", "signals", "webex", "wxteams"),
    }
)
# Adaptive cards run single lines together.
_LOOSE = frozenset({"workflow", "workflows"})
_CARD = 20_000
_KEPT_SHARE = 0.7
"""Escaping makes a text longer: so much of what a service takes is used."""

_NOT_ATTACHED = "The files are not attached, because this channel takes none."

_PICTURE = re.compile(r'<img src="cid:[^>]*>')
_ERROR_CODE = re.compile(r"error=(\d{3})")
_UNANSWERED = re.compile(r"Read timed out|RemoteDisconnected|Connection aborted|Connection reset|IncompleteRead")
_UNREACHED = re.compile(
    r"refused|NameResolution|Name or service|getaddrinfo|ConnectTimeout|unreachable|No route", re.IGNORECASE
)


def prepared(address: str, envelope: Envelope, now: datetime) -> Callable[[], str]:
    """The attempt to give a message to the channel at ``address``, ready to be made. Nothing has been sent yet.

    It returns a remark where only some recipients were refused, else nothing; it raises ``Trouble`` where the message
    was not taken and ``Uncertain`` where nobody knows.

    Raises:
        Trouble: the address cannot be.
    """
    plugin = _plugin(address)
    if type(plugin).__name__ == "NotifyEmail" and str(plugin.pgp_mode) in ("no", "none", "PGPMode.NONE"):
        route = mail.Route.of(plugin)
        made = mail.mail(route, envelope, now)
        return lambda: mail.hand_over(route, made, envelope.seconds)
    taken = envelope if _takes_files(plugin) else _without_files(envelope)
    return lambda: _through_apprise(plugin, address, taken)


@contextmanager
def secretly(secrets: Secrets) -> Generator[None]:
    """Until its end nothing that is logged or raised here holds one of ``secrets``.

    Raises:
        Trouble: whatever goes wrong, told without a secret and without what it was raised from.
    """
    token = _in_hand.set(secrets)
    try:
        yield
    except Trouble as error:
        raise type(error)(secrets.hide(str(error)), is_down=error.is_down) from None
    except Exception as error:  # noqa: BLE001 - one message must not stop the others
        said = secrets.hide(line(f"{type(error).__name__}: {error}", 200))
        raise Trouble(f"it could not be handed over ({said})") from None
    finally:
        _in_hand.reset(token)


def within(seconds: float, work: Callable[[], str]) -> str:
    """What ``work`` returns, if it does so in time.

    Raises:
        Uncertain: it does not. It is left to itself, and dies with the program.
    """
    result: list[str] = []
    troubles: list[BaseException] = []

    def attempt() -> None:
        try:
            result.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again below, where somebody is listening
            troubles.append(error)

    context = copy_context()
    thread = threading.Thread(target=context.run, args=(attempt,), name=_THREAD, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise Uncertain(f"there was no answer within {seconds:g} seconds", is_down=True)
    if troubles:
        raise troubles[0]
    return result[0]


# --- Apprise --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _apprise() -> Any:
    """Apprise, loaded once, with its log for us alone: it would tell whole addresses to whoever listens."""
    with warnings.catch_warnings():
        # What its hundred services import, and what of that has a successor, is not ours to mend.
        warnings.simplefilter("ignore")
        import apprise

        apprise.Apprise.instantiate("json://localhost")
    log = logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.DEBUG)
    log.addHandler(logging.NullHandler())
    log.addFilter(_without_secrets)
    # The path of a webhook is its password, and this log writes paths down.
    logging.getLogger("urllib3.connectionpool").addFilter(_without_secrets)
    return apprise


def _without_secrets(record: logging.LogRecord) -> bool:
    """A line of somebody else's log without the secrets of the channel in hand."""
    if secrets := _in_hand.get():
        record.msg, record.args = secrets.hide(record.getMessage()), None
    return True


@lru_cache(maxsize=1)
def _asset() -> Any:
    return _apprise().AppriseAsset(
        app_id="Outstanding",
        app_desc="Receivables alerts",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        interpret_escapes=False,
        interpret_emojis=False,
        pgp_autogen=False,
        pem_autogen=False,
        default_service_retry=0,
        service_timeout=0,
        storage_mode="memory",
    )


def _plugin(address: str) -> Any:
    apprise = _apprise()
    kind = line(address.partition("://")[0], 30) if "://" in address else ""
    try:
        plugin = apprise.Apprise.instantiate(address, asset=_asset(), suppress_exceptions=False)
    except Exception as error:  # noqa: BLE001 - whatever a service objects to in its address
        raise Trouble(f"its address is no {kind}:// address: {line(str(error), 160)}") from None
    if plugin is None:
        said = f"one of the kind {kind}://" if kind else "a channel"
        raise Trouble(f"its address is not {said} that Apprise knows; see its list of services for how one is written")
    # How often, and what counts, is ours to say.
    plugin.retry, plugin.optional, plugin.interpret_emojis = 0, False, False
    if plugin.socket_read_timeout == type(plugin).socket_read_timeout:
        plugin.socket_read_timeout = _ANSWER_SECONDS
    return plugin


def _through_apprise(plugin: Any, address: str, envelope: Envelope) -> str:
    _marked(plugin, envelope)
    # What carries a large file is slow to be taken.
    plugin.socket_connect_timeout += envelope.seconds
    plugin.socket_read_timeout += envelope.seconds
    box = _apprise().Apprise(asset=_asset())
    box.add(plugin)
    result = box.notify(**_words(plugin, envelope), attach=_attached(envelope.attachments), log_level=logging.DEBUG)
    if not result:
        raise _trouble([(entry.level, entry.message) for entry in result.logs()], host_of(address))
    return ""


def _marked(plugin: Any, envelope: Envelope) -> None:
    """The envelope's id, where a channel has room for it: a field, and the header that webhooks look for."""
    if isinstance(getattr(plugin, "payload_extras", None), dict):
        plugin.payload_extras = {
            **plugin.payload_extras,
            "message_id": envelope.id,
            "alerts": ",".join(envelope.alerts),
        }
        plugin.headers = {"Idempotency-Key": envelope.id, **plugin.headers}


def _words(plugin: Any, envelope: Envelope) -> Mapping[str, str]:
    """The message in the form that the service takes: plain text, which Apprise escapes for what the service speaks.

    A service that speaks Markdown or HTML would read markup in a title, which nobody escapes: it stands in the text.
    """
    schemas = {str(name) for name in plugin.schemas()}
    if schemas & _MAIL_SERVICES:
        return {"title": envelope.subject, "body": _PICTURE.sub("", envelope.html), "body_format": "html"}
    if str(plugin.resolve_format("text").value) == "text":
        room = plugin.body_maxlen - (0 if plugin.title_maxlen else len(envelope.subject))
        return {"title": envelope.subject, "body": _fitting(envelope.text, room), "body_format": "text"}
    told = f"{envelope.subject}\n\n{envelope.text}"
    if schemas & _LOOSE:
        return {"title": "", "body": _fitting(told, _CARD).replace("\n", "\n\n"), "body_format": "text"}
    return {"title": "", "body": _fitting(told, int(plugin.body_maxlen * _KEPT_SHARE)), "body_format": "text"}


def _fitting(told: str, room: int) -> str:
    """The text, cut after a paragraph where a service would refuse all of it."""
    ending = "\n\n(The message is longer than this service takes; the inbox has the rest.)\n"
    if room <= 0 or len(told) <= room:
        return told
    kept = told[: max(room - len(ending), 0)]
    return (kept.rpartition("\n\n")[0] or kept) + ending


def _takes_files(plugin: Any) -> bool:
    """Whether a channel takes files of any kind: an incoming webhook of a chat does not, where its bot does."""
    is_webhook = str(getattr(plugin, "mode", "")).lower().endswith("hook")
    return bool(plugin.attachment_support) and not is_webhook and not _TAKE_FILES.isdisjoint(map(str, plugin.schemas()))


def _without_files(envelope: Envelope) -> Envelope:
    """The message for a channel that takes no files, which says so where it would have some."""
    if not envelope.files:
        return envelope
    told = noted(Written(envelope.subject, envelope.text, envelope.html), _NOT_ATTACHED)
    pictures = tuple(each for each in envelope.attachments if is_picture(each[0]))
    return replace(envelope, text=told.text, html=told.html, attachments=pictures)


def _attached(files: Iterable[tuple[str, bytes]]) -> Any:
    from apprise.attachment.memory import AttachMemory

    made = [AttachMemory(content=data, name=name, mimetype=media_type(name)) for name, data in files]
    return made or None


def _trouble(log: Iterable[tuple[str, str]], host: str) -> Trouble:
    """The reason that Apprise's log gives, as a clause."""
    entries = list(log)
    told = " ".join(message for _, message in entries)
    place = host or "the service"
    code = _ERROR_CODE.search(told)
    if code and not code[1].startswith("2"):
        return Trouble(f"{place} answered {_status(int(code[1]))}")
    if _UNANSWERED.search(told):
        return Uncertain(f"{place} did not answer to the message", is_down=True)
    if _UNREACHED.search(told):
        return Trouble(f"{place} cannot be reached", is_down=True)
    said = [message for level, message in entries if level in ("WARNING", "ERROR", "CRITICAL")]
    return Trouble(line(said[-1], 200).rstrip(".") if said else f"{place} did not take the message")


def _status(code: int) -> str:
    try:
        return f"{code} ({HTTPStatus(code).phrase})"
    except ValueError:
        return str(code)
