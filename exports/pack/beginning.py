"""The beginning of a pack: as much of its content as fills so many sheets, for a look at a long one."""

from __future__ import annotations

from dataclasses import replace

from exports.pack.content import Pack, Page, Row, Table

_MOST_ON_A_SHEET = 50
"""Rows of a table: no sheet has room for more."""


def beginning(pack: Pack, sheets: int) -> Pack:
    """The same pack as far as it certainly fills ``sheets`` sheets of paper; itself where it has no more content.

    What is cut off may have filled some sheets more: who shows the beginning shows ``sheets`` of them at most.
    """
    pages: list[Page] = []
    room = sheets * _MOST_ON_A_SHEET
    for page in pack.pages[:sheets]:
        if room <= 0:
            break
        pages.append(_cut(page, room))
        room -= sum(block.shown.height for block in page.blocks if isinstance(block, Table))
    if len(pages) == len(pack.pages) and all(cut is own for cut, own in zip(pages, pack.pages, strict=True)):
        return pack
    return replace(pack, pages=tuple(pages))


def _cut(page: Page, most: int) -> Page:
    if all(not isinstance(block, Table) or block.shown.height <= most for block in page.blocks):
        return page
    return replace(page, rows=tuple(_cut_row(row, most) for row in page.rows))


def _cut_row(row: Row, most: int) -> Row:
    return replace(
        row, blocks=tuple(_cut_table(block, most) if isinstance(block, Table) else block for block in row.blocks)
    )


def _cut_table(table: Table, most: int) -> Table:
    if table.shown.height <= most:
        return table
    states = {(row, name): state for (row, name), state in table.states.items() if row < most}
    return replace(table, rows=table.rows.head(most), most=None, last_is_total=False, states=states)
