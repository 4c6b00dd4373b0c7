"""Worked examples as small books: published figures where there are any, else worked out in the comment beside them.

Each ``Example`` is run against the plain implementation and against the product. A figure that was only derived says
"derived". Published pages that contradict their own inputs are left out, or corrected with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from tests.plain.ledger import Customer, Doc, Ledger, Settlement
from tests.plain.metrics import UNAPPLIED, AgingRule

Aging = dict[int | str, tuple[str, int]]


@dataclass(frozen=True)
class Example:
    """Books, a question, and the answer.

    Attributes:
        want: metric id to value; None where the number has no meaning.
        notes: metric id to a word its note must hold.
        aging: bucket to (amount, documents); 0 is current, 1 the first late bucket. Empty: not asked.
    """

    id: str
    source: str
    ledger: Ledger
    day: date
    window: str
    want: dict[str, float | None] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    aging: Aging = field(default_factory=dict)
    rule: AgingRule = field(default_factory=AgingRule)


@dataclass(frozen=True)
class Item:
    """One document and what closed it: (amount, day, kind)."""

    amount: str
    issued: date
    due: date | None = None
    closed: tuple[tuple[str, date, str], ...] = ()
    kind: str = "invoice"
    customer: str = "C1"
    disputed: bool = False


def book(*items: Item, customers: tuple[Customer, ...] = ()) -> Ledger:
    """The items as books, numbered in their order."""
    docs = [
        Doc(f"D{n}", item.customer, item.kind, item.issued, Decimal(item.amount), due_date=item.due,
            disputed=item.disputed)
        for n, item in enumerate(items)
    ]  # fmt: skip
    rows = [
        Settlement(f"D{place}-{part}", f"D{place}", day, Decimal(amount), kind)
        for place, item in enumerate(items)
        for part, (amount, day, kind) in enumerate(item.closed)
    ]
    return Ledger(tuple(docs), tuple(rows), customers)


def sold(amount: str, on: date, left: str) -> Item:
    """Sales of a period on one day, of which ``left`` is still open and not yet due."""
    paid = str(Decimal(amount) - Decimal(left))
    return Item(amount, on, on + timedelta(days=720), ((paid, on, "cash"),))


# Period-end DSO: receivables ÷ credit sales × days -------------------------------------------------------------------

YEAR_END, Q1_END = date(2023, 12, 31), date(2023, 3, 31)

DSO = (
    Example("G-DSO-1", "hyperbots, DSO formula page: 1 500 000 ÷ 9 000 000 × 365 = 60.8",
            book(sold("9000000", date(2023, 7, 1), "1500000")), YEAR_END, "12mo", {"dso": 60.8333, "ar_turnover": 6.0}),
    Example("G-DSO-4", "trymesha, DSO guide: 150 000 ÷ 1 800 000 × 365 = 30.4",
            book(sold("1800000", date(2023, 7, 1), "150000")), YEAR_END, "365d", {"dso": 30.4167}),
    Example("G-DSO-5", "creditpulse, DSO page: 200 000 ÷ 1 500 000 × 90 = 12.0",
            book(sold("1500000", date(2023, 2, 1), "200000")), Q1_END, "3mo", {"dso": 12.0}),
    Example("G-DSO-6", "Vortex IQ, Sage card inputs 9 840 000 and 16 200 000 over 90 days; 54.67 derived",
            book(sold("16200000", date(2023, 2, 1), "9840000")), Q1_END, "90d", {"dso": 54.6667}),
    Example("G-DSO-3", "JD Edwards EnterpriseOne 9.2 documentation: 10 869 × 90 ÷ (5 538 + 4 566 + 7 570) = 55.35",
            book(sold("5538", date(2023, 1, 9), "0"), sold("4566", date(2023, 2, 9), "3299"),
                 sold("7570", date(2023, 3, 9), "7570")), Q1_END, "3mo", {"dso": 55.3474}),
    Example("G-DSO-7", "derived: nothing sold in the window, so there is no DSO",
            book(Item("100", date(2022, 6, 1))), Q1_END, "3mo",
            {"dso": None, "dso_best_possible": None, "days_delinquent": None, "total_ar": 100.0},
            {"dso": "sales"}),
    Example("G-BP-1", "Growfin, best possible DSO inputs: 30 days, sales 30 000, AR 10 000, 2 000 late; derived",
            book(Item("2000", date(2023, 4, 1), date(2023, 5, 1)), sold("30000", date(2023, 6, 5), "8000")),
            date(2023, 6, 30), "1mo", {"dso": 10.0, "dso_best_possible": 8.0, "days_delinquent": 2.0}),
    Example("credits-between",
            "derived: AR 9 000 = current 8 000 + overdue 2 000 − unapplied 1 000; sales 30 000 in 30 days."
            " DSO 9 = best possible 8 + delinquent 2 − unapplied 1",
            book(Item("2000", date(2023, 4, 1), date(2023, 5, 1)), sold("30000", date(2023, 6, 5), "8000"),
                 Item("-1000", date(2023, 6, 9), kind="payment")), date(2023, 6, 30), "1mo",
            {"dso": 9.0, "dso_best_possible": 8.0, "days_delinquent": 2.0, "unapplied_credits": -1000.0,
             "unapplied_cash_share": 1 / 23,
             "gross_open": 10000.0, "overdue_share": 0.2, "cash_collected": 23000.0, "billed": 30000.0}),
)  # fmt: skip

# Other forms of DSO ---------------------------------------------------------------------------------------------------

FORMS = (
    Example("G-DSO-2", "alwadi, DSO by the average balance: 100 000 and 120 000, sales 500 000 in 365 days = 80.3;"
            " turnover 4.545 on the average and 4.167 on the closing balance derived",
            book(Item("100000", date(2022, 6, 1)), sold("500000", date(2023, 7, 1), "20000")), YEAR_END, "365d",
            {"dso_average": 80.3, "ar_turnover_average": 50 / 11, "ar_turnover": 50 / 12}),
    Example("G-DSO-3-year", "JD Edwards' data of G-DSO-3 over twelve months: 10 869 × 365 ÷ 17 674 derived",
            book(sold("5538", date(2023, 1, 9), "0"), sold("4566", date(2023, 2, 9), "3299"),
                 sold("7570", date(2023, 3, 9), "7570")), Q1_END, "1mo",
            {"dso_rolling": 10869 * 365 / 17674, "dso": 10869 * 31 / 7570}),
    Example("G-TD-1", "Oracle Advanced Collections' true DSO, figures derived: 20 of January's 100 open for 75 days,"
            " 50 of March's 100 for 21 days: 15 + 10.5 = 25.5",
            book(Item("20", date(2023, 1, 15)), sold("80", date(2023, 1, 2), "0"),
                 Item("50", date(2023, 3, 10)), sold("50", date(2023, 3, 31), "0")), Q1_END, "3mo",
            {"dso_true": 25.5}),
    Example("true-dso-without-sales", "derived: what is open belongs to a month whose sales were credited in full",
            book(Item("20", date(2023, 1, 15)), Item("-20", date(2023, 1, 20), kind="credit_memo")), Q1_END, "3mo",
            {"dso_true": None}, {"dso_true": "sales"}),
    Example("G-BP-2", "calculatoratoz, average days delinquent: DSO 7 less best possible 3 = 4",
            book(Item("400", date(2023, 4, 1), date(2023, 5, 1)), sold("3000", date(2023, 6, 5), "300")),
            date(2023, 6, 30), "1mo", {"dso": 7.0, "dso_best_possible": 3.0, "days_delinquent": 4.0}),
    Example("day-value", "Tesorio prints 27 400 a DSO day for revenue of 10 million; 27 397.26 exactly",
            book(sold("10000000", date(2023, 7, 1), "0")), YEAR_END, "365d",
            {"dso_day_value": 27397.2603, "credit_sales": 10000000.0}),
)  # fmt: skip

# Count-back: calendar months, latest first ----------------------------------------------------------------------------

THREE_MONTHS = (sold("70000", date(2023, 1, 9), "70000"), sold("80000", date(2023, 2, 9), "80000"))
SEPTEMBER = date(2023, 9, 30)

COUNTBACK = (
    Example("G-CB-2", "Benji Pays and trymesha (212 000; 100 000, 80 000, 70 000) on 31/28/31 days; 73.17 derived",
            book(sold("70000", date(2023, 1, 9), "32000"), THREE_MONTHS[1], sold("100000", date(2023, 3, 9), "100000")),
            Q1_END, "3mo", {"dso_countback": 73.1714, "total_ar": 212000.0}),
    Example("G-CB-3", "Oracle HFM administrator's guide, DSO() table: 12 000 over 2 500/30 … 2 250/30. It prints 179.7,"
            " having divided 2 000 by 2 250 where 1 000 was left; its own rule gives 166.33",
            book(*(sold(sales, date(2023, month, 9), left) for month, sales, left in
                   ((4, "2250", "1000"), (5, "2000", "2000"), (6, "2500", "2500"), (7, "2250", "2250"),
                    (8, "1750", "1750"), (9, "2500", "2500")))), SEPTEMBER, "3mo", {"dso_countback": 166.3333}),
    Example("G-CB-4", "JD Edwards stops when no more periods exist: 300 000 against 250 000 of sales in 90 days",
            book(*THREE_MONTHS, sold("100000", date(2023, 3, 9), "100000"),
                 Item("50000", date(2023, 1, 2), kind="journal")), Q1_END, "3mo", {"dso_countback": 90.0},
            {"dso_countback": "history"}),
    Example("G-CB-5", "derived: 150 owed; March 100, February nothing, January 80: 31 + 28 + 50 ÷ 80 × 31 = 78.375",
            book(sold("80", date(2023, 1, 9), "50"), sold("100", date(2023, 3, 9), "100")), Q1_END, "3mo",
            {"dso_countback": 78.375}, {"dso_countback": "sales"}),
    Example("G-CB-6", "derived: nothing owed, no days",
            book(sold("100", date(2023, 3, 9), "0"), Item("-5", date(2023, 3, 10), kind="payment")), Q1_END, "3mo",
            {"dso_countback": 0.0, "total_ar": -5.0, "ar_turnover": None}),
    Example("part-month", "derived: on 10 March 150 is owed; March so far 100 in 10 days, February 200 in 28:"
            " 10 + 50 ÷ 200 × 28 = 17",
            book(sold("200", date(2023, 2, 9), "50"), sold("100", date(2023, 3, 9), "100"),
                 Item("900", date(2023, 3, 20))), date(2023, 3, 10), "3mo", {"dso_countback": 17.0}),
)  # fmt: skip

# Collection effectiveness ---------------------------------------------------------------------------------------------

BEFORE, LATE = date(2022, 12, 31), date(2023, 1, 15)
IN_MARCH, LATER = date(2023, 3, 20), date(2023, 4, 20)


def owed(amount: str, *closed: tuple[str, str]) -> Item:
    """Part of the opening balance, late by the end of the window; (amount, kind) closed within it."""
    return Item(amount, BEFORE, LATE, tuple((part, IN_MARCH, kind) for part, kind in closed))


def owed_late(amount: str, *closed: tuple[str, str]) -> Item:
    """Late already as the window opens; (amount, kind) closed within it."""
    return Item(amount, BEFORE - timedelta(days=60), BEFORE - timedelta(days=1), owed(amount, *closed).closed)


def fresh(amount: str, *closed: tuple[str, str]) -> Item:
    """Sales of the window, not due at its end; (amount, kind) closed within it."""
    return Item(amount, IN_MARCH, LATER, tuple((part, IN_MARCH, kind) for part, kind in closed))


CEI = (
    Example("G-CEI-2", "creditguru inputs 6 200, 10 890, 6 340, 3 590; full-period form derived: 10 750 ÷ 13 500",
            book(owed("6200", ("3450", "cash")), fresh("10890", ("7300", "cash"))), Q1_END, "3mo", {"cei": 79.6296}),
    Example("G-CEI-1", "creditguru prints 55.9 for the same, with a month's average of the sales as the CRF has it:"
            " (6 200 + 3 630 − 6 340) ÷ (6 200 + 3 630 − 3 590)",
            book(owed("6200", ("3450", "cash")), fresh("10890", ("7300", "cash"))), Q1_END, "3mo",
            {"cei_crf": 55.9295}),
    Example("G-CEI-3", "the same, 6 200 being the end of January: only 7 500 of February and March belong; derived",
            book(owed("6200", ("3450", "cash")), fresh("7500", ("3910", "cash"))), Q1_END, "3mo", {"cei": 72.7992}),
    Example("cei-all-current", "derived: everything that was due is collected",
            book(owed("100", ("100", "cash")), fresh("50")), Q1_END, "3mo", {"cei": 100.0, "overdue": 0.0}),
    Example("cei-nothing-collected", "derived: opening 100, sales 50, closing 150, current 50",
            book(owed("100"), fresh("50")), Q1_END, "3mo", {"cei": 0.0}),
    Example("cei-nothing-due", "derived: opening and sales are all current at the end, so nothing was collectible",
            book(Item("100", BEFORE, LATER), fresh("50")), Q1_END, "3mo", {"cei": None}, {"cei": "collectible"}),
    Example("cei-credits-outweigh-overdue", "derived: 100 + 50 − 45 over 100 + 50 − 50 = 105",
            book(owed("100", ("100", "cash")), fresh("50"), Item("-5", IN_MARCH, kind="payment")), Q1_END, "3mo",
            {"cei": 105.0}),
    Example("cei-credit-notes", "derived: credit notes are no collection: 100 + (60 − 20) − 90 over 100 + 40 − 40 = 50",
            book(owed("100", ("50", "cash")), fresh("60", ("20", "credit")),
                 Item("-20", IN_MARCH, None, (("-20", IN_MARCH, "credit"),), "credit_memo")), Q1_END, "3mo",
            {"cei": 50.0, "cei_cash": 50.0, "billed": 60.0, "credit_sales": 40.0, "cash_collected": 50.0,
             "total_ar": 90.0}),
    Example("cei-write-offs", "derived: opening 100, sales 40, written off 10, cash 40: plain form 50, cash"
            " alone 40; 10 of 40 sold and of (100 + 90) ÷ 2 open",
            book(owed("100", ("40", "cash"), ("10", "write_off")), fresh("40")), Q1_END, "3mo",
            {"cei": 50.0, "cei_cash": 40.0, "cash_collected": 40.0, "write_offs": 10.0, "bad_debt_ratio": 0.25,
             "write_off_ratio": 10 / 95}),
    Example("G-COL-1", "ciproiv, collection efficiency: 1 123 000 to collect, 581 000 left: 48.3 %",
            book(owed_late("1123000", ("542000", "cash")), fresh("700", ("300", "cash"))), Q1_END, "3mo",
            {"collection_efficiency": 542 / 1123}),
    Example("nothing-was-late", "derived: nothing was overdue as the window opened",
            book(owed("100", ("100", "cash"))), Q1_END, "3mo", {"collection_efficiency": None},
            {"collection_efficiency": "overdue"}),
)  # fmt: skip

# How customers pay ----------------------------------------------------------------------------------------------------

DUE = date(2023, 3, 15)


def paid(amount: str, days_after_due: int) -> Item:
    """An invoice of 30 days' terms, paid in full so many days after its due date."""
    return Item(amount, DUE - timedelta(days=30), DUE, ((amount, DUE + timedelta(days=days_after_due), "cash"),))


def paid_in(amount: str, length: int) -> Item:
    issued = date(2023, 2, 1)
    return Item(amount, issued, issued + timedelta(days=7), ((amount, issued + timedelta(days=length), "cash"),))


PAYMENT = (
    Example("G-DBT-2", "Fit Small Business, signed days beyond terms: 100@−10, 200@−5, 300@0, 400@5, 500@10 = 3.33;"
            " on time 600 of 1 500, three of five, 33.33 days to pay and 7 000 ÷ 1 500 without early days derived",
            book(paid("100", -10), paid("200", -5), paid("300", 0), paid("400", 5), paid("500", 10)), Q1_END, "3mo",
            {"days_beyond_terms": 10 / 3, "days_to_pay": 100 / 3, "on_time_share": 0.4,
             "on_time_count_share": 0.6, "days_beyond_terms_clamped": 7000 / 1500}),
    Example("G-DBT-1", "4 000@0, 6 000@6, 2 000@8 = 4.333 (published clamped; nobody paid early, so signed agrees)",
            book(paid("4000", 0), paid("6000", 6), paid("2000", 8)), Q1_END, "3mo",
            {"days_beyond_terms": 13 / 3, "days_beyond_terms_clamped": 13 / 3}),
    Example("G-DBT-3", "Satago: 41 000 days × money over 10 300 paid = 3.98; how they are spread is ours",
            book(paid("10200", 4), paid("100", 2)), Q1_END, "3mo", {"days_beyond_terms": 41000 / 10300}),
    Example("G-WADP-1", "Dynamics 365 ideas portal: 10 paid in 5 days, 100 in 10 days = 9.55 weighted",
            book(paid_in("10", 5), paid_in("100", 10)), Q1_END, "3mo", {"days_to_pay": 9.5455}),
    Example("no-payments", "derived: nothing paid in the window",
            book(Item("100", date(2023, 3, 1))), Q1_END, "3mo",
            {"days_to_pay": None, "days_beyond_terms": None, "on_time_share": None, "on_time_count_share": None,
             "days_beyond_terms_clamped": None, "unapplied_cash_share": None}),
)  # fmt: skip

# Risk -----------------------------------------------------------------------------------------------------------------

SHARES = ((40, "A"), (25, "B"), (15, "C"), (10, "D"), (5, "E"), (5, "F"))
HOLDING = (
    Customer("P", "Holding", credit_limit=Decimal(100)),
    Customer("A", "Daughter", parent_id="P", credit_limit=Decimal(50)),
    Customer("B", "Daughter without a limit", parent_id="P"),
    Customer("Z", "Limit of zero", credit_limit=Decimal(0)),
    Customer("N", "No limit set"),
    Customer("Q", "Owes nothing", credit_limit=Decimal(1000)),
)


def debt(amount: int, customer: str, *, disputed: bool = False) -> Item:
    return Item(str(amount), date(2023, 3, 1), date(2023, 3, 31), customer=customer, disputed=disputed)


RISK = (
    Example("G-CON-1", "derived: shares 40/25/15/10/5/5 give an HHI of 2 600, as many as 3.85 equal debtors",
            book(*(debt(*pair) for pair in SHARES)), Q1_END, "3mo",
            {"hhi": 2600.0, "effective_debtors": 50 / 13, "top_10_share": 1.0}),
    Example("top-ten", "derived: twelve customers owe 1 to 12; the ten largest 75 of 78. Who is owed is no debtor",
            book(*(debt(size, f"C{size}") for size in (*range(1, 13), -50))), Q1_END, "3mo",
            {"top_10_share": 75 / 78, "hhi": 650 / 78**2 * 10000}),
    Example("nobody-owes", "derived: one customer, whose credit outweighs the debt",
            book(debt(10, "A"), debt(-30, "A")), Q1_END, "3mo",
            {"hhi": None, "effective_debtors": None, "top_10_share": None, "credit_utilisation": None,
             "over_limit": None}),
    Example("limits", "derived: A is 20 over its 50 and the holding's 110 are 10 over 100: 20 once. Z owes 5 on a limit"
            " of 0. Of limits in use, 110 + 5 of 100 + 0",
            book(debt(70, "A"), debt(40, "B"), debt(5, "Z"), debt(900, "N"), customers=HOLDING), Q1_END, "3mo",
            {"over_limit": 25.0, "credit_utilisation": 1.15}),
    Example("limits-holding", "derived: both within their own limits, together 15 over the holding's",
            book(debt(45, "A"), debt(70, "B"), customers=HOLDING), Q1_END, "3mo",
            {"over_limit": 15.0, "credit_utilisation": 1.15}),
    Example("disputed", "derived: 30 of 100 owed is disputed; a disputed credit is not among what is owed",
            book(debt(70, "A"), debt(30, "A", disputed=True), debt(-8, "A", disputed=True)), Q1_END, "3mo",
            {"disputed": 30.0, "disputed_share": 0.3}),
    Example("G-ECL-4", "Keiter CPA inputs: 27 200 written off, credit sales 1 785 000; 1.5238 % derived",
            book(owed("27200", ("27200", "write_off")), fresh("1785000")), Q1_END, "3mo",
            {"bad_debt_ratio": 0.015238, "write_offs": 27200.0}),
    Example("recovered", "derived: 30 written off, of which 10 came back: 20 of (100 + 80) ÷ 2",
            book(Item("100", BEFORE, LATE, (("30", date(2023, 2, 1), "write_off"), ("-10", IN_MARCH, "write_off")))),
            Q1_END, "3mo", {"write_offs": 20.0, "write_off_ratio": 20 / 90, "bad_debt_ratio": None}),
    Example("cost-of-overdue", "derived: 36 500 overdue at 8 % a year for the 90 days of the quarter",
            book(owed("36500")), Q1_END, "3mo", {"cost_of_overdue": 720.0}),
)  # fmt: skip

# Aging and as-of ------------------------------------------------------------------------------------------------------


def due(amount: str, on: date) -> Item:
    return Item(amount, date(2026, 1, 1), on)


def late(amount: str, length: int) -> Item:
    return due(amount, date(2026, 11, 21) - timedelta(days=length))


EVERY_EDGE = book(
    due("1", date(2026, 11, 22)), due("2", date(2026, 11, 21)), due("4", date(2026, 11, 20)),
    due("8", date(2026, 10, 22)), due("16", date(2026, 10, 21)), due("32", date(2026, 9, 22)),
    due("64", date(2026, 9, 21)), due("128", date(2026, 8, 23)), due("256", date(2026, 8, 22)),
)  # fmt: skip
NOVEMBER = date(2026, 11, 21)
IN_2020 = book(Item("1000", date(2020, 4, 30), date(2020, 5, 30), (("1000", date(2020, 6, 30), "cash"),)))
ODOO_16235 = book(
    Item("10000", date(2016, 11, 30), date(2017, 2, 28), (
        ("1500", date(2016, 11, 9), "cash"), ("1000", date(2016, 11, 30), "cash"), ("2000", date(2017, 1, 30), "cash"),
    )),
)  # fmt: skip
INSTALMENTS = book(
    Item("27000", date(2018, 10, 27), date(2018, 11, 26)),
    Item("27000", date(2018, 10, 27), date(2018, 12, 26)),
    Item("36000", date(2018, 10, 27), date(2019, 1, 25)),
)
OCA_546 = book(
    Item("-1000", date(2021, 2, 10), None, (("-1000", date(2021, 5, 12), "cash"),), "payment"),
    *(Item("10000", date(2021, 3, 10), date(2021, 3, 31), (("10000", date(2021, 5, 12), "cash"),)) for _ in range(5)),
    Item("100000", date(2021, 4, 10), date(2021, 5, 10)),
    Item("-49000", date(2021, 5, 12), None, (("-49000", date(2021, 5, 12), "cash"),), "payment"),
)

AGING = (
    Example("aging-edges", "derived: −1, 0 | 1, 30 | 31, 60 | 61, 90 | 91 days past due on 2026-11-21",
            EVERY_EDGE, NOVEMBER, "3mo", {"overdue": 508.0, "over_90_share": 256 / 511},
            aging={0: ("3", 2), 1: ("12", 2), 2: ("48", 2), 3: ("192", 2), 4: ("256", 1)}),
    Example("aging-edges-outside", "derived: the last day of a bucket belongs to the next, due today is late",
            EVERY_EDGE, NOVEMBER, "3mo", {"overdue": 510.0}, rule=AgingRule(due_today="overdue", last_day="outside"),
            aging={0: ("1", 1), 1: ("6", 2), 2: ("24", 2), 3: ("96", 2), 4: ("384", 2)}),
    Example("aging-edges-one", "derived: a single edge at 60 days",
            EVERY_EDGE, NOVEMBER, "3mo", {"total_ar": 511.0}, rule=AgingRule(edges=(60,)),
            aging={0: ("3", 2), 1: ("60", 4), 2: ("448", 3)}),
    Example("aging-by-document-date", "derived: every document is 324 days old, whatever its due date",
            EVERY_EDGE, NOVEMBER, "3mo", {"total_ar": 511.0}, rule=AgingRule(basis="document_date"),
            aging={5: ("511", 9)}),
    Example("G-AGE-3", "Vortex IQ, NetSuite aging card: 1 840/980/490/160/80/60 thousand; 49.03 % late, 3.88 % over 90",
            book(late("1840000", 0), late("980000", 15), late("490000", 45), late("160000", 75), late("80000", 105),
                 late("60000", 200)), NOVEMBER, "3mo",
            {"overdue_share": 0.490305, "current_share": 0.509695, "over_90_share": 0.038781, "total_ar": 3610000.0},
            aging={0: ("1840000", 1), 1: ("980000", 1), 2: ("490000", 1), 3: ("160000", 1), 4: ("80000", 1),
                   5: ("60000", 1)}),
    Example("G-ASOF-1a", "OCA/account-financial-reporting #707: dated 2020-04-30, paid 2020-06-30, seen on 2020-05-31",
            IN_2020, date(2020, 5, 31), "3mo", {"total_ar": 1000.0, "cash_collected": 0.0}, aging={1: ("1000", 1)}),
    Example("G-ASOF-1b", "the same, seen on the day it was paid",
            IN_2020, date(2020, 6, 30), "3mo", {"total_ar": 0.0, "cash_collected": 1000.0, "overdue_share": None}),
    Example("G-ASOF-2", "OCA/account-financial-reporting #546: 1 000 in advance, five times 10 000, then 100 000, and"
            " 49 000 received in May: on 30 April 100 000 and 50 000 and −1 000 make 149 000",
            OCA_546, date(2021, 4, 30), "3mo",
            {"total_ar": 149000.0, "gross_open": 150000.0, "unapplied_credits": -1000.0, "overdue": 50000.0,
             "cash_collected": 1000.0},
            aging={0: ("100000", 1), 1: ("50000", 5), UNAPPLIED: ("-1000", 1)}),
    Example("G-ASOF-2-after", "the same on 31 May: only the 100 000 is left and 49 000 came in",
            OCA_546, date(2021, 5, 31), "1mo",
            {"total_ar": 100000.0, "unapplied_credits": 0.0, "cash_collected": 49000.0},
            aging={1: ("100000", 1)}),
    Example("G-ASOF-2-aged", "the same on 30 April where credits are aged by their own date: 79 days old, so 61–90",
            OCA_546, date(2021, 4, 30), "3mo", {"total_ar": 149000.0}, rule=AgingRule(credits="aged"),
            aging={0: ("100000", 1), 1: ("50000", 5), 3: ("-1000", 1)}),
    Example("G-AGE-1", "odoo/odoo pull request 16235: 10 000 due 2017-02-28 less 1 500, 1 000 and 2 000 paid; on"
            " 2017-04-04 the 5 500 left is 35 days past due",
            ODOO_16235, date(2017, 4, 4), "12mo", {"total_ar": 5500.0}, aging={2: ("5500", 1)}),
    Example("G-AGE-1-before", "the same the day before the invoice: 1 500 is already paid, nothing is owed either way",
            ODOO_16235, date(2016, 11, 29), "3mo", {"total_ar": 0.0, "unapplied_credits": 0.0, "cash_collected": 0.0}),
    Example("G-AGE-1-issued", "the same on the day of the invoice: the early payment counts from that day",
            ODOO_16235, date(2016, 11, 30), "3mo",
            {"total_ar": 7500.0, "cash_collected": 2500.0, "billed": 10000.0}, aging={0: ("7500", 1)}),
    Example("G-AGE-2", "OCA/account-financial-reporting #487: 27 000, 27 000 and 36 000 in instalments, on 2018-11-28",
            INSTALMENTS, date(2018, 11, 28), "3mo", {"total_ar": 90000.0, "overdue_share": 0.3},
            aging={0: ("63000", 2), 1: ("27000", 1)}),
)  # fmt: skip

# What happens to one invoice ------------------------------------------------------------------------------------------

ISSUED, FIRST_DAY, SECOND_DAY = date(2023, 1, 10), date(2023, 2, 10), date(2023, 2, 20)


def hundred(*closed: tuple[str, date, str]) -> Ledger:
    """One invoice of 100, due on 2023-02-09, and what happens to it."""
    return book(Item("100", ISSUED, date(2023, 2, 9), closed))


STORIES = (
    Example("part-paid", "derived: 60 of 100 a day late, 40 left and 50 days past due on 31 March",
            hundred(("60", FIRST_DAY, "cash")), Q1_END, "3mo",
            {"total_ar": 40.0, "cash_collected": 60.0, "days_beyond_terms": 1.0, "days_to_pay": 31.0,
             "on_time_share": 0.0}, aging={2: ("40", 1)}),
    Example("overpaid", "derived: 120 received for 100; the 20 too many is a credit until it is used",
            hundred(("120", FIRST_DAY, "cash")), Q1_END, "3mo",
            {"total_ar": -20.0, "gross_open": 0.0, "unapplied_credits": -20.0, "cash_collected": 120.0, "cei": 120.0,
             "days_to_pay": 31.0, "overdue_share": None}, aging={UNAPPLIED: ("-20", 1)}),
    Example("overpaid-then-refunded", "derived: the 20 too many goes back; cash is still the 120 that came in",
            hundred(("120", FIRST_DAY, "cash"), ("-20", SECOND_DAY, "refund")), Q1_END, "3mo",
            {"total_ar": 0.0, "unapplied_credits": 0.0, "cash_collected": 120.0}),
    Example("bounced", "derived: 100 received and taken back; all of it is open again, 50 days past its first due date",
            hundred(("100", FIRST_DAY, "cash"), ("-100", SECOND_DAY, "cash")), Q1_END, "3mo",
            {"total_ar": 100.0, "gross_open": 100.0, "cash_collected": 0.0}, aging={2: ("100", 1)}),
    Example("bounced-between", "derived: the same on the day before it came back: nothing is owed",
            hundred(("100", FIRST_DAY, "cash"), ("-100", SECOND_DAY, "cash")), date(2023, 2, 19), "3mo",
            {"total_ar": 0.0, "cash_collected": 100.0, "days_to_pay": 31.0}),
    Example("same-day", "derived: 50 cash, 30 written off and 20 discount on one day close it",
            hundred(("50", FIRST_DAY, "cash"), ("30", FIRST_DAY, "write_off"), ("20", FIRST_DAY, "discount")), Q1_END,
            "3mo", {"total_ar": 0.0, "cash_collected": 50.0, "days_to_pay": 31.0, "billed": 100.0, "dso": 0.0}),
    Example("no-due-date", "derived: due on its own date, so 80 days past due on 31 March",
            book(Item("100", ISSUED)), Q1_END, "3mo", {"overdue": 100.0, "total_ar": 100.0}, aging={3: ("100", 1)}),
    Example("nothing-yet", "derived: the day before the first document",
            hundred(), date(2023, 1, 9), "3mo",
            {"total_ar": 0.0, "overdue_share": None, "dso": None, "cei": None, "dso_countback": 0.0}),
    Example("leap-window", "derived: 29 February is a month-end, so 2mo is January and February 2024: 60 days",
            book(sold("600", date(2024, 1, 1), "0"), sold("600", date(2024, 2, 29), "600"),
                 sold("600", date(2023, 12, 31), "0")),
            date(2024, 2, 29), "2mo", {"billed": 1200.0, "dso": 30.0}),
    Example("part-window", "derived: on 30 May, 3mo starts the day after 29 February: 91 days",
            book(sold("910", date(2024, 3, 1), "10"), sold("500", date(2024, 2, 29), "0")), date(2024, 5, 30), "3mo",
            {"billed": 910.0, "dso": 1.0}),
)  # fmt: skip

EXAMPLES = (*DSO, *FORMS, *COUNTBACK, *CEI, *PAYMENT, *RISK, *AGING, *STORIES)
