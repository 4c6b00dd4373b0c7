"""Several keys packed into one number sort and sum as the keys themselves do."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ledger.packing import in_order, packed, summed

DAYS = [date(2024, 3, 1), date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29)]


def rows(many: int) -> pl.DataFrame:
    """Days, numbers with gaps and without, negative ones, and amounts: shuffled, most keys more than once."""
    at = pl.int_range(many, eager=True)
    return pl.DataFrame(
        {
            "day": pl.Series(DAYS).gather(at * 7 % len(DAYS)),
            "group": (at * 13 % 11).cast(pl.UInt32),
            "code": pl.Series([None if n % 5 == 0 else n % 5 - 3 for n in at], dtype=pl.Int64),
            "amount": at * 31 % 17 - 8,
        }
    )


@pytest.mark.parametrize("many", [0, 1, 40, 5000])
def test_rows_come_in_the_order_of_their_keys(many):
    frame = rows(many)
    keys = ["day", "code", "group"]
    assert_frame_equal(in_order(frame, keys).select(keys), frame.sort(keys, nulls_last=True).select(keys))


@pytest.mark.parametrize("many", [0, 1, 40, 5000])
def test_sums_are_those_of_the_groups(many):
    frame = rows(many)
    keys = ["day", "group"]
    wanted = frame.group_by(keys).agg(pl.col("amount").sum()).sort(keys)
    assert_frame_equal(summed(frame, keys, "amount"), wanted)


def test_a_single_null_key_is_last():
    assert packed([pl.Series([2, None, 1], dtype=pl.UInt8)]).arg_sort().to_list() == [2, 0, 1]


def test_keys_too_wide_for_one_number_keep_their_order():
    wide = pl.Series([2**62, -(2**62), 0])
    assert packed([wide, pl.Series([1, 2, 3])]).arg_sort().to_list() == [1, 2, 0]
