"""Small parts that connectors share: the one-SELECT rule, the column check, the registry."""

from __future__ import annotations

from types import MappingProxyType

import polars as pl
import pytest

from config.settings import load
from data_sources import registry
from data_sources.columns import mapped
from data_sources.database_errors import Trouble, first_line, missing_name, trouble
from data_sources.registry import CONNECTORS, Entry, kinds, open_connector
from data_sources.statement import mentions, select
from ledger.errors import ConfigError, SourceError


class TestOneSelect:
    @pytest.mark.parametrize(
        ("sql", "kept"),
        [
            ("SELECT 1", "SELECT 1"),
            ("  select 1 ; ", "  select 1"),
            ("SELECT 1; -- done", "SELECT 1"),
            ("-- a; b\nWITH x AS (SELECT 1) SELECT * FROM x", "-- a; b\nWITH x AS (SELECT 1) SELECT * FROM x"),
            ("(SELECT ';') UNION ALL SELECT $$;$$", "(SELECT ';') UNION ALL SELECT $$;$$"),
            ("SELECT \"a;b\", 'it''s; fine' /* ; */ FROM t", "SELECT \"a;b\", 'it''s; fine' /* ; */ FROM t"),
        ],
    )
    def test_a_select_passes_without_its_semicolon(self, sql, kept):
        assert select(sql, "x.sql") == kept

    @pytest.mark.parametrize(
        ("sql", "said"),
        [
            ("", "is empty"),
            (" -- nothing\n;", "is empty"),
            ("DROP TABLE t", "starts with DROP"),
            ("/* SELECT */ delete from t", "starts with DELETE"),
            ("SELECT 1; SELECT 2", "several statements"),
            ("SELECT ';'; DROP TABLE t", "several statements"),
            ("SELECT $a$;$a$; DROP TABLE t", "several statements"),
        ],
    )
    def test_anything_else_is_refused(self, sql, said):
        with pytest.raises(SourceError, match=said):
            select(sql, "x.sql")

    def test_a_name_in_a_comment_or_inside_another_is_no_mention(self):
        sql = "SELECT * FROM inv_old -- inv\nJOIN Cust ON 1 = 1 /* other */"
        assert mentions(sql, "cust")
        assert not mentions(sql, "inv")
        assert not mentions(sql, "other")


class TestColumns:
    def test_dimensions_are_kept_on_customers_and_documents_only(self):
        frame = pl.DataFrame({"customer_id": ["1"], "name": ["a"], "plant": ["p"]})
        assert mapped(frame, "customers", "x.sql", ["plant"]).frame.columns == ["customer_id", "name", "plant"]
        rates = pl.DataFrame({"currency": ["USD"], "date": ["d"], "rate": ["1"], "plant": ["p"]})
        assert mapped(rates, "fx_rates", "x.sql", ["plant"]).ignored == ("plant",)

    def test_all_missing_columns_are_named(self):
        with pytest.raises(SourceError, match="no column 'currency', 'date'") as caught:
            mapped(pl.DataFrame({"rate": [1], "dat": [2]}), "fx_rates", "x.sql", [])
        assert "did you mean 'dat' to be 'date'?" in str(caught.value)

    def test_a_misspelt_dimension_is_recognised(self):
        frame = pl.DataFrame({"customer_id": ["1"], "name": ["a"], "bussiness_unit": ["p"]})
        with pytest.raises(SourceError, match="did you mean 'business_unit'"):
            mapped(frame, "customers", "x.sql", ["business_unit"])

    def test_a_column_like_one_that_is_there_is_only_ignored(self):
        frame = pl.DataFrame({"customer_id": ["1"], "name": ["a"], "names": ["b"], "region_id": ["r"]})
        assert mapped(frame, "customers", "x.sql", ["region"]).ignored == ("names", "region_id")

    def test_columns_that_differ_in_capitals_only_are_refused(self):
        frame = pl.DataFrame({"customer_id": ["1"], "name": ["a"], "NAME": ["b"]})
        with pytest.raises(SourceError, match="'name' twice"):
            mapped(frame, "customers", "x.sql", [])


class TestDatabaseErrors:
    """What servers that no test starts have been seen to say."""

    @pytest.mark.parametrize(
        ("words", "kind"),
        [
            ("(1142, \"SELECT command denied to user 'r'@'h' for table `erp`.`hidden`\")", Trouble.DENIED),
            ("(1044, \"Access denied for user 'r'@'h' to database 'epr'\")", Trouble.DENIED),
            ("(1045, \"Access denied for user 'r'@'h' (using password: YES)\")", Trouble.LOGIN),
            ("(1049, \"Unknown database 'epr'\")", Trouble.DATABASE),
            ("(1146, \"Table 'erp.invo' doesn't exist\")", Trouble.TABLE),
            ("(1054, \"Unknown column 'amtx' in 'field list'\")", Trouble.COLUMN),
            ("(1792, 'Cannot execute statement in a READ ONLY transaction')", Trouble.WRITES),
            ("(2003, \"Can't connect to MySQL server on 'h' ([Errno 111] Connection refused)\")", Trouble.UNREACHABLE),
            (
                "[libpq] Execution error [PGRES_FATAL_ERROR]: ERROR:  canceling statement due to statement timeout",
                "timeout",
            ),
            ("something that nobody has heard of", None),
        ],
    )
    def test_they_are_recognised_by_their_words(self, words, kind):
        assert trouble(RuntimeError(words)) == kind

    @pytest.mark.parametrize(
        ("words", "plain"),
        [
            ("(1049, \"Unknown database 'epr'\")", "Unknown database 'epr'"),
            ("INVALID_ARGUMENT: [libpq] Failed to prepare query: ERROR:  syntax error", "syntax error"),
            ("[libpq] Execution error [PGRES_FATAL_ERROR]: ERROR:  division by zero\nCONTEXT: x", "division by zero"),
        ],
    )
    def test_only_the_servers_own_words_are_repeated(self, words, plain):
        assert first_line(RuntimeError(words)) == plain


class TestRegistry:
    def test_the_names_are_in_order_and_every_entry_can_be_loaded(self):
        assert list(CONNECTORS) == sorted(CONNECTORS)
        for entry in CONNECTORS.values():
            assert callable(entry.load().open)

    def test_an_unknown_kind_suggests_the_nearest(self, tmp_path):
        (tmp_path / "sources").mkdir()
        (tmp_path / "app.toml").write_text('reporting_currency = "USD"\nsource = "it"\n')
        (tmp_path / "sources" / "it.toml").write_text("kind = 'fils'\n")
        with pytest.raises(ConfigError, match=r"it\.toml: kind is 'fils', which is unknown; did you mean 'files'"):
            open_connector(load(tmp_path))

    def test_a_missing_package_says_what_to_install(self):
        entry = Entry("Oracle", "no_such_module_anywhere:Oracle", "oracle-package")
        with pytest.raises(SourceError, match="pip install oracle-package"):
            entry.load()

    def test_other_packages_may_add_kinds_but_not_replace_them(self, monkeypatch):
        class Point:
            def __init__(self, name):
                self.name, self.value, self.dist = name, "pack.age:Class", None

        offered = {registry.GROUP: [Point("sap"), Point("sql")]}
        monkeypatch.setattr(registry, "entry_points", lambda group: offered[group])
        known = kinds()
        assert isinstance(known, MappingProxyType)
        assert known["sap"].target == "pack.age:Class"
        assert known["sql"] == CONNECTORS["sql"]


@pytest.mark.parametrize(
    ("said", "kind", "name"),
    [
        ("no such table: main.Shop Ltd_$Customer", Trouble.TABLE, "Shop Ltd_$Customer"),
        ('relation "sales.invoices" does not exist\nLINE 1: SELECT', Trouble.TABLE, "sales.invoices"),
        ("[SQL Server]Invalid object name 'dbo.Shop Ltd_$Customer'. (208)", Trouble.TABLE, "dbo.Shop Ltd_$Customer"),
        ("Table 'erp.invoices' doesn't exist", Trouble.TABLE, "invoices"),
        ("ORA-00942: table or view does not exist", Trouble.TABLE, ""),
        ("no such column: d.Posting Date", Trouble.COLUMN, "d.Posting Date"),
        ('no such column: "posted"', Trouble.COLUMN, "posted"),
        ("[SQL Server]Invalid column name 'Posting Date'. (207)", Trouble.COLUMN, "Posting Date"),
        ('ORA-00904: "PS"."GL_DATE": invalid identifier', Trouble.COLUMN, "PS.GL_DATE"),
    ],
)
def test_what_a_database_did_not_find_is_named_whole(said, kind, name):
    error = RuntimeError(said)
    assert trouble(error) is kind
    assert missing_name(error, kind) == name
