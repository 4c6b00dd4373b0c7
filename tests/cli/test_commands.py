"""The commands and options that scripts and schedulers rely on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli import cli
from metrics import CATALOG
from tests.ledger.books import invoice
from tests.refresh.company import DOCUMENTS

PROJECT = Path(__file__).resolve().parents[2]

OPTIONS = {
    "refresh": {"--force"},
    "check": {"--format", "--differences", "--history", "--all"},
    "kpi": {"--as-of", "--metric", "--by", "--where", "--window", "--format"},
    "aging": {"--as-of", "--by", "--where", "--format"},
    "trend": {"--metric", "--by", "--from", "--to", "--format"},
    "metrics": {"--format"},
    "demo": {"--invoices", "--seed"},
}


@pytest.mark.parametrize("command", OPTIONS)
def test_every_command_is_there_with_its_options_and_help(command):
    result = CliRunner().invoke(cli, [command, "--help"])
    assert result.exit_code == 0
    assert OPTIONS[command] <= set(re.findall(r"--[a-z-]+", result.stdout))
    assert cli.commands[command].help
    for parameter in cli.commands[command].params:
        assert isinstance(parameter, click.Option)
        assert parameter.help, f"{command} {parameter.name} has no help"


def test_help_lists_every_command():
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    assert all(command in result.stdout for command in OPTIONS)
    assert "--config" in result.stdout


def test_a_refresh_ends_with_what_came_what_stayed_and_whether_it_ties(fresh):
    fresh.company.table("documents", [*DOCUMENTS, invoice("I9", "3.00", currency="US$")])
    result = fresh("refresh")
    assert result.exit_code == 0
    told = {line.split()[0]: " ".join(line.split()[1:]) for line in result.stdout.splitlines()}
    assert told["customers"] == "3 in 3 accepted 0 quarantined"
    assert told["documents"] == "6 in 5 accepted 1 quarantined (3.00 US$)"
    assert told["settlements"] == "2 in 2 accepted 0 quarantined"
    assert told["total"] == "AR 100.15 USD as of 2024-03-25"
    assert told["tie-out"] == "opening + movement = closing to the cent"
    assert told["snapshot"] == fresh.company.store.current()


def test_a_refresh_says_how_many_gl_balances_agree(fresh):
    fresh.company.source(
        'kind = "files"\n[tables]\n'
        + "".join(f'{t} = "{t}.csv"\n' for t in ("customers", "documents", "settlements", "gl_balances"))
    )
    (fresh.company.sources / "gl_balances.csv").write_text(
        "entity,currency,as_of,balance\nE1,USD,2024-03-31,100.15\nE1,USD,2024-02-29,1\n"
    )
    assert "general ledger: 1 of 2 balances agree" in fresh("refresh").stdout


def test_an_empty_company_can_be_forced_and_answers(fresh):
    for table in ("documents", "settlements"):
        fresh.company.table(table, [])
    assert "returned no rows" in fresh.refused("refresh")
    result = fresh("refresh", "--force")
    assert result.exit_code == 0
    assert "nothing to tie out" in result.stdout
    rows = fresh.rows("kpi")
    assert [row["metric"] for row in rows] == list(CATALOG)
    assert all(row["value"] in (0, None) and (row["value"] == 0 or row["note"]) for row in rows)
    assert {row["amount"] for row in fresh.rows("aging")} == {0}
    assert "no month-end in these books" in fresh.refused("trend")


def test_the_catalogue_is_printed_in_its_order(published):
    rows = published.rows("metrics")
    assert [row["id"] for row in rows] == list(CATALOG)
    assert rows[0].keys() == {"id", "label", "unit", "better", "formula", "source"}
    assert all(all(row.values()) for row in rows)


def test_check_has_a_row_a_rule_and_one_that_was_broken_names_it(fresh):
    fresh.company.table("documents", [*DOCUMENTS, invoice("I9", "3.00", currency="US$")])
    fresh("refresh")
    rows = fresh.rows("check")
    assert rows[0].keys() >= {"rule", "table", "severity", "rows", "amount", "examples"}
    broken = [row for row in rows if row["rows"] and row["severity"] == "error"]
    assert [(row["rule"], row["table"], row["rows"], row["amount"], row["examples"]) for row in broken] == [
        ("currency_unknown", "documents", 1, 3.0, ["I9"])
    ]
    assert {row["rule"]: row["examples"] for row in fresh.csv("check")}["currency_unknown"] in ("I9", "")
    fresh.company.table("documents", [*DOCUMENTS, invoice("I9", "0.03", kind="bill")])
    assert "kind_unknown in documents: 1 (not known: 'bill' (1×)" in fresh("refresh").stdout
    few, all_of_them = fresh("check"), fresh("check", "--all")
    assert "rules found something" in few.stderr
    assert "kind_unknown" in few.stdout
    assert "key_repeated" not in few.stdout
    assert "key_repeated" in all_of_them.stdout


@pytest.mark.parametrize("command", ["kpi", "aging", "trend", "check --all", "metrics"])
def test_a_table_for_people_has_a_head_and_no_warnings(published, command):
    result = published(*command.split())
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(result.stdout.splitlines()) > 3


def test_the_program_runs_from_the_shell(fresh):
    environment = {**os.environ, "OUTSTANDING_CONFIG": str(fresh.company.folder)}

    def run(*words):
        return subprocess.run(
            [sys.executable, PROJECT / "cli.py", *words], env=environment, capture_output=True, text=True, check=False
        )

    none = run("kpi")
    assert (none.returncode, none.stdout) == (1, "")
    assert none.stderr.startswith("Error: There is no snapshot in")
    assert len(none.stderr.splitlines()) == 1
    good = run("refresh")
    assert good.returncode == 0
    assert "total AR" in good.stdout
    assert "Traceback" not in good.stderr


def test_settings_that_changed_since_the_refresh_are_noted(fresh):
    assert fresh("refresh").exit_code == 0
    file = fresh.company.folder / "app.toml"
    file.write_text(file.read_text(encoding="utf-8") + "[aging]\nedges = [45]\n", encoding="utf-8")
    told = fresh("kpi", "--metric", "total_ar")
    assert told.exit_code == 0
    assert told.stderr == "Note: [aging] changed since the snapshot was made; 'refresh' puts it to use.\n"
