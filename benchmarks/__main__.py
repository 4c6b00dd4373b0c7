"""``python -m benchmarks run --sizes 1000000 10000000``: make the data, measure, write docs/performance.md."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from pathlib import Path

from benchmarks import place as places
from benchmarks import running
from benchmarks.place import Place
from ledger.errors import OutstandingError


def main() -> None:
    """Do what the command line says."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    chosen = _arguments().parse_args()
    try:
        chosen.does(chosen)
    except OutstandingError as error:
        sys.exit(str(error))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="make data, measure, and write the page")
    run.set_defaults(does=_run)
    run.add_argument("--sizes", type=int, nargs="+", default=[1_000_000], help="documents")
    run.add_argument("--lines", default=",".join(running.LINES), help="which of: %(default)s")
    run.add_argument("--folder", type=Path, default=places.DEFAULT, help="where data and results are kept")
    run.add_argument("--date", default="", help="the day that the results are of")
    run.add_argument("--limit", type=float, default=1_800, help="seconds that a part may take")
    run.add_argument("--tile-above", type=int, default=10_000_000, help="extract so many documents at most")
    run.add_argument("--page", type=Path, default=places.PAGE, help="the page to write")
    write = commands.add_parser("report", help="write the page from the results that are there")
    write.set_defaults(does=_report)
    write.add_argument("--folder", type=Path, default=places.DEFAULT)
    write.add_argument("--page", type=Path, default=places.PAGE)
    part = commands.add_parser("part", help="one part in this program; what `run` calls")
    part.set_defaults(does=_part)
    part.add_argument("name", choices=running.PARTS)
    part.add_argument("--place", type=Path, required=True)
    part.add_argument("--out", type=Path, required=True)
    return parser


def _run(chosen: argparse.Namespace) -> None:
    lines = [line for line in chosen.lines.split(",") if line]
    unknown = [line for line in lines if line not in running.LINES]
    if unknown:
        sys.exit(f"There is no line '{unknown[0]}'; there are {', '.join(running.LINES)}.")
    for size in chosen.sizes:
        order = running.Order(lines, chosen.date, chosen.limit, chosen.tile_above)
        running.measure(Place.of(chosen.folder, size), order)
        _report(chosen)


def _report(chosen: argparse.Namespace) -> None:
    from benchmarks import report

    report.write(chosen.folder, chosen.page)


def _part(chosen: argparse.Namespace) -> None:
    place = Place(chosen.place, int(chosen.place.name))
    before = time.process_time()
    result = running.part(chosen.name)(place)
    told = {"result": result, "cpu": time.process_time() - before}
    chosen.out.write_text(json.dumps(told, default=str), encoding="utf-8")


if __name__ == "__main__":
    main()
