"""Targets as they are written: which comes first, for whom and when, and one plain sentence for each mistake."""

from __future__ import annotations

from datetime import date

import pytest

from config.settings import load
from ledger.errors import ConfigError

APP = (
    'reporting_currency = "USD"\nsource = "books"\n[dimensions]\nentity = "Entity"\nregion = "Region"\n'
    'segment = "Segment"\n'
)
SOURCE = 'kind = "sql"\nurl = "sqlite:///erp.sqlite"\n[mapping]\ndocuments = "SELECT 1"\n'
BOTH = "good = 38\nattention = 45\n"


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads the settings with this ``targets.toml``."""
    monkeypatch.delenv("OUTSTANDING_CONFIG", raising=False)
    (tmp_path / "sources").mkdir()
    (tmp_path / "app.toml").write_text(APP)
    (tmp_path / "sources" / "books.toml").write_text(SOURCE)

    def reader(targets):
        (tmp_path / "targets.toml").write_text(targets)
        return load(tmp_path).targets

    return reader


def test_the_shipped_targets_are_complete():
    targets = load().targets
    assert {"dso", "days_delinquent", "cei", "overdue_share", "over_90_share", "on_time_share"} <= set(targets)
    own = {metric: next(goal for goal in goals if goal.key == metric) for metric, goals in targets.items()}
    assert (own["dso"].good, own["dso"].attention) == (45, 49)
    assert (own["overdue_share"].good, own["overdue_share"].attention) == (0.20, 0.26)
    assert all(goal.note for goals in targets.values() for goal in goals)
    assert any(goal.where and goal.start for goals in targets.values() for goal in goals)


def test_everything_about_a_target_is_read(read):
    (narrow, own) = read(
        f"[dso]\n{BOTH}note = 'Goal'\nto = 2026-12-31\n"
        "[[dso.for]]\nsegment = 'Unassigned'\nregion = 'EMEA'\nfrom = 2026-01-01\ngood = 40\nattention = 50.5\n"
    )["dso"]
    assert (own.key, own.good, own.attention, own.note, own.where) == ("dso", 38, 45, "Goal", ())
    assert (own.start, own.end) == (None, date(2026, 12, 31))
    assert (narrow.key, narrow.good, narrow.attention, narrow.note) == ("dso.for[0]", 40, 50.5, "")
    assert narrow.where == (("region", "EMEA"), ("segment", None)), "in drill order, Unassigned as no value"
    assert (narrow.start, narrow.end) == (date(2026, 1, 1), None)


def test_the_most_specific_comes_first_and_of_equals_the_first_in_drill_order(read):
    parts = ["segment = 'S'", "region = 'R'", "segment = 'S'\nregion = 'R'", "segment = 'S'\nentity = 'E'"]
    text = f"[dso]\n{BOTH}" + "".join(f"[[dso.for]]\n{part}\n{BOTH}" for part in parts)
    assert [goal.key for goal in read(text)["dso"]] == ["dso.for[3]", "dso.for[2]", "dso.for[1]", "dso.for[0]", "dso"]


def test_a_metric_may_have_only_targets_for_parts(read):
    (goal,) = read(f"[[dso.for]]\ncustomer = '0010002'\n{BOTH}")["dso"]
    assert goal.where == (("customer", "0010002"),)


def test_variables_may_stand_for_figures_and_days(read, monkeypatch):
    monkeypatch.setenv("GOAL", "38.5")
    monkeypatch.setenv("START", "2026-01-01")
    (goal,) = read('[dso]\ngood = "${GOAL}"\nattention = 45\nfrom = "${START}"\n')["dso"]
    assert (goal.good, goal.start) == (38.5, date(2026, 1, 1))


def test_dates_that_only_touch_are_no_overlap(read):
    goals = read(f"[dso]\n{BOTH}from = 2026-01-01\n[[dso.for]]\nto = 2025-12-31\n{BOTH}")["dso"]
    assert len(goals) == 2


REGION = f"[[dso.for]]\nregion = 'R'\n{BOTH}"


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        ("[dso]\ngood = 'x'\nattention = 45", ["dso.good is 'x'", "a number"]),
        ("[dso]\ngood = true\nattention = 45", ["dso.good is true", "a number"]),
        ("[dso]\ngood = nan\nattention = 45", ["dso.good is nan", "finite number"]),
        ("[dso]\ngood = 38", ["dso.attention is missing"]),
        (f"[dso]\n{BOTH}not = ''", ["unknown key dso.not", "did you mean 'note'?"]),
        (f"[dso]\n{BOTH}form = 2026-01-01", ["unknown key dso.form"]),
        (f"[dso]\n{BOTH}form = 2026-01-01", ["did you mean 'fo"]),
        ("dso = 38", ["dso must be a table", "[dso]"]),
        (f"[dso]\n{BOTH}region = 'R'", ["unknown key dso.region"]),
        (f"[dso]\n{BOTH}from = '1 May 2026'", ["dso.from is '1 May 2026'", "a day, such as 2026-01-31"]),
        (f"[dso]\n{BOTH}from = 2026", ["dso.from is 2026", "a day"]),
        (f"[dso]\n{BOTH}from = 2026-01-01T10:00:00", ["dso.from is '2026-01-01 10:00:00'", "a day"]),
        (f"[dso]\n{BOTH}from = 2026-02-01\nto = 2026-01-31", ["dso runs from 2026-02-01 to 2026-01-31", "earlier"]),
        (f"[[dso.for]]\nregoin = 'R'\n{BOTH}", ["dso.for[0] is for 'regoin'", "did you mean 'region'?"]),
        (f"[[dso.for]]\nregion = 'R'\n{BOTH}notes = 'n'", ["dso.for[0] is for 'notes'", "did you mean 'note'?"]),
        (f"[[dso.for]]\nplanet = 'R'\n{BOTH}", ["'planet', which is no dimension; known are", "'region'"]),
        (f"[[dso.for]]\nregion = 5\n{BOTH}", ["dso.for[0].region is 5", "text in quotes"]),
        (f"[[dso.for]]\nregion = ''\n{BOTH}", ["dso.for[0].region is empty"]),
        ("[[dso.for]]\nregion = 'R'\ngood = 3", ["dso.for[0].attention is missing"]),
        (f"[[dso.for]]\n{BOTH}", ["dso.for[0] names neither a dimension nor a day"]),
        (f"[dso]\n{BOTH}[dso.for]\nregion = 'R'", ["dso.for is a table", "a list"]),
        (REGION + REGION, ["dso.for[0] (without dates) and dso.for[1] (without dates)", "dso for region 'R'"]),
        (
            f"{REGION}to = 2026-03-31\n{REGION}from = 2026-03-31\n",
            ["dso.for[0] (to 2026-03-31) and dso.for[1] (from 2026-03-31)", "'to'", "'from'"],
        ),
        (
            f"[dso]\n{BOTH}[[dso.for]]\nfrom = 2026-01-01\nto = 2026-06-30\n{BOTH}",
            ["dso (without dates) and dso.for[0] (2026-01-01 to 2026-06-30)", "the whole company"],
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_file_and_key(read, targets, words):
    with pytest.raises(ConfigError) as caught:
        read(targets)
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith((".", "?"))
    for word in ["targets.toml", *words]:
        assert word in said


def test_a_part_at_another_time_and_another_part_are_no_overlap(read):
    text = f"{REGION}to = 2025-12-31\n{REGION}from = 2026-01-01\n[[dso.for]]\nregion = 'Q'\n{BOTH}"
    goals = read(text)["dso"]
    assert [goal.key for goal in goals] == ["dso.for[0]", "dso.for[1]", "dso.for[2]"]


@pytest.mark.parametrize("name", ["good", "attention", "note", "from", "to", "for"])
def test_no_dimension_has_the_name_of_a_targets_key(tmp_path, monkeypatch, name):
    monkeypatch.delenv("OUTSTANDING_CONFIG", raising=False)
    (tmp_path / "app.toml").write_text(f'reporting_currency = "USD"\nsource = "books"\n[dimensions]\n{name} = "X"\n')
    with pytest.raises(ConfigError, match=f"'{name}', which the reports use themselves"):
        load(tmp_path)
