"""What turns rows into numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from ledger.aging import USUAL, AgingRule
from ledger.conversion import Conversion
from ledger.fixes import Fix


@dataclass(frozen=True)
class BookRules:
    """What turns rows into numbers. Two books with the same rows and rules have the same fingerprint.

    ``dimensions``: name to label, in drill order. ``today``: the day of the refresh; nothing else knows the date.
    ``annual_rate``: what money costs for a year, 0–1, for the cost of late payment. ``fixes``: what people corrected in
    what the source gives, the oldest first.
    """

    company: str = "Company"
    reporting_currency: str = "USD"
    dimensions: Mapping[str, str] = field(default_factory=dict[str, str])
    aging: AgingRule = USUAL
    conversion: Conversion = Conversion.BOOKED
    today: date = date(9999, 1, 1)
    annual_rate: float = 0.08
    fixes: tuple[Fix, ...] = ()

    def converted_by(self, conversion: Conversion) -> BookRules:
        return replace(self, conversion=conversion)
