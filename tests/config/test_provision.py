"""provision.toml: what it may say, and one plain sentence for each mistake."""

from __future__ import annotations

import pytest

from config.provision import Provision, read_provision
from config.settings import load
from ledger.aging import USUAL
from ledger.errors import ConfigError

BUCKETS = USUAL.labels
TENTH = "0.1 raises it by a tenth."


@pytest.fixture
def read(tmp_path):
    def reading(text):
        file = tmp_path / "provision.toml"
        file.write_text(text, encoding="utf-8")
        return read_provision(file, BUCKETS)

    return reading


def test_without_the_file_it_is_twelve_months_of_history(tmp_path):
    assert read_provision(tmp_path / "provision.toml", BUCKETS) == Provision()
    assert (Provision().months, dict(Provision().rates), Provision().individual) == (12, {}, ())


def test_everything_that_can_be_set_is_read(read):
    told = read(
        'months = 24\n[rates]\ncurrent = 0\n"1-30" = 0.01\n"120+" = 1\n[adjustments]\n"31–60" = -0.5\n'
        '[[individual]]\ncustomer = "C1"\nrate = 0.4\nnote = "slow"\n[[individual]]\ndocument = "C1"\nrate = 1\n'
    )
    assert told.months == 24
    assert dict(told.rates) == {"current": 0, "1–30": 0.01, "120+": 1}
    assert dict(told.adjustments) == {"31–60": -0.5}
    assert [(item.customer, item.document, item.rate, item.note) for item in told.individual] == [
        ("C1", None, 0.4, "slow"),
        (None, "C1", 1, ""),
    ]


def test_rates_that_fall_with_age_are_no_mistake_of_the_file(read):
    assert dict(read('[rates]\n"1-30" = 0.5\n"31-60" = 0.1\n').rates) == {"1–30": 0.5, "31–60": 0.1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[rates]\ncurrent = 1.5", "rates.current is 1.5; a loss rate is a share between 0 and 1, such as 0.05."),
        ("[rates]\ncurrent = -0.1", "rates.current is -0.1; a loss rate is a share between 0 and 1, such as 0.05."),
        ("[rates]\ncurrent = nan", "rates.current is nan; a loss rate is a share between 0 and 1, such as 0.05."),
        ("[rates]\ncurrent = true", "rates.current is true; it must be a number."),
        ('[rates]\n"1-31" = 0.1', "rates has '1-31', which is no aging bucket of app.toml; did you mean '1-30'?"),
        (
            '[rates]\n"unapplied" = 0.1',
            (
                "rates has 'unapplied', which is no aging bucket of app.toml; known are '1-30', '120+', '31-60', "
                "'61-90', '91-120', 'current'."
            ),
        ),
        ('[rates]\n"1-30" = 0.1\n"1–30" = 0.1', "rates has the bucket '1–30' twice; leave one of them out."),
        (
            "[adjustments]\ncurrent = 20",
            "adjustments.current is 20; an adjustment is a share of the rate, from -1 to below 10: " + TENTH,
        ),
        (
            "[adjustments]\ncurrent = 10",
            "adjustments.current is 10; an adjustment is a share of the rate, from -1 to below 10: " + TENTH,
        ),
        (
            "[adjustments]\ncurrent = -1.1",
            "adjustments.current is -1.1; an adjustment is a share of the rate, from -1 to below 10: " + TENTH,
        ),
        ("months = 0", "months is 0; it should be greater than or equal to 1."),
        (
            '[[individual]]\ncustomer = "C1"\nrate = 2',
            "individual[0].rate is 2; a loss rate is a share between 0 and 1, such as 0.05.",
        ),
        ('[[individual]]\ncustomer = "C1"', "individual[0].rate is missing."),
        ("[[individual]]\nrate = 1", "individual[0] must name a customer or a document, by id: one of them."),
        (
            '[[individual]]\ncustomer = "C1"\ndocument = "D1"\nrate = 1',
            "individual[0] must name a customer or a document, by id: one of them.",
        ),
        (
            '[[individual]]\ncustomer = "C1"\nrate = 1\n[[individual]]\ncustomer = "C1"\nrate = 0.5',
            "individual has customer 'C1' twice; leave one of them out.",
        ),
        ("month = 12", "unknown key month: did you mean 'months'?"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_file_and_key(read, tmp_path, text, said):
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert str(caught.value) == f"{tmp_path / 'provision.toml'}: {said}"


def test_the_shipped_provision_judges_the_demonstrations_one_bad_debtor_by_itself():
    told = load().provision
    assert [(item.customer, item.rate) for item in told.individual] == [("0010002", 0.4)]
    assert set(told.adjustments) <= set(load().aging.labels)


def test_buckets_are_those_of_the_settings_own_edges(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "books.toml").write_text(
        'kind = "sql"\nurl = "sqlite:///erp.sqlite"\n[mapping]\ndocuments = "SELECT 1"\n'
    )
    app = 'reporting_currency = "USD"\nsource = "books"\n[aging]\nedges = [15, 45]\n'
    (tmp_path / "app.toml").write_text(app)
    (tmp_path / "provision.toml").write_text('[rates]\n"16-45" = 0.2\n')
    assert dict(load(tmp_path).provision.rates) == {"16–45": 0.2}
    (tmp_path / "provision.toml").write_text('[rates]\n"31-60" = 0.2\n')
    with pytest.raises(ConfigError, match=r"rates has '31-60', which is no aging bucket"):
        load(tmp_path)
