"""What a message says to type must work when it is typed."""

from __future__ import annotations

import shlex
import subprocess
import sys

from config.advice import command, shown
from config.settings import PROJECT


def test_a_command_that_is_told_runs_as_it_stands():
    told = shlex.split(command("metrics --format csv"))
    ran = subprocess.run(told, cwd=PROJECT.parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("id,")


def test_it_names_other_settings_in_a_way_that_a_shell_reads(monkeypatch, tmp_path):
    assert "--config" not in command("refresh")
    assert "--config" not in command("refresh", PROJECT)
    assert shlex.split(command("refresh", tmp_path / "my company"))[-3:] == [
        "--config",
        str(tmp_path / "my company"),
        "refresh",
    ]
    monkeypatch.setenv("OUTSTANDING_CONFIG", str(PROJECT.parent / "mine"))
    assert command("refresh").endswith(" cli.py --config mine refresh")


def test_it_works_from_another_folder_too(monkeypatch, tmp_path):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    told = shlex.split(command("metrics --format csv", "mine"))
    assert told[2:4] == ["--config", str(tmp_path / "mine")]
    assert subprocess.run(told, capture_output=True, check=False).returncode == 0


def test_a_python_elsewhere_is_named_whole(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/opt/my python/bin/python")
    assert command("refresh") == "'/opt/my python/bin/python' cli.py refresh"
    assert shown(PROJECT / "app.toml").startswith("config")
