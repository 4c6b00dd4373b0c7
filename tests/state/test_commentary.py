"""Commentary: one a pack, period and section, kept to the letter, replaced by whoever writes last."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from state.commentary import LONGEST_WORDS, Comment
from tests.state.conftest import NOON
from tests.state.test_views import HOSTILE, refused

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30)


def test_what_is_written_is_kept_by_section(home, keep):
    keep.commentary.put("board", OCTOBER, "dso", "Iberia pays later.\n\nTerms were extended.", "anna", NOON)
    keep.commentary.put("board", OCTOBER, "aging", "Better.", "bob", NOON + timedelta(hours=1))
    again = home.open()
    assert again.commentary.of("board", OCTOBER) == {
        "dso": Comment(
            day=OCTOBER, section="dso", words="Iberia pays later.\n\nTerms were extended.", by="anna", at=NOON
        ),
        "aging": Comment(day=OCTOBER, section="aging", words="Better.", by="bob", at=NOON + timedelta(hours=1)),
    }
    again.close()


def test_each_pack_and_period_has_its_own(keep):
    keep.commentary.put("board", OCTOBER, "dso", "One", "anna", NOON)
    keep.commentary.put("board", NOVEMBER, "dso", "Two", "anna", NOON)
    keep.commentary.put("emea", OCTOBER, "dso", "Three", "anna", NOON)
    assert {
        (pack, day): keep.commentary.of(pack, day)["dso"].words
        for pack, day in (("board", OCTOBER), ("board", NOVEMBER), ("emea", OCTOBER))
    } == {("board", OCTOBER): "One", ("board", NOVEMBER): "Two", ("emea", OCTOBER): "Three"}
    assert keep.commentary.of("emea", NOVEMBER) == {}


def test_who_writes_last_is_kept(keep):
    keep.commentary.put("board", OCTOBER, "dso", "First", "anna", NOON)
    keep.commentary.put("board", OCTOBER, "dso", "Second", "bob", NOON + timedelta(days=1))
    (kept,) = keep.commentary.of("board", OCTOBER).values()
    assert (kept.words, kept.by, kept.at) == ("Second", "bob", NOON + timedelta(days=1))


@pytest.mark.parametrize("nothing", ["", "  \n\t ", "\r\n"])
def test_nothing_written_removes_it_and_no_other(keep, nothing):
    keep.commentary.put("board", OCTOBER, "dso", "First", "anna", NOON)
    keep.commentary.put("board", OCTOBER, "aging", "Stays", "anna", NOON)
    keep.commentary.put("board", OCTOBER, "dso", nothing, "bob", NOON)
    keep.commentary.put("board", OCTOBER, "risk", nothing, "bob", NOON)  # there was none
    assert list(keep.commentary.of("board", OCTOBER)) == ["aging"]


def test_the_period_before_is_the_newest_one_that_has_any(keep):
    assert keep.commentary.previous("board", NOVEMBER) == {}
    keep.commentary.put("board", SEPTEMBER, "dso", "September", "anna", NOON)
    keep.commentary.put("board", OCTOBER, "aging", "October", "anna", NOON)
    keep.commentary.put("board", NOVEMBER, "dso", "November", "anna", NOON)
    keep.commentary.put("emea", date(2026, 11, 29), "dso", "Elsewhere", "anna", NOON)
    assert {name: each.words for name, each in keep.commentary.previous("board", NOVEMBER).items()} == {
        "aging": "October"
    }
    keep.commentary.put("board", OCTOBER, "aging", "", "anna", NOON)
    (before,) = keep.commentary.previous("board", NOVEMBER).values()
    assert (before.day, before.words) == (SEPTEMBER, "September")
    assert keep.commentary.previous("board", SEPTEMBER) == {}


def test_lines_are_kept_and_space_around_them_is_not(keep):
    keep.commentary.put("board", OCTOBER, "dso", "\r\n  One  \r\n\r\nTwo\u2028Three \n\n", "anna", NOON)
    assert keep.commentary.of("board", OCTOBER)["dso"].words == "One\n\nTwo\nThree"


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_kept_as_they_are(keep, words):
    keep.commentary.put("board", OCTOBER, "dso", words, words, NOON)
    (kept,) = keep.commentary.of("board", OCTOBER).values()
    assert (kept.words, kept.by) == (words, words)


def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(keep):
    put = keep.commentary.put
    put("board", OCTOBER, "dso", "x" * LONGEST_WORDS, "anna", NOON)
    refused(lambda: put("board", OCTOBER, "dso", "x" * (LONGEST_WORDS + 1), "anna", NOON), "4,001 characters", "4000")
    refused(lambda: put("board", OCTOBER, "dso", "a\0b", "anna", NOON), "The commentary holds a sign that is no text")
    refused(lambda: put("board", OCTOBER, "dso", "\ud800", "anna", NOON), "no text")
    refused(lambda: put("board", OCTOBER, "dso", "Fine", "", NOON), "The reader is empty")
    refused(lambda: put("", OCTOBER, "dso", "Fine", "anna", NOON), "The name of a pack is empty")
    refused(lambda: put("board", OCTOBER, "x" * 61, "Fine", "anna", NOON), "The section of a pack has 61 characters")
    assert keep.commentary.of("board", OCTOBER)["dso"].words == "x" * LONGEST_WORDS
