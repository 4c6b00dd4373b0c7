"""Writes docs/performance.md: what was measured stands between two marks, and the prose beside it stays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import figures, targets
from benchmarks.growth import slopes
from benchmarks.measure import DISTURBED
from benchmarks.targets import Results, found, megabytes, seconds, times
from ledger.errors import OutstandingError

BEGIN = "<!-- measured: written by `make bench`, not by hand -->"
END = "<!-- end of measured -->"

_KINDS = {
    "month_end": "1–8 metrics, any filter, a month-end",
    "any_day": "1–8 metrics, any filter, any day",
    "tiles_month_end": "the overview's tiles, a month-end",
    "tiles_any_day": "the overview's tiles, any day",
    "all_metrics": "every metric of the catalogue, the company",
    "trend": "the overview's tiles at 36 month-ends",
    "by_customer": "what each customer owes",
    "headlines": "the search for headlines",
}
_ASKED = {
    "positions": "60 positions, all cells",
    "past_day": "one past day, all cells",
    "ageing": "ageing for a filter, p50",
    "open_items": "a customer's open items, p50",
}
_ENGINES = {"ours": "Outstanding", "duckdb": "DuckDB", "pandas": "pandas", "postgres": "PostgreSQL"}

_SIZED = {
    "refresh, whole": "refresh.product/result/cpu",
    "memory of the refresh": "refresh.product/peak",
    "60 positions": "positions.ours/result/positions/cpu",
    "metrics, a month-end": "kpis.asked/result/month_end/cpu",
    "metrics, any day": "kpis.asked/result/any_day/cpu",
    "a customer's open items": "kpis.drilled/result/open_items/cpu",
}

Sizes = Mapping[int, Results]


def write(folder: Path, page: Path) -> None:
    """Put everything measured below ``folder`` into ``page``, and the chart of growth beside it.

    Raises:
        OutstandingError: nothing was measured there, or the page has no marks to write between.
    """
    sizes = {int(file.parent.name): json.loads(file.read_text(encoding="utf-8")) for file in _files(folder)}
    if not sizes:
        raise OutstandingError(f"Nothing was measured in {folder} yet; run 'make bench' first.")
    text = page.read_text(encoding="utf-8") if page.is_file() else f"# Performance\n\n{BEGIN}\n{END}\n"
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise OutstandingError(f"{page} has no line '{BEGIN}' followed by '{END}' to write between.")
    parts = [_table(sizes), _engines(sizes), _questions(sizes), _refresh(sizes), _pages(sizes), _growth(sizes, page)]
    measured = "\n\n".join(part for part in (*parts, _stamps(sizes)) if part)
    page.write_text(f"{before}{BEGIN}\n\n{measured}\n\n{END}{after}", encoding="utf-8")


def _files(folder: Path) -> list[Path]:
    found = [file for file in folder.glob("*/results.json") if file.parent.name.isdigit()]
    return sorted(found, key=lambda file: int(file.parent.name))


def _lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    ruled = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in ruled)


def _titled(title: str, body: str) -> str:
    return f"## {title}\n\n{body}" if body else ""


def _many(documents: int) -> str:
    return f"{documents:,} documents"


def _table(sizes: Sizes) -> str:
    rows = [
        [line.title, *(_judged(line, documents, sizes[documents]) for documents in sizes)] for line in targets.LINES
    ]
    return _titled("Targets", _lines(["", *map(_many, sizes)], rows))


def _judged(line: targets.Line, documents: int, results: Results) -> str:
    value = line.pick(results)
    if value is None:
        return "not measured"
    goal, met = line.goal(documents), line.met(value, documents)
    if goal is None or met is None:
        return f"**{line.show(value)}**"
    sign = "≥" if line.least else "<"
    return f"**{line.show(value)}** ({sign} {line.show(goal)}: {'met' if met else 'missed'})"


def _engines(sizes: Sizes) -> str:
    tables = [_of_engines(documents, results) for documents, results in sizes.items()]
    return _titled("The same questions to other engines", "\n\n".join(filter(None, tables)))


def _of_engines(documents: int, results: Results) -> str:
    ours = {what: _time(results, "ours", what) for what in _ASKED}
    if ours["positions"] is None:
        return ""
    rows: list[list[str]] = []
    for engine, name in _ENGINES.items():
        told = results.get(f"positions.{engine}", {})
        if told.get("problem"):
            rows.append([name, str(told["problem"]), *[""] * (len(_ASKED) + 2)])
            continue
        loading = found(told, "result/loading")
        cells = [_against(_time(results, engine, what), ours[what], mine=engine == "ours") for what in _ASKED]
        cells.insert(1, _against(_processor(results, engine), _processor(results, "ours"), mine=engine == "ours"))
        same = "" if engine == "ours" else "the same" if not told.get("differences") else _differing(told)
        rows.append([name, "–" if not loading else seconds(loading), *cells, same])
    over_files = [_time(results, "duckdb", f"over_parquet/{what}") for what in ("ageing", "open_items")]
    if any(over_files):
        told = [
            _against(value, ours[what], mine=False)
            for what, value in zip(("ageing", "open_items"), over_files, strict=True)
        ]
        rows.append(["DuckDB over Parquet files", "–", "–", "–", "–", *told, ""])
    first, *others = _ASKED.values()
    head = [_many(documents), "loading", first, "of processor time", *others, "answers"]
    return _lines(head, rows)


def _time(results: Results, engine: str, what: str) -> float | None:
    below = f"positions.{engine}/result/{what}"
    best = found(results, f"{below}/wall")
    return found(results, f"{below}/p50") if best is None else best


def _processor(results: Results, engine: str) -> float | None:
    """Of the positions; a server of its own is not seen."""
    return None if engine == "postgres" else found(results, f"positions.{engine}/result/positions/cpu")


def _against(value: float | None, ours: float | None, *, mine: bool) -> str:
    if value is None:
        return "–"
    return seconds(value) if mine or not ours else f"{seconds(value)} ({times(value / ours)})"


def _differing(told: Mapping[str, Any]) -> str:
    return "; ".join(f"{what}: {how}" for what, how in told["differences"].items())


def _questions(sizes: Sizes) -> str:
    rows = [
        [text, *(_both(sizes[size], f"kpis.asked/result/{kind}") for size in sizes)] for kind, text in _KINDS.items()
    ]
    for kind, text in {"open_items": "one customer's open items", "documents": "one customer's documents"}.items():
        rows.append([text, *(_both(sizes[size], f"kpis.drilled/result/{kind}") for size in sizes)])
    return _titled("Questions, p50 and p95", _lines(["", *map(_many, sizes)], rows))


def _both(results: Results, path: str) -> str:
    p50, p95 = found(results, f"{path}/p50"), found(results, f"{path}/p95")
    return "–" if p50 is None or p95 is None else f"{seconds(p50)} / {seconds(p95)}"


def _refresh(sizes: Sizes) -> str:
    wanted = {
        "rows read": (("result/rows_in/documents", "result/rows_in/settlements"), lambda value: f"{value:,.0f}"),
        "refresh": (("result/wall",), seconds),
        "of processor time": (("result/cpu",), seconds),
        "memory at its highest": (("peak",), megabytes),
        "of it its own": (("peak_anonymous",), megabytes),
    }
    rows = [
        [text, *(_sum(results.get("refresh.product", {}), paths, show) for results in sizes.values())]
        for text, (paths, show) in wanted.items()
    ]
    scan = [_sum(results.get("refresh.scan", {}), ("result/wall",), seconds) for results in sizes.values()]
    rows += [
        ["bare scan of the same files", *scan],
        ["refresh ÷ scan, by processor time", *map(_by_processor, sizes.values())],
    ]
    return _titled("Refresh", _lines(["", *map(_many, sizes)], rows))


def _by_processor(results: Results) -> str:
    value = targets.over("refresh.product/result/cpu", "refresh.scan/result/cpu")(results)
    return "–" if value is None else times(value)


def _sum(told: Mapping[str, Any], paths: Sequence[str], show: Any) -> str:
    values = [found(told, path) for path in paths]
    known = [value for value in values if value is not None]
    return show(sum(known)) if len(known) == len(values) else str(told.get("problem", "–"))


def _pages(sizes: Sizes) -> str:
    wanted = {
        "overview, one person, a new view": "pages.overview/result/asked_first",
        "overview, one person, a view again": "pages.overview/result/asked_before",
        "overview, 4 people without pauses": "pages.people/result/busy",
        "every page, 25 people, a click each every 8 s": "pages.people/result/many",
    }
    rows = [[text, *(_both(results, path) for results in sizes.values())] for text, path in wanted.items()]
    own = {"anonymous": "memory of the server, its own", "files": "mapped files beside it"}
    for kind, text in own.items():
        values = [found(results, f"pages.people/result/memory/{kind}") for results in sizes.values()]
        rows.append([text, *("–" if value is None else megabytes(value) for value in values)])
    return _titled("Pages", _lines(["", *map(_many, sizes)], rows))


def _growth(sizes: Sizes, page: Path) -> str:
    measured = list(_axes(sizes))
    if not measured:
        return ""
    image = page.parent / "images" / "growth.svg"
    image.parent.mkdir(exist_ok=True)
    image.write_text(figures.growth(measured), encoding="utf-8")
    rows: list[list[str]] = []
    for told in [*measured, *_between(sizes)]:
        first, last = (told["points"][place][told["by"]] for place in (0, -1))
        span = f"{first:,} to {last:,}"
        rows += [[told["by"], what.replace("_", " "), span, f"{slope:.2f}"] for what, slope in slopes(told).items()]
    table = _lines(["cost against", "cost of", "from … to", "exponent"], rows)
    return _titled("Growth", f"![How costs grow](images/growth.svg)\n\n{table}")


def _axes(sizes: Sizes) -> Iterator[Mapping[str, Any]]:
    """Each axis as measured at the largest size that has it."""
    for axis in ("documents", "days", "cells", "customers", "people"):
        there = [results[f"growth.{axis}"]["result"] for results in sizes.values() if _done(results, f"growth.{axis}")]
        yield from there[-1:]


def _between(sizes: Sizes) -> Iterator[Mapping[str, Any]]:
    """What the sizes themselves tell of growth with documents: processor time and memory, where two have it."""
    for name, path in _SIZED.items():
        points = [(documents, found(results, path)) for documents, results in sizes.items()]
        known = [{"documents": documents, name: value} for documents, value in points if value]
        if len(known) > 1:
            yield {"by": "documents", "points": known}


def _done(results: Results, part: str) -> bool:
    return bool(results.get(part, {}).get("result"))


def _stamps(sizes: Sizes) -> str:
    """Where and when each size was measured; several lines where its parts were measured differently."""
    told: list[str] = []
    for documents, results in sizes.items():
        seen = {json.dumps(part["stamp"], sort_keys=True): part["stamp"] for part in results.values()}
        told += [f"- {_many(documents)}: {_stamp(stamp)}" for stamp in seen.values()]
        told += [f"- {_many(documents)}: {_disturbed(results)}"] if _disturbed(results) else []
    return _titled("Measured on", "\n".join(dict.fromkeys(told)))


def _disturbed(results: Results) -> str:
    """The parts whose times are not to be trusted, as other guests of the host had the processors meanwhile."""
    taken = {part: found(told, "taken") or 0.0 for part, told in results.items()}
    told = [f"{part} {share:.0%}" for part, share in taken.items() if share > DISTURBED]
    return f"**disturbed**: of the processors' time the host took away {', '.join(told)}" if told else ""


def _stamp(stamp: Mapping[str, Any]) -> str:
    machine = stamp["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in stamp["versions"].items())
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB"
    return ", ".join(
        filter(None, [stamp["day"], where, versions, f"commit {stamp['commit']}" if stamp["commit"] else ""])
    )
