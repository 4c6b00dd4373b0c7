"""The demo connector: builds its company when it is needed, and only then."""

from __future__ import annotations

import pytest

from config.settings import load
from data_sources import demo_source
from data_sources.demo_source import build_demo, demo_path
from data_sources.registry import open_connector
from ledger.errors import ConfigError, SourceError
from tests.data_sources.contract import mapped

SQL = "SELECT curr_cd AS currency, max(fx_date) AS date, max(usd) AS rate FROM fx GROUP BY 1"


@pytest.fixture
def settings(tmp_path):
    def settings_(options: str = "invoices = 500"):
        (tmp_path / "sources").mkdir(exist_ok=True)
        (tmp_path / "app.toml").write_text(
            f'reporting_currency = "USD"\nsource = "it"\n[store]\npath = "{tmp_path}/store"\n'
        )
        text = f"kind = 'demo'\n{options}\n[mapping]\nfx_rates = '{SQL}'\n"
        (tmp_path / "sources" / "it.toml").write_text(text)
        return load(tmp_path)

    return settings_


@pytest.fixture
def built(monkeypatch):
    """The sizes and seeds that were built, really built."""
    sizes = []
    build = demo_source.demo.build

    def spy(path, invoices, seed, progress):
        sizes.append((invoices, seed))
        build(path, invoices, seed, progress)

    monkeypatch.setattr(demo_source.demo, "build", spy)
    return sizes


def read(settings) -> int:
    with open_connector(settings) as source:
        return mapped(source, "fx_rates").height


def test_it_is_built_once_and_told_about(settings, built):
    told = []
    with open_connector(settings(), lambda what, share: told.append((what, share))) as source:
        assert mapped(source, "fx_rates").height > 0
    assert read(settings()) > 0
    assert built == [(500, 7)]
    assert told
    assert all(0 <= share <= 1 for _, share in told)


def test_another_size_or_seed_is_built_anew(settings, built):
    read(settings())
    read(settings("invoices = 600"))
    read(settings("invoices = 600\nseed = 8"))
    assert built == [(500, 7), (600, 7), (600, 8)]


def test_a_company_built_by_hand_stays_until_the_settings_change(settings, built):
    assert build_demo(settings(), 700, 3) == demo_path(settings())
    read(settings())
    assert built == [(700, 3)]
    read(settings("invoices = 600"))
    assert built == [(700, 3), (600, 7)]


def test_a_company_built_elsewhere_leaves_the_source_alone(settings, tmp_path):
    build_demo(settings(), 500, 1, tmp_path / "mine.sqlite")
    assert (tmp_path / "mine.sqlite").is_file()
    assert not demo_path(settings()).exists()


def test_a_newer_generator_builds_the_same_size_anew(settings, built, monkeypatch):
    build_demo(settings(), 700, 3)
    monkeypatch.setattr(demo_source, "_generator", lambda: "another")
    read(settings())
    assert built == [(700, 3), (700, 3)]


def test_a_lost_or_damaged_note_builds_anew(settings, built):
    read(settings())
    demo_path(settings()).with_suffix(".json").write_text("{")
    read(settings())
    assert len(built) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("invoices = 3", "invoices is 3"),
        ("invoices = '500'", "invoices is '500'; it must be a whole number"),
        ("invoces = 500", "did you mean 'invoices'?"),
        ("seed = -1", "seed is -1"),
    ],
)
def test_a_wrong_option_is_named(settings, options, said):
    with pytest.raises(ConfigError) as caught:
        open_connector(settings(options))
    assert said in str(caught.value)


def test_too_small_a_company_is_refused_in_a_sentence(settings):
    with pytest.raises(ConfigError, match="at least"):
        build_demo(settings(), 3, 7)


def test_a_store_that_cannot_be_written_is_named(settings, tmp_path):
    ready = settings()
    (tmp_path / "store").write_text("a file where a folder should be")
    with pytest.raises(SourceError, match="cannot be written"):
        read(ready)
