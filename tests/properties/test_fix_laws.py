"""Whatever people correct in the master data: no cent and no day of what is owed changes."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ledger.fixes import FIXABLE, Fix
from tests.ledger.test_fixes import book, reading, value
from tests.plain.ledger import Ledger
from tests.plain.strategies import CUSTOMER_IDS, ledgers, to_frames

_WORDS = st.sampled_from(["EMEA", "APAC", "Retail", "Other", "007", "C2"])


@st.composite
def sets_of_fixes(draw) -> tuple[Fix, ...]:
    """Any fixes of text columns, sensible or not."""
    text = [one for one in FIXABLE if one not in ("credit_limit", "terms_days")]
    made = []
    for at in range(draw(st.integers(1, 5))):
        if draw(st.booleans()):
            key = draw(st.sampled_from(CUSTOMER_IDS))
            made.append(value(draw(st.sampled_from(text)), key, draw(st.none() | _WORDS), draw(_WORDS), str(at)))
        else:
            made.append(
                reading(
                    draw(st.sampled_from(["entity", "region", "segment"])),
                    draw(_WORDS | st.just("E1")),
                    draw(_WORDS),
                    str(at),
                )
            )
    return tuple(made)


@given(ledgers(), sets_of_fixes())
def test_whatever_is_fixed_what_is_owed_and_how_late_stays_the_same(ledger: Ledger, fixes: tuple[Fix, ...]):
    tables = to_frames(ledger, True)
    plain, fixed = book(tables=tables), book(*fixes, tables=tables)
    for frame, by in (("positions", ["as_of", "bucket"]), ("flows", ["day"])):
        own, other = (_summed(one.frames[frame], one.frames["cells"], by) for one in (plain, fixed))
        assert_frame_equal(own, other)
    assert plain.about["accepted"] == fixed.about["accepted"]
    for name in ("documents", "settlements"):
        keys = [
            column
            for column in ("document_id", "settlement_id", "amount_doc", "amount_rep")
            if column in plain.frames[name].columns
        ]
        assert_frame_equal(plain.frames[name].select(keys).sort(keys), fixed.frames[name].select(keys).sort(keys))


def _summed(facts: pl.DataFrame, cells: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Facts without the dimensions: by currency and what is asked."""
    keyed = facts.join(cells.select("cell", "document_currency"), on="cell", how="left")
    keys = [name for name in (*by, "document_currency") if name in keyed.columns]
    return keyed.drop("cell").group_by(keys).agg(pl.all().sum()).sort(keys)
