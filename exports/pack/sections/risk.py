"""What may be lost, and which alerts are open."""

from __future__ import annotations

import polars as pl

from briefing import losses
from briefing.told import Standing, Told
from charts import provision
from exports.column import Column, Form
from exports.pack.content import Chart, Lines, Page, Row, Table
from exports.pack.sections.told import CALLING, HEIGHT, PALETTE, Brief
from metrics import text

_ALERTS = 15
_METHOD = (
    "Allowance = what is open × final rate; final rate = loss rate × (1 + forward), at most 100 %. The charge is what "
    "the allowance moved by beyond write-offs and recoveries."
)
_SEVERITIES = {"act": "Act", "watch": "Watch", "info": "Info"}


def risk(brief: Brief) -> list[Page]:
    """The allowance: how it moved and the matrix it comes from."""
    answers, view = brief.summary.answers, brief.view
    now = losses.reading(answers, view, view.day, brief.plan)
    label = brief.label("Risk and provision")
    if now.open <= 0:
        return [Page("risk", label, f"Nothing is open on {text.day(view.day)}")]
    matrix = Table(
        "Provision matrix",
        losses.matrix_finding(now, view.currency),
        _matrix(now),
        {
            "Open": brief.money(),
            "Loss rate": Column(form=Form.SHARE),
            "Forward": Column(form=Form.SHARE),
            "Final rate": Column(form=Form.SHARE),
            "Allowance": brief.money(),
        },
        subtitle=f"Expected credit loss, as of {text.day(view.day)}",
        last_is_total=True,
    )
    blocks: tuple[Chart | Table, ...] = (matrix,)
    if losses.reaches(answers, view):
        moved = losses.movement(answers, view, brief.plan)
        figure = provision.movement(moved, view.span.opening, view.span.end, view.over(PALETTE), height=HEIGHT)
        blocks = (Chart(figure), matrix)
    notes = (
        losses.ESTIMATE,
        _METHOD,
        *losses.warnings(brief.summary.book, now, brief.plan),
        *losses.notes(losses.matrix(now)),
    )
    return [
        Page(
            "risk",
            label,
            losses.message(now, losses.base(answers, view, brief.plan), view),
            (Row(blocks),),
            metrics=("gross_open", "write_offs"),
            notes=notes,
        )
    ]


def _matrix(now: losses.Reading) -> pl.DataFrame:
    rates = {"loss_rate": "Loss rate", "adjustment": "Forward", "rate": "Final rate"}
    rows = losses.matrix(now).select(
        pl.col("bucket").alias("Days past due"),
        pl.col("amount").alias("Open"),
        *(((pl.col(name) / 100).cast(pl.Float64)).alias(said) for name, said in rates.items()),
        pl.col("allowance").alias("Allowance"),
    )
    return rows.drop("Forward") if rows["Forward"].null_count() == rows.height else rows


def alerts(brief: Brief) -> list[Page]:
    """Alerts that have not ended and are nobody else's money, the most urgent first."""
    view, label = brief.view, brief.label("Open alerts")
    told = [
        each
        for each in brief.raised.told()
        if each.standing is not Standing.RESOLVED and each.alert.under is None and each.is_within(view.scope)
    ]
    if not told:
        return [_calm(brief, label)]
    calling = [each for each in told if each.calls]
    first = f"; the most is at {calling[0].who}, {calling[0].stake}" if calling and calling[0].stake else ""
    title = f"{text.count(len(calling), 'alert needs', 'alerts need')} someone{first}"
    rows = pl.DataFrame(
        [_row(each) for each in told],
        schema={
            "State": pl.String,
            "Who": pl.String,
            "What": pl.String,
            "At stake": pl.Float64,
            "Currency": pl.String,
            "Since": pl.Date,
            "Status": pl.String,
        },
    )
    several = rows["Currency"].n_unique() > 1
    of = Column(form=Form.MONEY, currency_from="Currency")
    money = of if several else Column(form=Form.MONEY, currency=rows["Currency"][0])
    table = Table(
        "Open alerts",
        "By urgency, then by money",
        rows if several else rows.drop("Currency"),
        {"At stake": money},
        subtitle=f"as of {text.day(max(each.alert.day for each in told))}",
        most=brief.most(_ALERTS),
        states={
            (place, "State"): state for place, each in enumerate(told) if (state := CALLING.get(each.alert.severity))
        },
    )
    return [
        Page(
            "alerts",
            label,
            title if calling else "No open alert waits for anybody",
            (Row((table,)),),
            metrics=tuple(dict.fromkeys(each.alert.metric for each in told)),
            notes=_latest(brief),
        )
    ]


def _calm(brief: Brief, label: str) -> Page:
    """That none is open; or that nobody asked, which is another matter."""
    asked = brief.raised.asked
    if asked is None:
        words = "Nothing is known of alerts here: the rules are asked by each refresh, or by the command 'alerts run'."
        return Page("alerts", label, "The alert rules have not been asked", (Row((Lines("", (), nothing=words),)),))
    words = f"The rules were asked last of the data to {text.day(asked)}. What has been told is on the page of alerts."
    rows = (Row((Lines("", (), nothing=words),)),)
    return Page("alerts", label, "No alert is open", rows, notes=_latest(brief))


def _row(told: Told) -> dict[str, object]:
    return {
        "State": _SEVERITIES.get(told.alert.severity, told.alert.severity),
        "Who": told.who,
        "What": told.body.words,
        "At stake": told.alert.money,
        "Currency": told.alert.currency,
        "Since": told.alert.since,
        "Status": str(told.standing).capitalize(),
    }


def _latest(brief: Brief) -> tuple[str, ...]:
    """That alerts are of the newest data, where the pack is of an earlier day."""
    if brief.view.is_latest:
        return ()
    return (f"Alerts are those open now, not those of {text.day(brief.view.day)}.",)
