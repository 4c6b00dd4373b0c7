"""Every metric of the product, in the order of the docs. This file is the table of contents."""

from __future__ import annotations

from metrics import balance, collection, turnover
from metrics.spec import Catalog

CATALOG = Catalog(
    [
        balance.TOTAL_AR,
        balance.GROSS_OPEN,
        balance.OVERDUE,
        balance.OVERDUE_SHARE,
        balance.OVER_90_SHARE,
        balance.UNAPPLIED_CREDITS,
        turnover.BILLED,
        collection.CASH_COLLECTED,
        turnover.DSO,
        turnover.DSO_BEST_POSSIBLE,
        turnover.DAYS_DELINQUENT,
        turnover.DSO_COUNTBACK,
        collection.CEI,
        collection.DAYS_TO_PAY,
        collection.DAYS_BEYOND_TERMS,
        collection.ON_TIME_SHARE,
        turnover.AR_TURNOVER,
    ]
)
