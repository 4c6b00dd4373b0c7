"""Writes the house's own master for presentations: ``exports/templates/board.pptx``.

    python -m scripts.board_template

Wide, white and calm: the message at the top left, the content below it, a thin line over the footer. Its colours are
the palette's and its typeface is one that every machine has. The same palette gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from charts.palette import LIGHT

TARGET = Path(__file__).resolve().parents[1] / "exports" / "templates" / "board.pptx"

FONT = "Arial"
WIDTH, HEIGHT = 12_192_000, 6_858_000
LEFT, ACROSS = 457_200, 11_277_600
TITLE = (LEFT, 448_056, ACROSS, 649_224)
BODY = (LEFT, 1_188_720, ACROSS, 5_084_064)
RULE = 6_391_656
FOOTER = (LEFT, 6_437_376, 10_058_400, 283_464)
NUMBER = (10_668_000, 6_437_376, 1_066_800, 283_464)
FRONT_TITLE = (LEFT + 365_760, 1_645_920, 10_515_600, 1_371_600)
FRONT_RULE = 3_136_392
FRONT_MORE = (LEFT + 365_760, 3_264_408, 10_515_600, 2_651_760)

_MAIN = "http://schemas.openxmlformats.org/presentationml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SPACES = f'xmlns:a="{_DRAWING}" xmlns:r="{_OFFICE}" xmlns:p="{_MAIN}"'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.presentationml"

LAYOUTS = ("Title Slide", "Title Only", "Title and Content")


def _place(box: tuple[int, int, int, int]) -> str:
    left, top, width, height = box
    return f'<a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'


def _holder(id: int, name: str, kind: str, box: tuple[int, int, int, int] | None, look: str, words: str) -> str:
    """A placeholder; without a box it lies where the master has it."""
    place = f'{_place(box)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>' if box else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{id}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        f"<p:nvPr><p:ph {kind}/></p:nvPr></p:nvSpPr><p:spPr>{place}</p:spPr>"
        f"<p:txBody>{look}<a:p>{words}</a:p></p:txBody></p:sp>"
    )


def _rule(id: int, left: int, top: int, width: int, colour: str, wide: int) -> str:
    return (
        f'<p:cxnSp><p:nvCxnSpPr><p:cNvPr id="{id}" name="Line"/><p:cNvCxnSpPr/><p:nvPr userDrawn="1"/></p:nvCxnSpPr>'
        f'<p:spPr>{_place((left, top, width, 0))}<a:prstGeom prst="line"><a:avLst/></a:prstGeom>'
        f'<a:ln w="{wide}"><a:solidFill>{colour}</a:solidFill></a:ln></p:spPr></p:cxnSp>'
    )


def _said(words: str) -> str:
    return f'<a:r><a:rPr lang="en-US"/><a:t>{words}</a:t></a:r>'


_TITLE_LOOK = '<a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="t"><a:normAutofit/></a:bodyPr><a:lstStyle/>'
_BODY_LOOK = '<a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0"><a:normAutofit/></a:bodyPr><a:lstStyle/>'
_PLAIN = "<a:bodyPr/><a:lstStyle/>"
_NUMBER = '<a:fld id="{7B0E2B5C-2E0B-4A57-9B6D-1F0B7A0C5D11}" type="slidenum"><a:rPr lang="en-US"/><a:t>1</a:t></a:fld>'


_FACE = '<a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/><a:cs typeface="+mn-cs"/>'


def _small(side: str) -> str:
    """The look of what stands in the footer."""
    quiet = '<a:solidFill><a:schemeClr val="accent6"/></a:solidFill>'
    return (
        '<a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"/><a:lstStyle><a:lvl1pPr algn="'
        f'{side}"><a:defRPr sz="900">{quiet}{_FACE}</a:defRPr></a:lvl1pPr></a:lstStyle>'
    )


def _feet(first: int, *, placed: bool) -> str:
    """Footer and slide number."""
    foot = _holder(first, "Footer", 'type="ftr" sz="quarter" idx="11"', FOOTER if placed else None,
                   _small("l") if placed else _PLAIN, "")  # fmt: skip
    page = _holder(first + 1, "Slide Number", 'type="sldNum" sz="quarter" idx="12"', NUMBER if placed else None,
                   _small("r") if placed else _PLAIN, _NUMBER)  # fmt: skip
    return foot + page


def _tree(shapes: str, ground: str = "") -> str:
    return (
        f'<p:cSld{{name}}>{ground}<p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/>'
        '</p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/>'
        f'<a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>{shapes}</p:spTree></p:cSld>'
    )


def _master() -> str:
    shapes = (
        _holder(2, "Title", 'type="title"', TITLE, _TITLE_LOOK, _said("The message, in words"))
        + _holder(3, "Text", 'type="body" idx="1"', BODY, _BODY_LOOK, _said("Text"))
        + _feet(4, placed=True)
        + _rule(6, LEFT, RULE, ACROSS, f'<a:srgbClr val="{LIGHT.border.lstrip("#")}"/>', 9_525)
    )
    ground = '<p:bg><p:bgPr><a:solidFill><a:schemeClr val="bg1"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>'
    layouts = "".join(
        f'<p:sldLayoutId id="{2_147_483_649 + place}" r:id="rId{place + 1}"/>' for place in range(len(LAYOUTS))
    )
    return (
        f"{_HEAD}<p:sldMaster {_SPACES}>{_tree(shapes, ground).replace('{name}', '')}"
        '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" '
        'accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/>'
        f"<p:sldLayoutIdLst>{layouts}</p:sldLayoutIdLst>{_styles()}</p:sldMaster>"
    )


def _styles() -> str:
    ink = (
        '<a:solidFill><a:schemeClr val="tx1"/></a:solidFill><a:latin typeface="+{0}-lt"/><a:ea typeface="+{0}-ea"/>'
        '<a:cs typeface="+{0}-cs"/>'
    )
    above, own = '<a:spcBef><a:spcPts val="600"/></a:spcBef><a:buNone/>', ink.format("mn")
    levels = "".join(
        f'<a:lvl{level}pPr marL="{(level - 1) * 228_600}" indent="0" algn="l">{above}'
        f'<a:defRPr sz="{max(1_600 - 200 * (level - 1), 1_200)}">{own}</a:defRPr></a:lvl{level}pPr>'
        for level in range(1, 6)
    )
    return (
        '<p:txStyles><p:titleStyle><a:lvl1pPr algn="l"><a:lnSpc><a:spcPct val="95000"/></a:lnSpc><a:buNone/>'
        f'<a:defRPr sz="2200" b="1">{ink.format("mj")}</a:defRPr></a:lvl1pPr></p:titleStyle>'
        f"<p:bodyStyle>{levels}</p:bodyStyle>"
        f'<p:otherStyle><a:lvl1pPr algn="l"><a:defRPr sz="1200">{own}</a:defRPr></a:lvl1pPr></p:otherStyle>'
        "</p:txStyles>"
    )


def _layout(name: str, kind: str, shapes: str) -> str:
    tree = _tree(shapes).replace("{name}", f' name="{name}"')
    hidden = ' showMasterSp="0"' if kind == "title" else ""
    return (
        f'{_HEAD}<p:sldLayout {_SPACES} type="{kind}" preserve="1"{hidden}>{tree}'
        "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"
    )


def _layouts() -> list[str]:
    large = _TITLE_LOOK.replace('anchor="t"', 'anchor="b"').replace(
        "<a:lstStyle/>", '<a:lstStyle><a:lvl1pPr><a:defRPr sz="3600"/></a:lvl1pPr></a:lstStyle>'
    )
    front = (
        _holder(2, "Title", 'type="ctrTitle"', FRONT_TITLE, large, _said("Title"))
        + _holder(3, "Subtitle", 'type="subTitle" idx="1"', FRONT_MORE, _BODY_LOOK, _said("Subtitle"))
        + _feet(4, placed=False)
        + _rule(6, FRONT_TITLE[0], FRONT_RULE, 1_371_600, '<a:schemeClr val="accent1"/>', 28_575)
    )
    title = _holder(2, "Title", 'type="title"', None, _PLAIN, _said("The message, in words"))
    body = _holder(3, "Content", 'idx="1"', None, _PLAIN, _said("Text"))
    return [
        _layout(LAYOUTS[0], "title", front),
        _layout(LAYOUTS[1], "titleOnly", title + _feet(4, placed=False)),
        _layout(LAYOUTS[2], "obj", title + body + _feet(4, placed=False)),
    ]


def _theme() -> str:
    colours = {
        "dk1": LIGHT.text, "lt1": LIGHT.ground, "dk2": LIGHT.actual, "lt2": LIGHT.panel, "accent1": LIGHT.good,
        "accent2": LIGHT.bad, "accent3": LIGHT.current, "accent4": LIGHT.previous, "accent5": LIGHT.watch,
        "accent6": LIGHT.neutral, "hlink": LIGHT.good, "folHlink": LIGHT.neutral,
    }  # fmt: skip
    scheme = "".join(f'<a:{name}><a:srgbClr val="{hue.lstrip("#")}"/></a:{name}>' for name, hue in colours.items())
    face = f'<a:latin typeface="{FONT}"/><a:ea typeface=""/><a:cs typeface="{FONT}"/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    lines = "".join(f'<a:ln w="{wide}">{fill}</a:ln>' for wide in (6_350, 12_700, 19_050))
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        f'{_HEAD}<a:theme xmlns:a="{_DRAWING}" name="Outstanding"><a:themeElements>'
        f'<a:clrScheme name="Outstanding">{scheme}</a:clrScheme><a:fontScheme name="Outstanding">'
        f"<a:majorFont>{face}</a:majorFont><a:minorFont>{face}</a:minorFont></a:fontScheme>"
        f'<a:fmtScheme name="Outstanding"><a:fillStyleLst>{fill * 3}</a:fillStyleLst><a:lnStyleLst>{lines}'
        f"</a:lnStyleLst><a:effectStyleLst>{effect * 3}</a:effectStyleLst><a:bgFillStyleLst>{fill * 3}"
        "</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )


def _links(*targets: tuple[str, str]) -> str:
    each = "".join(
        f'<Relationship Id="rId{place}" Type="{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _types(parts: Mapping[str, str]) -> str:
    each = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{each}</Types>'
    )


def _presentation() -> str:
    return (
        f'{_HEAD}<p:presentation {_SPACES}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/>'
        f'</p:sldMasterIdLst><p:sldSz cx="{WIDTH}" cy="{HEIGHT}"/><p:notesSz cx="6858000" cy="9144000"/>'
        f'<p:defaultTextStyle><a:lvl1pPr><a:defRPr sz="1200">{_FACE}</a:defRPr></a:lvl1pPr></p:defaultTextStyle>'
        "</p:presentation>"
    )


def _parts() -> dict[str, tuple[str, str]]:
    """Content type and text of each part, by its name."""
    found = {
        "ppt/presentation.xml": (
            f"{_TYPE}.presentation.main+xml",
            _presentation(),
        ),
        "ppt/slideMasters/slideMaster1.xml": (f"{_TYPE}.slideMaster+xml", _master()),
        "ppt/theme/theme1.xml": ("application/vnd.openxmlformats-officedocument.theme+xml", _theme()),
        "ppt/presProps.xml": (f"{_TYPE}.presProps+xml", f"{_HEAD}<p:presentationPr {_SPACES}/>"),
        "ppt/tableStyles.xml": (
            f"{_TYPE}.tableStyles+xml",
            f'{_HEAD}<a:tblStyleLst xmlns:a="{_DRAWING}" def="{{2D5ABB26-0587-4C30-8999-92F81FD0307C}}"/>',
        ),
    }
    for place, layout in enumerate(_layouts(), start=1):
        found[f"ppt/slideLayouts/slideLayout{place}.xml"] = (f"{_TYPE}.slideLayout+xml", layout)
    return found


def template() -> bytes:
    """The master as a .pptx file without slides."""
    parts = _parts()
    layouts = range(1, len(LAYOUTS) + 1)
    texts = {
        "[Content_Types].xml": _types({name: kind for name, (kind, _) in parts.items()}),
        "_rels/.rels": _links((f"{_OFFICE}/officeDocument", "ppt/presentation.xml")),
        "ppt/_rels/presentation.xml.rels": _links(
            (f"{_OFFICE}/slideMaster", "slideMasters/slideMaster1.xml"),
            (f"{_OFFICE}/presProps", "presProps.xml"),
            (f"{_OFFICE}/theme", "theme/theme1.xml"),
            (f"{_OFFICE}/tableStyles", "tableStyles.xml"),
        ),
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": _links(
            *((f"{_OFFICE}/slideLayout", f"../slideLayouts/slideLayout{place}.xml") for place in layouts),
            (f"{_OFFICE}/theme", "../theme/theme1.xml"),
        ),
        **{
            f"ppt/slideLayouts/_rels/slideLayout{place}.xml.rels": _links(
                (f"{_OFFICE}/slideMaster", "../slideMasters/slideMaster1.xml")
            )
            for place in layouts
        },
        **{name: words for name, (_, words) in parts.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, words in texts.items():
            archive.writestr(zipfile.ZipInfo(name), words, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


if __name__ == "__main__":
    TARGET.write_bytes(template())
    print(TARGET)
