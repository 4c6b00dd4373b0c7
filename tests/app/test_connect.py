"""Connecting a ledger in the dashboard: who may, from nothing to a saved file, and no secret anywhere."""

from __future__ import annotations

import tomllib

import polars as pl
import pytest

from config.settings import load
from data_sources.refresh import refresh
from ui import administrators

INVOICES = {
    "Invoice No": ["R1", "R2", "G1"],
    "Customer": ["K1", "K2", "K1"],
    "Type": ["R", "R", "G"],
    "Invoice Date": ["05.01.2026", "15.01.2026", "20.01.2026"],
    "Due Date": ["04.02.2026", "31.02.2026", "20.01.2026"],
    "Amount": ["1.200,50", "300,00", "100,00"],
}
TABLES = {
    "customers": {"Customer No": ["K1", "K2"], "Customer Name": ["One", "Two"], "Region": ["N", "S"]},
    "invoices": INVOICES,
    "payments": {"Payment No": ["Z1"], "Invoice No": ["R2"], "Payment Date": ["30.01.2026"], "Amount": ["300,00"]},
}
TYPED = "geheim-4711"


@pytest.fixture
def alone(monkeypatch):
    """The server listens to its own machine only, as 'make run' has it."""
    monkeypatch.setenv(administrators.OWN_MACHINE, "1")


@pytest.fixture
def exported(tmp_path):
    for name, columns in TABLES.items():
        pl.DataFrame(columns).write_csv(tmp_path / f"{name}.csv", separator=";")
    return tmp_path


def said(app):
    kinds = ("markdown", "caption", "info", "error", "success", "warning", "code", "title")
    words = "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))
    return words.replace("\u2060", "").replace("\u00a0", " ").replace("\\", "")


def clicked(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def files_named(app, folder):
    """The step of the source, filled in with the exported files."""
    app.segmented_control(key="connect_kind").set_value("files").run()
    for _ in range(len(TABLES) - 1):
        clicked(app, "Another table")
    for at, name in enumerate(TABLES):
        key = f"connect_file_{at}"
        app.text_input(key=f"{key}_name").set_value(name)
        app.text_input(key=f"{key}_path").set_value(str(folder / f"{name}.csv"))
        app.text_input(key=f"{key}_delimiter").set_value(";")
    return app.run()


@pytest.mark.usefixtures("published")
def test_nobody_may_who_comes_over_the_network(opened):
    app = opened("data/connect")
    assert not app.exception
    assert "Nobody is named who may connect sources" in said(app)
    assert not [field for field in app.text_input if field.key.startswith("connect")]


@pytest.mark.parametrize(
    ("headers", "may"),
    [
        ({}, True),
        ({"Origin": "http://127.0.0.1:8501"}, True),
        ({"Origin": "http://[::1]:8501"}, True),
        ({"Origin": "http://localhost:8501"}, True),
        ({"Origin": "https://ar.example.com"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://127.0.0.1.example.com"}, False),
        ({"Origin": "http://localhost:8501", "X-Forwarded-For": "10.0.0.7"}, False),
    ],
)
def test_on_ones_own_machine_nobody_may_through_a_proxy(headers, may):
    assert administrators.is_here(headers) is may


@pytest.mark.usefixtures("alone")
def test_where_somebody_is_named_only_they_may(settled, opened):
    app_file = settled / "config" / "app.toml"
    app_file.write_text(app_file.read_text() + '\n[administration]\npeople = ["ana@example.com"]\n')
    assert "Ask one of them" in said(opened("data/connect"))


@pytest.mark.usefixtures("alone", "settled")
def test_it_works_before_there_is_any_data(opened):
    app = opened("data/connect")
    assert not app.exception
    assert "Connect a ledger" in said(app)
    assert app.button(key="connect_test").disabled, "nothing was said yet of where it is"


@pytest.mark.usefixtures("alone")
def test_from_files_to_books(settled, opened, exported):
    app = files_named(opened("data/connect"), exported)
    clicked(app, "Test the connection")
    assert "3 tables can be seen" in said(app)
    clicked(app, "Next: Tables")
    assert [app.selectbox(key=f"connect_raw_{name}").value for name in ("customers", "documents", "settlements")] == [
        "customers",
        "invoices",
        "payments",
    ]
    clicked(app, "Next: Columns")
    app.segmented_control(key="connect_table").set_value("Documents").run()
    assert app.selectbox(key="connect_documents_invoices_amount").value == "Amount"
    assert app.toggle(key="connect_negative_invoices").value, "credit memos without a minus are noticed"
    assert (app.selectbox(key="connect_date").value, app.selectbox(key="connect_decimal").value) == ("%d.%m.%Y", ",")
    clicked(app, "Next: Look")
    assert "1 row of the first 6 would be kept out" in said(app)
    assert "Only the first 100 rows of each table were read here: a refresh reads all of them." in said(app)
    clicked(app, "Next: Save")
    clicked(app, "Save")
    assert not app.exception
    assert "Saved" in said(app)
    file = settled / "config" / "sources" / "ledger.toml"
    assert tomllib.loads(file.read_text(encoding="utf-8"))["formats"]["decimal"] == ","
    book = refresh(load(settled / "config", source="ledger"), force=True)
    assert book.about["accepted"] == {"customers": 2, "documents": 2, "settlements": 0}


@pytest.mark.usefixtures("alone", "settled")
def test_a_step_that_lacks_something_says_so(opened, exported):
    app = files_named(opened("data/connect"), exported)
    clicked(app, "Next: Tables")
    app.selectbox(key="connect_raw_settlements").set_value("None").run()
    app.query_params["connect_step"] = "Save"
    app.run()
    assert "Settlements: choose a table, or write the SELECT" in said(app)
    assert app.button(key="connect_save").disabled


@pytest.mark.usefixtures("alone", "settled")
def test_a_select_written_by_hand_counts(opened, exported):
    app = files_named(opened("data/connect"), exported)
    clicked(app, "Next: Tables")
    clicked(app, "Next: Columns")
    app.toggle(key="connect_by_hand_customers").set_value(True).run()
    area = app.text_area(key="connect_sql_customers")
    assert "customer_id" in area.value
    area.set_value("SELECT nothing AS customer_id FROM customers").run()
    clicked(app, "Next: Look")
    assert "customers cannot be read yet" in said(app).lower()
    assert "nothing" in said(app)


@pytest.mark.usefixtures("alone", "settled")
def test_a_password_in_the_address_is_refused_and_not_repeated(opened):
    app = opened("data/connect")
    app.text_input(key="connect_url").set_value(f"postgresql://reader:{TYPED}@host/erp").run()
    assert "The address holds a password" in said(app)
    assert TYPED not in said(app)
    assert app.button(key="connect_test").disabled


@pytest.mark.usefixtures("alone", "settled")
def test_a_secret_typed_for_a_try_is_neither_shown_nor_written(opened):
    app = opened("data/connect")
    app.text_input(key="connect_url").set_value("sqlite:///${OUTSTANDING_TEST_PLACE}/erp.sqlite").run()
    app.text_input(key="connect_secret_OUTSTANDING_TEST_PLACE").set_value(TYPED).run()
    clicked(app, "Test the connection")
    assert "${OUTSTANDING_TEST_PLACE}/erp.sqlite" in said(app), "the sentence says which file, by the variable"
    assert TYPED not in said(app)
    app.query_params["connect_step"] = "Save"
    app.run()
    assert TYPED not in said(app)
    assert app.query_params.keys() == {"connect_step"}, "nothing of the source stands in the address"


@pytest.mark.usefixtures("alone", "settled")
def test_a_preset_asks_for_its_parameters_and_no_columns(opened):
    app = opened("data/connect")
    app.selectbox(key="connect_preset_sql").set_value("odoo").run()
    app.text_input(key="connect_url").set_value("sqlite:///odoo.sqlite").run()
    assert "How far it is proven" in said(app)
    assert "parameters.version is missing" in said(app)
    app.selectbox(key="connect_odoo_version").set_value("17").run()
    assert [button.label for button in app.button if button.label.startswith("Next")] == ["Next: Look"]
    clicked(app, "Next: Look")
    assert "odoo.sqlite" in said(app), "the file is not there, and the sentence names it"


@pytest.mark.usefixtures("alone", "settled")
def test_a_service_wants_its_keys(opened):
    app = opened("data/connect")
    app.segmented_control(key="connect_kind").set_value("stripe").run()
    assert app.text_input(key="connect_stripe_secret_key").value == "${STRIPE_KEY}"
    app.text_input(key="connect_stripe_secret_key").set_value("rk_live_1").run()
    assert "secret_key is a secret" in said(app)
    assert "rk_live_1" not in said(app)


@pytest.mark.usefixtures("alone")
def test_a_file_that_is_there_is_not_written_over_unasked(settled, opened, exported):
    file = settled / "config" / "sources" / "ledger.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text('kind = "files"\n', encoding="utf-8")
    app = files_named(opened("data/connect"), exported)
    for step in ("Tables", "Columns", "Look", "Save"):
        clicked(app, f"Next: {step}")
    assert "is there already" in said(app)
    assert app.button(key="connect_save").disabled
    app.checkbox(key="connect_over").set_value(True).run()
    clicked(app, "Save")
    assert file.with_name("ledger.toml.before").read_text(encoding="utf-8") == 'kind = "files"\n'
    assert "invoices" in file.read_text(encoding="utf-8")


@pytest.mark.usefixtures("alone", "settled")
def test_a_format_that_a_person_chose_is_not_undone(opened, exported):
    app = files_named(opened("data/connect"), exported)
    clicked(app, "Next: Tables")
    clicked(app, "Next: Columns")
    assert app.selectbox(key="connect_decimal").value == ","
    app.selectbox(key="connect_decimal").set_value(".").run()
    app.selectbox(key="connect_thousands").set_value("none").run()
    assert "is not written like that" in said(app)
    clicked(app, "Next: Look")
    clicked(app, "Back")
    assert (app.selectbox(key="connect_decimal").value, app.selectbox(key="connect_thousands").value) == (".", "none")


@pytest.mark.usefixtures("alone", "settled")
def test_another_file_behind_a_table_is_looked_at_anew(opened, exported):
    app = files_named(opened("data/connect"), exported)
    clicked(app, "Next: Tables")
    clicked(app, "Next: Columns")
    other = pl.DataFrame({"Receipt": ["Z1"], "Invoice": ["R2"], "Paid on": ["2026-01-30"], "Paid": ["300.00"]})
    other.write_csv(exported / "others.csv", separator=";")
    clicked(app, "Back")
    clicked(app, "Back")
    app.text_input(key="connect_file_2_path").set_value(str(exported / "others.csv")).run()
    clicked(app, "Next: Tables")
    clicked(app, "Next: Columns")
    assert not app.exception
    app.segmented_control(key="connect_table").set_value("Settlements").run()
    assert app.selectbox(key="connect_settlements_payments_settled_on").value == "Paid on"


@pytest.mark.usefixtures("alone", "published")
def test_nothing_is_filtered_here_and_the_filters_come_back(opened):
    app = opened("data/connect", region="South")
    assert "region" not in {each.key for each in app.multiselect}
    assert not app.sidebar.selectbox
    app.switch_page("pages/summary/overview.py").run()
    assert "South" in said(app)


@pytest.mark.usefixtures("alone", "settled")
def test_the_next_step_waits_for_what_it_needs(opened, exported):
    def onward(app, step):
        return next(button for button in app.button if button.label == f"Next: {step}")

    app = opened("data/connect")
    assert onward(app, "Tables").disabled
    app = files_named(app, exported)
    assert not onward(app, "Tables").disabled
    clicked(app, "Next: Tables")
    clicked(app, "Next: Columns")
    app.selectbox(key="connect_customers_customers_name").set_value("Not there").run()
    assert onward(app, "Look").disabled
    assert "name must come from somewhere" in onward(app, "Look").help.replace("\\", "")


@pytest.mark.usefixtures("alone")
def test_a_source_file_is_opened_changed_and_saved(settled, opened, exported):
    file = settled / "config" / "sources" / "ledger.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        f'kind = "files"\n[tables]\ncustomers = {{ path = "{exported}/customers.csv", delimiter = ";" }}\n'
        '[mapping]\ncustomers = "SELECT 1 AS customer_id FROM customers"\n',
        encoding="utf-8",
    )
    app = opened("data/connect")
    app.selectbox(key="connecting_opened").set_value("ledger").run()
    assert app.segmented_control(key="connect_kind").value == "files"
    assert app.text_input(key="connect_file_0_delimiter").value == ";"
    app.query_params["connect_step"] = "Columns"
    app.run()
    assert app.text_area(key="connect_sql_customers").value == "SELECT 1 AS customer_id FROM customers"
    app.text_area(key="connect_sql_customers").set_value("SELECT 2 AS customer_id FROM customers").run()
    app.query_params["connect_step"] = "Save"
    app.run()
    assert app.text_input(key="connect_name").value == "ledger"
    assert "SELECT 2 AS customer_id" in said(app)


@pytest.mark.usefixtures("alone")
def test_a_source_file_that_cannot_be_changed_here_says_why(settled, opened):
    file = settled / "config" / "sources" / "ledger.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text('kind = "sql"\nurl = "postgresql://me:geheim@host/erp"\n', encoding="utf-8")
    app = opened("data/connect")
    app.selectbox(key="connecting_opened").set_value("ledger").run()
    assert "holds a password" in said(app)
    assert "geheim" not in said(app)
    assert app.selectbox(key="connecting_opened").value == ""


@pytest.mark.usefixtures("alone", "settled")
def test_no_file_is_named_that_is_not_written(opened, tmp_path):
    app = opened("data/connect")
    app.text_input(key="connect_url").set_value(f"sqlite:///{tmp_path}/none.sqlite").run()
    clicked(app, "Test the connection")
    (error,) = app.error
    assert "none.sqlite" in error.value.replace("\\", "")
    assert "ledger" not in error.value


@pytest.mark.usefixtures("alone", "settled")
def test_kinds_of_a_column_that_was_chosen_by_hand_are_suggested_from_all_rows(opened, exported):
    late = {name: [*values, *values[-1:] * 300] for name, values in INVOICES.items()}
    late["Sort"] = ["Rechnung"] * 302 + ["Gutschrift"]
    pl.DataFrame(late).drop("Type").write_csv(exported / "invoices.csv", separator=";")
    app = files_named(opened("data/connect"), exported)
    clicked(app, "Next: Tables")
    clicked(app, "Next: Columns")
    app.segmented_control(key="connect_table").set_value("Documents").run()
    assert app.selectbox(key="connect_documents_invoices_kind").value != "Sort"
    app.selectbox(key="connect_documents_invoices_kind").set_value("Sort").run()
    assert not app.exception
    assert app.selectbox(key="connect_documents_invoices_kind_Rechnung").value == "invoice"
    assert app.selectbox(key="connect_documents_invoices_kind_Gutschrift").value == "credit_memo"
    assert app.toggle(key="connect_negative_invoices").value, "the credit memo far below has no minus"
    app.selectbox(key="connect_documents_invoices_kind_Rechnung").set_value("debit_memo").run()
    assert app.selectbox(key="connect_documents_invoices_kind_Rechnung").value == "debit_memo"
    assert "WHEN 'Rechnung' THEN 'debit_memo'" in said(app)


@pytest.mark.usefixtures("alone", "settled")
def test_what_is_typed_just_before_another_table_is_asked_for_is_kept(opened):
    app = opened("data/connect")
    app.segmented_control(key="connect_kind").set_value("files").run()
    app.text_input(key="connect_file_0_path").set_value("in.csv")
    app.text_input(key="connect_file_0_delimiter").set_value(";")
    clicked(app, "Another table")
    assert app.text_input(key="connect_file_0_delimiter").value == ";"
    app.text_input(key="connect_file_1_path").set_value("more.csv")
    clicked(app, "Another table")
    app.text_input(key="connect_file_2_path").set_value("last.csv")
    next(button for button in app.button if button.key == "connect_file_1_out").click().run()
    paths = [field.value for field in app.text_input if field.key.endswith("_path")]
    assert paths == ["in.csv", "last.csv"]
