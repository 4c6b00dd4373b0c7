"""Families: which customers belong together, by the parent that each one names.

Pure functions over the customers frame (``customer, customer_id, parent_id``). A parent that is not in the frame, and
a customer that is its own parent, count as none. Parents that form a circle are cut open at the customer with the
lowest number, which so becomes the head of the family: the same every time, and nobody is lost.
"""

from __future__ import annotations

import polars as pl


def parents(customers: pl.DataFrame) -> pl.DataFrame:
    """``customer, parent``: everyone's parent by number, null for the head of a family. There are no circles."""
    if "parent_id" not in customers.columns:
        return customers.select("customer", parent=pl.lit(None, pl.UInt32))
    named = customers.select(parent_id="customer_id", parent="customer").drop_nulls("parent_id")
    linked = customers.select("customer", "parent_id").join(named, on="parent_id", how="left", maintain_order="left")
    own = pl.col("parent") == pl.col("customer")
    links = linked.select("customer", parent=pl.when(~own).then("parent"))
    circular = pl.col("customer").is_in(_heads_of_circles(links).implode())
    return links.with_columns(parent=pl.when(~circular).then("parent"))


def families(customers: pl.DataFrame) -> pl.DataFrame:
    """``customer, ancestor, depth``: everyone with everyone above them, themselves at depth 0. Sorted."""
    links = parents(customers)
    up = links.drop_nulls("parent").rename({"customer": "ancestor"})
    level = links.select("customer", ancestor="customer", depth=pl.lit(0, pl.UInt32))
    levels = [level]
    while not level.is_empty():
        level = level.join(up, on="ancestor").select("customer", ancestor="parent", depth=pl.col("depth") + 1)
        levels.append(level)
    return pl.concat(levels).sort("customer", "depth")


def ultimate_parents(customers: pl.DataFrame) -> pl.DataFrame:
    """``customer, head``: the topmost member of everyone's family, themselves where nobody is above them."""
    top = families(customers).group_by("customer", maintain_order=True).last()
    return top.select("customer", head="ancestor")


def _heads_of_circles(links: pl.DataFrame) -> pl.Series:
    """Where to cut: the lowest number of each circle of parents."""
    caught = links.drop_nulls("parent")
    while True:
        # Whoever's parent is not caught leads out to the head of a family; what is left leads into a circle.
        left = caught.join(caught.select(parent="customer"), on="parent", how="semi")
        if left.height == caught.height:
            break
        caught = left
    # Everyone jumps to the parent's parent's … parent, twice as far each round, and remembers the lowest met: after as
    # many steps as there are customers all have arrived in their circle and have been all round it.
    walk, steps = caught.select("customer", to="parent", low="customer"), 1
    while steps < walk.height:
        further = walk.select(to="customer", _to="to", _low="low")
        walk = walk.join(further, on="to").select("customer", to="_to", low=pl.min_horizontal("low", "_low"))
        steps *= 2
    lowest = walk.join(walk.select(customer="to").unique(), on="customer", how="semi")
    return lowest["low"].unique().sort()
