"""The preset for SAP's exported lists: reading what people save."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ledger.errors import OutstandingError, SourceError
from tests.mappings.books import differences, made, open_by_document
from tests.mappings.looks import open_amounts, open_base, warned
from tests.mappings.sap_books import Sap, lists, named

LAST = date(2025, 12, 31)


@pytest.fixture
def sap() -> Sap:
    return Sap()


def test_lists_as_stored_and_as_seen_say_the_same(sap: Sap, tmp_path: Path):
    sap.grown(20)
    stored = f'kind = "files"\n{lists(sap.as_lists(tmp_path / "stored", local=False))}\n[parameters]\ndecimal = "."\n'
    one = made(tmp_path / "one", "sap_extract", stored, currency="EUR")
    other = sap.books(tmp_path, "lists")
    assert differences(one) == differences(other) == []
    # Keys have lost their zeros in some lists, and are found all the same.
    assert "customer_unknown" not in warned(one) | warned(other)
    for day in list(sap.days())[::9]:
        assert open_by_document(one, day) == open_by_document(other, day), day


def test_a_number_in_the_other_way_is_no_number(sap: Sap, tmp_path: Path):
    sap.item("2025-01-10", 12.34)
    whole = sap.item("2025-01-10", 1234567.5)
    good = sap.books(tmp_path, "lists")
    assert open_amounts(good, LAST)[named(whole)] == 1234567.5
    stored = f'kind = "files"\n{lists(sap.as_lists(tmp_path / "stored", local=False))}\n'
    with pytest.raises(OutstandingError, match=r"amount"):
        made(tmp_path / "bad", "sap_extract", stored, currency="EUR")
    kept_out = made(tmp_path / "forced", "sap_extract", stored, currency="EUR", force=True)
    assert "amount_unreadable" in warned(kept_out)
    assert open_amounts(kept_out, LAST) == {}


@pytest.mark.parametrize(("shown", "value"), [("1 234,50-", 1234.5), ("1'234,50", 1234.5), ("7", 7), ("0,5", 0.5)])
def test_signs_and_groups_in_numbers_are_understood(sap: Sap, tmp_path: Path, shown, value):
    row = sap.item("2025-01-10", 888)
    folder = sap.as_lists(tmp_path / "lists")
    file = folder / "bsid.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("888,00", shown), encoding="utf-8")
    source = f'kind = "files"\n{lists(folder)}\n[parameters]\ndate = "%d.%m.%Y"\n'
    assert open_amounts(made(tmp_path / "config", "sap_extract", source, currency="EUR"), LAST) == {named(row): value}


def test_currencies_that_a_list_shows_as_stored_are_named(sap: Sap, tmp_path: Path):
    yen = sap.item("2025-01-10", 1000, WAERS="JPY", DMBTR=10)
    dinar = sap.item("2025-01-10", 12.34, WAERS="KWD", DMBTR=37)
    plain = sap.books(tmp_path, "lists")
    assert open_amounts(plain, LAST) == {named(yen): 1000, named(dinar): 12.34}
    more = "hundredfold = \"'KRW', 'JPY'\"\ntenth = \"'KWD'\"\nhundredfold_base = \"'EUR'\"\n"
    told = sap.books(tmp_path, "lists", more)
    assert open_amounts(told, LAST) == {named(yen): 100000, named(dinar): 1.234}
    assert open_base(told, LAST) == {named(yen): 1000, named(dinar): 3700}
    assert open_base(sap.books(tmp_path, "lists", "tenth_base = \"'EUR'\""), LAST) == {named(yen): 1, named(dinar): 3.7}
    assert differences(told) == []


def test_an_item_that_was_cleared_between_the_lists_is_cleared(sap: Sap, tmp_path: Path):
    row = sap.item("2025-01-10", 100)
    other = sap.item("2025-01-10", 5)
    late = {**row}
    sap.clear("2025-02-01", row)
    sap.items.append(late)
    books = sap.books(tmp_path, "lists", force=True)
    assert open_amounts(books, LAST) == {named(other): 5}
    assert "key_repeated" in warned(books)


def test_days_in_another_format_are_one_sentence(sap: Sap, tmp_path: Path):
    sap.item("2025-01-10", 100)
    source = f'kind = "files"\n{lists(sap.as_lists(tmp_path / "lists"))}\n'
    with pytest.raises(SourceError, match=r"documents\.sql") as caught:
        made(tmp_path / "config", "sap_extract", source, currency="EUR")
    assert "10.01.2025" in str(caught.value)


def test_a_list_or_column_that_is_missing_is_named(sap: Sap, tmp_path: Path):
    sap.item("2025-01-10", 100)
    folder = sap.as_lists(tmp_path / "lists")
    without = "\n".join(line for line in lists(folder).splitlines() if not line.startswith("t001"))
    with pytest.raises(SourceError, match=r"t001"):
        made(tmp_path / "one", "sap_extract", f'kind = "files"\n{without}', currency="EUR")
    file = folder / "bsid.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("ZFBDT", "Baseline"), encoding="utf-8")
    with pytest.raises(SourceError, match=r"ZFBDT"):
        made(tmp_path / "two", "sap_extract", f'kind = "files"\n{lists(folder)}', currency="EUR")
