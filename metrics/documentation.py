"""The catalogue as a page of the docs: ``python -m metrics.documentation`` writes ``docs/metrics.md``."""

from __future__ import annotations

from pathlib import Path

from metrics.benchmarks import BENCHMARKS
from metrics.catalog import CATALOG
from metrics.spec import Better, Metric, Unit

PAGE = Path(__file__).resolve().parent.parent / "docs" / "metrics.md"

_UNITS = {
    Unit.MONEY: "money, in major units of the row's currency",
    Unit.DAYS: "days",
    Unit.RATIO: "ratio, 0–1",
    Unit.PERCENT: "0–100",
    Unit.TIMES: "times",
    Unit.NUMBER: "a plain number",
}
_BETTER = {Better.HIGHER: "higher is better", Better.LOWER: "lower is better", Better.NEITHER: "neither way is better"}

_HEAD = """# Metrics

<!-- Written by `python -m metrics.documentation` from the catalogue. Do not edit by hand. -->

Every metric of the product, declared once in `metrics/` and read from there by the pages, the command line and this
page. A ratio is computed anew from its summed parts for every group, never averaged. A value that is not defined is
null, with a note that says why.

- **Total AR** is every open item at the close of the as-of day, unapplied credits included. **Gross open** is the debit
  side of it: current + overdue.
- **Credit sales** = billed − credits. A window such as `3mo` that ends on a month-end is the three calendar months; its
  days are counted.
- **Cash** = cash settlements − payment documents, so that a payment and its application never count twice.
- A **state** is a value against its target in `config/targets.toml`. Where lower is better it is *good* up to and
  including `good`, *act* above `attention`, and *watch* between them, `attention` itself included; where higher is
  better it is *good* from `good` up, *act* below `attention`. A **benchmark** is what others report. It gives no state.
- **opening + billed − credits − cash − write-offs − discounts − fx − refunds − other = closing**, to the cent.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join([_HEAD, _contents(), *(_section(metric) for metric in CATALOG.values())])


def _contents() -> str:
    rows = [f"| [`{m.id}`](#{m.id}) | {m.label} | {m.unit.value} | {_BETTER[m.better]} |" for m in CATALOG.values()]
    return "\n".join(["| id | label | unit | direction |", "|---|---|---|---|", *rows, ""])


def _section(metric: Metric) -> str:
    adds = "values of groups add up to the whole" if metric.additive else "recomputed for every group"
    return "\n".join(
        [
            f"## {metric.id}",
            "",
            f"**{metric.label}.** {metric.question}",
            "",
            f"- formula: {metric.formula}",
            f"- unit: {_UNITS[metric.unit]}; {_BETTER[metric.better]}; {adds}",
            *([f"- no value: {metric.no_value}"] if metric.no_value else []),
            f"- example: {metric.example}",
            f"- source: {metric.source}",
            *_benchmark(metric),
            "",
        ]
    )


def _benchmark(metric: Metric) -> list[str]:
    """What others report, each sentence a point of its own below."""
    found = BENCHMARKS.get(metric.id)
    return ["- benchmark:", *(f"  - {sentence}" for sentence in found.said(metric))] if found else []


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
