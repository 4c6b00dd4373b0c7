"""Tables as CSV that a spreadsheet opens without running anything in it: ``exports.csv``."""

from exports.csv import encode, safe

__all__ = ["encode", "safe"]
