"""What happened: DSO and its parts, why it moved, how old the money is, and from the opening to the closing balance."""

from __future__ import annotations

import polars as pl

from briefing import periods, soundness
from charts.movement import HEADINGS
from exports import formats
from exports.column import Column, Form
from exports.pack.content import Chart, Page, Row, State, Table
from exports.pack.sections.told import HEIGHT, PALETTE, Brief, cannot
from ledger.conversion import Conversion
from ledger.errors import OutstandingError
from ledger.money import digits
from metrics import CATALOG, text

_DSO = ("dso", "dso_best_possible", "days_delinquent", "dso_average", "dso_rolling", "dso_countback", "dso_day_value")
_REACH = {"dso_rolling": "12mo"}
"""What a measure looks back over, where that is not the window."""

_PARTS = (
    "DSO = best possible DSO + average days delinquent + unapplied credits (at most zero): what the terms allow, what "
    "late payment adds, and what has been paid but not yet applied."
)
_STEPS = (
    "Each step is the part of the change that the group makes, taken at the middle between both ends, so that the "
    "steps add up to it exactly."
)
_CREDITS = (
    "Unapplied credits are payments and credit memos that no invoice has been settled with yet: a part of total AR, in "
    "no bucket."
)


def dso(brief: Brief) -> list[Page]:
    """DSO over the year, and its measures beside each other."""
    told = brief.summary
    figure = told.dso(PALETTE, HEIGHT)
    measures = _measures(brief, _DSO)
    return [
        Page(
            "dso",
            brief.label("DSO and its parts"),
            figure.title,
            (Row((Chart(figure), measures), widths=(7, 6)),),
            metrics=_DSO,
            notes=(_PARTS,),
        )
    ]


def _measures(brief: Brief, metrics: tuple[str, ...]) -> Table:
    """Metrics as rows: now, on the day compared with, the change, and the target."""
    told, view = brief.summary, brief.view
    values = brief.in_currency(told.answers.evaluate(metrics, brief.days, view.window, view.scope))
    known = {
        (metric, day): value
        for metric, day, value in values.select("metric", "as_of", "value").iter_rows()
        if periods.is_known(told.book, day, _REACH.get(metric, view.window))
    }
    base = told.base_day if told.reaches("dso") else None
    rows: list[dict[str, object]] = []
    states: dict[tuple[int, str], State] = {}
    for place, metric in enumerate(metrics):
        now, before = known.get((metric, view.day)), known.get((metric, base)) if base else None
        aim = told.target(metric)
        rows.append(
            {
                "Measure": CATALOG[metric].label,
                "Now": now,
                "Before": before,
                "Change": None if now is None or before is None else now - before,
                "Target": aim.good if aim else None,
                "Unit": CATALOG[metric].unit.value,
            }
        )
        state = told.state(metric, now)
        if state:
            states[place, "Now"] = state
    numbers = dict.fromkeys(("Now", "Before", "Change", "Target"), pl.Float64)
    frame = pl.DataFrame(rows, schema={"Measure": pl.String, **numbers, "Unit": pl.String})
    dropped = [name for name in ("Before", "Change", "Target") if frame[name].null_count() == frame.height]
    return Table(
        "DSO measures",
        "Several measures of the same thing",
        frame.drop(dropped),
        {
            **{name: Column(unit_from="Unit", currency=brief.currency) for name in ("Now", "Change", "Target")},
            "Before": Column(brief.before, unit_from="Unit", currency=brief.currency),
        },
        subtitle=text.window(view.window, view.day),
        states=states,
    )


def why(brief: Brief) -> list[Page]:
    """Who moved DSO and overdue money over the window."""
    told, label = brief.summary, brief.label("Why it moved")
    charts: list[Chart] = []
    problems: list[str] = []
    for metric in ("dso", "overdue"):
        try:
            charts.append(Chart(told.why(metric, PALETTE, None, brief.dimension)))
        except OutstandingError as problem:
            problems.append(str(problem))
    if not charts:
        return [cannot("why", label, " ".join(problems))]
    return [
        Page(
            "why",
            label,
            charts[0].figure.title,
            (Row(tuple(charts)),),
            metrics=("dso", "overdue"),
            notes=(*problems, _STEPS),
        )
    ]


def aging(brief: Brief) -> list[Page]:
    """Open money by age over the year, and each bucket now beside the day compared with."""
    told = brief.summary
    figure = told.aging(PALETTE, HEIGHT, whole=True)
    return [
        Page(
            "aging",
            brief.label("Ageing"),
            figure.title,
            (Row((Chart(figure), _buckets(brief)), widths=(3, 2)),),
            metrics=("total_ar", "overdue", "overdue_share", "over_90_share", "unapplied_credits"),
            notes=(_CREDITS,),
        )
    ]


def _buckets(brief: Brief) -> Table:
    told, buckets = brief.summary, brief.summary.book.rules.aging.buckets
    amounts = {
        (day, bucket): amount for day, bucket, amount in told.aged().select("as_of", "bucket", "amount").iter_rows()
    }
    *dated, _unapplied = buckets
    now = {bucket: amounts.get((brief.view.day, bucket), 0.0) for bucket in buckets}
    then = {bucket: amounts.get((brief.days[-1], bucket), 0.0) for bucket in buckets}
    gross, places = sum(now[bucket] for bucket in dated), digits(brief.currency)
    whole, before = round(sum(now.values()), places), round(sum(then.values()), places)
    rows = [
        {
            "Bucket": _bucket(bucket, buckets),
            "Amount": now[bucket],
            "Share": now[bucket] / gross if gross > 0 and bucket in dated else None,
            "Before": then[bucket],
            "Change": round(now[bucket] - then[bucket], places),
        }
        for bucket in buckets
    ]
    rows.append(
        {
            "Bucket": "Total AR",
            "Amount": whole,
            "Share": None,
            "Before": before,
            "Change": round(whole - before, places),
        }
    )
    numbers = dict.fromkeys(("Amount", "Share", "Before", "Change"), pl.Float64)
    frame = pl.DataFrame(rows, schema={"Bucket": pl.String, **numbers})
    return Table(
        "Ageing",
        "What is open, by days past due",
        frame if brief.before else frame.drop("Before", "Change"),
        {
            "Amount": brief.money(),
            "Share": Column("Of gross open", Form.SHARE),
            "Before": brief.money(brief.before),
            "Change": brief.money(),
        },
        subtitle=f"as of {text.day(brief.view.day)}",
        last_is_total=True,
    )


def _bucket(bucket: str, buckets: tuple[str, ...]) -> str:
    first, *_, last = buckets
    own = {first: "Current", last: "Unapplied credits"}
    return own.get(bucket, f"{bucket} days")


def movement(brief: Brief) -> list[Page]:
    """From the opening to the closing balance, to the cent."""
    told, view, label = brief.summary, brief.view, brief.label("Movement")
    if not told.opens:
        return [cannot("movement", label, told.too_early)]
    figure = told.movement(PALETTE, HEIGHT)
    amounts: dict[str, float] = {
        line: float(amount or 0) for line, amount in told.moved().select("line", "amount").iter_rows()
    }
    lines = [line for line in HEADINGS if line in ("opening", "closing", "billed", "cash") or amounts.get(line)]
    names = {"opening": f"Opening, {text.day(view.span.opening)}", "closing": f"Closing, {text.day(view.span.end)}"}
    frame = pl.DataFrame(
        {
            "Line": [names.get(line, HEADINGS[line]) for line in lines],
            "Amount": [amounts.get(line, 0.0) for line in lines],
        },
        schema={"Line": pl.String, "Amount": pl.Float64},
    )
    return [
        Page(
            "movement",
            label,
            figure.title,
            (
                Row(
                    (
                        Chart(figure),
                        Table(
                            "Movement",
                            _tie(brief, amounts),
                            frame,
                            {"Amount": brief.money()},
                            subtitle=text.window(view.window, view.day),
                            last_is_total=True,
                        ),
                    ),
                    widths=(3, 2),
                ),
            ),
            metrics=("total_ar", "billed", "cash_collected", "write_offs"),
            notes=_ledger(brief),
        )
    ]


def _tie(brief: Brief, amounts: dict[str, float]) -> str:
    if brief.summary.book.rules.conversion is Conversion.CLOSING:
        return "FX is the remainder, at closing rates"
    apart = amounts.get("difference", 0.0)
    if abs(apart) < soundness.LEAST:
        return "It ties out: opening + movement = closing"
    return f"It does not tie out: a difference of {formats.money(apart, brief.currency)}"


def _ledger(brief: Brief) -> tuple[str, ...]:
    """What is said of the general ledger."""
    said = soundness.general_ledger(soundness.compared(brief.summary.book, brief.view))
    return (f"{said[:1].upper()}{said[1:]}.",) if said else ()
