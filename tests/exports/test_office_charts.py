"""The charts inside slides and sheets, held against the order of parts that office programs insist on.

A program that is handed a chart with its parts in another order, or with labels where its kind has none, offers to
repair the file, which no board should see. LibreOffice forgives both, so that opening the file there proves nothing.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from pptx.oxml import parse_xml

from exports.pack import sheets, slides
from tests.exports.packs import full

CHARTS = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_LABELS = "showLegendKey showVal showCatName showSerName showPercent showBubbleSize separator"
_AXIS = (
    "axId scaling delete axPos majorGridlines minorGridlines title numFmt majorTickMark minorTickMark tickLblPos spPr "
    "txPr crossAx crosses crossesAt"
)
ORDER = {
    "chartSpace": "date1904 lang roundedCorners style clrMapOvr pivotSource protection chart spPr txPr externalData "
    "printSettings userShapes",
    "chart": "title autoTitleDeleted pivotFmts view3D floor sideWall backWall plotArea legend plotVisOnly dispBlanksAs",
    "title": "tx layout overlay spPr txPr",
    "plotArea": "layout barChart lineChart catAx valAx dTable spPr",
    "barChart": "barDir grouping varyColors ser dLbls gapWidth overlap serLines axId",
    "lineChart": "grouping varyColors ser dLbls dropLines hiLowLines upDownBars marker smooth axId",
    "ser in barChart": "idx order tx spPr invertIfNegative pictureOptions dPt dLbls trendline errBars cat val shape",
    "ser in lineChart": "idx order tx spPr marker dPt dLbls trendline errBars cat val smooth",
    "dPt": "idx invertIfNegative marker bubble3D explosion spPr",
    "dLbls": f"dLbl delete numFmt spPr txPr dLblPos {_LABELS} showLeaderLines leaderLines",
    "dLbl": f"idx delete layout tx numFmt spPr txPr dLblPos {_LABELS}",
    "legend": "legendPos legendEntry layout overlay spPr txPr",
    "catAx": f"{_AXIS} auto lblAlgn lblOffset tickLblSkip tickMarkSkip noMultiLvlLbl",
    "valAx": f"{_AXIS} crossBetween majorUnit minorUnit dispUnits",
    "scaling": "logBase orientation max min",
}
PLACES = {
    ("barChart", "stacked"): {"ctr", "inEnd", "inBase"},
    ("barChart", "clustered"): {"ctr", "inEnd", "inBase", "outEnd"},
    ("lineChart", "standard"): {"t", "b", "l", "r", "ctr"},
}
"""Where labels may stand, by kind."""


def charts(file: bytes) -> Iterator[Any]:
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        for name in parts.namelist():
            if re.fullmatch(r"(ppt|xl)/charts/chart[^/]*\.xml", name):
                yield parse_xml(parts.read(name))


def called(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def kind(element: Any) -> str:
    above = element.getparent()
    return f"ser in {called(above)}" if called(element) == "ser" and above is not None else called(element)


@pytest.fixture(scope="module", params=["slides", "sheets"])
def drawn(request):
    pack = full()
    return list(charts(slides.write(pack) if request.param == "slides" else sheets.write(pack)))


def test_the_parts_of_every_chart_are_in_order(drawn):
    assert len(drawn) > 5
    for chart in drawn:
        for element in chart.iter(f"{CHARTS}*"):
            order = ORDER.get(kind(element), "").split()
            if order:
                places = [order.index(called(part)) for part in element]
                assert places == sorted(places), [called(part) for part in element]


def test_labels_stand_where_their_kind_of_chart_has_them(drawn):
    for chart in drawn:
        for label in chart.iter(f"{CHARTS}dLblPos"):
            plot = next(each for each in label.iterancestors() if called(each) in ("barChart", "lineChart"))
            grouping = plot.find(f"{CHARTS}grouping").get("val")
            assert label.get("val") in PLACES[called(plot), grouping]
