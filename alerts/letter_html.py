"""A letter as HTML that mail programs show: tables and inline styles, no script, nothing loaded from elsewhere."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from string import Template

from alerts.letter import Entry, Letter, Link, Short
from alerts.quoting import tagged

REPEAT_BEFORE = "<!-- a remark about the whole message goes here -->"

# The screen's own colours for a light ground.
_INK, _QUIET, _GROUND, _PANEL, _BORDER = "#22262f", "#636a76", "#ffffff", "#f6f7f9", "#dfe2e7"
_STATE = {"act": "#b84a00", "watch": "#8a6100", "info": "#5b616e", "resolved": "#0072b2"}
_FONT = "font-family:Inter,'Segoe UI',Helvetica,Arial,sans-serif"

_PAGE = Template(f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>$subject</title>
</head>
<body style="margin:0;padding:0;background:{_PANEL}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:{_PANEL}">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="640" cellpadding="0" cellspacing="0" style="width:100%;max-width:640px">
<tr><td style="{_FONT};font-size:19px;line-height:1.35;font-weight:600;color:{_INK};padding:0 0 16px">$lead</td></tr>
{REPEAT_BEFORE}
$parts
<tr><td style="{_FONT};font-size:12px;line-height:1.5;color:{_QUIET};padding:16px 0 0">$foot</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
""")


def as_html(letter: Letter) -> str:
    """The letter as a whole page. Every word of it is escaped; pictures are taken from the message (``cid:``)."""
    parts = [
        *_report(letter),
        *(_card(_entry(entry), _STATE.get(entry.state, _QUIET)) for entry in letter.entries),
        *([_row(f"And {letter.more} more, not written out here.", _QUIET)] if letter.more else []),
        *_listed("Still open", letter.open, letter.more_open),
        *_listed("Resolved", letter.resolved, letter.more_resolved),
        *([_row(_link(letter.inbox), _INK)] if letter.inbox else []),
    ]
    return _PAGE.substitute(
        subject=tagged(letter.subject), lead=tagged(letter.lead), parts="\n".join(parts), foot=tagged(letter.foot)
    )


def remark(words: str) -> str:
    """A remark about the whole message, as it stands at ``REPEAT_BEFORE``."""
    return _card(f'<div style="{_style(14, _INK)}">{tagged(words)}</div>', _QUIET)


def _report(letter: Letter) -> Iterable[str]:
    if letter.facts:
        yield _card(_facts(letter.facts, above=0), _BORDER)
    if letter.files:
        head = f'<div style="{_style(15, _INK)};font-weight:600">Files</div>'
        yield _card(head + "".join(_points("", letter.files)), _BORDER)


def _entry(entry: Entry) -> str:
    colour = _STATE.get(entry.state, _QUIET)
    pieces = [
        f'<div style="{_style(12, colour)};font-weight:600">{tagged(entry.mark)}</div>',
        f'<div style="{_style(17, _INK)};font-weight:600;padding:2px 0 4px"><bdi>{tagged(entry.who)}</bdi></div>',
        f'<div style="{_style(14, _INK)}">{tagged(entry.words)}</div>',
        _facts(entry.facts),
        *([f'<div style="{_style(14, _INK)};padding-top:8px">{tagged(entry.cause)}</div>'] if entry.cause else []),
        *_points("", entry.contributors),
        *_points("The same money", entry.same),
        *([_note(entry.note)] if entry.note else []),
        *([_picture(entry)] if entry.picture else []),
        *([f'<div style="{_style(14, _INK)};padding-top:12px">{_links(entry.links)}</div>'] if entry.links else []),
    ]
    return "\n".join(pieces)


def _facts(facts: Sequence[tuple[str, str]], above: int = 10) -> str:
    rows = "".join(
        f'<tr><td valign="top" style="{_style(13, _QUIET)};padding:2px 16px 2px 0;white-space:nowrap">'
        f'{tagged(name)}</td><td valign="top" style="{_style(13, _INK)};padding:2px 0">{tagged(told)}</td></tr>'
        for name, told in facts
    )
    return f'<table role="presentation" cellpadding="0" cellspacing="0" style="margin-top:{above}px">{rows}</table>'


def _points(title: str, points: Sequence[str]) -> Iterable[str]:
    if points:
        head = f'<div style="{_style(13, _QUIET)};padding-top:8px">{tagged(title)}</div>' if title else ""
        told = "".join(f"<li><bdi>{tagged(point)}</bdi></li>" for point in points)
        yield f'{head}<ul style="{_style(13, _INK)};margin:4px 0 0;padding:0 0 0 20px">{told}</ul>'


def _note(note: str) -> str:
    return f'<div style="{_style(13, _QUIET)};padding-top:8px">{tagged(note)}</div>'


def _picture(entry: Entry) -> str:
    alt = "The history of this number, with its limit"
    return (
        f'<img src="cid:{entry.picture}" width="560" alt="{alt}" '
        f'style="display:block;width:100%;max-width:560px;height:auto;border:0;margin-top:12px">'
    )


def _listed(title: str, shorts: Sequence[Short], more: int) -> Iterable[str]:
    if not shorts:
        return
    told = "".join(
        f'<div style="{_style(13, _INK)};padding-top:4px">{_state(short)}<bdi>{_who(short)}</bdi>: '
        f"{tagged(short.words)}</div>"
        for short in shorts
    )
    rest = f'<div style="{_style(13, _QUIET)};padding-top:4px">and {more} more</div>' if more else ""
    yield _card(f'<div style="{_style(15, _INK)};font-weight:600">{tagged(title)}</div>{told}{rest}', _BORDER)


def _state(short: Short) -> str:
    if short.state == "resolved":
        return ""
    colour = _STATE.get(short.state, _QUIET)
    return f'<span style="color:{colour};font-weight:600">{tagged(short.state.capitalize())}</span> '


def _who(short: Short) -> str:
    return (
        f'<a href="{html.escape(short.url)}" style="color:{_INK}">{tagged(short.who)}</a>'
        if short.url
        else (tagged(short.who))
    )


def _links(links: Sequence[Link]) -> str:
    return " &nbsp; ".join(_link(link) for link in links)


def _link(link: Link) -> str:
    return (
        f'<a href="{html.escape(link.url)}" style="color:{_STATE["resolved"]};font-weight:600">{tagged(link.words)}</a>'
    )


def _card(inside: str, colour: str) -> str:
    """A row that holds a white panel with a coloured edge."""
    return (
        '<tr><td style="padding:0 0 12px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
        f'style="background:{_GROUND};border:1px solid {_BORDER};border-left:4px solid {colour}">'
        f'<tr><td style="padding:14px 18px">{inside}</td></tr></table></td></tr>'
    )


def _row(inside: str, colour: str) -> str:
    return f'<tr><td style="{_style(14, colour)};padding:0 0 12px">{inside}</td></tr>'


def _style(size: int, colour: str) -> str:
    return f"{_FONT};font-size:{size}px;line-height:1.5;color:{colour}"
