"""What every connector must do, whatever is behind it. A connector's test class adds only its own fixtures.

The same tiny ledger goes through each of them, and the same canonical tables must come out.
"""

from __future__ import annotations

import traceback
from abc import abstractmethod
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from config.settings import Settings, load
from data_sources.connector import Connector
from data_sources.registry import open_connector
from ledger.cast import Formats, cast
from ledger.errors import SourceError
from ledger.schema import TABLES

NAMES = [
    'Müller & Söhne "Stahl" GmbH',
    "=cmd()|' /C calc'!A0",
    "<script>alert('x')</script>",
    "Łódź; Ωμέγα, 株式会社",
]

CUSTOMERS = pl.DataFrame(
    {
        "kunnr": ["0001", "0002", "0003", "0004"],
        "name1": NAMES,
        "area": ["EMEA", None, "O'Brien", "50% off"],
    }
)

DOCUMENTS = pl.DataFrame(
    {
        "belnr": ["000010", "000011", "000012", "000013"],
        "kunnr": ["0001", "0001", "0002", "9999"],
        "art": ["RV", "RV", "DZ", "RV"],
        "bldat": ["2026-01-31", "2026-02-28", "2026-03-01", "2024-02-29"],
        "faell": ["2026-03-02", None, "2026-03-01", "2024-03-30"],
        "waers": ["USD", "EUR", "USD", "JPY"],
        "betrag": ["1234.56", "0.00", "-0.10", "1000000000.01"],
    }
)

SETTLEMENTS = pl.DataFrame(
    {
        "augnr": ["S1", "S2"],
        "belnr": ["000010", "000010"],
        "augdt": ["2026-03-05", "2026-03-06"],
        "betrag": ["1000.06", "0.10"],
        "weg": ["cash", "discount"],
    }
)

RAW = {"kunden": CUSTOMERS, "belege": DOCUMENTS, "ausgleich": SETTLEMENTS}
DATES = ("bldat", "faell", "augdt")
AMOUNTS = ("betrag",)

MAPPING = {
    "customers": "SELECT kunnr AS customer_id, name1 AS name, area AS region FROM kunden",
    "documents": """
        SELECT belnr AS document_id, kunnr AS customer_id, '01' AS entity,
            CASE art WHEN 'RV' THEN 'invoice' WHEN 'DZ' THEN 'payment' END AS kind,
            bldat AS document_date, faell AS due_date, waers AS currency, betrag AS amount
        FROM belege
    """,
    "settlements": """
        SELECT augnr AS settlement_id, belnr AS document_id, augdt AS settled_on, betrag AS amount, weg AS kind
        FROM ausgleich
    """,
}

_KINDS = pl.DataFrame({"art": ["RV", "DZ"], "kind": ["invoice", "payment"]})

EXPECTED = {
    "customers": CUSTOMERS.rename({"kunnr": "customer_id", "name1": "name", "area": "region"}),
    "documents": DOCUMENTS.join(_KINDS, on="art", how="left", maintain_order="left").select(
        document_id="belnr",
        customer_id="kunnr",
        entity=pl.lit("01"),
        kind="kind",
        document_date="bldat",
        due_date="faell",
        currency="waers",
        amount="betrag",
    ),
    "settlements": SETTLEMENTS.rename(
        {"augnr": "settlement_id", "belnr": "document_id", "augdt": "settled_on", "betrag": "amount", "weg": "kind"}
    ),
}


def settings(folder: Path, head: str, mapping: dict[str, str], formats: str = "") -> Settings:
    """Settings in ``folder`` for a source with the options ``head``."""
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "app.toml").write_text(
        f'reporting_currency = "USD"\nsource = "it"\n[store]\npath = "{folder / "store"}"\n'
        '[dimensions]\nentity = "Entity"\nregion = "Region"\n',
        encoding="utf-8",
    )
    lines = [f"{table} = '''{sql}'''" for table, sql in mapping.items()]
    # Top-level keys come before any table of the head.
    text = "\n".join([head, "[mapping]", *lines, "[formats]", formats])
    (folder / "sources" / "it.toml").write_text(text, encoding="utf-8")
    return load(folder)


def mapped(source: Connector, table: str) -> pl.DataFrame:
    """A canonical table that ``source`` must have."""
    frame = source.read(table)
    assert frame is not None, f"{table} is absent"
    return frame


@contextmanager
def told(*words: str, never: str = ""):
    """A SourceError whose one sentence holds all of ``words``, and nowhere, trace included, the text ``never``."""
    with pytest.raises(SourceError) as caught:
        yield
    said = str(caught.value)
    for word in words:
        assert word in said, f"{word!r} not in {said!r}"
    assert "\n" not in said
    assert "Traceback" not in said
    if never:
        assert never not in "".join(traceback.format_exception(caught.value))


class ConnectorContract:
    """Laws of every connector. ``mapping`` is a working mapping; ``head`` the rest of the source file."""

    mapping: dict[str, str] = MAPPING
    formats = ""
    secret = ""
    raw_table = "belege"
    raw_column = "belnr"

    @pytest.fixture
    @abstractmethod
    def head(self) -> str:
        """The source file without mapping and formats."""

    @pytest.fixture
    def opened(self, tmp_path, head):
        """Open a connector with some mappings replaced."""
        connectors = []

        def open_(**replaced: str | None):
            mapping = {table: sql for table, sql in {**self.mapping, **replaced}.items() if sql is not None}
            connector = open_connector(settings(tmp_path, head, mapping, self.formats))
            connectors.append(connector)
            return connector

        yield open_
        for connector in connectors:
            connector.close()

    def contents(self) -> object:
        """Something that changes when the source is changed, for sources that could be."""

    def test_it_is_well_and_says_where_it_is(self, opened):
        with opened() as source:
            health = source.check()
        assert health.ok, health.sentence
        assert health.sentence.endswith(".")
        assert source.describe()

    def test_every_mapped_table_has_its_required_columns(self, opened):
        with opened() as source:
            for name in self.mapping:
                frame = source.read(name)
                required = {column.name for column in TABLES[name].columns if column.required}
                assert required <= set(frame.columns)

    def test_an_optional_table_without_a_mapping_is_absent(self, opened):
        with opened(gl_balances=None) as source:
            assert source.read("gl_balances") is None

    def test_a_required_table_without_a_mapping_is_named(self, opened):
        with opened(settlements=None) as source, told("settlements", "it.toml"):
            source.read("settlements")

    def test_no_rows_is_an_answer_with_columns(self, opened):
        sql = f"SELECT * FROM ({self.mapping['settlements'].strip()}) AS s WHERE 1 = 0"
        with opened(settlements=sql) as source:
            frame = source.read("settlements")
        assert frame.height == 0
        assert "document_id" in frame.columns

    def test_further_columns_are_dropped_and_reported(self, opened):
        sql = f"SELECT s.*, 'x' AS zzz FROM ({self.mapping['settlements'].strip()}) AS s"
        with opened(settlements=sql) as source:
            assert "zzz" not in source.read("settlements").columns
            assert source.ignored["settlements"] == ("zzz",)

    def test_a_missing_column_names_mapping_table_and_column(self, opened):
        sql = f"SELECT customer_id FROM ({self.mapping['customers'].strip()}) AS c"
        with opened(customers=sql) as source, told("mapping.customers", "customers", "'name'"):
            source.read("customers")

    def test_a_misspelt_column_is_recognised(self, opened):
        sql = f"SELECT customer_id, name, region AS regoin FROM ({self.mapping['customers'].strip()}) AS c"
        with opened(customers=sql) as source, told("mapping.customers", "'regoin'", "did you mean 'region'?"):
            source.read("customers")

    def test_a_table_that_is_not_there_is_named_with_the_nearest(self, opened):
        wrong = self.raw_table + "s"
        with (
            opened(customers=f"SELECT x FROM {wrong}") as source,
            told("mapping.customers", f"'{wrong}'", f"did you mean '{self.raw_table}'?"),
        ):
            source.read("customers")

    def test_a_column_that_is_not_there_is_named_with_the_nearest(self, opened):
        wrong = self.raw_column + "x"
        with (
            opened(customers=f"SELECT {wrong} AS customer_id FROM {self.raw_table}") as source,
            told("mapping.customers", f"'{wrong}'", f"did you mean '{self.raw_column}'?"),
        ):
            source.read("customers")

    @pytest.mark.parametrize("broken", ["SELECT FROM WHERE", "SELECT (1 AS one", "SELEKT 1"])
    def test_what_is_no_sql_is_said_to_be(self, opened, broken):
        with opened(customers=broken) as source, told("mapping.customers"):
            source.read("customers")

    @pytest.mark.parametrize(
        "writing",
        [
            "DROP TABLE {table}",
            "DELETE FROM {table}",
            "INSERT INTO {table} SELECT * FROM {table}",
            "SELECT 1 AS one; DROP TABLE {table}",
            "WITH gone AS (DELETE FROM {table} RETURNING *) SELECT * FROM gone",
            "/* SELECT */ UPDATE {table} SET {column} = 'x'",
            "CREATE TABLE other AS SELECT * FROM {table}",
        ],
    )
    def test_a_mapping_cannot_write(self, opened, writing):
        before = self.contents()
        sql = writing.format(table=self.raw_table, column=self.raw_column)
        with opened(customers=sql) as source, told("mapping.customers"):
            source.read("customers")
        assert self.contents() == before

    def test_no_secret_is_shown(self, opened):
        with opened(customers="SELECT nothing FROM nowhere") as source, told("mapping.customers", never=self.secret):
            source.read("customers")
        if self.secret:
            assert self.secret not in repr(source)
            assert self.secret not in source.describe()
            assert self.secret not in source.check().sentence


class LedgerContract(ConnectorContract):
    """Laws of connectors that can hold the tiny ledger."""

    @pytest.mark.parametrize("table", EXPECTED)
    def test_the_canonical_tables_come_out_the_same(self, opened, table):
        with opened() as source:
            frame = source.read(table)
            formats = self.read_formats
        got = cast(TABLES[table], frame, formats, ["region"])
        want = cast(TABLES[table], EXPECTED[table], Formats(), ["region"])
        assert_frame_equal(got.rows, want.rows)
        assert not got.unreadable.select(pl.any_horizontal(pl.all().any())).to_series().any()

    @property
    def read_formats(self) -> Formats:
        return Formats()

    def test_names_arrive_letter_by_letter(self, opened):
        with opened() as source:
            assert source.read("customers")["name"].to_list() == NAMES

    def test_ids_keep_their_zeros(self, opened):
        with opened() as source:
            assert source.read("documents")["document_id"].to_list() == ["000010", "000011", "000012", "000013"]

    def test_values_that_are_absent_are_null(self, opened):
        with opened() as source:
            assert source.read("customers")["region"].to_list() == ["EMEA", None, "O'Brien", "50% off"]
            assert source.read("documents")["due_date"].null_count() == 1

    def test_reading_twice_gives_the_same(self, opened):
        with opened() as source:
            assert_frame_equal(source.read("documents"), source.read("documents"))

    def test_a_repeated_column_is_refused(self, opened):
        sql = "SELECT kunnr AS customer_id, name1 AS name, area AS name FROM kunden"
        with opened(customers=sql) as source, told("mapping.customers", "name"):
            source.read("customers")

    def test_capitals_of_a_column_do_not_matter(self, opened):
        sql = 'SELECT kunnr AS "CUSTOMER_ID", name1 AS "Name" FROM kunden'
        with opened(customers=sql) as source:
            assert source.read("customers").columns == ["customer_id", "name"]

    def test_a_closing_semicolon_and_comments_are_welcome(self, opened):
        sql = "-- customers; all of them\nSELECT kunnr AS customer_id, name1 AS name FROM kunden; -- done"
        with opened(customers=sql) as source:
            assert source.read("customers").height == 4
