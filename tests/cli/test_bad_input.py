"""Whatever a person gets wrong: one clear sentence on standard error, a status other than 0, and never a traceback."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from cli import cli
from config.advice import command
from tests.refresh.company import APP, SOURCE


def test_no_such_configuration():
    result = CliRunner().invoke(cli, ["--config", "/nowhere/at all", "kpi"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        result.stderr == "Error: There is no configuration folder /nowhere/at all; name a folder that holds app.toml.\n"
    )


def test_the_environment_names_the_configuration(fresh, monkeypatch):
    monkeypatch.setenv("OUTSTANDING_CONFIG", "/nowhere")
    result = CliRunner().invoke(cli, ["kpi"])
    assert (result.exit_code, result.stderr.count("/nowhere")) == (1, 1)
    assert "no snapshot" in fresh.refused("kpi"), "--config goes before the environment"


def test_no_snapshot(fresh):
    way = command("refresh", fresh.company.folder)
    for asked in ("kpi", "aging", "trend", "check"):
        assert fresh.refused(asked) == f"There is no snapshot in {fresh.company.store.path} yet: refresh first. {way}"


@pytest.mark.parametrize(
    ("app", "told"),
    [
        (APP.replace("reporting_currency", "reporting_curency"), "did you mean 'reporting_currency'?"),
        (APP + "[agin]\n", "did you mean 'aging'?"),
        (APP + "[aging]\nedges = [30, 20]\n", "aging.edges"),
        (APP + '[window]\ndefault = "3 months"\n', "window.default"),
        (APP.replace('"USD"', '"usd"'), "reporting_currency"),
        (APP.replace('source = "books"', 'source = "book"'), "did you mean 'books.toml'?"),
        (APP.replace('source = "books"', 'source = "${NO_SUCH}"'), "the environment variable NO_SUCH"),
        (APP.replace("entity = ", "kind = "), "'kind'"),
        ("company = ", "app.toml is not valid TOML"),
        ("", "reporting_currency is missing"),
    ],
)
def test_a_mistake_in_app_toml(fresh, app, told):
    fresh.company.app(app)
    assert told in fresh.refused("refresh")
    assert told in fresh.refused("kpi")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (SOURCE.replace('"files"', '"fils"'), "'files'"),
        (SOURCE.replace("documents.csv", "invoices.csv"), "invoices.csv"),
        (SOURCE.replace('"documents.csv"', '{ path = "${NO_SUCH}/x.csv" }'), "NO_SUCH"),
        (SOURCE + '[mapping]\ndocuments = "SELECT nothing FROM documents"\n', "nothing"),
        (SOURCE + '[mapping]\ndocuments = "SELECT document_id FROM documents"\n', "documents"),
        (SOURCE + '[mapping]\ndocuments = "SELECT * FROM elsewhere"\n', "elsewhere"),
        (SOURCE + '[mapping]\ndocuments = "documents.sql"\n', "documents.sql"),
        (SOURCE + '[mapping]\ndocuments = "DROP TABLE documents"\n', "SELECT"),
        (SOURCE + '[mapping]\ninvoices = "SELECT * FROM documents"\n', "mapping.invoices"),
        (SOURCE + '[formats]\ndecimal = ";"\n', "formats.decimal"),
        (SOURCE + '[formats]\ndecimal = ","\nthousands = ","\n', "formats"),
        (
            'kind = "sql"\nurl = "sqlite:///nowhere/erp.sqlite"\n[mapping]\n'
            + "".join(f'{t} = "SELECT 1"\n' for t in ("customers", "documents", "settlements")),
            "erp.sqlite",
        ),
        (
            'kind = "sql"\nurl = "postgresql+psycopg://reader:${AR_PASSWORD}@127.0.0.1:9/erp"\n[mapping]\n',
            "AR_PASSWORD",
        ),
    ],
)
def test_a_mistake_in_the_source_file(fresh, source, told):
    fresh.company.source(source)
    assert told in fresh.refused("refresh")


def test_an_unreachable_database_is_told_without_the_password(fresh, monkeypatch):
    monkeypatch.setenv("AR_PASSWORD", "s3cret/p@ss")
    tables = "".join(f'{t} = "SELECT 1"\n' for t in ("customers", "documents", "settlements"))
    fresh.company.source(
        f'kind = "sql"\nurl = "postgresql+psycopg://reader:${{AR_PASSWORD}}@127.0.0.1:9/erp"\n[mapping]\n{tables}'
    )
    told = fresh.refused("refresh")
    assert "127.0.0.1" in told
    assert "s3cret" not in told
    assert "p@ss" not in told
    at_problem = fresh.company.store.last_attempt()
    assert at_problem is not None
    assert "s3cret" not in str(at_problem[1])


def test_a_missing_sheet(fresh):
    import xlsxwriter

    with xlsxwriter.Workbook(fresh.company.sources / "books.xlsx") as book:
        book.add_worksheet("Invoices").write_row(0, 0, ["document_id"])
    fresh.company.source(SOURCE.replace('"documents.csv"', '{ path = "books.xlsx", sheet = "Invoces" }'))
    told = fresh.refused("refresh")
    assert "Invoces" in told
    assert "'Invoices'" in told


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00bad", b"document_id,customer_id\n1,\xe9\n"])
def test_a_file_that_is_no_table(fresh, content):
    (fresh.company.sources / "documents.csv").write_bytes(content)
    assert "documents.csv" in fresh.refused("refresh")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("kpi", "--metric", "dos"), "There is no metric 'dos'; did you mean 'dso'?"),
        (("kpi", "--metric", "total_ar,ebitda"), "There is no metric 'ebitda'"),
        (("trend", "--metric", "dos"), "did you mean 'dso'?"),
        (("kpi", "--by", "regoin"), "There is no dimension 'regoin'; did you mean 'region'?"),
        (("kpi", "--by", "colour"), "known are 'currency', 'customer', 'entity', 'region'."),
        (
            ("kpi", "--by", "segment"),
            "There is no dimension 'segment'; to group by it, write segment into [dimensions] of app.toml and refresh.",
        ),
        (("aging", "--by", "regoin"), "did you mean 'region'?"),
        (("trend", "--by", "regoin"), "did you mean 'region'?"),
        (("kpi", "--where", "regoin=EMEA"), "did you mean 'region'?"),
        (("kpi", "--where", "cls=EMEA"), "There is no dimension 'cls'"),
        (("aging", "--where", "regoin=EMEA"), "did you mean 'region'?"),
        (("kpi", "--where", "region"), "--where 'region' is not of the form dimension=value"),
        (("kpi", "--where", "=EMEA"), "is not of the form dimension=value"),
        (("kpi", "--where", ""), "is not of the form dimension=value"),
        (
            ("kpi", "--window", "quarter"),
            "The window 'quarter' is not of the form '3mo' (calendar months) or '90d' (days).",
        ),
        (("kpi", "--window", "0d"), "The window '0d' is not of the form"),
        (("kpi", "--window", "{x}"), "The window '{x}' is not of the form"),
        (("trend", "--window", "3m"), "The window '3m' is not of the form"),
        (("kpi", "--as-of", "0001-01-15"), "reaches back too far"),
        (
            ("trend", "--from", "2025-01-01"),
            "No month-end lies in --from 2025-01-01; this history has those from 2024-01-31 to 2024-02-29.",
        ),
        (
            ("trend", "--from", "2024-02-01", "--to", "2024-01-01"),
            "No month-end lies in --from 2024-02-01 --to 2024-01-01",
        ),
    ],
)
def test_a_question_that_cannot_be_asked(published, words, told):
    assert told in published.refused(*words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("kpi", "--as-of", "2024-02-30"), "'2024-02-30' is not a day of the form 2026-10-31"),
        (("kpi", "--as-of", "31.12.2024"), "'31.12.2024' is not a day"),
        (("kpi", "--as-of", ""), "'' is not a day"),
        (("trend", "--from", "yesterday"), "'yesterday' is not a day"),
        (("kpi", "--format", "xml"), "'xml' is not one of"),
        (("kpi", "--metrics", "dso"), "--metrics"),
        (("kpis",), "kpis"),
        (("demo", "--invoices", "ten"), "'ten' is not a valid integer"),
        (("demo", "--invoices", "-5"), "-5 is not in the range"),
    ],
)
def test_a_word_that_is_not_understood_is_named_with_the_usage(published, words, told):
    result = published(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert told in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("on", ["9999-12-31", "0001-06-15", "1969-12-31"])
def test_days_far_from_the_history_have_an_answer(published, on):
    for asked in ("kpi", "aging"):
        result = published(asked, "--as-of", on, "--format", "json")
        assert (result.exit_code, result.stderr) == (0, "")


def test_a_damaged_snapshot(fresh):
    fresh("refresh")
    snapshot = fresh.company.store.snapshots / str(fresh.company.store.current())
    (snapshot / "slices.arrow").write_bytes(b"half")
    assert "cannot be read" in fresh.refused("kpi")
    assert fresh("refresh").exit_code == 0
    assert fresh("kpi").exit_code == 0


def test_another_refresh_at_work(fresh):
    with fresh.company.store.refreshing():
        assert "Another refresh is writing to" in fresh.refused("refresh")


def test_a_store_that_cannot_be_written(fresh):
    fresh.company.store.path.write_text("a file")
    assert "could not be written" in fresh.refused("refresh")


def test_wrong_decimals_are_refused_and_forced_when_told(fresh):
    from tests.ledger.books import invoice

    fresh.company.table("documents", [invoice("A", "1.234,56"), invoice("B", "99,90")])
    fresh.company.table("settlements", [])
    told = fresh.refused("refresh")
    assert "amount '1.234,56' is not a number in the [formats] given" in told
    assert "--force" in told
    assert fresh("refresh", "--force").exit_code == 0


def test_a_target_for_no_metric_names_the_nearest(fresh):
    (fresh.company.folder / "targets.toml").write_text("[dsoo]\ngood = 40\nattention = 50\n", encoding="utf-8")
    assert "has a target for 'dsoo', which is no metric; did you mean 'dso'?" in fresh.refused("refresh")


def test_a_target_the_wrong_way_round_is_refused(fresh):
    (fresh.company.folder / "targets.toml").write_text("[cei]\ngood = 80\nattention = 90\n", encoding="utf-8")
    told = fresh.refused("kpi")
    assert "targets.toml: cei has attention at 90 and good at 80, the wrong way round" in told


def test_a_target_for_a_value_that_no_document_has_is_noted_and_let_in(fresh):
    (fresh.company.folder / "targets.toml").write_text(
        "[[dso.for]]\nentity = 'Nowhere'\ngood = 40\nattention = 50\n", encoding="utf-8"
    )
    result = fresh("refresh")
    assert result.exit_code == 0
    assert "Note: There is a target for entity 'Nowhere', which no document has; known are" in result.stderr
