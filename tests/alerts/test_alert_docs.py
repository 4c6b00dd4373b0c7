"""docs/alerts.md tells every key, and its examples can be read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from alerts.delivery import LEASE
from alerts.limits import DEVIATIONS, MARGIN, STAYS
from alerts.wording import PLACES
from config.alerts import Delivery, Owner, Rule, read_alerts, read_rules

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)


@pytest.mark.parametrize("section", [Rule, Owner, Delivery])
def test_every_key_is_told(section):
    for key in section.model_fields:
        if key != "id":
            assert re.search(rf"`{key}`|^{key} = ", DOCS, re.MULTILINE), key


def test_what_a_message_may_hold_is_told():
    assert all(f"{{{place}}}" in DOCS for place in PLACES)


def test_the_figures_are_those_of_the_code():
    plain = Delivery()
    assert f"attempts = {plain.attempts} " in DOCS
    assert f"first_wait = {plain.first_wait:g} " in DOCS
    assert f"{MARGIN:.0%}".replace("%", " %") + " of the limit" in DOCS
    assert (DEVIATIONS, STAYS, LEASE.total_seconds()) == (3.5, 0.9, 600), "3.5, nine tenths, ten minutes in the text"


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_can_be_read(block, tmp_path):
    told = tomllib.loads(block)
    rules, broken = read_rules(told.get("rules", {}), "docs")
    assert broken == ()
    assert len(rules) == len(told.get("rules", {}))
    for name, owner in told.get("owners", {}).items():
        assert Owner(**owner).name, name
    # Owners of one example have their channels in another.
    (tmp_path / "alerts.toml").write_text(re.sub(r"(?m)^channels = .*$", "", block), encoding="utf-8")
    assert read_alerts(tmp_path / "alerts.toml", {}).broken == ()


def test_the_addresses_of_the_examples_are_channels(monkeypatch):
    from datetime import UTC, datetime

    from alerts.channels import prepared
    from alerts.envelope import Envelope

    values = {
        "MAIL_USER": "robot@example.com", "MAIL_PASSWORD": "p@ss/w:rd", "HOOK_TOKEN": "abc",
        "SLACK_TOKENS": "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "TEAMS_WORKFLOW_URL": "https://prod-1.westus.logic.azure.com:443/workflows/643e69f83c8944438d68119179a10a64/"
        "triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abcdefghijklmn",
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    found = {name: address for block in BLOCKS for name, address in tomllib.loads(block).get("channels", {}).items()}
    assert len(found) == 5
    from config.alerts import AlertSettings

    settings = AlertSettings(file=Path("alerts.toml"), written=found)
    envelope = Envelope(id="a1", subject="s", text="t", html="<p>t</p>")
    for name in found:
        assert callable(prepared(settings.channel(name), envelope, datetime.now(UTC))), name
