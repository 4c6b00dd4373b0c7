"""The company with rules that raise alerts, and how to read and press what a page shows of them."""

from __future__ import annotations

from alerts.run import run
from config import settings as configuration
from ledger.store import Store
from metrics import Targets

PAGE = "alerts/inbox"

RULES = """
[owners.cfo]
name = "Finance <b>office</b>"
[owners.north]
name = "North"
[rules.company-late]
title = "The company is **late**"
metric = "overdue_share"
value = 0.01
note = "Ask <i>why</i>"
[rules.company-dso]
title = "DSO is long"
metric = "dso"
value = 1
severity = "act"
[rules.customer-late]
title = "A customer is late"
metric = "overdue"
by = ["customer"]
value = 1000
severity = "act"
[rules.old]
title = "Old money"
metric = "over_90_share"
value = 0.99
"""


def ask(home, state, now=None):
    settings = configuration.load(home)
    place = Store(settings.store.path)
    book = place.load(place.current())
    return run(settings, book, state, Targets.of(settings.targets, "targets.toml"), now=now)


def title(app):
    (found,) = (element.value for element in app.title)
    return found.replace("\\", "").replace("\u2060", "")


def words(app):
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error")
    return (
        "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))
        .replace("\\", "")
        .replace("\u2060", "")
    )


def links(app):
    return [element.proto for element in app.get("page_link")]


def listed(app):
    """The rows of the list, which lead to their alerts."""
    return [link for link in links(app) if link.label.startswith("**") and "alert=" in link.query_string]


def raised(state, rule):
    """The alerts of a rule, those first that are the same money as no other."""
    return sorted((each for each in state.alerting.alerts() if each.rule == rule), key=lambda each: each.under or "")


def tables(app):
    """The rows of each table."""
    return [frame.value.to_dict("records") for frame in app.dataframe]


def press(app, start):
    """Click the one button whose key begins so."""
    (button,) = [each for each in app.button if str(each.key).startswith(start)]
    app = button.click().run()
    assert not app.exception
    return app


def kinds(state, id):
    return [event.kind for event in state.alerting.events(id)]
