"""One notation in two dialects: the same role has the same colour and the same kind of mark in both."""

from __future__ import annotations

import io
from typing import cast

import plotly.graph_objects as go
import pytest
import vl_convert
from PIL import Image

from charts import DARK, LIGHT, notation, spec
from charts.notation import Effect, Role
from charts.palette import contrast
from metrics.spec import Better

THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda p: p.name)
MARK = 3.0  # WCAG 2, 1.4.11


def bars(role, colours, values=(40, 100)):
    """A small column chart of one role, as its description."""
    mark = {"type": "bar", **notation.vega(role, colours, notation.upright("x", "y", "size"))}
    rows = [{"name": f"B{place}", "size": value} for place, value in enumerate(values)]
    x = {"field": "name", "type": "nominal", "axis": None}
    y = {"field": "size", "type": "quantitative", "axis": None}
    drawn = spec.chart(colours, [{"mark": mark, "encoding": {"x": x, "y": y}}], 200, data=spec.data(rows))
    return {**drawn, "width": 240, "background": colours.ground}


def shades(role, colours):
    """How many pixels of the picture have which colour."""
    picture = Image.open(io.BytesIO(vl_convert.vegalite_to_png(bars(role, colours), scale=1))).convert("RGB")
    found = cast("list[tuple[int, tuple[int, int, int]]]", picture.getcolors(100_000))
    return {"#{:02x}{:02x}{:02x}".format(*colour): count for count, colour in found}


@THEMES
@pytest.mark.parametrize("role", list(Role))
def test_both_dialects_have_the_roles_own_colour(role, colours):
    own = notation.colour(role, colours)
    in_vega, in_plotly = notation.vega(role, colours, ("1", "1")), notation.plotly(role, colours)
    go.Bar(marker=in_plotly)
    match role:
        case Role.PLAN:
            assert (in_vega["fill"], in_vega["stroke"]) == (colours.ground, own)
            assert (in_plotly["color"], in_plotly["line"]["color"]) == (colours.ground, own)
            assert in_vega["strokeWidth"] == in_plotly["line"]["width"]
        case Role.FORECAST:
            assert own in in_vega["fill"]["expr"]
            assert colours.ground in in_vega["fill"]["expr"]
            pattern = in_plotly["pattern"]
            assert (pattern["shape"], pattern["fgcolor"], pattern["bgcolor"]) == ("/", own, colours.ground)
        case _:
            assert in_vega["fill"] == in_plotly["color"] == own


@THEMES
@pytest.mark.parametrize("role", list(Role))
def test_every_role_can_be_seen(role, colours):
    assert contrast(notation.colour(role, colours), colours.ground) >= MARK


@THEMES
def test_actual_and_previous_can_be_told_apart(colours):
    assert contrast(colours.actual, colours.previous) >= 2.5


@THEMES
def test_a_picture_shows_solid_outlined_and_hatched(colours):
    """By how much of the bars' place is ink: all of it, hardly any, about a third."""
    solid, outlined, hatched = (
        shades(role, colours).get(colours.actual, 0) for role in (Role.ACTUAL, Role.PLAN, Role.FORECAST)
    )
    assert outlined < solid * 0.1
    assert solid * 0.15 < hatched < solid * 0.5
    assert shades(Role.PREVIOUS, colours).get(colours.previous, 0) == pytest.approx(solid, rel=0.05)


def test_a_hatch_is_diagonal_and_as_wide_on_a_low_bar_as_on_a_high_one():
    picture = Image.open(io.BytesIO(vl_convert.vegalite_to_png(bars(Role.FORECAST, LIGHT), scale=4))).convert("L")
    low, high = (stripes(picture, round(picture.width * at), 0.93) for at in (0.25, 0.75))
    assert low == pytest.approx(high, rel=0.12)
    # Across and down the same: 45 degrees.
    assert low[0] == pytest.approx(low[1], rel=0.12)


def stripes(picture, middle, down):
    """Mean pixels from stripe to stripe, across and down, near the foot of the bar around ``middle``."""
    y = round(picture.height * down)
    across = [picture.getpixel((x, y)) < 128 for x in range(middle - 100, middle + 100)]
    below = [picture.getpixel((middle, each)) < 128 for each in range(y - 100, y)]
    return [_period(line) for line in (across, below)]


def _period(line):
    starts = [place for place in range(1, len(line)) if line[place] and not line[place - 1]]
    return (starts[-1] - starts[0]) / (len(starts) - 1)


@pytest.mark.parametrize(
    ("change", "better", "effect"),
    [
        (1.0, Better.LOWER, Effect.WORSE),
        (-1.0, Better.LOWER, Effect.BETTER),
        (1.0, Better.HIGHER, Effect.BETTER),
        (-1.0, Better.HIGHER, Effect.WORSE),
        (1.0, Better.NEITHER, Effect.NEITHER),
        (0.0, Better.LOWER, Effect.NEITHER),
        (None, Better.LOWER, Effect.NEITHER),
    ],
)
def test_a_variance_is_judged_by_its_effect_and_not_by_its_sign(change, better, effect):
    assert notation.effect(change, better) is effect


@THEMES
def test_effects_have_colours_of_their_own_that_can_be_read(colours):
    found = notation.effects(colours)
    assert len(set(found.values())) == len(found) == len(Effect)
    assert all(contrast(colour, colours.ground) >= 4.5 for colour in found.values())
