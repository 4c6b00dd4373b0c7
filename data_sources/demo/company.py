"""What the demonstration company is: its entities, markets, people and habits. Facts only, no randomness."""

from __future__ import annotations

from dataclasses import dataclass

COMPANY = "Meridian Supply Group"
REPORTING_CURRENCY = "USD"

# The ledger opens with the items taken over on the eve of FIRST_DAY, so that each of the thirty-six full months up to
# LAST_DAY has a complete three-month window behind it. Invoices are drawn from DRAWN_FROM; of those before FIRST_DAY
# only what was still open is kept.
DRAWN_FROM = "2022-08-01"
FIRST_DAY = "2023-08-01"
LAST_DAY = "2026-10-31"
YEARS_OF_POSTINGS = 3.25


@dataclass(frozen=True)
class Entity:
    """A company of the group. ``number_prefix`` starts its printed invoice numbers."""

    code: str
    name: str
    currency: str
    number_prefix: str


ENTITIES = (
    Entity("1000", "Meridian US", "USD", "US"),
    Entity("2000", "Meridian Germany", "EUR", "DE"),
    Entity("3000", "Meridian UK", "GBP", "UK"),
)


@dataclass(frozen=True)
class Currency:
    """A currency: minor-unit digits, and US dollars for one unit at chosen days, joined by straight lines."""

    code: str
    decimals: int
    path: tuple[tuple[str, float], ...]
    restlessness: float = 0.003


CURRENCIES = (
    Currency("USD", 2, (("2022-07-01", 1.0),), 0.0),
    Currency(
        "EUR",
        2,
        (("2022-07-01", 1.04), ("2023-08-01", 1.095), ("2024-10-01", 1.09), ("2025-09-01", 1.16), ("2026-10-31", 1.15)),
    ),
    Currency(
        "GBP",
        2,
        (("2022-07-01", 1.20), ("2023-08-01", 1.275), ("2024-10-01", 1.31), ("2025-09-01", 1.35), ("2026-10-31", 1.33)),
    ),
    # Story: the yen loses about a sixth of its value between March and September 2026.
    Currency(
        "JPY",
        0,
        (
            ("2022-07-01", 0.0073),
            ("2023-08-01", 0.0069),
            ("2026-02-28", 0.0067),
            ("2026-09-15", 0.0056),
            ("2026-10-31", 0.0056),
        ),
        0.0025,
    ),
    Currency(
        "CAD", 2, (("2022-07-01", 0.775), ("2023-08-01", 0.75), ("2025-03-01", 0.70), ("2026-10-31", 0.725)), 0.002
    ),
)


@dataclass(frozen=True)
class Country:
    """A country: its share of its region's customers, what it is invoiced in, by whom, and how firms are styled."""

    code: str
    share: float
    currency: str
    entity: int
    style: str


@dataclass(frozen=True)
class Region:
    """A sales region: share of group revenue, countries, and the collectors who work it with their shares."""

    code: str
    name: str
    share: float
    countries: tuple[Country, ...]
    collectors: tuple[tuple[int, float], ...]


REGIONS = (
    Region(
        "NA",
        "North America",
        0.42,
        (Country("US", 0.86, "USD", 0, "english"), Country("CA", 0.14, "CAD", 0, "english")),
        ((0, 0.36), (1, 0.28), (2, 0.36)),
    ),
    Region(
        "LA",
        "Latin America",
        0.08,
        (
            Country("MX", 0.45, "USD", 0, "spanish"),
            Country("BR", 0.3, "USD", 0, "portuguese"),
            Country("CL", 0.15, "USD", 0, "spanish"),
            Country("CO", 0.1, "USD", 0, "spanish"),
        ),
        ((3, 1.0),),
    ),
    Region(
        "CE",
        "Continental Europe",
        0.26,
        (
            Country("DE", 0.38, "EUR", 1, "german"),
            Country("FR", 0.2, "EUR", 1, "french"),
            Country("NL", 0.1, "EUR", 1, "german"),
            Country("IT", 0.12, "EUR", 1, "italian"),
            Country("ES", 0.1, "EUR", 1, "spanish"),
            Country("PL", 0.06, "EUR", 1, "polish"),
            Country("AT", 0.04, "EUR", 1, "german"),
        ),
        ((4, 0.55), (5, 0.45)),
    ),
    Region(
        "UK",
        "UK and Ireland",
        0.13,
        (Country("GB", 0.84, "GBP", 2, "english"), Country("IE", 0.16, "EUR", 2, "english")),
        ((6, 1.0),),
    ),
    Region(
        "AP",
        "Asia Pacific",
        0.11,
        (
            Country("JP", 0.62, "JPY", 0, "japanese"),
            Country("AU", 0.2, "USD", 0, "english"),
            Country("SG", 0.18, "USD", 2, "english"),
        ),
        ((7, 1.0),),
    ),
)


@dataclass(frozen=True)
class Segment:
    """A market segment: share of each region's revenue, and its industries."""

    code: str
    name: str
    share: float
    industries: tuple[str, ...]


SEGMENTS = (
    Segment("IND", "Industrial", 0.26, ("Machinery", "Automotive parts", "Chemicals", "Packaging")),
    Segment("CON", "Construction", 0.2, ("Civil engineering", "Building materials", "Plant hire")),
    Segment("HLT", "Healthcare", 0.14, ("Hospitals", "Laboratories", "Medical devices")),
    Segment("RET", "Retail", 0.16, ("Food retail", "Home and garden", "Online retail")),
    Segment("PUB", "Public sector", 0.1, ("Municipalities", "Utilities", "Universities")),
    Segment("DIS", "Distribution", 0.14, ("Wholesale", "Freight and logistics", "Spare parts")),
)

COLLECTORS = (
    ("C01", "Dana Whitlock"),
    ("C02", "Marcus Bell"),
    ("C03", "Priya Raman"),
    ("C04", "Lucía Ferrer"),
    ("C05", "Jonas Krüger"),
    ("C06", "Amélie Laurent"),
    ("C07", "Owen Hughes"),
    ("C08", "Yuki Tanabe"),
)

SALES_REPS = (
    ("S01", "Aaron Blake", "NA"),
    ("S02", "Brooke Sandoval", "NA"),
    ("S03", "Carla Nwosu", "NA"),
    ("S04", "Derek Olsen", "NA"),
    ("S05", "Elena Prieto", "LA"),
    ("S06", "Thiago Araújo", "LA"),
    ("S07", "Friederike Böhm", "CE"),
    ("S08", "Guillaume Périer", "CE"),
    ("S09", "Chiara Monti", "CE"),
    ("S10", "Łukasz Zieliński", "CE"),
    ("S11", "Hannah Whyte", "UK"),
    ("S12", "Ciarán Doyle", "UK"),
    ("S13", "Kenji Morita", "AP"),
    ("S14", "Mei Ling Koh", "AP"),
)


@dataclass(frozen=True)
class Terms:
    """Payment terms. ``discount_days`` is 0 when no early-payment discount is offered (2 % where it is)."""

    code: str
    days: int
    share: float
    discount_days: int = 0


TERMS = (
    Terms("N14", 14, 0.12),
    Terms("N30", 30, 0.46),
    Terms("D30", 30, 0.08, 10),
    Terms("N45", 45, 0.18),
    Terms("N60", 60, 0.13),
    Terms("N90", 90, 0.03),
)
DISCOUNT_RATE = 0.02


@dataclass(frozen=True)
class Risk:
    """A risk class: share of customers, usual days late and their spread between customers, and bad-debt odds."""

    code: str
    name: str
    share: float
    late: float
    spread: float
    bad_debt: float


RISKS = (
    Risk("1", "A low", 0.45, -2.0, 3.0, 0.0008),
    Risk("2", "B medium", 0.35, 3.0, 4.0, 0.0022),
    Risk("3", "C high", 0.15, 9.0, 5.0, 0.007),
    Risk("4", "D very high", 0.05, 20.0, 8.0, 0.02),
)

DISPUTE_REASONS = (
    ("PR", "Price"),
    ("SD", "Short delivery"),
    ("DG", "Damaged goods"),
    ("PO", "Missing purchase order"),
    ("DB", "Billed twice"),
    ("QL", "Quality"),
)

# January to December, relative to an average month.
SEASON = (0.95, 0.96, 1.03, 0.99, 1.0, 1.04, 0.97, 0.93, 1.03, 1.04, 1.04, 1.02)
YEARLY_GROWTH = 0.05
# Monday to Sunday, relative to a Monday.
INVOICING_WEEKDAYS = (1.0, 1.05, 1.05, 1.05, 1.25, 0.08, 0.02)
AVERAGE_INVOICE_USD = 16_000.0

RECEIVABLES_ACCOUNT = "120000"
ALLOWANCE_ACCOUNT = "129000"
