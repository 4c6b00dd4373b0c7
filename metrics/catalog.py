"""Every metric of the product, in the order of the docs. This file is the table of contents."""

from __future__ import annotations

from metrics import balance, collection, efficiency, exposure, risk, sales_days, turnover
from metrics.spec import Catalog

CATALOG = Catalog(
    [
        balance.TOTAL_AR,
        balance.GROSS_OPEN,
        balance.OVERDUE,
        balance.OVERDUE_SHARE,
        balance.CURRENT_SHARE,
        balance.OVER_90_SHARE,
        balance.UNAPPLIED_CREDITS,
        balance.UNAPPLIED_CASH_SHARE,
        balance.DISPUTED,
        balance.DISPUTED_SHARE,
        turnover.BILLED,
        turnover.CREDIT_SALES,
        collection.CASH_COLLECTED,
        turnover.DSO,
        turnover.DSO_AVERAGE,
        sales_days.DSO_ROLLING,
        turnover.DSO_BEST_POSSIBLE,
        turnover.DAYS_DELINQUENT,
        turnover.DSO_COUNTBACK,
        sales_days.DSO_TRUE,
        collection.CEI,
        collection.CEI_CRF,
        collection.CEI_CASH,
        efficiency.COLLECTION_EFFICIENCY,
        collection.DAYS_TO_PAY,
        collection.DAYS_BEYOND_TERMS,
        collection.DAYS_BEYOND_TERMS_CLAMPED,
        collection.ON_TIME_SHARE,
        collection.ON_TIME_COUNT_SHARE,
        turnover.AR_TURNOVER,
        turnover.AR_TURNOVER_AVERAGE,
        turnover.DSO_DAY_VALUE,
        risk.COST_OF_OVERDUE,
        risk.WRITE_OFFS,
        risk.WRITE_OFF_RATIO,
        risk.BAD_DEBT_RATIO,
        risk.FX_LOSSES,
        exposure.TOP_10_SHARE,
        exposure.HHI,
        exposure.EFFECTIVE_DEBTORS,
        exposure.CREDIT_UTILISATION,
        exposure.OVER_LIMIT,
    ]
)
