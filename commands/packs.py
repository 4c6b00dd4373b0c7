"""The packs that are made for the board: listed, written as files, sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
import polars as pl

from briefing.answers import Direct
from briefing.part import in_words
from briefing.told import Raised
from briefing.view import Against, View
from commands.options import (
    CONTROL,
    as_of,
    asking,
    book_of,
    configured,
    day_of,
    only,
    over,
    parts_of,
    plainly,
    scope_within,
    settings_of,
    targets_of,
)
from commands.printing import show
from config.packs import AGAINST, SHAPES, PackSettings, Shape
from config.settings import Settings
from exports.pack import files
from exports.pack.content import Pack
from ledger.book import Book
from ledger.calendar import Window
from ledger.errors import OutstandingError, did_you_mean
from ledger.scope import CURRENCY, CUSTOMER, Scope
from metrics import Plan, text

if TYPE_CHECKING:
    from alerts.report import File
    from state.alert_records import Alert

_PACK = {
    "name": pl.String, "title": pl.String, "sections": pl.List(pl.String), "window": pl.String, "against": pl.String,
    "currency": pl.String, "part": pl.String, "paper": pl.String, "formats": pl.List(pl.String),
    "send_to": pl.List(pl.String),
}  # fmt: skip

_INSTEAD = ("window", "against", "currency")
"""Options that say something instead of the pack's definition."""


@click.group("export")
@configured
def export_command() -> None:
    """Packs for the board, as slides, pages or a workbook; written as files, or sent."""


@export_command.command("packs")
@asking()
def packs_command(context: click.Context, shape: str) -> None:
    """The packs that there are, and what each consists of."""
    settings = settings_of(context)
    rows = [_listed(pack, settings) for pack in settings.packs.packs.values()]
    show(pl.DataFrame(rows, schema=_PACK, orient="row"), shape)


def _listed(pack: PackSettings, settings: Settings) -> tuple[Any, ...]:
    part = "; ".join(f"{name}: {', '.join(values)}" for name, values in pack.where.items())
    return (
        pack.name, pack.title, [each.section for each in pack.sections], pack.window or settings.window.default,
        pack.against, pack.currency or settings.reporting_currency, part or None, pack.paper, list(pack.formats),
        list(pack.send_to),
    )  # fmt: skip


@export_command.command("pack")
@click.argument("name")
@as_of
@only
@over
@click.option("--against", type=click.Choice(AGAINST), help="What numbers are compared with.")
@click.option("--currency", metavar="CODE", help="What money is shown in, where amounts stay in several currencies.")
@click.option("--section", "sections", multiple=True, metavar="ID", help="Only these sections; repeat for more.")
@click.option("--format", "shape", type=click.Choice(SHAPES), help="The kind of file; by the ending of -o, else pptx.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="The file to write, or a folder for one; here if left out."
)
@click.option("--send", is_flag=True, help="Send it to whom the pack names, as the files it names.")
@click.option("--to", "owners", multiple=True, metavar="OWNER", help="Send it to this owner instead; repeat for more.")
@configured
@click.pass_context
@plainly
def pack_command(
    context: click.Context, name: str, shape: Shape | None, output: Path | None, send: bool, owners: Sequence[str],
    **asked: Any,
) -> None:  # fmt: skip
    """The pack NAME as a file. With --send it goes out over channels; a file is written if -o says so."""
    settings, book = book_of(context)
    chosen = _chosen(settings, name, **{key: asked[key] for key in ("where", "sections", *_INSTEAD)})
    if owners and not send:
        raise OutstandingError("--to says who is sent the pack; add --send, or leave it out to write a file.")
    to = _receivers(settings, chosen, owners) if send else ()
    kind = shape or _ending(output)
    made = _composed(settings, book, chosen, _day(asked["day"], book))
    if output is not None or not send:
        _written(made, kind, output)
    if send:
        _sent(made, (shape,) if shape else chosen.formats, to)


@dataclass(frozen=True)
class _Made:
    """A pack with what it was made of."""

    pack: Pack
    chosen: PackSettings
    view: View
    settings: Settings
    written: dict[Shape, files.Written] = field(default_factory=dict[Shape, files.Written])

    def file(self, shape: Shape) -> tuple[str, files.Written]:
        """Its name and what is in it. Letters that no font has are a note."""
        if shape not in self.written:
            self.written[shape] = files.write(self.pack, shape, self.settings.packs.slides)
            _note_undrawn(self.written[shape].undrawn)
        return files.file_name(self.chosen.name, self.view.day, shape), self.written[shape]


def _note_undrawn(undrawn: Sequence[str]) -> None:
    if undrawn:
        letters = CONTROL.sub(" ", "".join(undrawn))
        click.echo(f"Note: this machine has no font for '{letters}', drawn as empty boxes; install one.", err=True)


# --- what is asked for ----------------------------------------------------------------------------------------------


def _chosen(
    settings: Settings, name: str, where: Sequence[str], sections: Sequence[str], **instead: str | None
) -> PackSettings:
    """The pack as the file has it, with what the command says instead."""
    pack = settings.packs.named(name)
    pack = pack.model_copy(update={key: value for key, value in instead.items() if value is not None})
    pack = pack.of(sections) if sections else pack
    return pack.model_copy(update={"where": {**pack.where, **parts_of(where)}})


def _day(asked: date | None, book: Book) -> date:
    """The day asked for, within the history.

    Raises:
        OutstandingError: it is not, or the books are empty.
    """
    first, last = book.first_day, book.last_day
    if first is None or last is None:
        raise OutstandingError("The books are empty, so there is nothing to tell; 'refresh' reads them.")
    day = day_of(asked, book)
    if not first <= day <= last:
        raise OutstandingError(f"{day} is not in the books, which go from {first} to {last}.")
    return day


def _view(settings: Settings, book: Book, pack: PackSettings, day: date) -> View:
    window = pack.window or settings.window.default
    Window.ending(day, window)
    scope = scope_within(pack.where, book)
    labels = {**book.dimensions, CUSTOMER: "Customer", CURRENCY: "Currency"}
    shown = _currency(pack.currency, scope, book)
    if len(book.currencies) > 1:
        # Amounts in several currencies are never added: a pack is of one of them, and says so as its currency.
        del labels[CURRENCY]
        scope = scope.narrowed(CURRENCY, shown)
    return View(
        day=day,
        window=window,
        scope=scope,
        currency=shown,
        filters=in_words(scope, labels),
        is_latest=day == book.last_day,
        against=Against(pack.against),
    )


def _currency(asked: str, scope: Scope, book: Book) -> str:
    """What money is shown in: as asked, else the company's own where the part has it."""
    offered, own = book.currencies_of(scope), book.rules.reporting_currency
    if not asked:
        return own if own in offered or not offered else offered[0]
    if asked not in offered:
        hint = did_you_mean(asked, offered)
        raise OutstandingError(f"Amounts do not come in the currency '{asked}'; {hint}".removesuffix("; "))
    return asked


def _composed(settings: Settings, book: Book, pack: PackSettings, day: date) -> _Made:
    from exports.pack.compose import compose

    view = _view(settings, book, pack, day)
    alerts, asked, commentary = _kept(settings, pack, day)
    today = datetime.now(UTC).astimezone().date()
    composed = compose(
        pack,
        view,
        Direct(book, targets_of(settings)),
        raised=Raised(tuple(alerts), settings.window.default, book.rules.reporting_currency, today, asked=asked),
        plan=Plan.of(settings.provision),
        commentary=commentary,
    )
    return _Made(composed, pack, view, settings)


def _kept(settings: Settings, pack: PackSettings, day: date) -> tuple[Sequence[Alert], date | None, Mapping[str, str]]:
    """Open alerts, of data to which day, and commentary by section; nothing, and a note, where they cannot be read.

    What was written about the pack as it is defined is not put beside another part of the company.
    """
    from state import State, place

    try:
        file = place(settings).file
        if file is not None and not file.exists():
            return (), None, {}
        state = State.open(settings)
        try:
            alerts, asked = state.alerting.alerts(("open", "acknowledged")), state.alerting.asked()
            words = {section: comment.words for section, comment in state.commentary.of(pack.name, day).items()}
        finally:
            state.close()
    except OutstandingError as error:
        click.echo(CONTROL.sub(" ", f"Note: the pack is made without alerts and commentary: {error}"), err=True)
        return (), None, {}
    if words and not _is_own_part(pack, settings):
        click.echo("Note: the commentary is about another part of the company, so it is left out.", err=True)
        return alerts, asked, {}
    return alerts, asked, words


def _is_own_part(pack: PackSettings, settings: Settings) -> bool:
    """Whether a pack is about the part of the company that its definition says."""
    own, usual = settings.packs.named(pack.name), settings.reporting_currency
    return dict(pack.where) == dict(own.where) and (pack.currency or usual) == (own.currency or usual)


# --- as a file --------------------------------------------------------------------------------------------------------


def _ending(output: Path | None) -> Shape:
    """The kind of file that a name asks for; slides where there is none, or where it is a folder's."""
    ending = output.suffix.lower().removeprefix(".") if output and not output.is_dir() else ""
    if ending and ending not in SHAPES:
        raise OutstandingError(f"'{output}' ends in none of {', '.join(SHAPES)}; name a file of those, or a --format.")
    return cast("Shape", ending) if ending else SHAPES[0]


def _written(made: _Made, shape: Shape, output: Path | None) -> None:
    own, written = made.file(shape)
    path = Path(own) if output is None else output / own if output.is_dir() else output
    try:
        path.write_bytes(written.data)
    except OSError as error:
        raise OutstandingError(f"{path} cannot be written: {error.strerror}.") from error
    about = [_counted(written, shape), f"as of {text.day(made.view.day)}", *made.view.filters]
    _say(f"{path}: {', '.join(about)}")


def _counted(written: files.Written, shape: Shape) -> str:
    return text.count(written.pages, files.WHOLE[shape])


def _say(words: str) -> None:
    click.echo(CONTROL.sub(" ", words.replace(text.NBSP, " ")))


# --- over channels ----------------------------------------------------------------------------------------------------


def _receivers(settings: Settings, pack: PackSettings, owners: Sequence[str]) -> tuple[str, ...]:
    """The owners that a pack is sent to, each with a channel.

    Raises:
        OutstandingError: there is none, no such owner, or one without a channel.
    """
    from alerts.report import channels_of

    to = tuple(owners) or pack.send_to
    if not to:
        raise OutstandingError(
            f"{settings.packs.file}: the pack '{pack.name}' names nobody to be sent to; write send_to = [\"…\"] with "
            "owners of alerts.toml, or --to OWNER."
        )
    channels_of(to, settings.alerts)
    return to


def _attached(made: _Made, shape: Shape) -> File:
    from alerts.report import File

    name, written = made.file(shape)
    return File(name, written.data, _counted(written, shape))


def _sent(made: _Made, shapes: Sequence[Shape], to: Sequence[str]) -> None:
    """Give the pack to its receivers, and say what became of each message."""
    from alerts.report import Report, write
    from commands.alert_people import user
    from commands.alert_run import handed_over, noted
    from state import State

    pack, settings = made.pack, made.settings
    about = pack.about
    report = Report(
        pack=made.chosen.name,
        title=about.title,
        company=about.company,
        day=about.as_of,
        message=files.message(pack),
        facts=files.key_figures(pack),
        files=tuple(_attached(made, shape) for shape in shapes),
        part=about.filters,
        snapshot=about.snapshot,
    )
    messages = write(report, to, settings.alerts)
    state = State.open(settings)
    try:
        ids = state.outbox.post(messages, state.now(), user())
        for problem in handed_over(settings, state).problems:
            noted(problem)
        kept = [state.outbox.message(id) for id in ids]
    finally:
        state.close()
    told = ", ".join(file.told for file in report.files)
    for message in kept:
        if message is not None and message.status == "sent":
            _say(f"Sent to '{message.owner}' over '{message.channel}': {told}")
        elif message is not None:
            noted(f"'{message.owner}' has not got it over '{message.channel}' yet; 'alerts send' tries again.")
    if any(message is None or message.status == "failed" for message in kept):
        raise OutstandingError("The pack was not sent to everybody; 'alerts log' says why.")
