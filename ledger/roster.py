"""Who and what documents are counted by: customers and cells, numbered."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

UNKNOWN_CUSTOMER = "Unknown customer"

_SET = "_set"
"""Number of a customer's combination of dimensions."""


def customers(known: pl.DataFrame, named: pl.Series) -> pl.DataFrame:
    """The customer master with a number (``customer``) and what to call each (``label``), sorted by id.

    Customers that only documents name are added, ``known`` = false: their balance must not disappear.

    Args:
        known: the accepted customers.
        named: the ids that documents give, in any number.
    """
    strangers = (
        pl.DataFrame({"customer_id": named.unique()})
        .cast(pl.String)
        .join(known, on="customer_id", how="anti", nulls_equal=True)
    )
    both = pl.concat(
        [
            known.drop("_row", strict=False).with_columns(known=pl.lit(value=True)),
            strangers.with_columns(known=pl.lit(value=False)),
        ],
        how="diagonal",
    )
    stranger = pl.concat_str(pl.lit(UNKNOWN_CUSTOMER + " "), "customer_id", ignore_nulls=True).str.strip_chars_end()
    return (
        both.sort("customer_id", nulls_last=True)
        .with_row_index("customer")
        .with_columns(label=pl.when("known").then(pl.coalesce("name", "customer_id")).otherwise(stranger))
    )


class Cells:
    """The combinations of dimensions and currency that documents are in, numbered as they are met.

    A dimension is read from the document where the mapping gives it there, else from the customer.
    """

    def __init__(self, roster: pl.DataFrame, dimensions: Sequence[str]) -> None:
        self._dimensions = list(dimensions)
        self._theirs = [name for name in dimensions if name in roster.columns]
        self._sets = roster.select(self._theirs).unique().with_row_index(_SET)
        self._set_of = (
            roster.select(self._theirs).join(
                self._sets, on=self._theirs, how="left", nulls_equal=True, maintain_order="left"
            )[_SET]
            if self._theirs
            else pl.zeros(roster.height, pl.UInt32, eager=True)
        )
        self._met = pl.DataFrame(schema={**dict.fromkeys(self._keys, pl.String), "cell": pl.UInt32})

    @property
    def _keys(self) -> list[str]:
        return [*self._dimensions, "currency"]

    def of(self, documents: pl.DataFrame) -> pl.Series:
        """The cell of each of ``documents``: ``customer, currency`` and the dimensions they give themselves."""
        own = [name for name in self._dimensions if name in documents.columns]
        asked = documents.select(
            pl.Series(_SET, self._set_of.gather(documents["customer"])),
            *(pl.col(name).alias(f"_own_{name}") for name in own),
            "currency",
        )
        keys = asked.columns
        kinds = asked.unique()
        if self._theirs:
            kinds = kinds.join(self._sets, on=_SET, how="left")
        named = kinds.with_columns(
            pl.coalesce(
                *([f"_own_{name}"] if name in own else []),
                *([name] if name in self._theirs else []),
                pl.lit(None, pl.String),
            ).alias(name)
            for name in self._dimensions
        )
        self._meet(named.select(self._keys).unique())
        numbered = named.join(self._met, on=self._keys, how="left", nulls_equal=True)
        return asked.join(numbered.select(*keys, "cell"), on=keys, how="left", nulls_equal=True, maintain_order="left")[
            "cell"
        ]

    def frame(self) -> pl.DataFrame:
        """All cells met, sorted by their values: ``<dimensions>, currency``, and ``cell``, the number given out."""
        return self._met.sort(self._keys, nulls_last=True)

    def _meet(self, found: pl.DataFrame) -> None:
        new = found.join(self._met, on=self._keys, how="anti", nulls_equal=True)
        first = self._met.height
        self._met = pl.concat([self._met, new.with_row_index("cell", offset=first).select(self._met.columns)])
