"""A part of the company is held against the whole of it, which is worked out once a day and window."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest

from briefing import needs
from briefing.answers import Direct
from briefing.view import View
from ledger.scope import Scope
from metrics import Targets, headlines
from metrics.stories import Report
from tests.metrics.demo_books import LAST_DAY, demo

REGIONS = ("Continental Europe", "North America", "UK and Ireland")


@pytest.fixture(scope="module")
def book():
    return demo(20_000)


def view(region, day=LAST_DAY, window="3mo"):
    return View(day, window, Scope.of(region=region), "USD")


@pytest.mark.parametrize("window", ["3mo", "90d"])
def test_what_is_kept_of_the_company_changes_nothing(book, window):
    answers, found = Direct(book, Targets()), []
    for region in REGIONS:
        asked = view(region, window=window)
        told = [need.words for need in needs.found(answers, asked)]
        assert told == [each.words for each in headlines(book, asked.day, window, asked.scope, most=needs.MOST)]
        found += told
    assert found


def test_the_company_is_searched_once_for_all_its_parts(book):
    answers, searched = Direct(book, Targets()), []
    untold = Report.untold.fget
    assert untold is not None
    counted = property(lambda report: searched.append((report.day, report.window)) or untold(report))
    other = replace(view(REGIONS[0]), day=book.month_ends[-3])
    with patch.object(Report, "untold", counted):
        for asked in [*map(view, REGIONS), other, other, view(REGIONS[0])]:
            needs.found(answers, asked)
    assert searched == [(LAST_DAY, "3mo"), (other.day, "3mo")]
