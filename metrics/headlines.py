"""The message: what changed, by how much, because of whom, against which target, and what it is worth in cash.

Made from the data alone, the same for the same data. Candidates come from five questions, are ranked by money and at
most five are told:

1. A *debtor* whose late money grew so much that it matters by itself.
2. Groups that became *worse* than the rest of the company over a year (half a year, the window, where the history is
   shorter), as ``metrics.scan`` finds them. Debtors of the first kind, and groups that are told, are left out before
   the next is sought, so that no money is told twice.
3. Groups that became *better*, sought after all that became worse.
4. A *currency* whose exchange losses of half a year stand out from those before.
5. *DSO* beyond its target, where there is room, and what is told does not explain it.

Whether the sub-ledger equals the general ledger is not asked here: the head of every page says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledger.book import Book
from ledger.scope import COMPANY, Scope
from metrics.stories import THRESHOLDS, Company, Headline, Report, Thresholds
from metrics.targets import Targets

NO_TARGETS = Targets()

MOST = 5
"""More than a reader keeps."""


def headlines(
    book: Book,
    day: date,
    window: str = "3mo",
    scope: Scope = COMPANY,
    targets: Targets = NO_TARGETS,
    most: int = MOST,
    thresholds: Thresholds = THRESHOLDS,
    *,
    company: Company | None = None,
) -> list[Headline]:
    """What a finance leader must hear about ``scope`` as of ``day``, the most money first; empty when all is quiet.

    Several currencies that are never added are ranked by the share of their own gross open. ``company``: of the same
    book, day and window; every scope of a day is held against the same, so it may be kept.
    """
    told: list[tuple[float, Headline]] = []
    spare: list[tuple[float, Headline]] = []
    company = company or Company(book, day, window, thresholds)
    for currency in book.currencies_of(scope):
        report = Report(book, day, window, scope, targets, currency, thresholds, company)
        found = report.headlines()
        whole = report.gross_open or 1.0
        told += [(headline.money / whole, headline) for headline in found]
        bad = sum(headline.money for headline in found if headline.kind in ("debtor", "worse"))
        spare += [(headline.money / whole, headline) for headline in report.dso(bad)]
    chosen = _ranked(told)[:most]
    # The total never takes the place of what makes it.
    return [headline for _, headline in _ranked([*chosen, *_ranked(spare)[: most - len(chosen)]])]


def _ranked(found: Sequence[tuple[float, Headline]]) -> list[tuple[float, Headline]]:
    return sorted(found, key=lambda pair: (-pair[0], pair[1].kind, pair[1].words))
