"""A chart that a spreadsheet draws from its own cells: whoever changes a number there changes the chart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.chart import Chart
from xlsxwriter.worksheet import Worksheet

from charts.native import Kind, Look, Native, Series, Value
from charts.palette import LIGHT, ink
from exports import chart_cells
from exports.binder import Binder
from exports.cells import Place
from exports.chart_cells import Cells
from metrics import text

WIDTH = 760
COLUMNS = 12
"""How wide a chart is, in pixels, and so many columns of the usual width it covers."""

_PIXELS_A_ROW = 20
_STANDING, _LEAST, _MOST, _EACH, _AROUND = 420, 280, 1_200, 30, 120
_GAP = 55
_ROOM = 0.12
"""Of the longest bar: room for a label beside it."""

_KINDS: Mapping[Kind, dict[str, str]] = {
    Kind.COLUMNS: {"type": "column"},
    Kind.STACKED: {"type": "column", "subtype": "stacked"},
    Kind.BARS: {"type": "bar"},
    Kind.STACKED_BARS: {"type": "bar", "subtype": "stacked"},
    Kind.LINES: {"type": "line"},
    Kind.BRIDGE: {"type": "column", "subtype": "stacked"},
    Kind.LYING_BRIDGE: {"type": "bar", "subtype": "stacked"},
}
_STACKED = frozenset({Kind.STACKED, Kind.STACKED_BARS, Kind.BRIDGE, Kind.LYING_BRIDGE})
_JOINER = "\u2060"
"""A sign without width."""

_NO_FILL = {"fill": {"none": True}, "border": {"none": True}}
_NO_LINE = {"line": {"none": True}, "marker": {"type": "none"}}


@dataclass(frozen=True)
class Words:
    """What stands with a chart: the cells of its title and subtitle, which the chart repeats, and the words there.

    ``alt`` is one sentence for who cannot see it; ``categories`` the heading of its first column.
    """

    title: tuple[int, int]
    subtitle: tuple[int, int]
    subtitle_words: str
    alt: str
    categories: str = "Category"


@dataclass(frozen=True)
class Drawn:
    """Where a chart and its cells came to lie: its table, and the last row and column that people look at."""

    place: Place
    last_row: int
    last_column: int


def draw(into: Binder, page: Worksheet, of: Native, words: Words, at: tuple[int, int]) -> Drawn:
    """The chart's numbers as a table at ``at``, the chart beside it, and what only the chart needs behind that.

    The row above ``at`` is left for a word on units.
    """
    cells = chart_cells.write(into, page, of, words.categories, at, skip=COLUMNS + 1)
    left = at[1] + len(of.series) + 2
    drawing = _Drawing(into, of, cells)
    chart = drawing.chart()
    _dress(chart, of, words, cells.place)
    height = _height(of)
    chart.set_size({"width": WIDTH, "height": height})
    page.insert_chart(at[0], left, chart, {"description": words.alt, "object_position": 2})
    if chart_cells.whole(of.form) != of.form:
        said = f"The cells hold whole units; the chart shows them in {of.unit or 'a larger unit'}."
        page.write_string(at[0] - 1, at[1], said, into.style(italic=True, font_color=LIGHT.quiet))
    last = max(cells.place.last, at[0] + height // _PIXELS_A_ROW)
    if drawing.has_words:
        last += 1
        said = "Labels in the chart are words: they do not follow the cells."
        page.write_string(last, at[1], said, into.style(italic=True, font_color=LIGHT.quiet))
    return Drawn(cells.place, last, left + COLUMNS - 1)


def _height(of: Native) -> int:
    if not of.kind.lies:
        return _STANDING
    return min(max(_LEAST, len(of.categories) * _EACH + _AROUND), _MOST)


# --- series -------------------------------------------------------------------------------------------------------


class _Drawing:
    """A chart being made, series by series. What carries no name of its own is kept out of the legend."""

    def __init__(self, into: Binder, of: Native, cells: Cells) -> None:
        self.into, self.of, self.cells = into, of, cells
        self.first = next(iter(cells.place.columns.values()))
        self.bars: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.silent: list[dict[str, Any]] = []
        self.has_words = False

    def chart(self) -> Chart:
        of = self.of
        if of.kind.is_bridge:
            self._bridge()
        else:
            for at, series in enumerate(of.series, start=self.first + 1):
                self._series(at, series)
            if of.totals:
                self._totals()
        chart = self._made(_KINDS[of.kind], self.bars or self.lines)
        if self.bars and self.lines:
            chart.combine(self._made({"type": "line"}, self.lines))
        silent = {id(each) for each in self.silent}
        hidden = [at for at, each in enumerate((*self.bars, *self.lines)) if id(each) in silent]
        if len(self.bars) + len(self.lines) - len(hidden) > 1:
            # Not every program counts the series of lying bars from the same end: there the name is a blank instead.
            deleted = {} if of.kind.lies else {"delete_series": hidden}
            chart.set_legend({"position": "top", "font": _small(), **deleted})
        else:
            chart.set_legend({"none": True})
        return chart

    def _made(self, kind: dict[str, str], series: Sequence[dict[str, Any]]) -> Chart:
        chart = self.into.book.add_chart(dict(kind))
        if chart is None:
            raise ValueError(f"a spreadsheet has no chart of {kind}")
        for each in series:
            chart.add_series(each)
        return chart

    def _base(self, column: int) -> dict[str, Any]:
        cells = self.cells
        return {
            "name": cells.heading(column),
            "categories": cells.range(self.first),
            "values": cells.range(column),
        }

    def _bar(self, column: int) -> dict[str, Any]:
        return {**self._base(column), "gap": _GAP, "overlap": 100 if self.of.kind in _STACKED else 0}

    def _series(self, column: int, series: Series) -> None:
        labels = self._labels(series.values, series.labels)
        if series.look is Look.BAR or self.of.kind.lies:
            place = "center" if self.of.kind in _STACKED else "outside_end"
            colour = ink(series.colour) if place == "center" else LIGHT.text
            self.bars.append(
                {
                    **self._bar(column),
                    "fill": {"color": series.colour},
                    "border": {"none": True},
                    **_points(series),
                    **_labelled(labels, place, colour),
                }
            )
            return
        end = series.labels and all(not label for label in series.labels[:-1])
        self.lines.append(
            {**self._base(column), **_stroke(series), **_labelled(labels, "right" if end else "above", series.colour)}
        )

    def _bridge(self) -> None:
        """Feet that are not seen, and on them what is, above and below zero."""
        of, series = self.of, self.of.series[0]
        feet = chart_cells.feet(self.cells, of)
        labels = self._labels(series.values, series.labels, live=False)
        for hidden, seen in zip(feet.hidden, feet.seen, strict=True):
            self._silent(self.bars, {**self._bar(hidden), **_NO_FILL})
            self._silent(
                self.bars,
                {**self._bar(seen), "fill": {"color": series.colour}, "border": {"none": True}, **_points(series)},
            )
        self._above(feet.top, labels, [abs(bar) for bar in _known(series.values)])

    def _totals(self) -> None:
        """What stands above each stack, or at the end of a lying one."""
        top, _, sums = chart_cells.tops(self.cells, self.of)
        above = all(value >= 0 for series in self.of.series for value in _known(series.values))
        labels = self._labels(sums, self.of.totals, live=above and not self.of.kind.lies)
        self._above(top, labels, sums)

    def _above(self, top: int, labels: dict[str, Any], sizes: Sequence[float]) -> None:
        """Labels without a mark of their own: a line can carry them over columns, a clear bar beside lying ones."""
        if not labels:
            return
        if not self.of.kind.lies:
            self._silent(self.lines, {**self._base(top), **_NO_LINE, **_labelled(labels, "above", LIGHT.text)})
            return
        room = _ROOM * (max(sizes, default=0.0) - (self.of.foot or 0.0))
        column = self.cells.help("Room for labels", [(f"={room!r}", room)] * len(self.of.categories), self.of.form)
        self._silent(self.bars, {**self._bar(column), **_NO_FILL, **_labelled(labels, "inside_base", LIGHT.text)})

    def _silent(self, among: list[dict[str, Any]], series: dict[str, Any]) -> None:
        named = {**series, "name": " "} if self.of.kind.lies else series
        among.append(named)
        self.silent.append(named)

    def _labels(self, values: Sequence[Value], labels: Sequence[str], *, live: bool = True) -> dict[str, Any]:
        """How points are labelled: by their own numbers where those read as ``labels`` do, else by words.

        Words are written into the chart: cells that they would be read from are not read by every program, which then
        shows the number of the point, and that is another one.
        """
        if not any(labels):
            return {}
        form = number_format(values, labels, self.of.form) if live else None
        if form:
            custom = [None if label else {"delete": True} for label in labels]
            return {"value": True, "num_format": form, **({"custom": custom} if any(custom) else {})}
        self.has_words = True
        return {"value": True, "custom": [{"value": _word(label)} if label else {"delete": True} for label in labels]}


def _word(label: str) -> str:
    """A label that is not taken for the address of a cell."""
    return label.replace("!", f"!{_JOINER}")


def _known(values: Sequence[Value]) -> list[float]:
    return [value for value in values if value is not None]


def _points(series: Series) -> dict[str, Any]:
    return {"points": [{"fill": {"color": colour}} for colour in series.colours]} if series.colours else {}


def _stroke(series: Series) -> dict[str, Any]:
    """A line, a dotted one, or a dash at each point."""
    if series.look is Look.MARKER:
        mark = {"type": "long_dash", "size": 20, "fill": {"color": series.colour}, "border": {"color": series.colour}}
        return {"line": {"none": True}, "marker": mark}
    stroke = {"color": series.colour, "width": 2.5 if series.is_strong else 1.5}
    dash = {"dash_type": "round_dot"} if series.look is Look.DOTTED else {}
    return {"line": {**stroke, **dash}, "marker": {"type": "none"}}


def _labelled(labels: dict[str, Any], place: str, colour: str) -> dict[str, Any]:
    if not labels:
        return {}
    font = {"color": colour, "size": 9}
    custom = [
        each and {**each, "font": font} if each and "formula" in each else each for each in labels.get("custom", [])
    ]
    return {"data_labels": {**labels, "position": place, "font": font, **({"custom": custom} if custom else {})}}


# --- axes and words -----------------------------------------------------------------------------------------------


def _dress(chart: Chart, of: Native, words: Words, place: Place) -> None:
    """Title, axes and grounds. The subtitle stands below the chart and goes with it when it is copied."""
    below = {"name": [place.sheet, *words.subtitle], "name_font": {**_small(), "bold": False}}
    unit = of.unit if of.unit.replace(text.NBSP, " ") not in words.subtitle_words.replace(text.NBSP, " ") else ""
    beside = {"name": unit, "name_font": {**_small(), "bold": False}} if unit else {}
    names: dict[str, Any] = {
        "num_font": _small(LIGHT.text),
        "line": {"color": LIGHT.quiet, "width": 0.75},
        "major_tick_mark": "none",
        "label_position": "low",
        "text_axis": True,
    }
    numbers: dict[str, Any] = {
        "num_font": _small(),
        "num_format": of.form,
        "line": {"none": True},
        "major_tick_mark": "none",
        "major_gridlines": {"visible": True, "line": {"color": LIGHT.grid, "width": 0.75}},
        **({} if of.foot is None else {"min": of.foot}),
    }
    if _is_labelled(of):
        numbers |= {"major_gridlines": {"visible": False}, "label_position": "none"}
    if of.kind.lies:
        chart.set_y_axis({**names, **beside, "reverse": True, "crossing": "max"})
        chart.set_x_axis({**numbers, **below})
    else:
        chart.set_x_axis({**names, **below})
        chart.set_y_axis({**numbers, **beside})
    chart.set_title(
        {
            "name": [place.sheet, *words.title],
            "name_font": {"size": 12, "bold": True, "color": LIGHT.text},
            "overlay": False,
        }
    )
    chart.show_blanks_as("gap")
    chart.set_chartarea({"border": {"none": True}, "fill": {"color": LIGHT.ground}})
    chart.set_plotarea({"fill": {"none": True}})


def _is_labelled(of: Native) -> bool:
    """Whether every bar says its number, so that an axis would say it again."""
    if of.totals:
        return all(of.totals)
    return of.kind is not Kind.LINES and all(series.labels and all(series.labels) for series in of.series)


def _small(colour: str = LIGHT.quiet) -> dict[str, Any]:
    return {"size": 9, "color": colour}


# --- labels -------------------------------------------------------------------------------------------------------

_FORM = re.compile(r"(?P<sign>\+?)(?P<thousands>#,##)?0(?:\.(?P<places>0+))?(?P<scale>,*)(?P<share>%?)")


def number_format(values: Sequence[Value], labels: Sequence[str], form: str) -> str | None:
    """The number format that writes each of ``values`` as its label says, made of ``form``; ``None`` if none does.

    Such labels follow their numbers when those are changed. Empty labels are left out of it.
    """
    whole = re.sub(r"\.0+", "", form)
    for plain in (form, whole):
        for candidate in (plain, f"+{plain};-{plain}"):
            if all(value is not None and _plain(label) == written(value, candidate) for value, label in
                   zip(values, labels, strict=True) if label):  # fmt: skip
                return candidate
    return None


def written(value: float, form: str) -> str | None:
    """``value`` as ``form`` writes it, with a hyphen for a minus; ``None`` for a format this does not know."""
    first, _, second = form.partition(";")
    found = _FORM.fullmatch(second.removeprefix("-") if second and value < 0 else first)
    if not found:
        return None
    size = abs(value) / 1_000 ** len(found["scale"]) * (100 if found["share"] else 1)
    places = len(found["places"] or "")
    figure = f"{size:{',' if found['thousands'] else ''}.{places}f}"
    sign = "-" if value < 0 and figure.strip("0.,") else found["sign"]
    return f"{sign}{figure}{found['share']}"


def _plain(label: str) -> str:
    return label.replace(text.MINUS, "-").replace(text.NBSP, "")
