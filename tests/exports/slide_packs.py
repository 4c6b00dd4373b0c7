"""A pack made by hand with every block and every kind of chart, and masters to write it on."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Inches

from briefing.tile import Tile
from charts import Figure
from charts.native import Kind, Look, Native, Series
from charts.palette import LIGHT
from exports.about import About
from exports.column import Column, Form
from exports.pack.content import Chart, Line, Lines, Pack, Page, Row, State, Table, Tiles
from metrics import Target

DAY = date(2026, 10, 31)
ARABIC, CHINESE = "شركة الخليج للتجارة", "上海电气集团"
FORMULA, MARKUP, EMOJI = "=cmd()|' /C calc'!A0", "<b>Werke</b> & Söhne", "Sunny 😀 Café"
CONTROL = "Bell\x07 and\nbreak\u202e \ufffe"
LONG = "Very Long Name of a Customer " * 7
HARD = (ARABIC, CHINESE, FORMULA, MARKUP, EMOJI, CONTROL, LONG, "")

ABOUT = About(
    "Receivables report", "Meridian Instruments", DAY, "USD", "3mo", "Region EMEA", "3fa9c1d2e4b577aa",
    ("dso", "overdue_share"),
)  # fmt: skip
MONTHS = ("Nov 2025", "Dec", "Jan 2026", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct")
BUCKETS = ("Current", "1–30", "31–60", "61–90", "91–120", "120+")
FILLS = (LIGHT.current, *LIGHT.ramp)


def _waves(start: float, step: float) -> tuple[float, ...]:
    return tuple(start + step * (place * 7 % 5) for place in range(len(MONTHS)))


STACKED = Native(
    Kind.STACKED,
    MONTHS,
    (
        *(Series(name, _waves(50e6 / (1 + 3 * at), 1e6 / (1 + at)), FILLS[at]) for at, name in enumerate(BUCKETS)),
        Series("Unapplied", _waves(-2e6, 1e5), LIGHT.unapplied),
    ),
    "#,##0.0,,",
    "USD m",
    totals=tuple(f"{70 + place}.1" for place in range(12)),
)
COMBINED = Native(
    Kind.STACKED,
    MONTHS,
    (
        Series("Best possible", _waves(30.2, 1.1), LIGHT.actual),
        Series("Late payment", _waves(9.3, 0.7), LIGHT.bad),
        Series("Previous year", _waves(44, 1), LIGHT.previous, Look.MARKER),
        Series("Target", (38.0,) * 12, LIGHT.good, Look.LINE),
        Series("Benchmark", (44.0,) * 6 + (None,) + (43.0,) * 5, LIGHT.quiet, Look.DOTTED),
    ),
    "0.0",
    "days",
    totals=tuple(f"{39.5 + 1.8 * (place * 7 % 5):.1f}" for place in range(12)),
)
COLUMNS = Native(
    Kind.COLUMNS,
    (*BUCKETS, "Unapplied"),
    (
        Series(
            "Open",
            (50e6, 9.12e6, 4e6, 2e6, 1e6, 0.5e6, -2e6),
            LIGHT.actual,
            colours=(*FILLS, LIGHT.unapplied),
            labels=("50.0 (70 %)", "9.1 (12 %)", "4.0", "2.0", "1.0", "0.5", "−2.0"),
        ),
    ),
    "#,##0.0,,",
    "USD m",
)


def with_credits(days: float) -> Native:
    """``COMBINED`` with a part below zero, of so many days in each month."""
    *parts, _marked, target, _dotted = COMBINED.series
    credits = Series("Unapplied credits", (days,) * 12, LIGHT.unapplied)
    return replace(COMBINED, series=(*parts, credits, target))


LYING_STACK = Native(
    Kind.STACKED_BARS,
    ("Americas", LONG, ARABIC, CHINESE, FORMULA, MARKUP),
    (
        Series("Current", (30e6, 20e6, 10e6, 8e6, 7e6, 1e6), LIGHT.current),
        Series("1–30", (3e6, 2e6, 1e6, None, 7e5, 1e5), LIGHT.ramp[0]),
        Series("120+", (3e6, 2e6, 1e6, 2e5, 7e5, 1e5), LIGHT.ramp[4]),
        Series("Unapplied", (-1e6, 0.0, 0.0, -1e6, 0.0, 0.0), LIGHT.unapplied),
    ),
    "#,##0.0,,",
    "USD m",
    totals=("35.0 (12 %)", "24.0 (8 %)", "12.0", "7.2", "8.4", "1.2"),
)
BRIDGE = Native(
    Kind.BRIDGE,
    ("Opening", "Billed", "Credits", "Cash", "Write-offs", "Other", "Closing"),
    (
        Series(
            "Total AR",
            (72.4e6, 48.2e6, -1.3e6, -43.9e6, -0.05e6, 0.2e6, 75.55e6),
            LIGHT.actual,
            colours=(LIGHT.actual, *[LIGHT.neutral] * 2, LIGHT.good, LIGHT.bad, LIGHT.neutral, LIGHT.actual),
            labels=("72.4", "+48.2", "−1.3", "−43.9", "−0.1", "+0.2", "75.6"),
        ),
    ),
    "#,##0.0,,",
    "USD m",
    balances=frozenset({0, 6}),
)
LYING_BRIDGE = Native(
    Kind.LYING_BRIDGE,
    ("DSO Oct 2025", "Mix of segments", "Late payment, EMEA", "Disputes", "Terms", "Other", "DSO Oct 2026"),
    (
        Series(
            "DSO",
            (44.1, 1.2, -3.3, 0.4, -0.1, 0.05, 42.35),
            LIGHT.actual,
            colours=(LIGHT.actual, LIGHT.bad, LIGHT.good, LIGHT.bad, LIGHT.good, LIGHT.neutral, LIGHT.actual),
            labels=("44.1", "+1.2", "−3.3", "+0.4", "−0.1", "+0.1", "42.4"),
        ),
    ),
    "0.0",
    "days",
    foot=36.3,
    balances=frozenset({0, 6}),
)
LINES = Native(
    Kind.LINES,
    MONTHS,
    (
        Series("Americas", _waves(44, 1), LIGHT.actual, Look.LINE, labels=("",) * 11 + ("45 days",), is_strong=True),
        Series("EMEA", _waves(51, 0.7), LIGHT.good, Look.LINE),
        Series("APAC", (None, None, *_waves(39, 0.7)[2:]), LIGHT.bad, Look.DOTTED),
    ),
    "0.0",
    "days",
    foot=38.37,
)
BARS = Native(
    Kind.BARS,
    ("Anna", "Bert", "Cleo", "Deniz"),
    (
        Series("Overdue", (0.234, 0.12, -0.03, 0.31), LIGHT.actual, labels=("23.4 %", "12.0 %", "−3.0 %", "31.0 %")),
        Series("Year before", (0.2, 0.1, 0.02, None), LIGHT.previous),
    ),
    "0.0%",
    "%",
)
CROSSING = Native(
    Kind.BRIDGE,
    ("From", "Down", "Further", "Up", "To"),
    (Series("Net", (3e6, -5e6, -2e6, 6e6, 2e6), LIGHT.actual, labels=("3.0", "−5.0", "−2.0", "+6.0", "2.0")),),
    "#,##0.0,,",
    "USD m",
    balances=frozenset({0, 4}),
)
NATIVES = (STACKED, COMBINED, COLUMNS, LYING_STACK, BRIDGE, LYING_BRIDGE, LINES, BARS, CROSSING)

_SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"values": [{"x": "A", "y": 3}, {"x": "B", "y": 5}]},
    "mark": "bar",
    "encoding": {"x": {"field": "x", "type": "nominal"}, "y": {"field": "y", "type": "quantitative"}},
}


def figure(native: Native | None, title: str, name: str = "chart", subtitle: str = "") -> Figure:
    said = subtitle or "Total AR by age, USD m · as of 31 Oct 2026 · Region EMEA"
    rows = pl.DataFrame({"x": [1.0]})
    return Figure(name, title, said, f"{title}: a chart.", _SPEC, rows, ("dso",), method="Weighted.", native=native)


def tiles(count: int = 6) -> Tiles:
    trend = (44.0, 44.5, 45.0, None, 46.0, 45.2, 44.9, 45.5, 46.0, 46.3, 46.1, 46.8, 47.3)
    aim = Target(42, 46)
    every = [
        Tile("total_ar", 78_654_321.0, 74.5e6, tuple(v * 1e6 for v in (70, 71, 73, 72, 75, 78.6)), "USD"),
        Tile("dso", 47.3, 44.0, trend, "USD", state="act", target=aim, window="3mo"),
        Tile("overdue_share", 0.234, 0.26, (0.26, 0.25, 0.234), "USD", state="good"),
        Tile("over_90_share", 0.042, 0.042, (), "USD", state="watch"),
        Tile("cei", None, None, (), "USD", note="No credit sales in the window, so there is nothing to divide by"),
        Tile("days_beyond_terms", 6.1, 5.8, (5.0, 6.1), "USD", state="watch"),
        Tile("unapplied_credits", -1.2e6, -0.9e6, (-0.9e6, -1.2e6), "USD"),
        Tile("disputed", 3.4e6, None, (), "USD"),
    ]
    return Tiles(tuple(every[:count]))


def customers(count: int, *, most: int | None = None) -> Table:
    names = [HARD[place] if place < len(HARD) else f"Customer {place:,} Ltd" for place in range(count)]
    amounts = [9_000_000.5 / (place + 1) - 1_000 for place in range(count)]
    rows = pl.DataFrame(
        {
            "name": [*names, "Total"],
            "segment": [*("Enterprise" if place % 3 else None for place in range(count)), None],
            "open": [*amounts, sum(amounts)],
            "overdue": [*(amount * 0.3 for amount in amounts), sum(amounts) * 0.3],
            "share": [*(0.3 for _ in amounts), 0.3],
            "oldest": [*(DAY - timedelta(days=place % 200) for place in range(count)), None],
            "invoices": [*range(count), count],
        },
        schema_overrides={"segment": pl.String},
    )
    columns = {
        "name": Column("Customer"),
        "segment": Column("Segment"),
        "open": Column("Open", Form.MONEY, "USD"),
        "overdue": Column("Overdue", Form.MONEY, "USD"),
        "share": Column("Share overdue", Form.SHARE),
        "oldest": Column("Oldest due date"),
        "invoices": Column("Invoices"),
    }
    states: dict[tuple[int, str], State] = {(0, "share"): "act", (1, "share"): "watch", (2, "share"): "good"}
    kept: dict[tuple[int, str], State] = {place: state for place, state in states.items() if place[0] < count}
    return Table(
        "Largest debtors", "Ten customers hold half of the money that is open", rows, columns,
        "Open items, USD · as of 31 Oct 2026", most, last_is_total=True, states=kept,
    )  # fmt: skip


def said(count: int = 3) -> Lines:
    every = [
        Line(
            "Late payment in EMEA costs 3.1 days of DSO",
            "Two customers pay 20 days later than a year ago.",
            "$4.2m",
            "act",
        ),
        Line(f"{ARABIC} is beyond its credit limit", "", "$1.2m", "watch"),
        Line("The collections effectiveness index rose", "It is above its target for a third month.", "", "good"),
        Line("A plain sentence without anything else"),
    ]
    return Lines("What needs a decision", tuple(every[place % 4] for place in range(count)), "By money at stake")


COMMENT = (
    "DSO rose for the third month in a row. Two customers in EMEA changed their payment run to monthly, which moves "
    "about $4m across every month-end.\nWe agreed weekly runs with both of them from December on.\n"
)


def pack(rows: int = 30, most: int | None = 10, comment: str = COMMENT) -> Pack:
    titles = ("Receivables grew to $78.7m, and 23.4 % of them are overdue", "DSO rose to 47.3 days, five above target")
    pages = (
        Page(
            "summary", "Summary", titles[0],
            (
                Row((tiles(),), height=0),
                Row((Chart(figure(STACKED, "Open receivables rose by 8 % in a year", "aging")), said()), (3, 2)),
            ),
            lead="Three things to know: DSO is above target, EMEA pays later, and write-offs are low.",
            metrics=("total_ar", "dso", "overdue_share"),
            notes=("Balances are those of the close of the day.", "Credits not yet applied are left out of the ages."),
        ),
        Page(
            "dso", "DSO", titles[1],
            (Row((Chart(figure(COMBINED, titles[1], "dso")), Chart(figure(LYING_BRIDGE, "Why DSO fell", "why")))),),
            commentary=comment, metrics=("dso",),
        ),
        Page(
            "aging", "Ageing", "Most of the money is not yet due",
            (
                Row((Chart(figure(COLUMNS, "Ageing now", "ages")), Chart(figure(BRIDGE, "Cash kept pace", "bridge")))),
                Row((Chart(figure(LYING_STACK, "EMEA is late", "groups")), Chart(figure(LINES, "By region", "lines")))),
            ),
            commentary="One line about it.",
        ),
        Page(
            "risk", "Risk", "Two collectors are behind",
            (
                Row((Chart(figure(BARS, "Shares", "bars")), Chart(figure(CROSSING, "Across zero", "cross")))),
                Row((Chart(figure(None, "A picture", "picture")), said(2))),
            ),
        ),
        Page("segments", "Segments", "Ten customers hold half", (Row((customers(rows, most=most),)),)),
        Page(
            "mixed", "Mixed", "A table beside a chart",
            (Row((customers(14), Chart(figure(LYING_STACK, "Groups", "again"))), (3, 2)),), notes=("Made by hand.",),
        ),
    )  # fmt: skip
    nothing = pl.DataFrame()
    return Pack(ABOUT, "For the board · October 2026", pages, nothing, (), nothing, ("Prepared by Treasury",))


def narrow() -> bytes:
    """The library's own master, 4:3."""
    buffer = io.BytesIO()
    Presentation().save(buffer)
    return buffer.getvalue()


def foreign(slides: int = 2) -> bytes:
    """Somebody's master: other names of layouts, other colours, its own slides, no footer on the content."""
    deck: Any = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    front, content = deck.slide_layouts[0], deck.slide_layouts[1]
    front.name, content.name = "Corporate Cover", "Corporate Content"
    for layout in (front, content):
        for each in list(layout.placeholders):
            kind = each.placeholder_format.type
            if layout is content and kind in (15, 16):
                layout.shapes._spTree.remove(each._element)
    for owner in (deck.slide_master, front):
        for each in owner.placeholders:
            each.left, each.width = round(each.left * 4 / 3), round(each.width * 4 / 3)
    content.background.fill.solid()
    content.background.fill.fore_color.rgb = RGBColor(0xFF, 0xF8, 0xE7)
    for place in range(slides):
        deck.slides.add_slide(content).shapes.title.text = f"An old slide {place}"
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()
