"""A refresh publishes what was read whole and is mostly good, and says in one sentence why it did not."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import load
from data_sources.refresh import changed, refresh
from ledger.errors import OutstandingError, RefreshError
from ledger.store import Store
from metrics import evaluate
from tests.ledger.books import invoice, settled
from tests.refresh.company import APP, DOCUMENTS, SOURCE, found

AT = datetime(2024, 12, 31, 12, tzinfo=UTC)
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def company(tmp_path):
    return found(tmp_path / "config")


def total(book):
    return evaluate(book, ["total_ar"])["value"].item()


def refused(company, **how):
    """The sentence of a refresh that was not published."""
    before = company.store.current()
    with pytest.raises(OutstandingError) as told:
        refresh(company.settings, now=AT, **how)
    sentence = str(told.value)
    assert "\n" not in sentence
    assert company.store.current() == before
    assert company.store.last_attempt() == (AT, sentence)
    return sentence


def test_a_good_source_is_published_and_remembered(company):
    told = []
    book = refresh(company.settings, now=AT, progress=lambda step, share: told.append((step, share)))
    assert total(book) == total(company.store.load()) == 100.15
    assert company.store.last_attempt() == (AT, None)
    assert book.about["made_at"] == AT
    assert book.about["rows_in"] == {"customers": 3, "documents": 5, "settlements": 2}
    assert "documents.csv" in book.about["source"]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[-1] == ("done", 1.0)


def test_a_second_refresh_replaces_the_first_and_the_oldest_goes(company):
    for number in range(5):
        refresh(company.settings, now=AT.replace(minute=number))
    assert len(company.store.history()) == 3
    assert company.store.load().about["made_at"] == AT.replace(minute=4)


def test_a_store_that_holds_another_companys_books_is_left_alone(company, tmp_path):
    other = found(tmp_path / "other")
    other.app(APP.replace("Test company", "Another company").replace("{store}", str(company.store.path)))
    book = refresh(company.settings, now=AT)
    with pytest.raises(OutstandingError) as told:
        refresh(other.settings, now=AT, force=True, full=True)
    assert str(told.value).startswith(
        f"{company.store.path} holds the books of 'Test company', made by the settings in {company.folder}; these "
        f"settings are of 'Another company'. Write a [store] path of its own into {other.folder / 'app.toml'}"
    )
    assert company.store.current() == book.about["id"]
    assert company.store.last_attempt() == (AT, None), "what the other company's refresh did is not this one's"
    other.app(APP.replace("Test company", "Another company"))
    assert total(refresh(other.settings, now=AT)) == 100.15


def test_a_company_that_is_renamed_in_its_settings_keeps_its_store(company):
    refresh(company.settings, now=AT)
    company.app(APP.replace("Test company", "Renamed"))
    assert changed(company.settings, company.store.load()) == ["company"]
    assert refresh(company.settings, now=AT).rules.company == "Renamed"


def test_a_store_counts_from_its_settings_wherever_one_stands(company, tmp_path, monkeypatch):
    company.app(APP.replace("{store}", "books"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    book = refresh(load(company.folder), now=AT)
    monkeypatch.chdir(tmp_path)
    again = load(Path(company.folder.name))
    assert Store(again.store.path).load().about["id"] == book.about["id"]
    assert not list((tmp_path / "elsewhere").iterdir())


def test_columns_that_nothing_uses_are_told(company):
    file = company.sources / "customers.csv"
    file.write_text(
        file.read_text().replace("customer_id,name", "customer_id,shoe_size", 1).replace("shoe_size", "name")
    )
    text = file.read_text().splitlines()
    file.write_text("\n".join([text[0] + ",shoe_size", *(line + ",42" for line in text[1:])]))
    assert refresh(company.settings, now=AT).about["ignored"]["customers"] == ["shoe_size"]


def test_too_much_money_in_quarantine_is_not_published_and_says_why(company):
    refresh(company.settings, now=AT)
    company.table("documents", [*DOCUMENTS, invoice("I9", "10.00", currency="US$")])
    sentence = refused(company)
    assert sentence == (
        "Not published: 2.6% of the money would be quarantined, 1.0% is allowed. "
        "Mostly 'currency_unknown' in documents: 1 row, for example row 6 (I9): "
        "currency 'US$' is not a three-letter code. Mend the mapping or its [formats], or publish it with --force."
    )
    assert total(company.store.load()) == 100.15


def test_force_publishes_it_all_the_same(company):
    company.table("documents", [*DOCUMENTS, invoice("I9", "10.00", currency="US$")])
    book = refresh(company.settings, now=AT, force=True)
    assert book.about["quarantined"]["documents"] == 1
    assert company.store.last_attempt() == (AT, None)


def test_a_little_money_in_quarantine_is_published(company):
    company.table("documents", [*DOCUMENTS, invoice("I9", "3.00", currency="US$")])
    assert total(refresh(company.settings, now=AT)) == 100.15


def test_the_share_that_is_allowed_can_be_set(company):
    company.app((company.folder / "app.toml").read_text() + "[quality]\nmax_quarantined_share = 0.05\n")
    company.table("documents", [*DOCUMENTS, invoice("I9", "10.00", currency="US$")])
    refresh(company.settings, now=AT)


def test_one_absurd_amount_among_many_does_not_stop_a_refresh(company):
    company.table("documents", [*[invoice(f"D{n}", "10") for n in range(200)], invoice("X", "9" * 25)])
    company.table("settlements", [])
    assert refresh(company.settings, now=AT).quarantine["key"].to_list() == ["X"]


def german(amount):
    whole, cents = f"{float(amount):,.2f}".split(".")
    return f"{whole.replace(',', '.')},{cents}"


def test_amounts_in_another_decimal_format_are_refused_with_an_example(company):
    company.table("documents", [{**row, "amount": german(row["amount"])} for row in DOCUMENTS])
    company.table("settlements", [settled("1", "40,00", "2024-02-20"), settled("2", "1.200,20", "2024-02-20")])
    sentence = refused(company)
    assert "100.0% of the money would be quarantined" in sentence
    assert (
        "Mostly 'amount_unreadable' in documents: 5 rows, for example row 1 (I1): amount '100,10' is not a number"
        in sentence
    )
    assert "[formats]" in sentence
    company.source(SOURCE + '[formats]\ndecimal = ","\nthousands = "."\n')
    assert refresh(company.settings, now=AT, force=True).about["quarantined"]["documents"] == 0


def test_thousands_taken_for_decimals_are_refused_and_never_read_as_small_amounts(company):
    # "1.234" is a thousand and more where it was written, and would be 1.23 if it were cut.
    company.table("documents", [invoice(f"D{n}", "1.234") for n in range(3)])
    company.table("settlements", [])
    assert "amount '1.234' has more decimals than its currency; check [formats] decimal" in refused(company)


@pytest.mark.parametrize("raw", ["two\nlines", "x" * 100_000, "a\r\n\tb"])
def test_whatever_a_broken_value_is_the_sentence_stays_a_sentence(company, raw):
    company.table("documents", [invoice("A", raw), invoice(raw, "1", currency="?")])
    company.table("settlements", [])
    assert len(refused(company)) < 800


def test_the_example_names_the_cause_and_not_its_consequences(company):
    # The settlement that loses its document is worth four times as much.
    company.table("documents", [*DOCUMENTS[1:], {**DOCUMENTS[0], "amount": "10.00", "document_date": "10.01.2024"}])
    sentence = refused(company)
    assert "Mostly 'date_unreadable' in documents" in sentence
    assert "document_unknown" not in sentence


def test_settlements_without_their_documents_are_the_cause_when_nothing_else_is(company):
    company.table("settlements", [settled("1", "40.00", "2024-02-20", of="Z")])
    assert "Mostly 'document_unknown' in settlements: 1 row, for example row 1 (1): document 'Z'" in refused(company)


def test_a_source_without_documents_is_refused(company):
    company.table("documents", [])
    company.table("settlements", [])
    assert refused(company).startswith("Not published: the mapping of documents returned no rows from files below")
    assert refresh(company.settings, now=AT, force=True).last_day is None


def test_a_missing_file_and_a_missing_column_are_told_and_the_old_snapshot_serves(company):
    refresh(company.settings, now=AT)
    file = company.sources / "settlements.csv"
    file.write_text(file.read_text().replace("settled_on", "paid_on"))
    assert "settled_on" in refused(company)
    file.unlink()
    assert "settlements.csv" in refused(company)
    assert total(company.store.load()) == 100.15


def test_no_space_left_is_told_and_remembered_where_that_is_possible(company, monkeypatch):
    import polars as pl

    refresh(company.settings, now=AT)

    def full(_frame, _path, **_how):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    assert "no space is left on the disk" in refused(company)


def test_a_disk_that_is_too_small_is_told_in_one_sentence(company, small_disk):
    company.app((company.folder / "app.toml").read_text().replace(str(company.store.path), str(small_disk)))
    refresh(company.settings, now=AT)
    filler = small_disk / "filler"
    fill(filler)
    with pytest.raises(RefreshError, match="no space is left on the disk"):
        refresh(company.settings, now=AT.replace(minute=1))
    from data_sources.refresh import open_store

    store = open_store(company.settings)
    assert store.load().about["made_at"] == AT
    filler.unlink()
    refresh(company.settings, now=AT.replace(minute=2))
    assert store.load().about["made_at"] == AT.replace(minute=2)


def fill(path):
    """Write until there is no space left."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"0" * 4096):
            pass


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of half a megabyte, where one may be mounted."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("needs the right to mount a small disk")
    if subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=512k", "none", path], capture_output=True, check=False
    ).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield path
    subprocess.run(["umount", path], check=True)


def test_a_second_refresh_at_once_says_so_and_is_not_noted_as_the_last(company):
    refresh(company.settings, now=AT)
    with company.store.refreshing(), pytest.raises(RefreshError, match="Another refresh is writing"):
        refresh(company.settings, now=AT.replace(minute=1))
    assert company.store.last_attempt() == (AT, None)


ENDLESS = """
import sys
from config.settings import load
from config.settings import load
from data_sources.refresh import changed, refresh
settings = load(sys.argv[1])
while True:
    refresh(settings)
"""


def test_killed_at_any_moment_the_last_good_snapshot_serves(company):
    """SIGKILL while it builds or writes: what is loaded is whole and no older, and the next refresh cleans up."""
    (company.folder / "endless.py").write_text(ENDLESS)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    newest = refresh(company.settings).about["made_at"]
    for moment in range(3):
        child = subprocess.Popen([sys.executable, company.folder / "endless.py", company.folder], env=environment)
        made = newest
        limit = time.monotonic() + 10
        # Wait until it has published once, then strike while it builds or writes.
        while made == newest and time.monotonic() < limit:
            time.sleep(0.01)
            made = company.store.load().about["made_at"]
        time.sleep(0.05 * moment)
        child.send_signal(signal.SIGKILL)
        child.wait()
        book = company.store.load()
        assert total(book) == 100.15
        assert book.about["made_at"] >= made > newest
        newest = book.about["made_at"]
    refresh(company.settings)
    assert not list(company.store.path.glob(".building-*"))
    assert company.store.load().about["made_at"] > newest
    assert len(company.store.history()) == 3
