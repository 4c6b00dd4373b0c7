"""What a newcomer meets first: `make`, the right Python, a port that is taken, no browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys

import pytest

from scripts import browser, start
from tests.architecture.sources import ROOT


def _run(*command, **settings):
    environment = {**os.environ, **settings}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_alone_lists_the_targets():
    listed = {line.split()[0] for line in _run("make", MAKEFLAGS="").stdout.splitlines()[1:]}
    assert {"run", "test", "check", "format", "lock", "demo", "clean"} <= listed


def test_an_old_python_is_refused_in_one_sentence(tmp_path):
    old = tmp_path / "an old python"
    old.write_text(
        '#!/bin/sh\ncase "$2" in *print*) echo "this is Python 3.9.1" ;; *) exit 1 ;; esac\n', encoding="utf-8"
    )
    old.chmod(0o755)
    refused = _run("sh", "scripts/venv.sh", str(tmp_path / "venv"), str(old))
    assert refused.returncode == 1
    assert refused.stderr.startswith("Outstanding needs Python 3.11 or newer. Tried ")
    assert f"{old}: this is Python 3.9.1." in refused.stderr
    assert not (tmp_path / "venv").exists()


def test_a_missing_python_is_named(tmp_path):
    refused = _run("sh", "scripts/venv.sh", str(tmp_path / "venv"), str(tmp_path / "python"))
    assert refused.returncode == 1
    assert f"{tmp_path / 'python'}: it cannot be run." in refused.stderr


def test_a_working_environment_is_left_alone(tmp_path):
    """Not made afresh: what is installed in it stays."""
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)
    assert _run("sh", "scripts/venv.sh", str(tmp_path / "venv"), "/no/such/python").returncode == 0


def test_a_port_that_is_taken_is_said_before_anything_is_built(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(sys, "argv", ["start", "--port", str(port)])
        monkeypatch.setattr(start, "_load_first_data", lambda: pytest.fail("built data first"))
        with pytest.raises(SystemExit, match=f"Port {port} is in use.*make run PORT={port + 1}"):
            start.main()


def test_no_snapshot_means_a_refresh_and_its_failure_ends_the_start(tmp_path, monkeypatch):
    (tmp_path / "cli.py").write_text(
        "import pathlib, sys\npathlib.Path('asked').open('a').write(sys.argv[1] + ' ')\nsys.exit(3)\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        start._load_first_data()
    assert ended.value.code == 3
    assert (tmp_path / "asked").read_text(encoding="utf-8") == "check refresh "


def test_a_snapshot_that_is_there_is_used(tmp_path, monkeypatch):
    (tmp_path / "cli.py").write_text("import sys\nsys.exit(sys.argv[1] != 'check')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    start._load_first_data()


def test_a_browser_that_does_not_start_is_no_browser(tmp_path, monkeypatch):
    """As Ubuntu's chromium-browser, which only tells how to install one."""
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\necho 'install the snap'\nexit 1\n", encoding="utf-8")
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "none"))
    monkeypatch.setattr(browser, "MAC_APPS", ())
    assert browser.find.__wrapped__() is None
