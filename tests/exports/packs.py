"""A pack made by hand: every kind of block and many kinds of charts, with names that try to be code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from briefing.tile import Tile
from charts import aging, groups, league, movement, pace, provision, trend
from charts.figure import Figure
from charts.league import Against
from exports.about import About
from exports.pack.content import Chart, Line, Lines, Pack, Page, Row, State, Table, Tiles
from exports.workbook import Column, Form
from metrics import Target
from tests.charts import test_bridge as bridges
from tests.charts import test_figures as made
from tests.charts import test_performance_figures as performance
from tests.charts import test_risk_figures as risk

DAY = date(2026, 10, 31)
JUL = date(2026, 7, 31)
NASTY = '#show: <b>=cmd()</b> $x$ @ref *bold* "quoted" \\u{41} //'
NAMES = (
    "Hansen Industrie GmbH & Co. KG", NASTY, "Ačme Łódź s.r.o.", "Werke Nord", "Tidewater Retail",
    "A name that goes on and on because somebody wrote the whole address into it, Hall 7, Docklands", "Polar AB",
)  # fmt: skip
ABOUT = About(
    "Receivables pack", "Meridian Supply Group", DAY, "USD", "3mo", "Region DACH", "0123456789abcdef0123", notes=()
)


def tile(metric="dso", value=47.2, base=44.0, **how):
    trend_of = tuple(base + (value - base) * place / 12 for place in range(13))
    return Tile(metric, value, base, trend_of, "USD", **how)


TILES = Tiles(
    (
        tile("total_ar", 78.7e6, 74.9e6),
        tile("overdue_share", 0.226, 0.191, state="act", target=Target(0.2, 0.22)),
        tile(state="watch", target=Target(45, 50)),
        tile("cei", 88.1, 84.0, state="good", target=Target(85, 80)),
        tile("days_beyond_terms", 8.0, 7.6, state="watch"),
        Tile("over_90_share", None, None, (), "USD", note="nothing is open"),
    )
)
LINES = Lines(
    "What needs a decision",
    (
        Line("Hansen is beyond its limit", "Open $4.2m against a limit of $3.0m", "$1.2m", "act"),
        Line(f"{NASTY} pays later each month", "Days to pay 61, a year ago 44", "$0.8m", "watch"),
        Line("Cash forecast was met", state="good"),
    ),
)


def debtors(count=8, **how) -> Table:
    rows = pl.DataFrame(
        {
            "customer": [f"{NAMES[place % len(NAMES)]} {place}" for place in range(count)],
            "region": [("DACH", None, "Iberia")[place % 3] for place in range(count)],
            "open": [4_200_000.55 - place for place in range(count)],
            "overdue": [(-1.0) ** place * (900_000.25 + place) for place in range(count)],
            "late": [0.214 if place % 4 else None for place in range(count)],
            "oldest": [date(2026, 1, 1 + place % 28) for place in range(count)],
        },
        schema_overrides={"region": pl.String, "late": pl.Float64},
    )
    columns = {
        "customer": Column("Customer"),
        "region": Column("Region"),
        "open": Column("Open", Form.MONEY, "USD"),
        "overdue": Column("Overdue", Form.MONEY, "USD"),
        "late": Column("Overdue share", Form.SHARE),
        "oldest": Column("Oldest due date"),
    }
    states: dict[tuple[int, str], State] = {(0, "late"): "act", (1, "overdue"): "watch"} if count > 1 else {}
    return Table("Debtors", "The largest debtors", rows, columns, "USD, as of 31 Oct 2026", states=states, **how)


def figures() -> dict[str, Figure]:
    setting = made.SETTING
    customers = made.by_customer(NAMES)
    return {
        "dso": trend.dso(made.dso_points(), setting, target=dict.fromkeys(made.ENDS, 45.0)),
        "aging": aging.over_time(made.aged(1e5), setting),
        "whole": aging.over_time(made.aged(), setting, whole=True),
        "day": aging.on_day(made.one_day(), setting),
        "bridge": bridges.drawn("dso", 44.0, [("DACH", 2.5), ("Iberia", -1.0), ("Nordics", 2.0), (None, 0.3)]),
        "movement": movement.bridge(made.lines(), JUL, DAY, setting),
        "regions": groups.by_group(customers, "Customer", setting),
        "debtors": groups.debtors(customers, 7, 0.4, setting),
        "league": league.league(
            performance.groups(*NAMES[:4]), {NAMES[0]: ("act", "late")}, "Segment", Against.REST, setting, title="T"
        ),
        "provision": provision.movement(risk.lines(), JUL, DAY, setting),
        "rolls": provision.rolls(provision.Rolls(risk.followed(), is_followed=True, months=12), setting),
        "unpaid": pace.at_risk(performance.unpaid(0.01, 0.03, 0.02, None), setting),
        "none": groups.by_group(customers.head(0), "Customer", setting),
    }


def page(section, title, *rows, **more) -> Page:
    return Page(section, section.capitalize(), title, rows, metrics=("dso", "overdue_share"), **more)


def pack(*pages, **more) -> Pack:
    nothing = pl.DataFrame()
    return Pack(ABOUT, "For the board · October 2026", pages, nothing, (), nothing, **more)


COMMENTARY = (
    "Collections slipped in DACH after the move to the new billing run. Invoices left four days later than in summer."
    "\n\nThe plan for November: two people more on the largest twenty accounts, and Hansen to be spoken to by the CFO."
)


def full() -> Pack:
    """Every kind of page."""
    of = {name: Chart(figure) for name, figure in figures().items()}
    pages = (
        page(
            "summary",
            "Receivables rose $3.8m to $78.7m, and a fifth of them is late",
            Row((TILES,), height=0),
            Row((of["dso"], of["aging"], LINES), (1, 1, 0.8)),
            lead="DACH explains most of it; cash held.",
            notes=("DSO over three months.", "Unapplied credits are not part of the aging."),
        ),
        page(
            "dso",
            "Late payment added 5.0 days to DSO in a year",
            Row((of["dso"], of["bridge"])),
            commentary=COMMENTARY,
            notes=("A bridge adds up to the change.",),
        ),
        page("aging", "$17.5m is overdue, and most is young", Row((of["whole"],)), Row((of["day"], of["regions"]))),
        page("movement", "What came in, what went out", Row((of["movement"],))),
        page(
            "customers",
            "Seven customers owe 40 % of all " * 4,
            Row((of["debtors"], debtors(8, last_is_total=True)), (1, 1.3)),
            commentary=COMMENTARY * 6,
        ),
        page(
            "league",
            "Who stands out",
            Row((of["league"],)),
            Row((of["none"], Lines("Needs you", (), nothing="Nothing needs a decision."))),
            commentary=COMMENTARY,
        ),
        page("risk", "$60 had to be set aside", Row((of["provision"], of["rolls"])), Row((of["unpaid"],))),
        page("list", "Every debtor in order", Row((TILES,), height=0), Row((debtors(90, last_is_total=True),))),
    )
    return pack(*pages, lines=("Prepared by Group Treasury", "Draft for discussion"))


def titled(of: Pack, **words) -> Pack:
    return replace(of, about=replace(of.about, **words))
