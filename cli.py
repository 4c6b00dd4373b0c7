"""Outstanding without a screen: the same numbers for schedulers, scripts and people in a hurry."""

from __future__ import annotations

import io
import sys

import click

from commands import answers, books, reasons, risk, statements
from commands.options import configured


class _Commands(click.Group):
    """Every command. What some of them need, such as the state database or charts, is loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_LATE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _LATE and cmd_name not in self.commands:
            self.add_command(_LATE[cmd_name]())
        return super().get_command(ctx, cmd_name)


def _alerts() -> click.Command:
    from commands.alerts import alerts_command

    return alerts_command


def _export() -> click.Command:
    from commands.packs import export_command

    return export_command


def _source() -> click.Command:
    from commands.sources import source_command

    return source_command


def _fix() -> click.Command:
    from commands.fixes import fix_command

    return fix_command


def _report() -> click.Command:
    from commands.reports import report_command

    return report_command


_LATE = {"alerts": _alerts, "export": _export, "fix": _fix, "report": _report, "source": _source}


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@configured
def cli() -> None:
    """Outstanding: accounts receivable as of any day."""


for command in (
    books.refresh_command,
    books.check,
    answers.kpi,
    answers.aging_command,
    answers.trend,
    answers.countback_command,
    reasons.explain_command,
    reasons.segments_command,
    reasons.headlines_command,
    risk.cohorts_command,
    risk.rolls_command,
    risk.provision_command,
    statements.statement_command,
    answers.metrics_command,
    books.demo,
):
    cli.add_command(command)


def main() -> None:
    """Run a command. A slip in the words of the call is told in one sentence, with exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # names may have any letter, whatever the terminal is set to
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "cli.py"
        click.echo(f"Error: {error.format_message()} '{command} --help' lists what there is.", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
