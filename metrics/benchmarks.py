"""What others report, by metric: published figures with their source, and what must be known before comparing.

A benchmark is no target: nothing here gives a state. ``good`` and ``attention`` are where a company could begin, in the
metric's own unit; a figure of ours without a published source is called a house rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from metrics import text
from metrics.spec import Better, Metric

_CRF = "Credit Research Foundation, National Summary of Domestic Trade Receivables, medians"
_DOMESTIC = "United States, domestic trade: terms and customers of other countries differ."
_ATRADIUS = "Atradius Payment Practices Barometer"
_SURVEY = "A survey asks companies what share of their sales is paid late; it does not read ledgers."


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """Published figures for one metric.

    Attributes:
        good, attention: suggested edges, in the metric's own unit; ``None`` where nobody published anything comparable.
        figures: what was published, in words, each with its date.
        source: who says so.
        caution: what makes a comparison wrong.
        line: the figure that a chart draws, with ``line_label`` naming whose it is.
        is_house_rule: the edges are this product's own suggestion; no source stands behind them.
    """

    good: float | None = None
    attention: float | None = None
    figures: tuple[str, ...] = ()
    source: str
    caution: str = ""
    line: float | None = None
    line_label: str = ""
    is_house_rule: bool = False

    def edges(self, metric: Metric) -> str:
        """The suggested edges in words: ``good up to 38 days, attention beyond 45 days``."""
        lower = metric.better is not Better.HIGHER
        words = (("good", "up to" if lower else "from"), ("attention", "beyond" if lower else "below"))
        figures = zip(words, (self.good, self.attention), strict=True)
        return ", ".join(
            f"{name} {side} {text.goal(figure, metric.unit)}" for (name, side), figure in figures if figure is not None
        )

    def said(self, metric: Metric) -> list[str]:
        """Sentences for whoever reads the metric's definition: figures, suggested edges, source, caution."""
        edges = self.edges(metric)
        suggested = f"{'House rule' if self.is_house_rule else 'Suggested'}: {edges}" if edges else ""
        lines = [*self.figures, suggested, f"Source: {self.source}", self.caution]
        return [f"{line.removesuffix('.')}." for line in lines if line]


BENCHMARKS: Mapping[str, Benchmark] = MappingProxyType(
    {
        "dso": Benchmark(
            good=38,
            attention=45,
            figures=(
                "Credit Research Foundation, medians: 38.0 days in Q1 2021, 39.4 a quarter and 38.2 a year before",
                "APQC, 5,204 companies, 2018: best quarter 30 days or less, median about 36, worst quarter 48 or more",
                "Growfin, 1,948 companies in the United States: medians 38.6 days (small), 51.3 (medium), 43.8 (large)",
                "Allianz Trade, worldwide: 59 days in 2023, 62 in 2024",
            ),
            source=f"{_CRF}, Q1 2021; the edge of 45 days is a vendor's alert (Vortex IQ)",
            caution="Terms decide most of it: within 10 to 15 days of the terms is a rule of thumb (Delta Recovery). "
            "The groups surveyed differ in country and size: figures of two sources do not compare with each other.",
            line=38.04,
            line_label="CRF median",
        ),
        "dso_best_possible": Benchmark(
            figures=("Medians: 32.0 days in Q1 2021, 32.6 a quarter and 31.8 a year before",),
            source=_CRF,
            caution=f"It mirrors terms granted, not collection. {_DOMESTIC}",
        ),
        "days_delinquent": Benchmark(
            good=3,
            attention=7,
            figures=("Medians: 3.0 days in Q1 2021, 4.1 a quarter and 4.3 a year before; 5.7 in Q2 2020",),
            source=f"{_CRF}; the edge of 7 days is a calculator page's (waycalculator), a weak source",
            caution="Published medians do not subtract: the median DSO less the median best possible DSO is not the "
            "median of the days delinquent.",
        ),
        "cei": Benchmark(
            source="None is published in this form",
            caution="The Credit Research Foundation's medians of 82 to 87 are of its own form with a month's average "
            "sales: they compare only with the CRF form of the index. A longer window gives a higher index.",
        ),
        "cei_crf": Benchmark(
            good=85,
            attention=80,
            figures=("Medians: 86.5 in Q1 2021, 84.2 a quarter and 82.2 a year before; 81.5 in Q2 2020",),
            source=_CRF,
            caution=f"Compares only with this form of the index. {_DOMESTIC}",
            line=86.52,
            line_label="CRF median",
        ),
        "current_share": Benchmark(
            good=0.90,
            attention=0.84,
            figures=("Medians: 90.6 % in Q1 2021, 89.7 % a quarter and 89.5 % a year before; 84.6 % in Q2 2020",),
            source=f"{_CRF}; HighRadius advises more than 90 %",
            caution=_DOMESTIC,
        ),
        "overdue_share": Benchmark(
            good=0.10,
            attention=0.16,
            figures=("9.4 % in Q1 2021, 15.4 % in Q2 2020: 100 % less the median of what is current",),
            source=f"{_CRF}, of the share that is current",
            caution=_DOMESTIC,
        ),
        "over_90_share": Benchmark(
            good=0.006,
            attention=0.012,
            figures=(
                "Medians of what is over 91 days late: 0.6 % in Q1 2021, 0.6 % a year before, 1.2 % in Q2 2020",
                "Dun & Bradstreet, United States, Q1 2025: in 17 of 209 industries 10 % or more is 91 days late",
            ),
            source=f"{_CRF}; Dun & Bradstreet, receivables by industry",
            caution=_DOMESTIC,
        ),
        "days_beyond_terms": Benchmark(
            good=10,
            attention=30,
            figures=("SAP: target 10 days, warning 30, critical 100",),
            source="SAP, documentation of the key figure Days beyond terms",
            caution="A vendor's setting, not a survey.",
        ),
        "on_time_share": Benchmark(
            figures=(
                "Sales to businesses paid late, by value: Western Europe 47 %, Germany 57 %, China 35 %, India 63 %",
            ),
            source=_ATRADIUS,
            caution=f"{_SURVEY} The share here is of the money that was paid, and what is never paid is not in it.",
        ),
        "on_time_count_share": Benchmark(
            figures=("38 % of invoices are paid late",),
            source="HighRadius, a vendor's figure",
            caution="What counts as late, and over which invoices, is not said.",
        ),
        "bad_debt_ratio": Benchmark(
            good=0.0007,
            attention=0.0016,
            figures=(
                "100 companies of the Fortune 1000, 2022: mean 0.16 % of sales, median 0.07 %, worst 1.10 %",
                "Transformance, a vendor: 0.1 to 0.5 % for investment-grade customers, 0.5 to 1.5 % for ordinary ones",
            ),
            source="HighRadius newsletter",
            caution="Large companies' bad debt expense over all sales. What surveys call written off (Atradius: 6 % in "
            "Western Europe) is another question and does not compare.",
        ),
        "top_10_share": Benchmark(
            attention=0.50,
            source="None: there is no published figure",
            is_house_rule=True,
        ),
        "credit_utilisation": Benchmark(
            attention=0.90,
            source="None: there is no published figure",
            caution="Above 100 % the limit is exceeded.",
            is_house_rule=True,
        ),
    }
)
