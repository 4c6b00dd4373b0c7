"""The project's own source files, and what each of them imports."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"data", "node_modules"}


@cache
def files() -> tuple[Path, ...]:
    """Every Python file of the project, relative to its root, sorted."""
    found = [path.relative_to(ROOT) for path in ROOT.glob("*.py")]
    for top in ROOT.iterdir():
        if top.is_dir() and not top.name.startswith(".") and top.name not in NOT_OURS:
            found += [path.relative_to(ROOT) for path in _python_files(top)]
    return tuple(sorted(found))


def _python_files(folder: Path) -> Iterator[Path]:
    for current, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        yield from (Path(current) / name for name in names if name.endswith(".py"))


def room(path: Path) -> str:
    """The folder at the top that a file is in, or the file's own name for those at the top."""
    return path.parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


@cache
def imports(path: Path) -> frozenset[str]:
    """Full dotted names of the modules a file imports, late and type-only imports too."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(path.parts[: len(path.parts) - node.level]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            # `from . import sibling` at the top level of the project names no module of its own.
            names |= {module} if module else {alias.name for alias in node.names}
    return frozenset(names)
