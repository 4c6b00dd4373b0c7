"""Several servers share what they must, and leave alone what somebody has set."""

from __future__ import annotations

import pytest

from scripts import serve


@pytest.mark.parametrize(("processes", "cores", "threads"), [(1, 8, "8"), (2, 8, "4"), (3, 8, "2"), (4, 2, "1")])
def test_cores_are_shared_out(processes, cores, threads):
    assert serve.environment(processes, {}, cores)["POLARS_MAX_THREADS"] == threads


def test_all_have_one_secret_that_nobody_else_has():
    first, second = (serve.environment(2, {}, 2)["STREAMLIT_SERVER_COOKIE_SECRET"] for _ in range(2))
    assert len(first) == 64
    assert first != second


def test_what_is_set_stays():
    given = {"STREAMLIT_SERVER_COOKIE_SECRET": "ours", "POLARS_MAX_THREADS": "7", "HOME": "/home/ar"}
    assert serve.environment(2, given, 2) == given


def test_each_is_seen_from_this_machine_only():
    assert "--server.address=127.0.0.1" in serve.command(8511)
    assert "--server.port=8511" in serve.command(8511)


@pytest.mark.parametrize("count", ["0", "65", "-1"])
def test_a_number_that_makes_no_sense_is_a_sentence(count, monkeypatch):
    monkeypatch.setattr("sys.argv", ["serve", "--processes", count])
    with pytest.raises(SystemExit, match=rf"{count} processes cannot be served: 1 to 64\."):
        serve.main()
