"""The one place that turns numbers, days and names into text. Screens, charts, exports and mails all read it.

A missing number is ``n/a``. A negative one carries a true minus sign. A space that must not break is a no-break space.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ledger.money import digits

MISSING = "n/a"
MINUS = "−"
NBSP = "\u00a0"

Number = int | float | Decimal

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WITHOUT_CENTS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "HUF"})


_MANY = 100
"""A plain number of this size or more has no decimals: 231 debtors, but 3.9."""

_NEARLY = 0.99995
"""Above this share of a million a number is written as one, not as 1,000.0k."""


@dataclass(frozen=True)
class Scale:
    """A divisor for money and its letter: one for all the numbers of a chart, so that they compare by eye."""

    divisor: float
    suffix: str

    @classmethod
    def fitting(cls, largest: float) -> Scale:
        """The scale that writes ``largest`` with one to three digits before the point."""
        size = abs(largest)
        for divisor, suffix in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
            if size >= divisor * _NEARLY:
                return cls(divisor, suffix)
        return cls(1.0, "")

    def unit(self, currency: str) -> str:
        """The unit as a chart's subtitle writes it: ``USD m``."""
        return f"{currency}{NBSP}{self.suffix}" if self.suffix else currency

    def bare(self, value: Number | None) -> str:
        """The scaled number alone, for labels inside a chart whose subtitle carries the unit."""
        return MISSING if value is None else _signed(float(value) / self.divisor, 1 if self.divisor > 1 else 0)


def money(value: Number | None, currency: str, scale: Scale | None = None) -> str:
    """Money to three or four digits: ``$78.7m``, ``−€1.2k``, ``CHF 4.0bn``; in ``scale`` where the reader chose one."""
    if value is None:
        return MISSING
    scale = scale or Scale.fitting(float(value))
    figure = _digits(abs(float(value)) / scale.divisor, 1 if scale.suffix else 0)
    sign = MINUS if float(value) < 0 and figure.strip("0.,") else ""
    return f"{sign}{_prefix(currency)}{figure}{scale.suffix}"


def capital(words: str) -> str:
    """``words`` as the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def exact(value: Number | None, currency: str) -> str:
    """Money to the cent (or the currency's own smallest unit): ``$78,654,321.00``."""
    if value is None:
        return MISSING
    figure = f"{abs(value):,.{0 if currency in _WITHOUT_CENTS else digits(currency)}f}"
    sign = MINUS if value < 0 and figure.strip("0.,") else ""
    return f"{sign}{_prefix(currency)}{figure}"


def number(value: Number | None, places: int = 0) -> str:
    """A plain number with thousands separated: ``12,345``."""
    return MISSING if value is None else _signed(float(value), places)


def every_digit(value: Decimal) -> str:
    """An exact number with thousands separated: ``1,234.5``; nothing is rounded."""
    figure = f"{value.copy_abs():,f}"  # abs() would round to 28 digits
    return f"{MINUS if value < 0 else ''}{figure}"


def sparkline(values: Sequence[float]) -> str:
    """Numbers of 0 and more as a row of bars: ``▁▃█``; the lowest bar is 0, the highest the largest of them."""
    most = max(values, default=0)
    return "".join(_BARS[round(value / most * (len(_BARS) - 1)) if most else 0] for value in values)


_BARS = "▁▂▃▄▅▆▇█"


def days(value: Number | None) -> str:
    """``47.3 days``."""
    return MISSING if value is None else f"{_signed(float(value), 1)}{NBSP}days"


def share(value: Number | None) -> str:
    """A ratio of 0 to 1 as a percentage: ``23.4 %``."""
    return MISSING if value is None else f"{_signed(float(value) * 100, 1)}{NBSP}%"


def value(amount: Number | None, unit: str, currency: str = "", scale: Scale | None = None) -> str:
    """Any metric's value by its unit: ``money``, ``days``, ``ratio``, ``percent``, ``times``, ``number``."""
    if amount is None:
        return MISSING
    match str(unit):
        case "money":
            return money(amount, currency, scale)
        case "days":
            return days(amount)
        case "ratio":
            return share(amount)
        case "percent":
            return _signed(float(amount), 1)
        case "times":
            return f"{_signed(float(amount), 2)}{NBSP}×"
        case _:
            return number(amount, 0 if abs(amount) >= _MANY else 1)


def goal(amount: Number, unit: str, currency: str = "") -> str:
    """A figure that somebody set, with the digits it was set with: ``45 days``, ``0.5 %``, ``90``."""
    match str(unit):
        case "days":
            return f"{amount:g}{NBSP}days".replace("-", MINUS)
        case "ratio":
            return f"{float(amount) * 100:g}{NBSP}%"
        case "percent" | "number":
            return f"{amount:g}"
        case _:
            return value(amount, unit, currency)


def change(amount: Number | None, unit: str, currency: str = "", scale: Scale | None = None) -> str:
    """A difference with its sign: ``+$4.1m``, ``−0.6 days``, ``+4.3 pts``; ``no change`` when it rounds to nothing."""
    if amount is None:
        return MISSING
    match str(unit):
        case "money":
            figure = money(abs(amount), currency, scale)
        case "days":
            figure = f"{_digits(abs(float(amount)), 1)}{NBSP}days"
        case "ratio":
            figure = f"{_digits(abs(float(amount)) * 100, 1)}{NBSP}pts"
        case "percent":
            figure = f"{_digits(abs(float(amount)), 1)}{NBSP}pts"
        case "times":
            figure = f"{_digits(abs(float(amount)), 2)}{NBSP}×"
        case _:
            figure = _digits(abs(float(amount)), 1)
    if not any(character in "123456789" for character in figure):
        return "no change"
    return f"{'+' if amount > 0 else MINUS}{figure}"


def relative(now: Number | None, base: Number | None) -> str:
    """A difference as a percentage of what it is from: ``+8.4 %``; ``n/a`` from nothing."""
    if now is None or not base:
        return MISSING
    part = (float(now) - float(base)) / abs(float(base))
    figure = f"{_digits(abs(part) * 100, 1)}{NBSP}%"
    if not any(character in "123456789" for character in figure):
        return "no change"
    return f"{'+' if part > 0 else MINUS}{figure}"


def direction(amount: Number | None, up: str = "rose", down: str = "fell", flat: str = "held") -> str:
    """The verb for a difference."""
    if not amount:
        return flat
    return up if amount > 0 else down


def day(when: date | None) -> str:
    """``31 Oct 2026``."""
    return MISSING if when is None else f"{when.day}{NBSP}{_MONTHS[when.month - 1]}{NBSP}{when.year}"


def since(start: date, end: date) -> str:
    """``in a year`` when that is what lies between them, else ``since Mar 2026`` or ``since 15 Mar 2026``."""
    whole_year = (end.year - start.year, end.month - start.month) == (1, 0) and abs(end.day - start.day) <= 1
    if whole_year:
        return "in a year"
    return f"since {month(start, year=True) if _is_month_end(start) else day(start)}"


def _is_month_end(when: date) -> bool:
    return date.fromordinal(when.toordinal() + 1).month != when.month


def month(when: date, *, year: bool = False) -> str:
    """``Oct`` or ``Oct 2026``."""
    return f"{_MONTHS[when.month - 1]}{NBSP}{when.year}" if year else _MONTHS[when.month - 1]


def moment(when: datetime | None) -> str:
    """``31 Oct 2026, 14:05``."""
    return MISSING if when is None else f"{day(when.date())}, {when:%H:%M}"


def ago(seconds: float) -> str:
    """How long ago, in the largest whole unit: ``2 h``, ``3 days``."""
    for size, name in ((86400 * 2, "days"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // (86400 if name == 'days' else size))}{NBSP}{name}"
    return "moments"


def window(form: str, end: date | None = None) -> str:
    """A window in words: ``3mo`` is ``3 months``, with an end ``3 months to 31 Oct 2026``."""
    count, unit = (form[:-2], "month") if form.endswith("mo") else (form[:-1], "day")
    words = f"{count}{NBSP}{unit}{'' if count == '1' else 's'}"
    return f"{words} to {day(end)}" if end else words


def count(amount: int, one: str, many: str | None = None) -> str:
    """``1 invoice``, ``12,345 invoices``."""
    return f"{amount:,}{NBSP}{one if amount == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """``A, B and C``; beyond ``most``, ``A, B and 4 more``."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def name(words: str | None, missing: str = "Unassigned") -> str:
    """A name from the data, safe to set in a line: no control or direction characters, no line breaks."""
    if words is None or not words.strip():
        return missing
    kept = (" " if unicodedata.category(mark) in {"Cc", "Zl", "Zp"} else mark for mark in words if mark not in _BIDI)
    return " ".join("".join(kept).split())


_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _prefix(currency: str) -> str:
    return _SYMBOLS.get(currency, f"{currency}{NBSP}" if currency else "")


def _digits(size: float, places: int) -> str:
    return f"{size:,.{places}f}"


def _signed(size: float, places: int) -> str:
    figure = _digits(abs(size), places)
    return f"{MINUS}{figure}" if size < 0 and figure.strip("0.,") else figure
