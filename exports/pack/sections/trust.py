"""Whether the numbers can be relied on, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from briefing import fields, second_looks, soundness
from exports.column import Column, Form
from exports.pack.content import Line, Lines, Page, Row, Table
from exports.pack.sections.told import Brief
from metrics import CATALOG, text

_SECTION = "definitions"


def definitions(brief: Brief, metrics: Sequence[str]) -> list[Page]:
    """Data quality, then every metric of the pack with its formula and source."""
    label = brief.label("Definitions and data quality")
    return [_quality(brief, label), _meanings(f"{label}: measures", metrics)]


def _quality(brief: Brief, label: str) -> Page:
    answers, view = brief.summary.answers, brief.view
    book = answers.book
    about = book.about
    broken = book.quality.filter(pl.col("rows") > 0).sort("severity", "rows", descending=[False, True])
    money, named = soundness.money_kept_out(book), soundness.TABLES
    facts = [
        Line(
            soundness.kept_out(book).removesuffix("."),
            " · ".join(f"{named.get(name, name)}: {said}" for name, said in money.items()),
        ),
        Line(
            f"Data to {text.day(book.last_day)}",
            f"Source: {text.name(about.get('source'), 'not named')}; read {text.moment(about.get('made_at'))} UTC"
            if about.get("made_at")
            else "",
        ),
    ]
    facts += [
        Line(text.capital(said), "") for said in (second_looks.verified(book), second_looks.revised(book)) if said
    ]
    sharp = [text.capital(said) for said in fields.sentences(book)]
    facts += [Line(sharp[0], "; ".join(sharp[1:]))] if sharp else []
    table = Table(
        "Data quality",
        f"{text.count(broken.height, 'rule')} of {book.quality.height} found something",
        broken.select(
            pl.col("rule").str.replace_all("_", " ", literal=True).alias("Rule"),
            pl.col("table").replace(soundness.TABLES).alias("Table"),
            pl.col("severity").str.to_titlecase().alias("Severity"),
            pl.col("rows").alias("Rows"),
            pl.col("amount").cast(pl.Float64).alias("Amount"),
            pl.col("currency").alias("Currency"),
        ),
        {"Rows": Column(form=Form.WHOLE), "Amount": Column(form=Form.MONEY, currency_from="Currency")},
        subtitle="An error keeps a row out; a warning lets it in. Amounts in the row's own currency",
        most=15,
    )
    rest = Lines("What the numbers rest on", tuple(facts))
    blocks = (rest, table) if broken.height else (rest,)
    return Page(
        _SECTION,
        label,
        soundness.verdict(answers, view),
        (Row(blocks, widths=(2, 3) if broken.height else ()),),
        notes=("About the whole company, whatever the filters.",),
    )


def _meanings(label: str, metrics: Sequence[str]) -> Page:
    known = [CATALOG[id] for id in dict.fromkeys(metrics)]
    table = Table(
        "Definitions",
        "",
        pl.DataFrame(
            {
                "Measure": [metric.label for metric in known],
                "How it is computed": [metric.formula for metric in known],
                "Source": [metric.source for metric in known],
            },
            schema={"Measure": pl.String, "How it is computed": pl.String, "Source": pl.String},
        ),
    )
    return Page(
        _SECTION, label, f"How the {text.count(len(known), 'measure is', 'measures are')} computed", (Row((table,)),)
    )
