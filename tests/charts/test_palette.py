"""Colours that everyone can tell apart, and that are the same on the screen and in a download."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from charts.palette import DARK, LIGHT, contrast, luminance, palette, spread

BUCKETS = ("current", "1–30", "31–60", "61–90", "91–120", "120+", "unapplied")
THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda p: p.name)
TEXT, MARK = 4.5, 3.0  # WCAG 2: 1.4.3 for text, 1.4.11 for what must be seen to understand a graphic

STEP = 1.5  # between neighbours that touch in a stack


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#d55e00", "#ffffff") == pytest.approx(3.87, abs=0.01)


@THEMES
@pytest.mark.parametrize("name", ["text", "quiet", "good", "bad", "watch"])
def test_words_can_be_read(colours, name):
    for ground in (colours.ground, colours.panel):
        assert contrast(getattr(colours, name), ground) >= TEXT


@THEMES
@pytest.mark.parametrize("name", ["actual", "previous", "neutral", "good", "bad", "current"])
def test_marks_can_be_seen(colours, name):
    assert contrast(getattr(colours, name), colours.ground) >= MARK


@THEMES
def test_every_bucket_stands_out_by_its_fill_or_its_outline(colours):
    fills, edges = colours.aging(BUCKETS), colours.aging_edges(BUCKETS)
    for bucket in BUCKETS:
        assert max(contrast(fills[bucket], colours.ground), contrast(edges[bucket], colours.ground)) >= MARK


@THEMES
@pytest.mark.parametrize("buckets", [BUCKETS, BUCKETS[:3] + BUCKETS[-1:], BUCKETS[:2] + BUCKETS[-1:]])
def test_older_is_ever_further_from_the_ground(colours, buckets):
    fills = colours.aging(buckets)
    distance = [contrast(fills[bucket], colours.ground) for bucket in buckets[1:-1]]
    assert distance == sorted(distance)
    assert len(set(distance)) == len(distance)


@THEMES
def test_neighbours_in_the_ramp_can_be_told_apart(colours):
    assert all(contrast(one, next) >= STEP for one, next in pairwise(colours.ramp))


@THEMES
def test_good_and_bad_differ_in_lightness_or_hue_for_every_eye(colours):
    """Blue against orange-red: the blue channel and the red channel lie far apart."""
    good, bad = colours.good, colours.bad
    assert int(good[5:], 16) - int(bad[5:], 16) > 80
    assert int(bad[1:3], 16) - int(good[1:3], 16) > 80


def test_ramp_keeps_its_ends_and_their_order():
    assert spread(LIGHT.ramp, 2) == (LIGHT.ramp[0], LIGHT.ramp[-1])
    nine = spread(LIGHT.ramp, 9)
    assert len(set(nine)) == 9
    assert [luminance(c) for c in nine] == sorted((luminance(c) for c in nine), reverse=True)


def test_palette_by_theme():
    assert palette("dark") is DARK
    assert palette("light") is palette(None) is LIGHT


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda p: p.name)
def test_screen_and_charts_share_their_colours(colours):
    settings = Path(__file__).parents[2] / ".streamlit" / "config.toml"
    theme = tomllib.loads(settings.read_text(encoding="utf-8"))["theme"][colours.name]
    assert theme["backgroundColor"] == colours.ground
    assert theme["secondaryBackgroundColor"] == colours.panel
    assert theme["textColor"] == colours.text
    assert theme["borderColor"] == colours.border
    assert theme["blueColor"] == colours.good
    assert theme["orangeColor"] == colours.bad
    assert theme["yellowColor"] == colours.watch
    assert theme["chartCategoricalColors"] == [
        colours.actual, colours.good, colours.bad, colours.watch, colours.neutral,
    ]  # fmt: skip
    for colour in ("blue", "orange", "yellow", "gray"):
        assert contrast(theme[f"{colour}TextColor"], theme[f"{colour}BackgroundColor"]) >= TEXT
