"""``provision.toml``: how the provision for expected credit losses is made. The file may be left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from config.reading import filled, read_toml, variables
from config.validation import Section, Text, frozen, validated
from ledger.errors import ConfigError, did_you_mean

_LARGEST = 10
"""An adjustment of this much or more is taken for a percentage that was meant as a share."""


def _rate(rate: float) -> float:
    if not 0 <= rate <= 1:
        raise ValueError(f"is {rate:g}; a loss rate is a share between 0 and 1, such as 0.05.")
    return rate


def _adjustment(change: float) -> float:
    if not -1 <= change < _LARGEST:
        limits = f"from -1 to below {_LARGEST}"
        raise ValueError(f"is {change:g}; an adjustment is a share of the rate, {limits}: 0.1 raises it by a tenth.")
    return change


Rate = Annotated[float, AfterValidator(_rate)]
Adjustment = Annotated[float, AfterValidator(_adjustment)]
ByBucket = Annotated[Mapping[str, float], AfterValidator(frozen)]


class Individual(Section):
    """A customer or one document, by id, that is judged by itself; ``rate`` of what it owes is expected to be lost."""

    rate: Rate
    customer: Text | None = None
    document: Text | None = None
    note: str = ""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.customer is None) == (self.document is None):
            raise ValueError("must name a customer or a document, by id: one of them.")
        return self

    @property
    def name(self) -> str:
        return f"customer '{self.customer}'" if self.document is None else f"document '{self.document}'"


class Provision(Section):
    """How many months of history loss rates are learnt from, and what is set by hand, by aging bucket."""

    months: int = 12
    rates: ByBucket = Field(default_factory=lambda: MappingProxyType[str, float]({}))
    adjustments: ByBucket = Field(default_factory=lambda: MappingProxyType[str, float]({}))
    individual: tuple[Individual, ...] = ()


class ProvisionFile(Section):
    """``provision.toml`` as it is written."""

    months: int = Field(default=12, ge=1)
    rates: dict[str, Rate] = Field(default_factory=dict)
    adjustments: dict[str, Adjustment] = Field(default_factory=dict)
    individual: Annotated[tuple[Individual, ...], Field(strict=False)] = ()


def read_provision(file: Path, buckets: Iterable[str]) -> Provision:
    """The provision's settings; the defaults when there is no such file.

    Args:
        file: ``provision.toml`` in the configuration folder.
        buckets: names of the aging buckets. In the file a plain hyphen may stand for the dash: ``"1-30"``.

    Raises:
        ConfigError: in one sentence with file and key: a rate outside 0–1, an adjustment that is no share, a bucket
            that there is not or that stands there twice, an individual assessment without one id, or twice.
    """
    if not file.exists():
        return Provision()
    told = validated(ProvisionFile, filled(read_toml(file), variables({}), file), file)
    named = _bucket_names(file, tuple(buckets))
    names = [item.name for item in told.individual]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{file}: individual has {name} twice; leave one of them out.")
    return Provision(
        months=told.months,
        rates=named("rates", told.rates),
        adjustments=named("adjustments", told.adjustments),
        individual=told.individual,
    )


def _bucket_names(file: Path, buckets: tuple[str, ...]) -> Callable[[str, Mapping[str, float]], dict[str, float]]:
    """Puts the buckets' own names in place of those of a table of the file."""
    typed = {bucket.replace("–", "-"): bucket for bucket in buckets}

    def named(table: str, values: Mapping[str, float]) -> dict[str, float]:
        found: dict[str, float] = {}
        for key, value in values.items():
            bucket = typed.get(key.strip().replace("–", "-"))
            if bucket is None:
                raise ConfigError(
                    f"{file}: {table} has '{key}', which is no aging bucket of app.toml; {did_you_mean(key, typed)}"
                )
            if bucket in found:
                raise ConfigError(f"{file}: {table} has the bucket '{bucket}' twice; leave one of them out.")
            found[bucket] = value
        return found

    return named
