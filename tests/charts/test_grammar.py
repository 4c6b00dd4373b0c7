"""The judge of figures finds what is no Vega-Lite."""

from __future__ import annotations

import pytest

from tests.charts import grammar

POINT = {"mark": "point", "data": {"values": [{"day": "2026-10-31", "value": 1.0}]}}


def bars(**value):
    return {
        "layer": [{"mark": {"type": "bar"}, "encoding": {"y": {"field": "value", "type": "quantitative", **value}}}]
    }


def test_a_chart_holds():
    grammar.holds(POINT)
    grammar.holds(bars())


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({**POINT, "mark": "spot"}, "mark"),
        ({"data": POINT["data"]}, "valid"),
        (bars(type="amount"), "amount"),
        (bars(axes=None), "axes"),
        ({**POINT, "encoding": {"z": {"field": "value"}}}, "z"),
    ],
)
def test_what_is_no_chart_is_refused(spec, says):
    with pytest.raises(AssertionError, match=says):
        grammar.holds(spec)
