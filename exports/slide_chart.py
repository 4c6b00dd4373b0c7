"""A native chart on a slide: office programs draw it, and its data can be edited there.

``charts.native.Native`` says what it shows, ``exports.chart_plot`` which series draw it, ``exports.chart_book`` makes
the workbook inside. Here is its description in the language of office files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from pptx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.parts.chart import ChartPart
from pptx.shapes.graphfrm import GraphicFrame

from charts.native import Kind, Look, Native, Value
from exports.chart_book import SHEET, book, letter
from exports.chart_plot import Drawn, categories, drawn
from exports.slide_place import Box
from exports.slide_words import clean
from metrics import text

_NAMES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_CATEGORY_AXIS, _VALUE_AXIS = 111_111_111, 222_222_222

_INK = '<a:schemeClr val="tx1"/>'
_QUIET = '<a:schemeClr val="tx1"><a:lumMod val="65000"/><a:lumOff val="35000"/></a:schemeClr>'
_FAINT = '<a:schemeClr val="tx1"><a:alpha val="14000"/></a:schemeClr>'
_NOTHING = "<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>"

_LINE, _STRONG = 19_050, 34_925
_STACK_GAP, _GAP = 45, 60
_TICKS, _FINE = 5, 12
"""Steps of an axis, about: usually, and where it goes but a little below zero and a step would be much of the plot."""

_LITTLE = 0.08
"""Of the greatest: how far below zero is but a little."""

_BROAD = 15.0
"""No program divides an axis of so many units into parts of one."""

_EXACT = 1e-9
_THOUSAND, _PERCENT = 1_000.0, 100.0
_BESIDE = 0.12


def add(
    shapes: Any, native: Native, place: Box, alt: str, *, name: str = "Chart", points: float = 9, subtitle: str = ""
) -> GraphicFrame:
    """The chart on a slide, without a title of its own.

    Args:
        shapes: those of the slide.
        native: what it shows.
        place: where.
        alt: one sentence for whoever cannot see it.
        name: what the slide's list of objects calls it.
        points: the size of its letters.
        subtitle: what stands above it; its axis names the unit where that does not.
    """
    series = drawn(native)
    package = shapes.part.package
    unit = "" if native.form.endswith("%") or clean(native.unit) in clean(subtitle) else native.unit
    element = parse_xml(_chart_space(native, series, points, unit))
    part = ChartPart(package.next_partname(ChartPart.partname_template), CONTENT_TYPE.DML_CHART, package, element)
    part.chart_workbook.update_from_xlsx_blob(book(native, series))
    link = shapes.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    # The library's own way in makes a chart of its few kinds; this is the last step of it, which takes any.
    frame = shapes._add_chart_graphicFrame(link, place.left, place.top, place.width, place.height)  # noqa: SLF001
    shapes._recalculate_extents()  # noqa: SLF001
    about = frame.nvGraphicFramePr.cNvPr
    about.set("name", clean(name))
    about.set("descr", clean(alt))
    return GraphicFrame(frame, shapes)


def _chart_space(of: Native, series: Sequence[Drawn], points: float, unit: str) -> str:
    bars = [(place, each) for place, each in enumerate(series) if each.look is Look.BAR]
    lines = [(place, each) for place, each in enumerate(series) if each.look is not Look.BAR]
    names = categories(of)
    plots = (_bars(of, bars, names, points) if bars else "") + (_lines(of, lines, names, points) if lines else "")
    return (
        f'<c:chartSpace {_NAMES}><c:date1904 val="0"/><c:roundedCorners val="0"/><c:chart>'
        f'<c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>{plots}{_axes(of, series, unit, points)}'
        f'<c:spPr><a:noFill/></c:spPr></c:plotArea>{_legend(of, series)}<c:plotVisOnly val="1"/>'
        f'<c:dispBlanksAs val="gap"/></c:chart>{_NOTHING}{_letters(_QUIET, points)}</c:chartSpace>'
    )


# --- bars and lines -----------------------------------------------------------------------------------------------

Placed = tuple[int, Drawn]


def _bars(of: Native, series: Sequence[Placed], names: Sequence[str], points: float) -> str:
    stacked = of.kind.is_bridge or of.kind in (Kind.STACKED, Kind.STACKED_BARS)
    all_of_them = "".join(
        f'<c:ser>{_head(place, each)}{_shape(each)}<c:invertIfNegative val="0"/>{_points(each)}'
        f"{_labels(of, each, points)}{_data(place, each, names, of)}</c:ser>"
        for place, each in series
    )
    several = len(series) > 1
    overlap = 100 if stacked else -5 if several else 0
    return (
        f'<c:barChart><c:barDir val="{"bar" if of.kind.lies else "col"}"/>'
        f'<c:grouping val="{"stacked" if stacked else "clustered"}"/><c:varyColors val="0"/>{all_of_them}'
        f'<c:gapWidth val="{_STACK_GAP if stacked else _GAP}"/><c:overlap val="{overlap}"/>{_AXES}</c:barChart>'
    )


_AXES = f'<c:axId val="{_CATEGORY_AXIS}"/><c:axId val="{_VALUE_AXIS}"/>'


def _lines(of: Native, series: Sequence[Placed], names: Sequence[str], points: float) -> str:
    all_of_them = "".join(
        f"<c:ser>{_head(place, each)}{_stroke(each)}{_labels(of, each, points)}"
        f'{_data(place, each, names, of)}<c:smooth val="0"/></c:ser>'
        for place, each in series
    )
    return (
        f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{all_of_them}<c:marker val="1"/>'
        f"{_AXES}</c:lineChart>"
    )


def _head(place: int, each: Drawn) -> str:
    heading = f"{SHEET}!${letter(place + 1)}$1"
    return (
        f'<c:idx val="{place}"/><c:order val="{place}"/><c:tx><c:strRef><c:f>{heading}</c:f><c:strCache>'
        f'<c:ptCount val="1"/><c:pt idx="0"><c:v>{_said(each.name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
    )


def _data(place: int, each: Drawn, names: Sequence[str], of: Native) -> str:
    last = len(names) + 1
    column = letter(place + 1)
    words = "".join(f'<c:pt idx="{at}"><c:v>{_said(name)}</c:v></c:pt>' for at, name in enumerate(names))
    numbers = "".join(
        f'<c:pt idx="{at}"><c:v>{value!r}</c:v></c:pt>' for at, value in enumerate(each.values) if value is not None
    )
    return (
        f"<c:cat><c:strRef><c:f>{SHEET}!$A$2:$A${last}</c:f><c:strCache>"
        f'<c:ptCount val="{len(names)}"/>{words}</c:strCache></c:strRef></c:cat>'
        f"<c:val><c:numRef><c:f>{SHEET}!${column}$2:${column}${last}</c:f><c:numCache>"
        f"<c:formatCode>{_said(of.form)}</c:formatCode>"
        f'<c:ptCount val="{len(names)}"/>{numbers}</c:numCache></c:numRef></c:val>'
    )


def _shape(each: Drawn) -> str:
    return f"<c:spPr>{_fill(each.colour)}<a:ln><a:noFill/></a:ln></c:spPr>" if each.colour else _NOTHING


def _points(each: Drawn) -> str:
    """The points whose colour is not that of their series."""
    return "".join(
        f'<c:dPt><c:idx val="{at}"/><c:invertIfNegative val="0"/><c:bubble3D val="0"/><c:spPr>{_fill(colour)}'
        "<a:ln><a:noFill/></a:ln></c:spPr></c:dPt>"
        for at, colour in enumerate(each.colours)
        if colour != each.colour
    )


def _stroke(each: Drawn) -> str:
    """A line, a dotted line, or marks without a line."""
    none = '<c:marker><c:symbol val="none"/></c:marker>'
    if each.colour is None:
        return f"<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{none}"
    if each.look is Look.MARKER:
        mark = f"<c:spPr>{_fill(each.colour)}<a:ln>{_fill(each.colour)}</a:ln></c:spPr>"
        return (
            '<c:spPr><a:ln w="19050"><a:noFill/></a:ln></c:spPr>'
            f'<c:marker><c:symbol val="dash"/><c:size val="13"/>{mark}</c:marker>'
        )
    dash = '<a:prstDash val="sysDash"/>' if each.look is Look.DOTTED else ""
    wide = _STRONG if each.is_strong else _LINE
    return f'<c:spPr><a:ln w="{wide}" cap="rnd">{_fill(each.colour)}{dash}<a:round/></a:ln></c:spPr>{none}'


def _fill(colour: str | None) -> str:
    return f'<a:solidFill><a:srgbClr val="{(colour or "#000000").lstrip("#")}"/></a:solidFill>'


# --- labels, legend -----------------------------------------------------------------------------------------------

_SHOWN = (
    '<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/>'
    '<c:showPercent val="0"/><c:showBubbleSize val="0"/>'
)
_HIDDEN = _SHOWN.replace('<c:showVal val="1"/>', '<c:showVal val="0"/>')


def _labels(of: Native, each: Drawn, points: float) -> str:
    """What is written at the points.

    Where the number format says the same, the program writes it, and it follows the data when these are edited.
    """
    if not any(each.labels):
        return ""
    colour = f'<a:srgbClr val="{each.ink.lstrip("#")}"/>' if each.ink else _INK
    look = f'<c:dLblPos val="{each.place}"/>'
    said = "".join(
        _label(at, words, each, colour, points) for at, words in enumerate(each.labels) if at < len(each.values)
    )
    default = _SHOWN if each.is_live else _HIDDEN
    return (
        f'<c:dLbls>{said}<c:numFmt formatCode="{_said(signed(of.form))}" sourceLinked="0"/>{_NOTHING}'
        f"{_letters(colour, points)}{look}{default}</c:dLbls>"
    )


def _label(at: int, words: str, each: Drawn, colour: str, points: float) -> str:
    if not words:
        return f'<c:dLbl><c:idx val="{at}"/><c:delete val="1"/></c:dLbl>'
    if each.is_live:
        return ""
    return (
        f'<c:dLbl><c:idx val="{at}"/>{_rich(words, colour, points)}{_NOTHING}<c:dLblPos val="{each.place}"/>'
        f"{_SHOWN}</c:dLbl>"
    )


def _rich(words: str, colour: str, points: float, turned: int = 0) -> str:
    """Words of our own in a chart."""
    look = f'<a:rPr lang="en-US" sz="{round(points * 100)}" b="0"><a:solidFill>{colour}</a:solidFill></a:rPr>'
    body = f'<a:bodyPr rot="{turned}" vert="horz"/>' if turned else '<a:bodyPr wrap="none"/>'
    return f"<c:tx><c:rich>{body}<a:p><a:r>{look}<a:t>{_said(words)}</a:t></a:r></a:p></c:rich></c:tx>"


def _legend(of: Native, series: Sequence[Drawn]) -> str:
    """Above the plot, of what is seen; none for a single series, nor for a bridge, whose bars have their names."""
    seen = [each for each in series if each.colour]
    if of.kind.is_bridge or len(seen) <= 1:
        return ""
    hidden = "".join(
        f'<c:legendEntry><c:idx val="{place}"/><c:delete val="1"/></c:legendEntry>'
        for place, each in enumerate(series)
        if not each.colour
    )
    return f'<c:legend><c:legendPos val="t"/>{hidden}<c:overlay val="0"/></c:legend>'


# --- axes ---------------------------------------------------------------------------------------------------------


def _axes(of: Native, series: Sequence[Drawn], unit: str, points: float) -> str:
    lies, is_told = of.kind.lies, _is_told(of, series)
    is_hidden = is_told and not unit
    reach, step = _reach(of, series, is_hidden=is_hidden), None if is_hidden else _step(of, series)
    parts = f'<c:majorUnit val="{step!r}"/>' if step else ""
    title = _rich(unit, _QUIET, points, 0 if lies else -5_400_000) if unit else ""
    title = f'<c:title>{title}<c:overlay val="0"/></c:title>' if title else ""
    grid = "" if is_told else _GRID
    return (
        f'<c:catAx><c:axId val="{_CATEGORY_AXIS}"/><c:scaling><c:orientation val="{"maxMin" if lies else "minMax"}"/>'
        f'</c:scaling><c:delete val="0"/><c:axPos val="{"l" if lies else "b"}"/><c:numFmt formatCode="General" '
        'sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
        f'<c:spPr><a:ln w="9525"><a:solidFill>{_QUIET}</a:solidFill></a:ln></c:spPr>{_LEVEL}'
        f'<c:crossAx val="{_VALUE_AXIS}"/><c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/>'
        '<c:lblOffset val="100"/><c:noMultiLvlLbl val="1"/></c:catAx>'
        f'<c:valAx><c:axId val="{_VALUE_AXIS}"/><c:scaling><c:orientation val="minMax"/>{reach}'
        "</c:scaling>"
        f'<c:delete val="{int(is_hidden)}"/><c:axPos val="{"b" if lies else "l"}"/>{grid}{title}'
        f'<c:numFmt formatCode="{_said(signed(_axis_form(of, series, step)))}" sourceLinked="0"/>'
        '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>'
        f"<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{_LEVEL}"
        # Lying bars run from the top, and with them their axis: at the far end it stands at the bottom again.
        f'<c:crossAx val="{_CATEGORY_AXIS}"/><c:crosses val="{"max" if lies else "autoZero"}"/>'
        f'<c:crossBetween val="between"/>{parts}</c:valAx>'
    )


_LEVEL = (
    f'<c:txPr><a:bodyPr rot="0" vert="horz"/><a:p><a:pPr><a:defRPr><a:solidFill>{_QUIET}</a:solidFill></a:defRPr>'
    '</a:pPr><a:endParaRPr lang="en-US"/></a:p></c:txPr>'
)


_GRID = (
    f'<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill>{_FAINT}</a:solidFill></a:ln></c:spPr></c:majorGridlines>'
)


def _is_told(of: Native, series: Sequence[Drawn]) -> bool:
    """Whether every bar has its number, so that an axis would only say it again. One that is cut stays."""
    if of.foot is not None or any(each.colour and each.look is not Look.BAR for each in series):
        return False
    told = [each for each in series if any(each.labels)]
    return any(all(each.labels) for each in told)


def _reach(of: Native, series: Sequence[Drawn], *, is_hidden: bool) -> str:
    """Where the axis ends: at zero, which office programs would leave out where all values are alike, or cut."""
    values: list[Value] = [value for each in series for value in each.values]
    found = [value for value in values if value is not None]
    if of.foot is not None:
        return f'<c:min val="{_foot(of, found)!r}"/>'
    low, high = _ends(of, series)
    if low < 0:
        top = '<c:max val="0"/>' if all(value <= 0 for value in found) else ""
        # A label left of a lying bar would stand on the names: room for it.
        beside = of.kind.lies and any(each.place == "outEnd" and any(each.labels) for each in series)
        if beside:
            return top + f'<c:min val="{_floor(low - _BESIDE * (max(found) - low), max(found))!r}"/>'
        if _dips(low, high):
            # Left to themselves programs go down by a whole step; nothing says which where the axis is not shown.
            under = _rounded(2 * low) if is_hidden else -_steps(high - low, _FINE)
            return top + f'<c:min val="{under!r}"/>'
        return top
    return '<c:min val="0"/>'


def _foot(of: Native, found: Sequence[float]) -> float:
    """Where an axis that is cut begins. Of a bridge it is a round number, and its subtitle says which."""
    foot = of.foot or 0.0
    return foot if of.kind.is_bridge else _floor(foot, max(found, default=foot))


def _step(of: Native, series: Sequence[Drawn]) -> float | None:
    """From one number on the axis to the next, where it begins at one that programs would not choose."""
    low, high = _ends(of, series)
    if of.foot is not None:
        values: list[Value] = [value for each in series for value in each.values]
        foot = _foot(of, [value for value in values if value is not None])
        return _steps(high - foot, _TICKS) if high > foot else None
    return _steps(high - low, _FINE) if low < 0 and _dips(low, high) else None


def _dips(low: float, high: float) -> bool:
    """Whether a chart goes but a little below zero."""
    return 0 < -low <= _LITTLE * high


def _ends(of: Native, series: Sequence[Drawn]) -> tuple[float, float]:
    """The least and the greatest that is drawn; those of a stack are sums."""
    is_sum = of.kind.is_bridge or of.kind in (Kind.STACKED, Kind.STACKED_BARS)
    bars = [each.values for each in series if each.look is Look.BAR]
    found = [value or 0.0 for each in series if each.look is not Look.BAR for value in each.values]
    for values in zip(*bars, strict=False):
        known = [value or 0.0 for value in values]
        above, below = [value for value in known if value > 0], [value for value in known if value < 0]
        found += [math.fsum(above), math.fsum(below)] if is_sum else known
    return min(found, default=0.0), max(found, default=0.0)


def _floor(foot: float, high: float) -> float:
    """The round number at or below ``foot`` that fits the steps of the axis."""
    step = _steps(high - foot, _TICKS)
    return round(math.floor(foot / step) * step, 10) if step else foot


def _steps(reach: float, count: int) -> float:
    """The round step of which no more than about ``count`` make ``reach``; zero where it is none."""
    if reach <= 0:
        return 0.0
    size = 10.0 ** math.floor(math.log10(reach / count))
    return next((round(size * part, 10) for part in (1, 2, 5) if size * part >= reach / count), size * 10)


def _rounded(value: float) -> float:
    """In two figures."""
    return float(f"{value:.1e}")


def _axis_form(of: Native, series: Sequence[Drawn], step: float | None) -> str:
    """How the axis writes its numbers: without decimals where all of them are whole."""
    digits = of.form.rstrip(",%")
    whole = digits.partition(".")[0]
    if digits.strip("#,0.") or whole == digits:
        return of.form
    unit = _THOUSAND ** (len(of.form.rstrip("%")) - len(digits)) / (_PERCENT if of.form.endswith("%") else 1.0)
    low, high = _ends(of, series)
    if step:
        numbers = (step / unit, (of.foot or 0.0) / unit)
        is_whole = all(abs(number - round(number)) < _EXACT for number in numbers)
    else:
        is_whole = (high - min(low, 0.0)) / unit >= _BROAD
    return whole + of.form[len(digits) :] if is_whole else of.form


def signed(form: str) -> str:
    """``form`` with a true minus for what is below zero."""
    return form if ";" in form else f'{form};"{text.MINUS}"{form}'


def _letters(colour: str, points: float) -> str:
    return (
        f'<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{round(points * 100)}"><a:solidFill>{colour}'
        '</a:solidFill></a:defRPr></a:pPr><a:endParaRPr lang="en-US"/></a:p></c:txPr>'
    )


def _said(words: str) -> str:
    return escape(clean(words))
