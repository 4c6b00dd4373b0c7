"""``[aging]`` of ``app.toml``: the bucket edges, set one by one or as the report of an ERP has them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Strict

from config.presets import read_preset
from config.validation import Section, Text, validated
from ledger.aging import AgingRule
from ledger.errors import ConfigError


def _edges(edges: tuple[int, ...]) -> tuple[int, ...]:
    if not edges or edges[0] < 1 or any(low >= high for low, high in pairwise(edges)):
        raise ValueError(f"is {list(edges)}; it must be days in rising order, such as [30, 60, 90, 120].")
    return edges


class Aging(Section):
    """Bucket edges in days and the conventions at them; the words are those of ``ledger.aging.AgingRule``.

    ``preset``: an ERP whose report is followed in whatever is not set beside it.
    """

    preset: Text | None = None
    edges: Annotated[tuple[Annotated[int, Strict()], ...], AfterValidator(_edges)] = Field(
        default=(30, 60, 90, 120), strict=False
    )
    basis: Literal["due_date", "document_date", "posting_date"] = "due_date"
    credits: Literal["separate", "aged"] = "separate"
    due_today: Literal["current", "overdue"] = "current"
    last_day: Literal["inside", "outside"] = "inside"

    def rule(self, file: Path) -> AgingRule:
        """The rule as set in ``file``, with what its preset says where nothing is.

        Raises:
            ConfigError: no such preset, or it follows no report.
        """
        written: dict[str, Any] = self.model_dump(exclude_unset=True, exclude={"preset"})
        if self.preset:
            preset = read_preset(self.preset, f"{file}: aging.preset")
            if not preset.says.aging:
                raise ConfigError(
                    f"{file}: aging.preset is '{self.preset}', which says nothing of aging; set its keys."
                )
            checked = validated(Aging, preset.says.aging, preset.file)
            written = checked.model_dump(exclude_unset=True) | written
        return AgingRule(**(Aging().model_dump(exclude={"preset"}) | written))
