"""A draft on the screen: widgets that show what it says, and write what the reader chooses into the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import streamlit as st

from ledger.book import Book
from metrics import Targets
from ui import address, rule_draft
from ui.rule_draft import Body, Draft
from ui.rule_words import Words

DRAFT = "draft"
"""The parameter that holds what was changed and is not saved yet."""


@dataclass(frozen=True)
class Form:
    """The fields of one draft."""

    book: Book
    draft: Draft
    targets: Targets
    words: Words
    usual: rule_draft.Usual

    @property
    def body(self) -> Body:
        return self.draft.body

    def key(self, name: str) -> str:
        """Of a field's widget: another rule has widgets of its own."""
        return f"rule_field_{'new' if self.draft.is_new else self.draft.id}_{name}"

    def put(self, changes: Body) -> None:
        """Write changes into the address, from a callback: on top of what other fields wrote in the same moment."""
        draft = rule_draft.opened(self.draft.id, self.draft.base, address.value(DRAFT))
        body = self.draft.body if draft.problems else draft.body
        after = rule_draft.changed(body, changes, self.targets, self.usual)
        address.put({DRAFT: rule_draft.written(self.draft.base, after)})
        address.settle()

    def show(self, name: str, shown: Any) -> str:
        """Give a field's widget its value; returns the widget's key."""
        key = self.key(name)
        if key not in st.session_state or st.session_state[key] != shown:
            st.session_state[key] = shown
        return key

    def chosen(self, name: str, made: Callable[[Any], Body] | None = None) -> Callable[[], None]:
        """What a widget calls when the reader changes it; ``made`` turns its value into changes."""

        def keep() -> None:
            value = st.session_state.get(self.key(name))
            self.put(made(value) if made else {name: value})

        return keep


def text(form: Form, name: str, label: str, placeholder: str, most: int = 120) -> None:
    """A line of free text."""
    st.text_input(
        label,
        key=form.show(name, form.body.get(name, "")),
        on_change=form.chosen(name),
        placeholder=placeholder,
        max_chars=most,
    )


def select(form: Form, name: str, label: str, options: Mapping[str, str], usual: str, **words: Any) -> None:
    """A choice of one; ``usual`` is chosen where the draft says nothing."""
    st.selectbox(
        label,
        list(options),
        key=form.show(name, form.body.get(name, usual)),
        format_func=lambda each: options[each],
        on_change=form.chosen(name),
        **words,
    )


def number(
    form: Form,
    name: str,
    label: str,
    *,
    least: float | None = None,
    most: float | None = None,
    sign: Literal[1, -1] = 1,
    **words: Any,
) -> None:
    """A figure in the unit that it is typed in; kept as the rule has it. Empty is as usual."""
    factor = 100 if name != "least" and rule_draft.in_percent(form.body) else 1
    kept = form.body.get(name)
    shown = None if kept is None else float(Decimal(repr(float(kept))) * factor * sign)
    if shown is not None:
        # An address may ask for what cannot be typed: it is shown, and its sentence says what is wrong.
        least = None if least is None else min(least, shown)
        most = None if most is None else max(most, shown)

    def made(typed: float | None) -> Body:
        return {name: None if typed is None else float(Decimal(repr(float(typed))) / factor * sign)}

    st.number_input(
        label,
        least,
        most,
        key=form.show(name, shown),
        on_change=form.chosen(name, made),
        format="%g",
        step=10_000.0 if form.words.currency in label else 0.5 if form.body["when"] == "unusual" else 1.0,
        **words,
    )
