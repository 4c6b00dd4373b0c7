"""Tables of lakes: one version from beginning to end, and a sentence for whatever is none."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from decimal import Decimal

import polars as pl
import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

from data_sources import lakes
from tests.data_sources.lake_tables import Catalogue, delta, iceberg

ROWS = pl.DataFrame(
    {
        "currency": ["USD", "EUR"],
        "date": [dt.date(2026, 1, 1), dt.date(2026, 1, 2)],
        "rate": [Decimal("1.0000"), Decimal("1.1000")],
    }
)
MORE = ROWS.with_columns(currency=pl.lit("GBP"))


@pytest.fixture(params=["delta", "iceberg"])
def kind(request):
    return request.param


@pytest.fixture
def table(tmp_path, kind):
    """A table of two versions, the first with ROWS and the second with MORE besides; its folder, and its versions."""
    if kind == "delta":
        folder = tmp_path / "sources" / "lake"
        delta(folder, ROWS)
        delta(folder, MORE)
        return "lake", (0, 1)
    made = iceberg(tmp_path / "sources", "rates", ROWS, MORE)
    return "ar/rates", tuple(one.snapshot_id for one in made.snapshots())


@pytest.fixture(autouse=True)
def _sources(tmp_path):
    (tmp_path / "sources").mkdir(exist_ok=True)


class TestVersions:
    def test_the_newest_is_read_with_its_types(self, rates, table):
        found = rates.read(f"rates = '{table[0]}'").sort("currency")
        assert_frame_equal(found, pl.concat([ROWS, MORE]).sort("currency"))

    def test_a_version_is_read_as_it_was(self, rates, table):
        path, versions = table
        assert_frame_equal(rates.read(f"rates = {{ path = '{path}', version = {versions[0]} }}"), ROWS)
        assert rates.read(f"rates = {{ path = '{path}', version = {versions[1]} }}").height == 4

    def test_a_version_that_never_was_is_named_with_the_newest(self, rates, table):
        path, versions = table
        said = rates.refused(f"rates = {{ path = '{path}', version = 7 }}")
        assert " 7; its newest" in said
        assert str(versions[-1]) in said

    def test_what_is_added_meanwhile_is_for_the_next_refresh(self, rates, tmp_path):
        folder = tmp_path / "sources" / "lake"
        delta(folder, ROWS)
        with rates.opened("rates = 'lake'") as source:
            assert source.check().ok
            delta(folder, MORE)
            assert source.read("fx_rates").height == 2
            assert source.read("fx_rates").height == 2
        assert rates.read("rates = 'lake'").height == 4

    def test_what_was_removed_is_not_read(self, rates, tmp_path):
        """The files of removed rows still lie there."""
        folder = tmp_path / "sources" / "lake"
        delta(folder, ROWS)
        DeltaTable(folder).delete("currency = 'EUR'")
        assert len(list(folder.glob("*.parquet"))) == 2
        assert rates.read("rates = 'lake'")["currency"].to_list() == ["USD"]

    def test_only_columns_that_a_mapping_names_are_read(self, rates, table):
        with rates.opened(f"rates = '{table[0]}'") as source:
            assert source.check().ok
            plan = source._frame("rates").sql("SELECT currency, rate FROM self").explain()
        assert "PROJECT 2/3 COLUMNS" in plan


class TestNoTable:
    def test_a_folder_without_a_log(self, rates, tmp_path):
        folder = tmp_path / "sources" / "lake"
        delta(folder, ROWS)
        shutil.rmtree(folder / "_delta_log")
        said = rates.refused("rates = { path = 'lake', format = 'delta' }")
        assert "tables.rates: " in said
        assert "lake is no Delta table: there is no log in its folder _delta_log." in said

    def test_a_log_that_is_empty(self, rates, tmp_path):
        (tmp_path / "sources" / "lake" / "_delta_log").mkdir(parents=True)
        assert "is no Delta table" in rates.refused("rates = 'lake'")

    def test_a_log_that_is_no_log(self, rates, tmp_path):
        folder = tmp_path / "sources" / "lake"
        delta(folder, ROWS)
        (folder / "_delta_log" / "00000000000000000000.json").write_text("{")
        said = rates.refused("rates = 'lake'")
        assert "lake cannot be read as a Delta table" in said

    def test_a_folder_without_metadata(self, rates, tmp_path):
        (tmp_path / "sources" / "lake").mkdir()
        said = rates.refused("rates = { path = 'lake', format = 'iceberg' }")
        assert "lake is no Iceberg table: there is no *.metadata.json in its folder metadata." in said

    def test_metadata_that_is_none(self, rates, tmp_path):
        metadata = tmp_path / "sources" / "lake" / "metadata"
        metadata.mkdir(parents=True)
        (metadata / "00000-a.metadata.json").write_text("{")
        assert "00000-a.metadata.json cannot be read as an Iceberg table" in rates.refused("rates = 'lake'")

    def test_a_file_of_the_table_that_went_away(self, rates, tmp_path):
        folder = tmp_path / "sources" / "lake"
        delta(folder, ROWS)
        next(folder.glob("*.parquet")).unlink()
        said = rates.refused("rates = 'lake'")
        assert "parquet" in said
        assert "No such file" in said

    def test_a_half_written_file_of_the_table(self, rates, tmp_path, table):
        path, _ = table
        file = next((tmp_path / "sources" / path).rglob("*.parquet"))
        file.write_bytes(file.read_bytes()[:-20])
        said = rates.refused(f"rates = '{path}'")
        assert f"{file.name} is " in said
        assert "not written to its end, or was replaced" in said

    def test_renamed_columns_that_the_reader_does_not_know(self, rates, tmp_path):
        """As a writer with column mapping leaves a table: the log asks for a reader of version 2."""
        folder = tmp_path / "sources" / "lake"
        delta(folder, ROWS)
        log = folder / "_delta_log" / "00000000000000000000.json"
        log.write_text(log.read_text().replace('"minReaderVersion":1', '"minReaderVersion":2'))
        said = rates.refused("rates = 'lake'")
        assert "column mapping" in said

    @pytest.mark.parametrize(("format", "package"), [("delta", "deltalake"), ("iceberg", "pyiceberg")])
    def test_a_package_that_is_not_installed(self, rates, tmp_path, monkeypatch, format, package):
        (tmp_path / "sources" / "lake" / "metadata").mkdir(parents=True)
        (tmp_path / "sources" / "lake" / "metadata" / "00000-a.metadata.json").write_text("{}")
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            monkeypatch.delitem(sys.modules, name)
        # None in the list of modules: Python says that there is no such module.
        monkeypatch.setitem(sys.modules, package, None)
        said = rates.refused(f"rates = {{ path = 'lake', format = '{format}' }}")
        assert f"needs the package {package}; install it with: pip install {package}" in said

    def test_several_tables_at_once(self, rates, tmp_path):
        for name in ("a", "b"):
            file = tmp_path / "sources" / f"{name}.metadata.json"
            file.write_text("{}")
        assert "stands for several iceberg tables; name one" in rates.refused("rates = '*.metadata.json'")


class TestIcebergMetadata:
    @pytest.mark.parametrize(
        ("names", "hint", "newest"),
        [
            (["00001-a.metadata.json", "00010-b.metadata.json", "00009-c.metadata.json"], "", "00010-b.metadata.json"),
            (["v9.metadata.json", "v10.metadata.json"], "", "v10.metadata.json"),
            # The hint wins: the file after it is of a writer that has not ended yet.
            (["v9.metadata.json", "v10.metadata.json"], "9\n", "v9.metadata.json"),
            (["v9.metadata.json"], "12", "v9.metadata.json"),
            (["snap-1.avro", "version-hint.text"], "", None),
        ],
    )
    def test_the_newest_file_says_what_the_table_is(self, names, hint, newest):
        assert lakes.newest_metadata(names, hint) == newest

    def test_a_named_file_is_the_table_as_it_was_then(self, rates, tmp_path):
        made = iceberg(tmp_path / "sources", "rates", ROWS, MORE)
        first = made.metadata.metadata_log[-1].metadata_file.removeprefix("file://")
        assert_frame_equal(rates.read(f"rates = '{first}'"), ROWS)


class TestInAStore:
    def test_both_are_known_by_their_folders(self, rates, bucket):
        delta(f"{bucket.address}/d/rates", ROWS, bucket.options)
        with Catalogue(f"{bucket.address}/i", **bucket.iceberg) as catalogue:
            made = catalogue.table("rates", ROWS)
        for path in ("d/rates", "d/rates/", "i/ar/rates"):
            assert_frame_equal(rates.read(f"rates = '{bucket.address}/{path}'"), ROWS)
        assert_frame_equal(rates.read(f"rates = '{made.metadata_location}'"), ROWS)

    def test_what_is_no_table_is_said_to_be_none(self, rates, bucket):
        bucket.put_rows("r/1.parquet", ROWS)
        for format, said in (("delta", "is no Delta table"), ("iceberg", "is no Iceberg table")):
            assert said in rates.refused(f"rates = {{ path = '{bucket.address}/r', format = '{format}' }}")
            missing = rates.refused(f"rates = {{ path = 's3://no-such-bucket/r', format = '{format}' }}")
            assert "there is no bucket 'no-such-bucket'" in missing

    def test_a_login_without_the_right(self, rates, bucket, monkeypatch):
        delta(f"{bucket.address}/d/rates", ROWS, bucket.options)
        key, secret = bucket.store.user(bucket.name)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        with bucket.store.asking():
            said = rates.refused(f"rates = '{bucket.address}/d/rates'")
        assert "is denied" in said
        assert secret not in said

    def test_a_version_that_never_was(self, rates, bucket):
        delta(f"{bucket.address}/d/rates", ROWS, bucket.options)
        said = rates.refused(f"rates = {{ path = '{bucket.address}/d/rates', version = 3 }}")
        assert f"{bucket.address}/d/rates has no version 3; its newest is 0." in said

    def test_a_half_written_file_of_the_table(self, rates, bucket):
        delta(f"{bucket.address}/d/rates", ROWS, bucket.options)
        key = next(key for key, _ in bucket.contents() if key.endswith(".parquet"))
        bucket.put(key, b"PAR1 and nothing more")
        assert "it.toml" in rates.refused(f"rates = '{bucket.address}/d/rates'")
