"""``board_pack.toml``: the packs that are made for the board, and the slides they are made on. It may be left out.

What the books and the state database allow is checked when a pack is made: the day, a currency, the template.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field

from config.reading import filled, read_toml, variables
from config.validation import Section, Text, currency_code, frozen, validated, window_text
from ledger.errors import ConfigError, OutstandingError, did_you_mean
from ledger.scope import CURRENCY, CUSTOMER

SECTIONS = (
    "summary",
    "dso",
    "why",
    "aging",
    "movement",
    "segments",
    "exposures",
    "risk",
    "alerts",
    "definitions",
)
"""What a pack may consist of, in the order of one that does not say. The title page comes by itself."""

DEFAULT = "board"
"""The pack of a company that defines none."""

Against = Literal["year", "period", "target"]
Paper = Literal["a4", "us-letter"]
Shape = Literal["pptx", "pdf", "xlsx"]

SHAPES: tuple[Shape, ...] = ("pptx", "pdf", "xlsx")
AGAINST: tuple[Against, ...] = ("year", "period", "target")

MOST_ROWS = 10_000
LONGEST_NAME = 60
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LONGEST_TITLE = 120


def _name(name: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ValueError(
            f"has the name '{name}'; use small letters, digits, '-' and '_', at most {LONGEST_NAME} of them."
        )
    return name


def _known(section: str) -> str:
    if section not in SECTIONS:
        raise ValueError(f"is '{section}', which is no section; {did_you_mean(section, SECTIONS)}".removesuffix("; "))
    return section


def _several(value: Any) -> Any:
    """One word stands for a list of one."""
    return (value,) if isinstance(value, str) else value


def _as_tables(value: Any) -> Any:
    """Sections named by their id alone as tables; what is no list stays, and is told."""
    if not isinstance(value, list | tuple):
        return value
    listed = cast("list[Any]", value)
    return tuple({"section": each} if isinstance(each, str) else each for each in listed)


def _each_once(sections: tuple[SectionSettings, ...]) -> tuple[SectionSettings, ...]:
    if not sections:
        raise ValueError(f"is empty; name sections, such as {list(SECTIONS[:3])}, or leave it out for all of them.")
    twice = [section for section, times in Counter(each.section for each in sections).items() if times > 1]
    if twice:
        raise ValueError(f"has '{twice[0]}' twice; each section stands in a pack once.")
    return sections


def _formats(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    if not shapes:
        raise ValueError(f"is empty; choose from {', '.join(SHAPES)}.")
    return tuple(dict.fromkeys(shapes))


def _some_value(where: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    for dimension, values in where.items():
        if not values:
            raise ValueError(f"has no value for '{dimension}'; name one or several, such as [\"EMEA\"].")
    return frozen(where)


def _window(text: str) -> str:
    return window_text(text) if text else ""


def _currency(code: str) -> str:
    return currency_code(code) if code else ""


Title = Annotated[str, Field(max_length=_LONGEST_TITLE)]
Words = Annotated[tuple[Text, ...], BeforeValidator(_several), Field(strict=False)]


class SectionSettings(Section):
    """One section of a pack.

    Attributes:
        section: its id, one of ``SECTIONS``.
        rows: so many rows a table of it shows on slides and paper; the section's own number when left out.
        by: the dimension it is grouped by; empty: the section's own.
        title: what the section is called; empty: its own label.
    """

    section: Annotated[str, AfterValidator(_known)]
    rows: int | None = Field(default=None, ge=1, le=MOST_ROWS)
    by: str = ""
    title: Title = ""


_ALL = tuple(SectionSettings(section=section) for section in SECTIONS)


class PackSettings(Section):
    """One pack: what it shows of which part of the company, and who is sent it as what.

    Attributes:
        name: its key in the file; names its files and its commentary.
        title: on the first page.
        subtitle: below it; may be empty.
        sections: in their order.
        window: what flows are measured over, such as ``3mo``; empty: the company's default.
        against: what numbers are compared with.
        where: the part of the company: values by dimension, ``Unassigned`` for none. Empty: the whole.
        currency: what money is shown in; empty: the reporting currency.
        paper: of the printed pages.
        formats: the kinds of file that are sent.
        send_to: owners in ``alerts.toml``, by key.
    """

    name: Annotated[str, AfterValidator(_name)]
    title: Annotated[Text, Field(max_length=_LONGEST_TITLE)] = "Receivables report"
    subtitle: Title = "For the board"
    sections: Annotated[
        tuple[SectionSettings, ...], BeforeValidator(_as_tables), AfterValidator(_each_once), Field(strict=False)
    ] = _ALL
    window: Annotated[str, AfterValidator(_window)] = ""
    against: Against = "year"
    where: Annotated[Mapping[str, Words], AfterValidator(_some_value)] = Field(
        default_factory=lambda: MappingProxyType[str, tuple[str, ...]]({})
    )
    currency: Annotated[str, AfterValidator(_currency)] = ""
    paper: Paper = "a4"
    formats: Annotated[tuple[Shape, ...], AfterValidator(_formats), Field(strict=False)] = ("pptx", "pdf")
    send_to: Words = ()

    def of(self, sections: Iterable[str]) -> PackSettings:
        """The same pack with these sections alone, in this order, each as the pack has it.

        Raises:
            OutstandingError: there is no such section.
        """
        own = {each.section: each for each in self.sections}
        chosen: list[SectionSettings] = []
        for section in dict.fromkeys(sections):
            if section not in SECTIONS:
                hint = did_you_mean(section, SECTIONS)
                raise OutstandingError(f"There is no section '{section}'; {hint}".removesuffix("; "))
            chosen.append(own.get(section) or SectionSettings(section=section))
        return self.model_copy(update={"sections": tuple(chosen)})


class Slides(Section):
    """What slides are made on.

    ``template``: a presentation whose master and layouts are used, relative to the settings folder; the product's own
    when left out. ``title_layout``, ``content_layout``: its layouts, by their names.
    """

    template: Path | None = Field(default=None, strict=False)
    title_layout: Text = "Title Slide"
    content_layout: Text = "Title Only"


class _File(Section):
    """``board_pack.toml`` as it is written."""

    slides: Slides = Slides()
    packs: dict[str, PackSettings] = Field(default_factory=dict)


class PackBook(Section):
    """Everything that ``board_pack.toml`` says: there is always a pack."""

    file: str
    packs: Annotated[Mapping[str, PackSettings], AfterValidator(frozen)]
    slides: Slides = Slides()

    @property
    def first(self) -> PackSettings:
        """The pack that is offered first."""
        return next(iter(self.packs.values()))

    def named(self, name: str) -> PackSettings:
        """The pack with this name.

        Raises:
            OutstandingError: there is none.
        """
        if name in self.packs:
            return self.packs[name]
        raise OutstandingError(f"{self.file} has no pack '{name}'; {did_you_mean(name, self.packs)}".rstrip("; "))


def read_packs(file: Path, dimensions: Iterable[str], owners: Iterable[str]) -> PackBook:
    """The packs in ``file``; the default one when there is no such file, or no pack in it.

    Args:
        file: ``board_pack.toml``.
        dimensions: the company's. A pack may also be of a ``customer`` (its id) or a ``currency``.
        owners: the keys of the owners in ``alerts.toml`` beside it.

    Raises:
        ConfigError: anything that is unknown or impossible, with the file and the key.
    """
    written: dict[str, Any] = filled(read_toml(file), variables({}), file) if file.exists() else {}
    told = validated(_File, {**written, "packs": _keyed(written.get("packs", {}), file)}, file)
    known, owning = (*dimensions, CUSTOMER, CURRENCY), tuple(owners)
    for name, pack in told.packs.items():
        _check(name, pack, known, owning, file)
    template = told.slides.template
    return PackBook(
        file=str(file),
        packs=told.packs or {DEFAULT: PackSettings(name=DEFAULT)},
        slides=told.slides.model_copy(update={"template": file.parent / template.expanduser()})
        if template
        else told.slides,
    )


def _keyed(packs: Any, file: Path) -> Any:
    """Packs with their keys as their names; what is no table of tables stays, and is told."""
    if not isinstance(packs, Mapping):
        return packs
    tables = cast("Mapping[str, Any]", packs)
    keyed: dict[str, Any] = {}
    for name, table in tables.items():
        if isinstance(table, Mapping) and "name" in table:
            raise ConfigError(f"{file}: packs.{name} has a name of its own; its key is its name, remove the line.")
        keyed[name] = {"name": name, **cast("Mapping[str, Any]", table)} if isinstance(table, Mapping) else table
    return keyed


def _check(name: str, pack: PackSettings, dimensions: tuple[str, ...], owners: tuple[str, ...], file: Path) -> None:
    """Names of a pack that other files explain."""
    asked = [(f"where.{dimension}", dimension) for dimension in pack.where]
    asked += [(f"sections[{at}].by", each.by) for at, each in enumerate(pack.sections) if each.by]
    for key, dimension in asked:
        if dimension not in dimensions:
            hint = did_you_mean(dimension, dimensions)
            there = f"{file}: packs.{name}.{key} names '{dimension}', which is no dimension; {hint}"
            raise ConfigError(there.removesuffix("; "))
    for owner in pack.send_to:
        if owner not in owners:
            hint = did_you_mean(owner, owners)
            there = f"{file}: packs.{name}.send_to names '{owner}', who is no owner in alerts.toml; {hint}"
            raise ConfigError(there.removesuffix("; "))
