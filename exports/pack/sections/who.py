"""Who it is: segments beside each other, and the largest exposures against their limits."""

from __future__ import annotations

import polars as pl

from briefing import exposures as limits
from briefing import groups
from charts import groups as drawn
from charts.heat import Row as Group
from exports.column import Column, Form
from exports.pack.content import Chart, Page, Row, State, Table
from exports.pack.sections.told import PALETTE, SHARE, Brief, named
from ledger.scope import UNASSIGNED
from metrics import CATALOG, Unit, text

_SEGMENTS, _DEBTORS = 12, 10
_FORMS = {Unit.MONEY: Form.MONEY, Unit.RATIO: Form.SHARE}


def segments(brief: Brief) -> list[Page]:
    """The KPIs of each group against their targets, the most money beyond them first; and its age."""
    told, view, dimension = brief.summary, brief.view, brief.dimension
    label = told.book.dimensions[dimension]
    rows = list(groups.rows(told, dimension, brief.most(_SEGMENTS)))
    aged = brief.in_currency(told.answers.aging((view.day,), view.scope, (dimension,))).with_columns(
        key=pl.col(dimension).fill_null(UNASSIGNED), label=named(dimension)
    )
    setting = view.as_of(PALETTE, told.book.rules.aging.buckets)
    by_age = drawn.by_group(aged, label, setting, clickable=False)
    return [
        Page(
            "segments",
            brief.label(f"{label} league"),
            groups.finding(rows, label, told),
            (Row((_league(brief, rows, label, dimension), Chart(by_age)), widths=(7, 5)),),
            metrics=groups.METRICS,
            notes=("States are against each group's own target; without one there is none.",),
        )
    ]


def _league(brief: Brief, rows: list[Group], label: str, dimension: str) -> Table:
    told = brief.summary
    found: list[dict[str, object]] = []
    states: dict[tuple[int, str], State] = {}
    for place, row in enumerate(rows):
        of = {} if row.key == groups.REST else {dimension: None if row.key == UNASSIGNED else row.key}
        found.append(
            {label: row.label, **{CATALOG[cell.metric].label: cell.value for cell in row.cells}, "Beyond": row.stake}
        )
        for cell in row.cells:
            state = told.state(cell.metric, cell.value, **of)
            if state:
                states[place, CATALOG[cell.metric].label] = state
    measures = [CATALOG[metric] for metric in groups.METRICS]
    schema = {label: pl.String, **{metric.label: pl.Float64 for metric in measures}, "Beyond": pl.Float64}
    what = "its target" if told.target("overdue_share") else "the company's share"
    return Table(
        f"By {label.lower()}",
        f"By {label.lower()}, most money beyond {what} first",
        pl.DataFrame(found, schema=schema),
        {
            **{
                metric.label: Column(form=_FORMS.get(metric.unit, Form.DECIMAL), currency=brief.currency)
                for metric in measures
            },
            "Beyond": brief.money("Overdue beyond target"),
        },
        subtitle=f"{text.window(brief.view.window, brief.view.day)}; overdue beyond what {what} allows",
        states=states,
    )


def exposures(brief: Brief) -> list[Page]:
    """The largest debtors with their age, and what each owes against its limit."""
    told, view, most = brief.summary, brief.view, brief.most(_DEBTORS)
    owing = limits.ranked(told.answers, view, groups=False)
    held = limits.limits(told.answers, view)
    label = brief.label("Largest exposures")
    if owing.is_empty():
        return [Page("exposures", label, f"Nobody owes anything on {text.day(view.day)}")]
    beyond = brief.in_currency(told.answers.evaluate(("over_limit",), (view.day,), view.window, view.scope))["value"]
    title = limits.message(view, owing, held, beyond.item() if len(beyond) else None)
    figure, _order, _others = told.debtors(PALETTE, min(most, _DEBTORS))
    table = _largest(brief, owing, held, most)
    pages = [
        Page(
            "exposures",
            label,
            title,
            (Row((table, Chart(figure)), widths=(7, 5)),),
            metrics=("total_ar", "top_10_share", "credit_utilisation", "over_limit"),
            notes=(
                "Owed: net of unapplied credits. A limit is compared with the whole account of the customer itself.",
            ),
        )
    ]
    over = limits.over(held)
    return pages if over.is_empty() else [*pages, _over(brief, over, most, label)]


def _largest(brief: Brief, owing: pl.DataFrame, held: pl.DataFrame, most: int) -> Table:
    own = held.filter(pl.col("level") == "customer").select("customer", "limit", "utilisation", "overdue", "over_limit")
    rows = owing.join(own, on="customer", how="left", nulls_equal=True, maintain_order="left").select(
        pl.col("rank").alias("#"),
        named("label").alias("Customer"),
        pl.col("balance").alias("Owed"),
        pl.col("share").alias("Of all"),
        pl.col("cumulative").alias("Together"),
        pl.col("limit").cast(pl.Float64).alias("Limit"),
        pl.col("utilisation").cast(pl.Float64).alias("Used"),
    )
    return Table(
        "Largest exposures",
        f"The {min(most, rows.height)} largest of {text.count(rows.height, 'debtor')}",
        rows,
        {"Owed": brief.money(), "Limit": brief.money(), "Of all": SHARE, "Together": SHARE, "Used": SHARE},
        subtitle=f"as of {text.day(brief.view.day)}",
        most=most,
    )


def _over(brief: Brief, over: pl.DataFrame, most: int, label: str) -> Page:
    rows = over.select(
        named("label").alias("Customer"),
        pl.when(pl.col("level") == "group")
        .then(pl.concat_str(pl.lit("group of "), pl.col("members")))
        .otherwise(pl.lit("own"))
        .alias("Limit of"),
        pl.col("limit").cast(pl.Float64).alias("Granted"),
        pl.col("exposure").cast(pl.Float64).alias("Owed"),
        pl.col("over_limit").cast(pl.Float64).alias("Over by"),
        pl.col("utilisation").cast(pl.Float64).alias("Used"),
        pl.col("overdue").alias("Overdue"),
    )
    money = {name: brief.money() for name in ("Granted", "Owed", "Over by", "Overdue")}
    return Page(
        "exposures",
        f"{label}: credit limits",
        limits.over_finding(over),
        (
            Row(
                (
                    Table(
                        "Over the limit",
                        "Overdue and over the limit first",
                        rows,
                        {**money, "Used": SHARE},
                        subtitle=f"as of {text.day(brief.view.day)}",
                        most=most,
                    ),
                )
            ),
        ),
        metrics=("credit_utilisation", "over_limit"),
        notes=(
            "A group's exposure is what it and all below it owe, net of unapplied credits.",
            "In what is over in all, a family counts once: the larger of the group's own excess and its members'.",
        ),
    )
