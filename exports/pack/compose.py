"""From a pack's definition to its content: each section told of one view of the company."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import polars as pl

from briefing.answers import Answers
from briefing.summary import Summary
from briefing.told import Raised
from briefing.view import View
from config.packs import PackSettings, SectionSettings
from exports.about import About
from exports.pack.content import Pack, Page
from exports.pack.formula import is_money
from exports.pack.sections import overview, risk, through_time, trust, who
from exports.pack.sections.told import Brief
from ledger.book import Book
from ledger.calendar import Window
from ledger.money import major
from ledger.scope import CURRENCY, Scope
from metrics import Plan, text
from metrics.parts import PARTS, sums

KPIS = (
    "total_ar",
    "gross_open",
    "overdue",
    "overdue_share",
    "over_90_share",
    "unapplied_credits",
    "billed",
    "credit_sales",
    "cash_collected",
    "dso",
    "dso_best_possible",
    "days_delinquent",
    "dso_countback",
    "cei",
    "days_to_pay",
    "days_beyond_terms",
    "on_time_share",
    "write_offs",
    "disputed_share",
    "top_10_share",
)
"""What the workbook's summary computes."""

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "summary": "Summary",
        "dso": "DSO and its parts",
        "why": "Why it moved",
        "aging": "Ageing",
        "movement": "Movement with tie-out",
        "segments": "Segments league",
        "exposures": "Largest exposures and limits",
        "risk": "Risk and provision",
        "alerts": "Open alerts",
        "definitions": "Definitions and data quality",
    }
)
"""What each section is called where somebody chooses among them, in order."""

_WRITERS: Mapping[str, Callable[[Brief], list[Page]]] = MappingProxyType(
    {
        "summary": overview.summary,
        "dso": through_time.dso,
        "why": through_time.why,
        "aging": through_time.aging,
        "movement": through_time.movement,
        "segments": who.segments,
        "exposures": who.exposures,
        "risk": risk.risk,
        "alerts": risk.alerts,
    }
)


def compose(
    chosen: PackSettings,
    view: View,
    answers: Answers,
    *,
    raised: Raised,
    plan: Plan,
    commentary: Mapping[str, str] = MappingProxyType({}),
    told: Callable[[str], None] = lambda _: None,
) -> Pack:
    """The content of a pack.

    Args:
        chosen: its definition.
        view: of what: the definition's own part of the company is already in it.
        answers: the books and targets.
        raised: the alerts there are.
        plan: how losses are provided for.
        commentary: what somebody wrote, by section.
        told: hears the label of each section before it is read, for a progress bar.

    Raises:
        OutstandingError: a section asks for a dimension that these books do not have.
    """
    summary = Summary.read(answers, view, raised)
    pages: list[Page] = []
    for section in chosen.sections:
        told(section.title or LABELS[section.section])
        brief = Brief(section, summary, plan)
        own = _pages(brief, section, pages)
        words = commentary.get(section.section, "").strip()
        pages += [replace(own[0], commentary=words), *own[1:]]
    days = [view.day, *([summary.base_day] if summary.base_day else [])]
    return Pack(
        about=_about(chosen, view, answers.book, pages),
        subtitle=" · ".join(part for part in (chosen.subtitle, text.month(view.day, year=True)) if part),
        pages=tuple(pages),
        parts=answers.remembered(parts, tuple(days), view.window, view.scope, view.currency),
        kpis=KPIS,
        values=_values(answers, days, view),
        lines=_lines(summary),
    )


def _pages(brief: Brief, section: SectionSettings, before: list[Page]) -> list[Page]:
    if section.section == "definitions":
        return trust.definitions(brief, [id for page in before for id in page.metrics] or KPIS)
    if brief.summary.is_empty and section.section != "alerts":
        words = f"Nothing is open on {text.day(brief.view.day)}, and nothing moved"
        return [Page(section.section, brief.label(LABELS[section.section]), words)]
    return _WRITERS[section.section](brief)


def _about(chosen: PackSettings, view: View, book: Book, pages: list[Page]) -> About:
    return About(
        title=chosen.title,
        company=book.rules.company,
        as_of=view.day,
        currency=view.currency,
        window=view.window,
        filters=view.part,
        snapshot=book.fingerprint,
        metrics=tuple(dict.fromkeys(id for page in pages for id in page.metrics)),
        paper=chosen.paper,
    )


def _lines(summary: Summary) -> tuple[str, ...]:
    """What is compared with, and what money is left out."""
    view, base = summary.view, summary.view.base
    if base is None:
        compared = "Compared with the targets"
    elif summary.base_day is None:
        compared = f"Compared with nothing: the history does not reach back to {text.day(base)}"
    else:
        compared = f"Compared with {text.day(base)}"
    others = [code for code in summary.book.currencies if code != view.currency]
    left_out = (
        f"Only amounts in {view.currency}: those in {text.listed(others, 8)} are not in it, as nothing converts them"
    )
    return (compared, left_out) if others else (compared,)


def parts(book: Book, days: tuple[date, ...], window: str, scope: Scope, currency: str) -> pl.DataFrame:
    """``as_of`` and every part that metrics are made of, in major units of ``currency``, a row for each of ``days``."""
    asked = [Window.ending(day, window) for day in sorted(days)]
    money = [name for name in PARTS if is_money(name)]
    found = sums(book, asked, scope, (), None).filter(pl.col(CURRENCY) == currency)
    scaled = found.with_columns(major(pl.col(name), pl.col(CURRENCY)).cast(pl.Float64) for name in money)
    order = pl.DataFrame({"as_of": list(days)}, schema={"as_of": pl.Date})
    return order.join(scaled.select("as_of", *PARTS), on="as_of", how="left", maintain_order="left")


def _values(answers: Answers, days: list[date], view: View) -> pl.DataFrame:
    rows = answers.evaluate(KPIS, tuple(sorted(days)), view.window, view.scope)
    return rows.filter(pl.col(CURRENCY) == view.currency).select("as_of", "metric", "value", "note")
