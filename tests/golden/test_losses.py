"""Published worked examples of roll rates, loss rates and expected credit losses.

Figures are as printed, each with a tolerance of half its last printed digit; a figure that was only derived says so.
"""

from __future__ import annotations

import pytest

from metrics import loss_rates, rolls
from metrics.losses import Left, chain, rates_from_rolls, rates_from_unpaid
from metrics.provision import expected_loss
from tests.ledger.books import book, day, invoice, settled, value

BUCKETS = ("current", "1–30", "31–60", "61–90", "90+")


def test_occ_retail_lending_loss_factors():
    """OCC Comptroller's Handbook, retail lending, appendix G, step 3: outstandings × loss factors, 30.6 in all."""
    outstanding = [987.4, 30.2, 11.8, 8.2, 5.9]
    factors = [0.0070, 0.2061, 0.4841, 0.7212, 1.0]
    losses = expected_loss(outstanding, factors)
    assert losses == [pytest.approx(want, abs=0.05) for want in (6.9, 6.2, 5.7, 5.9, 5.9)]
    # The handbook adds rounded rows (30.6, 2.93 % of 1,043.5); unrounded it is 30.66 and 2.94 % (derived).
    assert sum(round(loss, 1) for loss in losses) == pytest.approx(30.6)
    assert sum(losses) == pytest.approx(30.66, abs=0.005)
    assert sum(losses) / sum(outstanding) == pytest.approx(0.0294, abs=0.00005)


FORWARD = (0.0070 / 0.2061, 0.2061 / 0.4841, 0.4841 / 0.7212, 0.7212, 1.0)
"""The handbook's loss factors imply these forward rolls: 3.396 %, 42.57 %, 67.12 %, 72.12 % (derived)."""


def test_occ_loss_factors_are_the_products_of_the_forward_rolls():
    assert FORWARD[:4] == tuple(pytest.approx(want, abs=0.00005) for want in (0.03396, 0.4257, 0.6712, 0.7212))
    want = [0.0070, 0.2061, 0.4841, 0.7212, 1.0]
    assert rates_from_rolls(FORWARD) == [pytest.approx(rate) for rate in want]


def test_the_chain_is_the_product_where_everything_moves_exactly_one_bucket_a_month():
    # Of a million in each bucket, the handbook's share moves on, the rest is collected; the last bucket is written off.
    millions = 1_000_000
    left = [Left(gone=millions, moved={place + 1: round(millions * roll)}) for place, roll in enumerate(FORWARD[:4])]
    solved = chain([*left, Left(gone=millions, lost=millions)], BUCKETS)
    assert [found.rate for found in solved] == [pytest.approx(rate, abs=1e-5) for rate in rates_from_rolls(FORWARD)]


def test_ifrs_community_loss_rates_from_what_stays_unpaid():
    """IFRScommunity, provision matrix, B2C: of sales of 100,000, 2,000 are never paid."""
    unpaid = [100_000, 50_000, 23_000, 8_000, 2_000]
    want = [0.02, 0.04, 0.08696, 0.25, 1.0]
    assert rates_from_unpaid(unpaid) == [pytest.approx(rate, abs=0.000005) for rate in want]
    # The rolls that it implies: 50, 46, 34.78 and 25 % (derived), the last of it lost.
    forward = [0.5, 0.46, 0.347826, 0.25, 1.0]
    assert rates_from_rolls(forward) == [pytest.approx(rate, abs=0.000005) for rate in want]


def test_nothing_unpaid_has_no_rate():
    assert rates_from_unpaid([100.0, 0.0, 0.0]) == [0.0, None, None]


def test_ifrs_community_provision():
    """The same example's balances at those rates: 27,567."""
    rates = [0.02, 0.04, 2 / 23, 0.25, 1.0]
    losses = expected_loss([300_000, 140_000, 60_000, 23_000, 5_000], rates)
    assert losses == [pytest.approx(want, abs=0.5) for want in (6_000, 5_600, 5_217, 5_750, 5_000)]
    assert sum(losses) == pytest.approx(27_567, abs=0.5)


def test_ifrs_9_illustrative_example_12():
    """IFRS 9, illustrative example 12, company M, thousands: 45 + 120 + 144 + 165 + 106 = 580."""
    losses = expected_loss([15_000, 7_500, 4_000, 2_500, 1_000], [0.003, 0.016, 0.036, 0.066, 0.106])
    assert losses == [pytest.approx(want) for want in (45, 120, 144, 165, 106)]
    assert sum(losses) == pytest.approx(580)


def test_asc_326_aging_schedule():
    """ASC 326-20-55, trade receivables: historical rates raised by a tenth, but the first: 21,035 of 5,997,794.

    By history alone it is 20,755.53 (derived).
    """
    balances, history = [5_984_698, 8_272, 2_882, 842, 1_100], [0.003, 0.08, 0.26, 0.58, 0.82]
    losses = expected_loss(balances, history, [0, 0.1, 0.1, 0.1, 0.1])
    assert losses == [pytest.approx(want, abs=0.5) for want in (17_954, 728, 824, 537, 992)]
    assert sum(round(loss) for loss in losses) == 21_035
    assert sum(balances) == 5_997_794
    assert sum(expected_loss(balances, history)) == pytest.approx(20_755.53, abs=0.005)


def test_one_year_loss_rate():
    """Keiter CPA's inputs: write-offs of 27,200 on credit sales of 1,785,000 are 1.5238 % (derived)."""
    of = book(
        [invoice("I1", "1785000", document_date="2024-03-31", due_date="2024-04-30")],
        [settled("1", "27200", "2024-11-20", "write_off"), settled("2", "1757800", "2024-12-31")],
    )
    assert value(of, "bad_debt_ratio", "2024-12-31", "12mo") == pytest.approx(0.015238, abs=0.0000005)
    # One cohort, a year old: followed, it is the same share of what was owed.
    assert loss_rates(of, day("2024-12-31"))["rate"][0] == pytest.approx(0.015238, abs=0.0000005)


def test_a_fifth_of_the_thirties_rolls_on():
    """calculator.city, roll rate: 1,000,000 in 30–59 in January, 200,000 of it in 60–89 in February: 20 %."""
    of = book(
        [
            # 59 days late on 31 January, 88 on 29 February.
            invoice("I1", "1000000", document_date="2023-11-02", due_date="2023-12-03"),
            # 61 days late on 31 January, 90 on 29 February: in the older bucket at both ends.
            invoice("I2", "500000", document_date="2023-11-02", due_date="2023-12-01"),
            # So that the history reaches the end of February.
            invoice("I3", "1", document_date="2024-02-29", due_date="2024-03-31"),
        ],
        [settled("1", "800000", "2024-02-15")],
    )
    rows = rolls(of, day("2024-02-29"), months=1)
    rate = {tuple(keys): rate for *keys, rate in rows.select("method", "bucket", "to", "rate").iter_rows()}
    assert rate["followed", "31–60", "61–90"] == pytest.approx(0.2)
    assert rate["followed", "31–60", "paid"] == pytest.approx(0.8)
    # Totals alone say otherwise: the 500,000 that were late before stand in 61–90 on both days. 700,000 ÷ 1,000,000.
    assert rate["net flow", "31–60", "61–90"] == pytest.approx(0.7)
