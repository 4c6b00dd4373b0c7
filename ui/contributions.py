"""The contributions to a change: bridges by group and by part, what the parts mean, and the table behind them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from charts import Figure, Palette, bridge, parts, steps
from ledger.scope import CUSTOMER
from metrics import text
from metrics.reasons import PART_LABELS, group_name
from ui import address, cards, changes, drill, performance, store
from ui.changes import Change
from ui.markdown import prose

PART = "change_part"

MOST = 12
"""Groups in the table; those left are summed, and the download has all of them."""

TOGETHER = "Together"

_STEPS = 8
"""Groups drawn in a bridge."""

_SMALL = "≈ 0"

_MEANING = {
    "volume": "more or less was sold, and paid at the same speed",
    "mix": "more of the business went to a {group} above or below the average",
    "size": "more or less is open, with the same share of it late",
    "rate": "each {group} itself changed",
    "lateness": "a larger or smaller share of what is open is late",
    "best_possible": "what is not yet due, by payment terms and when invoices are issued",
    "delinquent": "what is overdue, as customers pay later or sooner",
    "credits": "credits and payments not yet applied, which lower the number",
}
"""What a part means; ``{group}`` is what the change is grouped by."""


def by_group(change: Change, palette: Palette) -> Figure:
    """From the value then to the value now, by the groups that contributed most."""
    figure = bridge.change(
        change.metric.id,
        change.ends,
        change.rows,
        change.view.over(palette),
        labels=store.book().dimensions,
        names=change.names,
        most=_STEPS,
    )
    figure = bridge.clickable(figure, change.rows, lambda value: changes.key_of(change.by, value))
    line = changes.told(change.rows, change.by, store.book().dimensions, change.names)
    who = " ".join(words for words, key in line.pieces) if line else ""
    title = text.capital(who) if who else f"No {change.group} stands out"
    return replace(figure, title=title, subtitle=f"By {change.group} · {figure.subtitle}")


def of_part(change: Change, part: str, palette: Palette) -> Figure:
    """The groups by what they contributed to one part."""
    rows = table(change).select("key", "label", amount=part)
    setting = change.view.over(palette)
    return parts.by_group(rows, change.metric.id, PART_LABELS[part], changes.label(change.by), setting)


def chosen_part(change: Change) -> str | None:
    """The part that was clicked, where the change has it."""
    return drill.one_of(PART, change.present) if change.has_parts else None


def pick_part(chosen: str | None) -> cards.Picked:
    """What a click on a part does: the groups by that part; one on the part that is chosen, by all again."""

    def picked(part: str | None) -> None:
        if part:
            address.put({PART: None if part == chosen else part})

    return picked


def by_part(change: Change, palette: Palette, height: int | None = None) -> Figure:
    """The same change by what happened within the groups; a click picks a part."""
    figure = bridge.change(change.metric.id, change.ends, change.parts, change.view.over(palette), height=height)
    amounts = {part: amount for part, amount in change.parts.select("part", "contribution").iter_rows() if amount}
    largest = [part for part in sorted(amounts, key=lambda part: -abs(amounts[part])) if _shows(change, amounts[part])]
    words = text.listed([f"{PART_LABELS[part].lower()} {change.moved(amounts[part])}" for part in largest[:2]])
    name = f"{figure.name}_by_part"
    subtitle = f"By part, within each {change.group} · {figure.subtitle}"
    named = {PART_LABELS[part]: part for part in amounts}
    picking = steps.picking(figure.spec["layer"], [named.get(step) for step in figure.table["Step"]])
    return replace(
        figure,
        name=name,
        title=text.capital(words) or figure.title,
        subtitle=subtitle,
        spec={**figure.spec, "layer": picking},
    )


def meaning(change: Change) -> str:
    """What each part that is there means, as Markdown."""
    return " · ".join(
        f"**{PART_LABELS[part]}**: {prose(_MEANING[part].format(group=change.group))}"
        for part in change.present
        if part in _MEANING
    )


def table(change: Change) -> pl.DataFrame:
    """A row a group, the largest contribution first: ``key, label``, its parts, ``total``."""
    parts = [pl.col("contribution").filter(pl.col("part") == part).sum().alias(part) for part in change.present]
    labels, named = store.book().dimensions, change.names
    wide = change.rows.group_by(change.by).agg(*parts, total=pl.col("contribution").sum())
    wide = wide.sort(pl.col("total").abs(), change.by, descending=[True, False], nulls_last=True)
    values = wide[change.by].to_list()
    return wide.select(
        pl.Series("key", [changes.key_of(change.by, value) for value in values], dtype=pl.String),
        pl.Series("label", [group_name([(change.by, value)], labels, named) for value in values], dtype=pl.String),
        *change.present,
        "total",
    )


def shown(change: Change, rows: pl.DataFrame) -> pl.DataFrame:
    """The largest groups of ``table``, the others as one, and their sum, which is the change."""
    numbers = [*change.present, "total"]
    rest = rows.slice(MOST) if rows.height > MOST + 1 else rows.clear()
    sums = {name: pl.col(name).sum() for name in numbers}
    found = [rows.head(rows.height - rest.height)]
    if rest.height:
        found.append(rest.select(key=pl.lit(None, pl.String), label=pl.lit(f"Other ({rest.height:,})"), **sums))
    parts = dict(change.parts.select("part", "contribution").iter_rows())
    whole = {"key": None, "label": TOGETHER, **{part: parts[part] for part in change.present}, "total": change.total}
    return pl.concat([*found, pl.DataFrame([whole], schema=rows.schema)])


def draw_table(change: Change) -> None:
    """The contributions of the groups, part by part; a click narrows to the group."""
    rows = table(change)
    drawn = shown(change, rows)
    headings = {part: PART_LABELS[part] for part in change.present} | {"total": "Together"}
    if not change.has_parts:
        headings = {"total": "Change"}
    words = drawn.select(
        pl.col("label").alias(changes.label(change.by)),
        *[
            pl.Series(heading, [_cell(change, amount) for amount in drawn[name]], dtype=pl.String)
            for name, heading in headings.items()
        ],
    )
    config = {heading: st.column_config.TextColumn(heading, alignment="right") for heading in headings.values()}
    picked, key = performance.picker(change.by), f"contributions_{change.by}_{len(change.view.filters)}"

    def clicked() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells and cells[0][0] < drawn.height:
            picked(drawn["key"][cells[0][0]])

    with st.container(border=True, gap="xsmall", key="card_contributions"):
        count = text.count(rows.height, change.group)
        st.markdown(f"**{prose(f'{text.capital(change.moved(change.total))} in all, from {count}')}**")
        (start, first), (day, last) = change.ends
        values = [text.value(value, change.metric.unit, change.view.currency) for value in (first, last)]
        st.caption(
            prose(
                f"{change.metric.label} from {values[0]} on {text.day(start)} to {values[1]} on {text.day(day)}:"
                f" what each {change.group} contributed, largest first"
            )
        )
        st.dataframe(
            words,
            hide_index=True,
            placeholder="–",
            column_config=config,
            key=key,
            on_select=clicked,
            selection_mode="single-cell",
            alt=f"Contributions to the change of {change.metric.label} by {change.group} and part",
        )
        # Made now: what is made when it is asked for runs outside the page and cannot ask the store.
        cards.table(download(change, rows), f"{change.metric.id}_change_by_{change.by}", change.view, key="all")


def download(change: Change, rows: pl.DataFrame) -> pl.DataFrame:
    """All rows of ``table`` and their sum in plain numbers, with what they are of."""
    (start, first), (day, last) = change.ends
    sums = {name: [float(rows[name].sum())] for name in change.present}
    whole = pl.DataFrame({"key": [None], "label": [TOGETHER], **sums, "total": [change.total]}, schema=rows.schema)
    unit = change.view.currency if change.metric.unit == "money" else change.metric.unit.value
    id = [pl.col("key").alias("Customer id")] if change.by == CUSTOMER else []
    return pl.concat([rows, whole]).select(
        pl.lit(change.metric.label).alias("Metric"),
        pl.lit(unit).alias("Unit"),
        pl.lit(start).alias("From"),
        pl.lit(day).alias("To"),
        pl.lit(first).alias("Value then"),
        pl.lit(last).alias("Value now"),
        *id,
        pl.col("label").alias(changes.label(change.by)),
        *[pl.col(part).alias(PART_LABELS[part]) for part in change.present if change.has_parts],
        pl.col("total").alias("Contribution"),
    )


def _cell(change: Change, amount: float) -> str | None:
    """A contribution; nothing where there is none."""
    if not amount:
        return None
    return change.moved(amount) if _shows(change, amount) else _SMALL


def _shows(change: Change, amount: float) -> bool:
    """Whether it is more than nothing once it is rounded."""
    return any(mark in "123456789" for mark in change.moved(amount))
