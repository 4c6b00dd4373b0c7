"""``[state]``: checked where it is written, filled in when the database is opened, and never shown."""

from __future__ import annotations

from config.settings import load
from tests.config.test_settings import APP, folder, sentence

__all__ = ["folder"]

URL = "postgresql://keeper:${STATE_PASSWORD}@host/kept"


def test_without_it_there_is_no_url(folder):
    assert load(folder).state.url() is None


def test_variables_are_filled_in_when_it_is_asked_for(folder, monkeypatch):
    monkeypatch.delenv("STATE_PASSWORD", raising=False)
    (folder / "app.toml").write_text(f'{APP}[state]\nurl = "{URL}"\n')
    state = load(folder).state
    monkeypatch.setenv("STATE_PASSWORD", "p@ss/word")
    assert state.url() == "postgresql://keeper:p%40ss%2Fword@host/kept"
    assert "keeper" not in repr(state)
    assert load(folder, {"STATE_PASSWORD": "other"}).state.url() == state.url()
    monkeypatch.delenv("STATE_PASSWORD")
    assert load(folder, {"STATE_PASSWORD": "other"}).state.url() == "postgresql://keeper:other@host/kept"


def test_a_mistake_is_named_and_the_address_is_not(folder):
    for state, words in {
        'ulr = "x"': ["unknown key state.ulr", "did you mean 'url'?"],
        "url = 3": ["state.url is not usable", "text in quotes"],
        'url = "keeper:hush@host/kept"': ["state.url is not a database URL"],
        'url = "oracle://keeper:hush@host/kept"': ["state.url", "'oracle'", "'postgresql', 'sqlite'"],
        'url = "postgrsql://keeper:hush@host/kept"': ["did you mean 'postgresql'?"],
    }.items():
        (folder / "app.toml").write_text(f"{APP}[state]\n{state}\n")
        said = sentence(folder)
        assert "hush" not in said
        for word in ["app.toml", *words]:
            assert word in said, said
    (folder / "app.toml").write_text(f"state = 3\n{APP}")
    assert "state is 3; it must be a table" in sentence(folder)
    (folder / "app.toml").write_text(f"{APP}[stat]\n")
    assert "did you mean 'state'?" in sentence(folder)
