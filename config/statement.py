"""What a statement of account says of its sender: ``[statement]`` in app.toml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.validation import Section, Text

_MOST_LINES = 8
_LONGEST = 400


def _letterhead(lines: tuple[str, ...]) -> tuple[str, ...]:
    if len(lines) > _MOST_LINES:
        raise ValueError(f"has {len(lines)} lines; a letterhead has room for {_MOST_LINES}.")
    return lines


def _short(words: str) -> str:
    if len(words) > _LONGEST:
        raise ValueError(f"has {len(words)} letters; it must have at most {_LONGEST}.")
    return words


Short = Annotated[str, AfterValidator(_short)]


class StatementSettings(Section):
    """``address``: lines under the company's name; ``contact``: whom to ask; ``note``: a last sentence."""

    address: Annotated[tuple[Annotated[Text, AfterValidator(_short)], ...], AfterValidator(_letterhead)] = Field(
        default=(), strict=False
    )
    contact: Short = ""
    note: Short = ""
    paper: Literal["a4", "us-letter"] = "a4"
