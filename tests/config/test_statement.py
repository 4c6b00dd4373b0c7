"""[statement]: what is printed of the sender, and one plain sentence for each mistake."""

from __future__ import annotations

import pytest

from config.settings import load
from ledger.errors import ConfigError

APP = 'reporting_currency = "USD"\nsource = "books"\n[statement]\n'
SOURCE = 'kind = "sql"\nurl = "sqlite:///erp.sqlite"\n[mapping]\ndocuments = "SELECT 1"\n'


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "books.toml").write_text(SOURCE)

    def read(said):
        (tmp_path / "app.toml").write_text(APP + said)
        return load(tmp_path).statement

    return read


def test_nothing_is_needed(settings):
    said = settings("")
    assert (said.address, said.contact, said.note, said.paper) == ((), "", "", "a4")


def test_everything_is_read(settings):
    said = settings(
        'address = ["1 Harbour Street", "Boston"]\ncontact = "ar@example.com"\nnote = "N"\npaper = "us-letter"\n'
    )
    assert (said.address, said.contact, said.note, said.paper) == (
        ("1 Harbour Street", "Boston"), "ar@example.com", "N", "us-letter",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('adress = ["x"]', "unknown key statement.adress: did you mean 'address'?"),
        ('address = "one line"', "statement.address is 'one line'; it must be a list."),
        ("address = [1]", "statement.address[0] is 1; it must be text in quotes."),
        ('address = [""]', "statement.address[0] is empty."),
        (f"address = {['x'] * 9}", "statement.address has 9 lines; a letterhead has room for 8."),
        ('paper = "a3"', "statement.paper is 'a3'; it must be 'a4' or 'us-letter'."),
        (f'note = "{"x" * 401}"', "statement.note has 401 letters; it must have at most 400."),
    ],
)
def test_a_mistake_is_one_sentence(settings, said, told):
    with pytest.raises(ConfigError) as caught:
        settings(said)
    assert str(caught.value).endswith(told)
