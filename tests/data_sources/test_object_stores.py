"""Files in an object store: found, read a few columns at a time, and every refusal told in a sentence."""

from __future__ import annotations

import io
import json
import socket
import time
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner
from polars.testing import assert_frame_equal
from pydantic import SecretStr

from cli import cli
from data_sources import object_store, storage_errors
from data_sources.object_store import Bucket
from data_sources.storage import Storage
from ledger.errors import ConfigError

HEADER = "currency,date,rate\n"
ROWS = pl.DataFrame({"currency": ["USD", "EUR"], "date": ["2026-01-01", "2026-01-02"], "rate": ["1", "1.10"]})


class TestWhere:
    def test_a_pattern_is_read_in_the_order_of_the_names(self, rates, bucket):
        for name in ("r_10.csv", "r_02.csv", "r_01.csv", "other.csv", "deep/r_03.csv"):
            bucket.put(f"in/{name}", HEADER + f"{name},2026-01-01,1\n")
        at = bucket.address
        assert rates.read(f"rates = '{at}/in/r_*.csv'")["currency"].to_list() == ["r_01.csv", "r_02.csv", "r_10.csv"]
        assert rates.read(f"rates = '{at}/in/r_0[!1].csv'")["currency"].to_list() == ["r_02.csv"]
        assert rates.read(f"rates = '{at}/in/r_?0.csv'")["currency"].to_list() == ["r_10.csv"]
        assert rates.read(f"rates = '{at}/in/**/r_0*.csv'")["currency"].to_list() == [
            "deep/r_03.csv",
            "r_01.csv",
            "r_02.csv",
        ]

    def test_a_folder_is_all_its_files(self, rates, bucket):
        for name in ("b.parquet", "a.parquet"):
            bucket.put_rows(f"in/{name}", ROWS.with_columns(currency=pl.lit(name)))
        bucket.put("in/_SUCCESS", "")
        bucket.put("in/.hidden.csv", "")
        found = rates.read(f"rates = '{bucket.address}/in/'")["currency"].unique(maintain_order=True)
        assert found.to_list() == ["a.parquet", "b.parquet"]

    def test_a_folder_may_be_called_as_a_file_is(self, rates, bucket):
        bucket.put_rows("r.parquet/part-0.parquet", ROWS)
        assert_frame_equal(rates.read(f"rates = '{bucket.address}/r.parquet'"), ROWS)

    def test_a_named_file_needs_no_ending(self, rates, bucket):
        bucket.put("in/rates", HEADER + "USD,2026-01-01,1\n")
        assert rates.read(f"rates = {{ path = '{bucket.address}/in/rates', format = 'csv' }}").height == 1

    def test_excel_is_read_as_here(self, rates, bucket):
        file = io.BytesIO()
        with xlsxwriter.Workbook(file) as book:
            for at, row in enumerate([ROWS.columns, *ROWS.rows()]):
                book.add_worksheet().write_row(0, 0, row) if at == 0 else book.worksheets()[0].write_row(at, 0, row)
        bucket.put("r.xlsx", file.getvalue())
        assert_frame_equal(rates.read(f"rates = '{bucket.address}/r.xlsx'"), ROWS)

    def test_another_encoding_is_read_as_here(self, rates, bucket):
        bucket.put("r.csv", (HEADER + "M\xfc,\u20ac,1\n").encode("cp1252"))
        found = rates.read(f"rates = {{ path = '{bucket.address}/r.csv', encoding = 'cp1252' }}")
        assert found.row(0) == ("Mü", "€", "1")

    def test_what_is_there_is_looked_up_once(self, rates, bucket):
        """A file that comes while a refresh runs is for the next one."""
        bucket.put_rows("in/1.parquet", ROWS)
        with rates.opened(f"rates = '{bucket.address}/in/*.parquet'") as source:
            assert source.check().sentence == "1 file found and readable."
            bucket.put_rows("in/2.parquet", ROWS)
            assert source.read("fx_rates").height == ROWS.height
        assert rates.read(f"rates = '{bucket.address}/in/*.parquet'").height == 2 * ROWS.height


class TestColumns:
    def test_only_those_that_a_mapping_names_are_fetched(self, rates, bucket):
        """A column that is not asked for may be as large as it likes."""
        bucket.put_rows("in/1.parquet", ROWS.with_columns(scan=pl.lit("x")))
        with rates.opened(f"rates = '{bucket.address}/in/*.parquet'") as source:
            plan = source._frame("rates").sql("SELECT currency, rate FROM self").explain()
        assert "PROJECT 2/4 COLUMNS" in plan

    def test_files_must_have_the_same_columns(self, rates, bucket):
        bucket.put_rows("in/1.parquet", ROWS)
        bucket.put_rows("in/2.parquet", ROWS.rename({"rate": "ratio"}))
        said = rates.refused(f"rates = '{bucket.address}/in/*.parquet'")
        assert f"{bucket.address}/in/2.parquet lacks 'rate' and has 'ratio' besides" in said

    def test_a_renamed_column_is_named_with_the_nearest(self, rates, bucket):
        bucket.put_rows("r.parquet", ROWS.rename({"currency": "currencyx"}))
        said = rates.refused(f"rates = '{bucket.address}/r.parquet'")
        assert "mapping.fx_rates" in said
        assert "did you mean 'currencyx'?" in said


class TestRefused:
    def test_no_such_bucket(self, rates, bucket):
        for path in ("rates.csv", "*.parquet", "folder"):
            said = rates.refused(f"rates = 's3://no-such-bucket/{path}'")
            assert "tables.rates: there is no bucket 'no-such-bucket'" in said
            assert bucket.store.url in said

    def test_no_such_file_suggests_the_nearest(self, rates, bucket):
        bucket.put("in/rates.csv", HEADER)
        said = rates.refused(f"rates = '{bucket.address}/in/rats.csv'")
        assert f"tables.rates names {bucket.address}/in/rats.csv, which does not exist" in said
        assert "did you mean 'rates.csv'?" in said

    def test_no_such_folder_and_nothing_that_matches(self, rates, bucket):
        assert "which does not exist" in rates.refused(f"rates = '{bucket.address}/nowhere'")
        assert "no file matches" in rates.refused(f"rates = '{bucket.address}/nowhere/*.csv'")
        bucket.put("in/notes.md", "")
        assert "holds no csv, Excel, parquet or ndjson" in rates.refused(f"rates = '{bucket.address}/in'")

    def test_a_login_without_the_right(self, rates, bucket, monkeypatch):
        bucket.put("in/r.csv", HEADER)
        key, secret = bucket.store.user(bucket.name)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        with bucket.store.asking():
            one, several = (rates.refused(f"rates = '{bucket.address}/in/{path}'") for path in ("r.csv", "*.csv"))
        for said in (one, several):
            assert f"access to {bucket.address}/in" in said
            assert "is denied" in said
            assert secret not in said

    def test_keys_that_the_store_does_not_know(self, rates, bucket):
        bucket.put("in/r.csv", HEADER)
        with bucket.store.asking():
            said = rates.refused(f"rates = '{bucket.address}/in/r.csv'")
        assert "does not accept the credentials" in said
        assert "AWS_ACCESS_KEY_ID" in said

    def test_a_wrong_secret_in_the_settings_is_not_repeated(self, rates, bucket, monkeypatch):
        key, _ = bucket.store.user(bucket.name)
        monkeypatch.setenv("AR_SECRET", "hushhush-and-more")
        storage = f"[storage]\naccess_key_id = '{key}'\nsecret_access_key = '${{AR_SECRET}}'"
        with bucket.store.asking():
            said = rates.refused(f"rates = '{bucket.address}/in/r.csv'\n{storage}")
        assert "does not accept the credentials" in said

    def test_no_credentials_anywhere(self, rates, bucket, monkeypatch):
        """The last that is asked is the machine's own metadata service, which answers on no machine of ours."""
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        started = time.monotonic()
        said = rates.refused(f"rates = '{bucket.address}/r.csv'\n[storage]\nconnect_timeout = 1\nmax_retries = 0")
        assert time.monotonic() - started < 30
        assert f"no credentials for {bucket.address}/r.csv were found; set AWS_ACCESS_KEY_ID" in said

    def test_a_wrong_endpoint_does_not_keep_anybody_waiting(self, rates, bucket):
        started = time.monotonic()
        said = rates.refused(f"rates = '{bucket.address}/r.csv'\n[storage]\nendpoint_url = 'http://127.0.0.1:1'")
        assert time.monotonic() - started < 30
        assert "http://127.0.0.1:1 does not answer" in said

    def test_a_server_that_never_answers_does_not_either(self, rates, bucket):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
            storage = f"[storage]\nendpoint_url = '{endpoint}'\ntimeout = 1\nmax_retries = 1"
            started = time.monotonic()
            said = rates.refused(f"rates = '{bucket.address}/*.parquet'\n{storage}")
        assert time.monotonic() - started < 20
        assert f"{endpoint} does not answer" in said

    def test_a_half_written_parquet_file(self, rates, bucket):
        bucket.put_rows("whole.parquet", ROWS)
        whole = io.BytesIO()
        ROWS.write_parquet(whole)
        bucket.put("in/r.parquet", whole.getvalue()[:-20])
        said = rates.refused(f"rates = '{bucket.address}/in/*.parquet'")
        assert f"{bucket.address}/in/r.parquet is not a readable parquet file" in said

    def test_a_short_row_is_named_with_its_address_and_line(self, rates, bucket):
        bucket.put("in/r.csv", HEADER + "USD,2026-01-01,1\nEUR,2026-01-01\n")
        said = rates.refused(f"rates = '{bucket.address}/in/r.csv'")
        assert f"{bucket.address}/in/r.csv, line 3 has 2 fields where the header has 3" in said

    def test_a_file_that_went_away_meanwhile(self, rates, bucket):
        bucket.put_rows("in/r.parquet", ROWS)
        with rates.opened(f"rates = '{bucket.address}/in/*.parquet'") as source:
            assert source.check().ok
            bucket.store.remove(bucket.name, "in/r.parquet")
            with pytest.raises(Exception, match=r"not there|not found") as caught:
                source.read("fx_rates")
        assert "hushhush" not in str(caught.value)
        assert "removed or replaced" in str(caught.value)


class TestSettings:
    def test_a_secret_that_is_written_out_is_refused_and_not_repeated(self, rates):
        said = rates.refused("rates = 's3://b/r.csv'\n[storage]\nsecret_access_key = 'hushhush'")
        assert "storage.secret_access_key is a secret and stands in the file" in said
        assert "${NAME}" in said

    @pytest.mark.parametrize(
        ("name", "secret"),
        [
            ("aws_secret_access_key", True),
            ("account_key", True),
            ("sas_token", True),
            ("service_account_key", True),
            ("client_secret", True),
            ("access_key_id", False),
            ("client_id", False),
            ("service_account", False),
            ("region", False),
            ("imdsv1_fallback", False),
        ],
    )
    def test_what_is_a_secret(self, name, secret):
        given, read = {name: "value"}, {name: SecretStr("value")}
        if secret:
            with pytest.raises(ConfigError, match=name):
                Storage.read(Path("it.toml"), read, given)
        else:
            assert Storage.read(Path("it.toml"), read, given).options == given

    def test_a_misspelt_option_is_named_with_the_nearest(self, rates, bucket):
        said = rates.refused(f"rates = '{bucket.address}/r.csv'\n[storage]\nregoin = 'x'")
        assert "storage.regoin is no option of s3://" in said
        assert "did you mean 'region'?" in said

    def test_a_value_that_does_not_fit_is_not_repeated(self, rates, bucket):
        said = rates.refused(f"rates = '{bucket.address}/r.csv'\n[storage]\nskip_signature = 'hushhush'")
        assert "a value in [storage] does not fit" in said

    def test_everything_may_stand_in_the_settings(self, rates, bucket, monkeypatch):
        bucket.put_rows("r.parquet", ROWS)
        environment = bucket.store.environment
        for name in environment:
            monkeypatch.delenv(name)
        monkeypatch.setenv("AR_SECRET", environment["AWS_SECRET_ACCESS_KEY"])
        storage = (
            f"[storage]\nendpoint_url = '{bucket.store.url}'\nregion = 'us-east-1'\naccess_key_id = 'reader'\n"
            "secret_access_key = '${AR_SECRET}'"
        )
        assert_frame_equal(rates.read(f"rates = '{bucket.address}/r.parquet'\n{storage}"), ROWS)

    def test_no_reader_shows_a_secret(self):
        storage = Storage(Path("it.toml"), {"access_key_id": "reader", "secret_access_key": "hushhush"})
        assert "hushhush" not in repr(storage) + storage.hidden("the key hushhush is wrong")
        place = object_store.address("s3://bucket/r.csv")
        assert place is not None
        assert "hushhush" not in repr(Bucket.open(place, storage, "here"))


def test_a_first_look_by_the_command_line(rates, bucket):
    bucket.put_rows("in/1.parquet", ROWS)
    for name, columns in (("customers", ("customer_id", "name")), ("settlements", ())):
        header = columns or ("settlement_id", "document_id", "settled_on", "amount", "kind")
        bucket.put(f"{name}.csv", ",".join(header) + "\n")
    at = bucket.address
    rates.opened(f"rates = '{at}/in/*.parquet'\ncustomers = '{at}/customers.csv'\nsettlements = '{at}/settlements.csv'")
    source = rates.folder / "sources" / "it.toml"
    source.write_text(source.read_text() + "documents = 'SELECT * FROM customers'\n")
    result = CliRunner().invoke(cli, ["--config", str(rates.folder), "source", "test", "--table", "fx_rates"])
    assert result.exit_code == 0, result.output
    assert "1.10" in result.stdout
    source.write_text(source.read_text().replace(bucket.name, "no-such-bucket"))
    result = CliRunner().invoke(cli, ["--config", str(rates.folder), "source", "test"])
    assert result.exit_code == 1
    assert "there is no bucket 'no-such-bucket'" in result.stderr
    assert len(result.stderr.splitlines()) == 1


class TestOtherStores:
    """Google's requests look as Amazon's do; Azure's do not, and no server for them is at hand."""

    @pytest.fixture
    def google(self, rates, bucket, monkeypatch):
        account = {"gcs_base_url": bucket.store.url, "disable_oauth": True, "client_email": "", "private_key": ""}
        file = rates.folder / "account.json"
        file.write_text(json.dumps({**account, "private_key_id": ""}))
        monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(file))
        return bucket.name

    @pytest.mark.parametrize("scheme", ["gs", "gcs"])
    def test_google_is_read(self, rates, bucket, google, scheme):
        bucket.put_rows("in/1.parquet", ROWS)
        bucket.put("in/r.csv", ROWS.write_csv())
        assert_frame_equal(rates.read(f"rates = '{scheme}://{google}/in/*.parquet'"), ROWS)
        assert_frame_equal(rates.read(f"rates = '{scheme}://{google}/in/r.csv'"), ROWS)

    def test_google_refuses_in_a_sentence(self, rates, google):
        assert "no file matches gs://" in rates.refused(f"rates = 'gs://{google}/*.csv'")
        assert "there is no bucket 'nowhere-at-all'" in rates.refused("rates = 'gs://nowhere-at-all/*.csv'")

    def test_azure_needs_an_account(self, rates, monkeypatch):
        monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
        said = rates.refused("rates = 'az://finance/ar/*.parquet'")
        assert "no credentials for az://finance were found; set AZURE_STORAGE_ACCOUNT_NAME" in said

    @pytest.mark.parametrize(
        ("written", "scheme", "root", "bucket", "key"),
        [
            ("s3://ledger/ar/i.csv", "s3", "s3://ledger", "ledger", "ar/i.csv"),
            ("s3a://ledger", "s3", "s3://ledger", "ledger", ""),
            ("gcs://ledger/ar/", "gs", "gs://ledger", "ledger", "ar"),
            ("az://box/ar/*.csv", "az", "az://box", "box", "ar/*.csv"),
            ("abfss://box@me.dfs.core.windows.net/a", "az", "abfss://box@me.dfs.core.windows.net", "box", "a"),
        ],
    )
    def test_an_address_is_taken_apart(self, written, scheme, root, bucket, key):
        assert object_store.address(written) == object_store.Address(scheme, root, bucket, key)

    def test_what_is_no_address_of_a_store(self):
        assert object_store.address("https://host/r.csv") is None
        assert object_store.address("folder/r.csv") is None

    def test_the_container_of_azure_is_shown_and_a_login_is_not(self, rates):
        with rates.opened(
            "a = 'abfss://box@me.dfs.core.windows.net/r.csv'\nb = 'https://me:hushhush@h/r.csv'"
        ) as source:
            said = source.describe()
        assert "abfss://box@me.dfs.core.windows.net/r.csv" in said
        assert "hushhush" not in said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        # As Amazon documents its errors: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
        ("301 Moved Permanently: <Code>PermanentRedirect</Code>", "is in another region; set its region"),
        ("the region 'us-east-1' is wrong; expecting 'eu-west-1' AuthorizationHeaderMalformed", 'region = "eu-west-1"'),
        ("503 Service Unavailable: <Code>SlowDown</Code>", "try again later"),
        ("400 Bad Request: <Code>ExpiredToken</Code>", "does not accept the credentials"),
        # As Azure does: https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
        ("404: <Code>ContainerNotFound</Code>", "there is no bucket 'box'"),
        ("403: <Code>AuthorizationPermissionMismatch</Code>", "is denied"),
        (
            "some new trouble at https://h/x?sig=hushhush\nand more",
            "cannot be read: some new trouble at https://h/x?….",
        ),
    ],
)
def test_what_other_stores_answer(said, told):
    sentence = storage_errors.reason(said, "az://box/r.csv", "box", "az")
    assert told in sentence
    assert "hushhush" not in sentence
