"""The files connector: nothing lost, nothing guessed, and every mistake in a sentence."""

from __future__ import annotations

import datetime as dt
import os
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from config.settings import load
from data_sources.files import Files
from data_sources.registry import open_connector
from ledger.errors import ConfigError, SourceError
from tests.data_sources.contract import mapped

RATES = "SELECT currency, date, rate FROM rates"


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "sources").mkdir()
    (tmp_path / "app.toml").write_text('reporting_currency = "USD"\nsource = "it"\n')
    return tmp_path / "sources"


@pytest.fixture
def read(tmp_path, folder):
    """Read ``fx_rates`` from a raw table ``rates`` that is described as in a source file."""

    def read_(tables: str, sql: str = RATES) -> pl.DataFrame:
        text = f"kind = 'files'\n[tables]\n{tables}\n[mapping]\nfx_rates = '''{sql}'''\n"
        (folder / "it.toml").write_text(text, encoding="utf-8")
        with open_connector(load(tmp_path)) as source:
            return mapped(source, "fx_rates")

    return read_


def sentence(read, tables: str, sql: str = RATES) -> str:
    with pytest.raises((SourceError, ConfigError)) as caught:
        read(tables, sql)
    said = str(caught.value)
    assert "\n" not in said
    return said


HEADER = "currency,date,rate\n"


class TestCsv:
    def test_everything_is_text(self, read, folder):
        (folder / "r.csv").write_text(HEADER + "USD,2026-01-01,001.50\nEUR,,1e3\n")
        frame = read("rates = 'r.csv'")
        assert set(frame.dtypes) == {pl.String}
        assert frame.rows() == [("USD", "2026-01-01", "001.50"), ("EUR", None, "1e3")]

    def test_a_row_that_is_too_short_is_refused_with_its_line(self, read, folder):
        (folder / "r.csv").write_text(HEADER + "USD,2026-01-01,1\nEUR,2026-01-01\nGBP,2026-01-01,1\n")
        said = sentence(read, "rates = 'r.csv'")
        assert "r.csv, line 3 has 2 fields where the header has 3" in said

    def test_a_row_that_is_too_long_is_refused_with_its_line(self, read, folder):
        (folder / "r.csv").write_text(HEADER + "USD,2026-01-01,1\nEUR,2026-01-01,1,5\n")
        assert "line 3 has 4 fields" in sentence(read, "rates = 'r.csv'")

    def test_the_line_counts_lines_within_fields_and_above_the_header(self, read, folder):
        (folder / "r.csv").write_text("a title\n" + HEADER + '"U\nS\nD",2026-01-01,1\nEUR,x\n')
        assert "line 6 has 2 fields" in sentence(read, "rates = { path = 'r.csv', skip_rows = 1 }")

    def test_one_broken_row_among_very_many_is_found(self, read, folder):
        rows = ["USD,2026-01-01,1\n"] * 200_000
        rows[123_455] = "USD,2026-01-01\n"
        (folder / "r.csv").write_text(HEADER + "".join(rows))
        # The header is line 1, so that row n (from 0) is line n + 2.
        assert "line 123457 has 2 fields" in sentence(read, "rates = 'r.csv'")

    def test_an_unclosed_quote_is_refused(self, read, folder):
        (folder / "r.csv").write_text(HEADER + 'USD,"2026-01-01,1\nEUR,2026-01-01,1\n')
        assert "line 2" in sentence(read, "rates = 'r.csv'")

    def test_a_stray_quote_does_not_lose_rows(self, read, folder):
        (folder / "r.csv").write_text(HEADER + 'USD,20"26,1\nEUR,2026-01-01,1\nGBP,20"26,1\n')
        assert "r.csv" in sentence(read, "rates = 'r.csv'")

    def test_quoted_lines_delimiters_and_quotes_are_kept(self, read, folder):
        (folder / "r.csv").write_text(HEADER + '"U\nSD","a,b","say ""hi"""\n')
        assert read("rates = 'r.csv'").rows() == [("U\nSD", "a,b", 'say "hi"')]

    def test_blank_lines_are_no_rows(self, read, folder):
        (folder / "r.csv").write_text(HEADER + "\nUSD,2026-01-01,1\n\n\nEUR,2026-01-01,2\n\n")
        assert read("rates = 'r.csv'")["currency"].to_list() == ["USD", "EUR"]

    def test_a_header_alone_is_no_rows(self, read, folder):
        (folder / "r.csv").write_text(HEADER)
        assert read("rates = 'r.csv'").shape == (0, 3)

    def test_an_empty_file_is_refused(self, read, folder):
        (folder / "r.csv").write_text("")
        assert "is empty" in sentence(read, "rates = 'r.csv'")

    def test_a_byte_order_mark_is_no_part_of_the_header(self, read, folder):
        (folder / "r.csv").write_bytes(("\ufeff" + HEADER + "USD,2026-01-01,1\n").encode())
        assert read("rates = 'r.csv'")["currency"].to_list() == ["USD"]

    def test_another_encoding_is_suggested_with_file_and_line(self, read, folder):
        (folder / "r.csv").write_bytes((HEADER + "USD,2026-01-01,1\nM\xfc,2026-01-01,1\n").encode("cp1252"))
        said = sentence(read, "rates = 'r.csv'")
        assert "r.csv is not UTF-8 text (line 3)" in said
        assert 'encoding = "cp1252"' in said

    def test_an_undecodable_byte_is_found_in_a_column_that_nothing_uses(self, read, folder):
        (folder / "r.csv").write_bytes(b"currency,date,rate,who\nUSD,2026-01-01,1,M\xfcller\n")
        assert "not UTF-8" in sentence(read, "rates = 'r.csv'")

    def test_another_encoding_is_read(self, read, folder):
        (folder / "r.csv").write_bytes((HEADER + "M\xfc,\u20ac,1\n").encode("cp1252"))
        assert read("rates = { path = 'r.csv', encoding = 'cp1252' }").row(0) == ("Mü", "€", "1")

    def test_a_wrong_encoding_is_named(self, read, folder):
        (folder / "r.csv").write_bytes((HEADER + "M\xfc,x,1\n").encode("cp1252"))
        assert "is not ascii text" in sentence(read, "rates = { path = 'r.csv', encoding = 'ascii' }")
        assert "'utf-99' is unknown" in sentence(read, "rates = { path = 'r.csv', encoding = 'utf-99' }")

    def test_another_delimiter_is_suggested(self, read, folder):
        (folder / "r.csv").write_text(HEADER.replace(",", ";") + "USD;2026-01-01;1\n")
        assert 'delimiter = ";"' in sentence(read, "rates = 'r.csv'")

    def test_a_repeated_header_is_refused(self, read, folder):
        (folder / "r.csv").write_text("currency,rate,rate\nUSD,1,2\n")
        assert "two columns named 'rate'" in sentence(read, "rates = 'r.csv'")

    def test_tabs_are_known_by_the_ending(self, read, folder):
        (folder / "r.tsv").write_text(HEADER.replace(",", "\t") + "USD\t2026-01-01\t1\n")
        assert read("rates = 'r.tsv'")["rate"].to_list() == ["1"]


class TestExcel:
    @pytest.fixture
    def book(self, folder):
        def write(*rows: tuple, header=("currency", "date", "rate"), sheet="Rates"):
            with xlsxwriter.Workbook(folder / "r.xlsx") as workbook:
                day = workbook.add_format({"num_format": "yyyy-mm-dd"})
                page = workbook.add_worksheet(sheet)
                workbook.add_worksheet("Notes")
                for at, row in enumerate([header, *rows]):
                    for column, value in enumerate(row):
                        match value:
                            case dt.date():
                                page.write_datetime(at, column, dt.datetime.combine(value, dt.time()), day)
                            case str():
                                page.write_string(at, column, value)
                            case None:
                                page.write_blank(at, column, None, day)
                            case _:
                                page.write(at, column, value)

        return write

    def test_dates_and_numbers_keep_their_types_and_ids_are_whole(self, read, book):
        book((1001, dt.date(2026, 1, 31), 1.25), (1002, None, -0.1))
        frame = read("rates = 'r.xlsx'")
        assert frame.rows() == [(1001, dt.date(2026, 1, 31), 1.25), (1002, None, -0.1)]
        assert frame.dtypes == [pl.Int64, pl.Date, pl.Float64]

    def test_ids_that_are_text_keep_their_zeros(self, read, book):
        book(("0001", dt.date(2026, 1, 1), 1), ("0002", dt.date(2026, 1, 1), 2))
        assert read("rates = 'r.xlsx'")["currency"].to_list() == ["0001", "0002"]

    def test_a_cell_that_does_not_fit_its_column_is_kept(self, read, book):
        book((7, dt.date(2026, 1, 31), 10.5), ("A7", "31.02.2026", "n/a"), ("008", None, None))
        assert read("rates = 'r.xlsx'").rows() == [
            ("7", "2026-01-31", "10.5"),
            ("A7", "31.02.2026", "n/a"),
            ("008", None, None),
        ]

    def test_rows_without_a_value_are_no_rows(self, read, book):
        book(("USD", dt.date(2026, 1, 1), 1), (None, None, None), ("EUR", dt.date(2026, 1, 1), 1), (None, None, None))
        assert read("rates = 'r.xlsx'")["currency"].to_list() == ["USD", "EUR"]

    def test_a_header_alone_is_no_rows(self, read, book):
        book()
        assert read("rates = 'r.xlsx'").shape == (0, 3)

    def test_a_missing_sheet_lists_those_that_are_there(self, read, book):
        book(("USD", "x", 1))
        said = sentence(read, "rates = { path = 'r.xlsx', sheet = 'Raten' }")
        assert "no sheet 'Raten'" in said
        assert "'Rates', 'Notes'" in said

    def test_a_file_that_is_no_workbook_is_named(self, read, folder):
        (folder / "r.xlsx").write_text("not a workbook")
        assert "r.xlsx cannot be read as an Excel file" in sentence(read, "rates = 'r.xlsx'")


class TestOtherFormats:
    def test_parquet_keeps_its_types(self, read, folder):
        frame = pl.DataFrame({"currency": ["USD"], "date": [dt.date(2026, 1, 1)], "rate": [Decimal("1.10")]})
        frame.write_parquet(folder / "r.parquet")
        assert read("rates = 'r.parquet'").equals(frame)

    def test_ndjson_keeps_text_as_text_and_every_key(self, read, folder):
        lines = '{"currency": "007", "date": "2026-01-01", "rate": 1.5}\n{"currency": null, "rate": 2}\n'
        (folder / "r.ndjson").write_text(lines)
        assert read("rates = 'r.ndjson'").rows() == [("007", "2026-01-01", 1.5), (None, None, 2.0)]

    @pytest.mark.parametrize("name", ["r.parquet", "r.ndjson"])
    def test_a_broken_file_is_named(self, read, folder, name):
        (folder / name).write_text("{ not what it says")
        assert name in sentence(read, f"rates = '{name}'")


class TestWhere:
    def test_a_missing_file_suggests_the_nearest(self, read, folder):
        (folder / "rates.csv").write_text(HEADER)
        said = sentence(read, "rates = 'rats.csv'")
        assert "tables.rates names" in said
        assert "did you mean 'rates.csv'?" in said

    def test_a_missing_folder_is_named(self, read):
        assert "there is no folder" in sentence(read, "rates = 'nowhere/rates.csv'")

    def test_a_pattern_that_matches_nothing_is_named(self, read):
        assert "no file matches" in sentence(read, "rates = 'rates_*.csv'")

    def test_files_of_a_pattern_come_in_the_order_of_their_names(self, read, folder):
        for name in ("r_10.csv", "r_02.csv", "r_01.csv"):
            (folder / name).write_text(HEADER + f"{name},2026-01-01,1\n")
        assert read("rates = 'r_*.csv'")["currency"].to_list() == ["r_01.csv", "r_02.csv", "r_10.csv"]

    def test_a_folder_is_all_its_files(self, read, folder):
        (folder / "in").mkdir()
        for name in ("a.csv", "b.csv", ".hidden.csv", "~$b.csv"):
            (folder / "in" / name).write_text(HEADER + f"{name},2026-01-01,1\n")
        (folder / "in" / "readme.md").write_text("not data")
        assert read("rates = 'in'")["currency"].to_list() == ["a.csv", "b.csv"]

    def test_an_absolute_pattern_is_found(self, read, folder, tmp_path):
        (folder / "r.csv").write_text(HEADER + "USD,2026-01-01,1\n")
        assert read(f"rates = '{tmp_path}/*/r.csv'").height == 1

    def test_files_must_have_the_same_columns(self, read, folder):
        (folder / "r1.csv").write_text(HEADER)
        (folder / "r2.csv").write_text("currency,date,ratio\n")
        said = sentence(read, "rates = 'r*.csv'")
        assert "r2.csv" in said
        assert "lacks 'rate'" in said
        assert "has 'ratio' besides" in said

    def test_one_kind_of_file_at_a_time(self, read, folder):
        (folder / "r1.csv").write_text(HEADER)
        (folder / "r2.ndjson").write_text("{}")
        assert "csv and ndjson" in sentence(read, "rates = 'r*'")

    def test_an_unclear_format_is_asked_for(self, read, folder):
        (folder / "r.dat").write_text(HEADER + "USD,2026-01-01,1\n")
        assert 'add format = "csv"' in sentence(read, "rates = 'r.dat'")
        assert read("rates = { path = 'r.dat', format = 'csv' }").height == 1

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ("path = 'r.csv', sheet = 'A'", "sheet is for Excel"),
            ("path = 'r.parquet', delimiter = ';'", "delimiter is for csv"),
            ("path = 'r.parquet', encoding = 'cp1252'", "encoding is for csv"),
            ("path = 'r.ndjson', skip_rows = 1", "skip_rows is for csv and Excel"),
            ("path = 'https://h/r.xlsx'", "must be on this machine"),
            ("path = 'https://h/r', format = 'delta'", "a table of delta must be on this machine"),
            ("path = 'r.csv', version = 3", "version is for Delta and Iceberg tables"),
        ],
    )
    def test_an_option_that_does_not_fit_is_refused(self, read, folder, options, said):
        for name in ("r.csv", "r.parquet", "r.ndjson"):
            (folder / name).write_text(HEADER)
        assert said in sentence(read, f"rates = {{ {options} }}")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_a_file_that_may_not_be_read_is_named(self, read, folder):
        (folder / "r.csv").write_text(HEADER)
        (folder / "r.csv").chmod(0)
        assert "permission denied" in sentence(read, "rates = 'r.csv'")

    def test_temporary_copies_are_cleared_away(self, read, folder, tmp_path, monkeypatch):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        (folder / "r.csv").write_bytes((HEADER + "M\xfc,x,1\n").encode("cp1252"))
        read("rates = { path = 'r.csv', encoding = 'cp1252' }")
        assert not list(tmp_path.glob("outstanding-*"))


class TestAddresses:
    """Files at an address are Polars' business; a small server that answers as an object store does stands for one."""

    @pytest.fixture
    def address(self, folder):
        class Ranges(BaseHTTPRequestHandler):
            def do_GET(self):
                file = folder / self.path.lstrip("/").partition("?")[0]
                if not file.exists():
                    self.send_error(404)
                    return
                content = file.read_bytes()
                start, end = 0, len(content)
                if wanted := self.headers.get("Range"):
                    first, _, last = wanted.removeprefix("bytes=").partition("-")
                    start, end = int(first), min(int(last) + 1 if last else end, end)
                self.send_response(206 if wanted else 200)
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
                self.send_header("Content-Length", str(end - start))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(content[start:end])

            def do_HEAD(self):
                self.do_GET()

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Ranges)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()

    def test_a_csv_file_is_read_as_text(self, read, folder, address):
        (folder / "r.csv").write_text(HEADER + "USD,2026-01-01,001.50\n")
        assert read(f"rates = '{address}/r.csv'").rows() == [("USD", "2026-01-01", "001.50")]

    def test_a_file_that_is_not_there_is_named_without_a_signature(self, read, address):
        said = sentence(read, f"rates = '{address}/r.csv?signature=hushhush'")
        assert "tables.rates" in said or "mapping.fx_rates" in said
        assert "not found" in said
        assert "hushhush" not in said

    def test_a_storage_option_that_does_not_fit_is_named_and_not_repeated(self, read):
        said = sentence(read, "rates = 'http://127.0.0.1:1/r.csv'\n[storage]\nmax_retries = 'hushhush'")
        assert "storage.max_retries" in said
        assert "hushhush" not in said


class TestMapping:
    @pytest.fixture(autouse=True)
    def _rates(self, folder):
        (folder / "r.csv").write_text(HEADER + "USD,2026-01-01,1\n")

    def test_a_table_with_a_canonical_name_needs_no_mapping(self, folder, tmp_path):
        (folder / "it.toml").write_text("kind = 'files'\n[tables]\nfx_rates = 'r.csv'\n")
        with open_connector(load(tmp_path)) as source:
            assert mapped(source, "fx_rates").rows() == [("USD", "2026-01-01", "1")]

    def test_a_function_that_polars_lacks_is_named(self, read):
        assert "calls NOFUNC" in sentence(read, "rates = 'r.csv'", "SELECT nofunc(rate) AS rate FROM rates")

    def test_arithmetic_on_text_is_explained(self, read):
        said = sentence(read, "rates = 'r.csv'", "SELECT currency, date, rate * 2 AS rate FROM rates")
        assert "cannot be run for fx_rates" in said

    def test_only_files_that_a_mapping_uses_are_read(self, read):
        assert read("rates = 'r.csv'\nother = 'missing.csv'").height == 1

    @pytest.mark.parametrize(
        ("tables", "said"),
        [
            ("", "tables"),
            ("rates = { pth = 'r.csv' }", "tables.rates.pth"),
            ("rates = { path = 'r.csv', delimiter = ';;' }", "tables.rates.delimiter"),
            ("rates = { path = 'r.csv', skip_rows = -1 }", "tables.rates.skip_rows"),
            ("rates = { path = 'r.csv', format = 'cvs' }", "tables.rates.format is 'cvs'"),
            ("rates = 3", "tables.rates"),
        ],
    )
    def test_a_wrong_option_is_named(self, read, tables, said):
        assert said in sentence(read, tables)

    def test_storage_secrets_are_not_shown(self, folder, tmp_path, monkeypatch):
        monkeypatch.setenv("KEY", "hushhush")
        (folder / "it.toml").write_text(
            "kind = 'files'\n[tables]\nfx_rates = 's3://bucket/r.csv?X-Sig=1'\n[storage]\nsecret_key = '${KEY}'\n"
        )
        with open_connector(load(tmp_path)) as source:
            assert isinstance(source, Files)
            assert "hushhush" not in repr(source._options) + repr(source) + source.describe()
            assert "X-Sig" not in source.describe()
