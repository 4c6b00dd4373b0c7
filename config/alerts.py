"""``alerts.toml``: which numbers raise an alert, whose it is, and where it is sent. The file may be left out.

Here is checked what needs no metric: keys, types, owners, channels. What a metric, a dimension or a currency allows is
checked where those are known (``alerts.rules``). A rule that cannot be is told and stops no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, cast

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from config.reading import filled, read_toml, variables
from config.validation import Section, Text, validated
from ledger.errors import ConfigError, OutstandingError, did_you_mean

Kind = Literal["level", "target", "benchmark", "change", "unusual"]
Edge = Literal["above", "at_least", "below", "at_most"]
Severity = Literal["act", "watch", "info"]
Mode = Literal["immediate", "digest", "never"]

LONGEST_ID = 60
_MOST_PERIODS = 24


def _id(name: str) -> str:
    """Small letters, digits and single hyphens."""
    plain = name.replace("-", "")
    if not plain.isascii() or not plain.isalnum() or plain != plain.lower() or len(name) > LONGEST_ID:
        raise ValueError(f"has the name '{name}'; use small letters, digits and '-', at most {LONGEST_ID} of them.")
    return name


def _several(value: Any) -> Any:
    """One word stands for a list of one."""
    return (value,) if isinstance(value, str) else value


def _is_text(word: Any) -> bool:
    return isinstance(word, str) and bool(word.strip())


def _pairs(value: Any) -> Any:
    """A table of values by dimension as pairs, which can be hashed; pairs stay as they are."""
    if not isinstance(value, Mapping):
        return value
    told = cast("Mapping[str, Any]", value)
    for name, words in told.items():
        listed: Any = _several(words)
        if not words or not isinstance(listed, list | tuple) or not all(map(_is_text, cast("list[Any]", listed))):
            raise ValueError(f"has no text for '{name}'; write a value or a list of values, such as [\"EMEA\"].")
    return tuple((name, tuple(_several(words))) for name, words in told.items())


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"is {str(value).lower()}; it must be a number.")  # noqa: TRY004  (told as a setting's mistake)
    return value


Words = Annotated[tuple[Text, ...], BeforeValidator(_several), Field(strict=False)]
Figure = Annotated[float, BeforeValidator(_number), Field(strict=False, allow_inf_nan=False)]
Where = Annotated[tuple[tuple[str, tuple[str, ...]], ...], BeforeValidator(_pairs), Field(strict=False)]


class Rule(Section):
    """One rule. Figures are in the metric's own unit: a share is 0–1, money is major units.

    Attributes:
        id: its name in the file, in links and in the history.
        title: what a person reads.
        metric: an id of the catalogue.
        by: dimensions, ``customer`` or ``currency``: the rule is asked of each of their values. Empty: of the whole.
        where: the part of the company it is about: values by dimension. ``"Unassigned"`` means rows without a value.
        window: ``3mo`` or ``90d``; the company's default when left out.
        when: what is held against what.
            ``level``: the value against ``value``.
            ``target``: the value against the target in force (``targets.toml``): its ``of``.
            ``benchmark``: the value against what others report: its ``of``.
            ``change``: the value less that of ``against``, or with ``percent`` the change as a share of that one
            (0.2 is 20 %), against ``value``, which is below zero for a fall.
            ``unusual``: how far the value is from its own history, in robust standard deviations, against ``value``.
        edge: on which side of the limit, and whether the limit itself counts: ``above`` and ``below`` leave it out,
            ``at_least`` and ``at_most`` take it in. Left out: beyond it on the metric's worse side.
        value: the limit of ``level`` and ``change``; of ``unusual`` the deviations, 3.5 when left out, never negative.
        of: which edge of the target (``good``, ``attention``) or benchmark (also ``line``).
        against: the day that a change is from: a ``year`` before, or the ``period`` before, the day the window opens.
        percent: a change is told as a share of what it is from.
        periods: for so many months running: as of the day and of the same day of the months before.
        least: this much money must stand behind a number that raises an alert: the gross open of the group on each
            day compared, and of a percent change of money also the amount that it is from. An alert that is there stays
            with nine tenths of it; with less the number is not judged.
        margin: how far the number must come back within the limit before the alert ends, in the unit of the limit; 2 %
            of the limit when left out.
        severity: ``act`` where somebody must, ``watch``, or ``info`` (good news too).
        owner: a key of ``owners``; the first of them when left out.
        owner_by: a dimension whose value names the owner, such as the collector; ``owner`` where there is none.
        message: the sentence of the alert, with ``{who}``, ``{metric}``, ``{value}``, ``{limit}``, ``{change}``,
            ``{from}``, ``{since}``, ``{money}``, ``{day}``; made by the product when left out.
        note: why the rule is there, or what to do about it; told with the alert.
        enabled: a rule that is switched off raises nothing and ends what it raised.
    """

    id: Annotated[Text, AfterValidator(_id)]
    title: Annotated[Text, Field(max_length=120)]
    metric: Text
    by: Words = ()
    where: Where = ()
    window: Text | None = None
    when: Kind = "level"
    edge: Edge | None = None
    value: Figure | None = None
    of: Literal["good", "attention", "line"] = "attention"
    against: Literal["year", "period"] = "year"
    percent: bool = False
    periods: int = Field(default=1, ge=1, le=_MOST_PERIODS)
    least: Figure = Field(default=0.0, ge=0)
    margin: Annotated[Figure, Field(ge=0)] | None = None
    severity: Severity = "watch"
    owner: str = ""
    owner_by: str = ""
    message: Annotated[str, Field(max_length=400)] = ""
    note: Annotated[str, Field(max_length=400)] = ""
    enabled: bool = True

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.when in ("level", "change") and self.value is None:
            raise ValueError(f"of the kind '{self.when}' needs a value: the limit.")
        if self.when in ("target", "benchmark") and self.value is not None:
            raise ValueError(f"has a value, but the kind '{self.when}' takes its limit from there; remove it.")
        if self.when == "unusual" and self.value is not None and self.value <= 0:
            raise ValueError(f"has the value {self.value:g}; deviations are above 0, and 3.5 is usual.")
        if self.when == "target" and self.of == "line":
            raise ValueError("takes the line of a target, which only a benchmark has; choose good or attention.")
        return self

    def body(self) -> dict[str, Any]:
        """The rule as it is kept: what differs from the defaults, without its id."""
        told = self.model_dump(mode="json", exclude={"id"}, exclude_defaults=True)
        where = {"where": {name: list(values) for name, values in self.where}} if self.where else {}
        return {**told, "when": self.when, **where}


class _Rules(Section):
    """So that messages say ``rules.dso.metric``."""

    rules: dict[str, Rule]


class Owner(Section):
    """Whose alerts are sent where, and how soon; ``values``: what ``owner_by`` finds, such as a collector's name."""

    name: Text
    channels: Words = ()
    values: Words = ()
    act: Mode = "immediate"
    watch: Mode = "digest"
    info: Mode = "digest"
    resolved: Mode = "digest"


def _clock(value: Any) -> Any:
    try:
        return time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"is '{value}'; it must be a time of day, such as 07:30.") from None


class Delivery(Section):
    """How messages are sent.

    Attributes:
        url: where the dashboard answers, for links, such as ``https://receivables.example.com``; none: no links.
        digest_at: from this time of day, where the books are kept, a day's digest is sent, by the run that comes then.
        attempts: how often a message is tried before it is given up.
        first_wait: minutes until the second attempt; each further one waits twice as long, at most six hours.
    """

    url: str = ""
    digest_at: Annotated[time, BeforeValidator(_clock), Field(strict=False)] = time(7, 0)
    attempts: int = Field(default=16, ge=1, le=50)
    first_wait: float = Field(default=5.0, ge=0, strict=False)


class Life(Section):
    """``calm_days``: so many days a number must not have been beyond its limit before its alert ends."""

    calm_days: int = Field(default=7, ge=0, le=28)


class AlertFile(Section):
    """``alerts.toml`` as it is written, its rules still unread."""

    life: Life = Life()
    delivery: Delivery = Delivery()
    channels: dict[str, Text] = Field(default_factory=dict, repr=False)
    owners: dict[str, Owner] = Field(default_factory=dict)
    rules: dict[str, dict[str, Any]] = Field(default_factory=dict)


@dataclass(frozen=True)
class BrokenRule:
    """A rule that cannot be, and why, in one sentence."""

    id: str
    why: str


class AlertSettings(Section):
    """Everything that ``alerts.toml`` says; its text form shows no channel, whose address may hold a password.

    Channels are kept as they are written: ``channel()`` replaces their variables when a message is sent.
    """

    file: Path
    life: Life = Life()
    delivery: Delivery = Delivery()
    written: Mapping[str, str] = Field(default_factory=lambda: MappingProxyType[str, str]({}), repr=False)
    secrets: Mapping[str, str] = Field(default_factory=dict, repr=False, exclude=True)
    owners: Mapping[str, Owner] = Field(default_factory=lambda: MappingProxyType[str, Owner]({}))
    rules: tuple[Rule, ...] = ()
    broken: tuple[BrokenRule, ...] = ()

    model_config = Section.model_config | {"arbitrary_types_allowed": True}

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels."""
        return tuple(self.written)

    def channel(self, name: str) -> str:
        """The address of a channel. It may hold a secret: never print it.

        Raises:
            ConfigError: a variable of it is not set.
        """
        return str(filled({name: self.written[name]}, variables(self.secrets), self.file)[name])


def read_alerts(file: Path, secrets: Mapping[str, str]) -> AlertSettings:
    """The alerts' settings; no rules when there is no such file.

    Raises:
        ConfigError: the file is no TOML; an owner, a channel or the delivery cannot be. A rule that cannot be is in
            ``broken``.
    """
    if not file.exists():
        return AlertSettings(file=file)
    written = read_toml(file)
    channels = written.pop("channels", {})
    # Channels keep their variables: they are replaced when something is sent.
    told = validated(AlertFile, {**filled(written, variables({}), file), "channels": channels}, file)
    for key, owner in told.owners.items():
        for name in owner.channels:
            if name not in told.channels:
                hint = did_you_mean(name, told.channels)
                there = f"{file}: owners.{key} has the channel '{name}', which there is not; {hint}"
                raise ConfigError(there.rstrip("; "))
    rules, broken = read_rules(told.rules, str(file))
    return AlertSettings(
        file=file,
        life=told.life,
        delivery=told.delivery,
        written=MappingProxyType(told.channels),
        secrets=secrets,
        owners=MappingProxyType(told.owners),
        rules=rules,
        broken=broken,
    )


def read_rules(tables: Mapping[str, Any], where: str) -> tuple[tuple[Rule, ...], tuple[BrokenRule, ...]]:
    """Rules by id, each by itself: those that can be, and those that cannot."""
    rules: list[Rule] = []
    broken: list[BrokenRule] = []
    for id, table in tables.items():
        try:
            rules.append(read_rule(id, table, where))
        except OutstandingError as error:
            broken.append(BrokenRule(id, str(error)))
    return tuple(rules), tuple(broken)


def read_rule(id: str, table: Any, where: str) -> Rule:
    """One rule. ``where``: the file, or what else holds it, for messages.

    Raises:
        ConfigError: a key is missing, unknown or impossible.
    """
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where}: rules.{id} must be a table, such as [rules.{id}] with title, metric and value.")
    if "id" in table:
        raise ConfigError(f"{where}: rules.{id} has an id of its own; its name is its id, remove the line.")
    return validated(_Rules, {"rules": {id: {"id": id, **table}}}, Path(where)).rules[id]


def owner_named(settings: AlertSettings, value: str | None) -> str | None:
    """The owner that stands for a value of a dimension, by its key, name or ``values``; ``None`` where none does."""
    if value is None:
        return None
    for key, owner in settings.owners.items():
        if value in (key, owner.name, *owner.values):
            return key
    return None
