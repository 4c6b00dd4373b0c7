"""Real ERP data, where the machine has it, and servers to hold it."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import servers

DUMPS = "OUTSTANDING_ERP_DUMPS"
"""The environment variable that names a folder with dumps of real ERPs, which are not part of the project."""


@pytest.fixture(scope="session")
def postgres():
    with servers.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb():
    if missing := servers.mariadb_missing():
        pytest.skip(missing)
    with servers.mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Unpacks a real ERP's dump by name, such as ``odoo17_ar.sqlite``; without the folder the test is skipped."""

    def unpacked(name: str) -> Path:
        folder = os.environ.get(DUMPS)
        packed = Path(folder or "") / f"{name}.gz"
        if not folder or not packed.is_file():
            pytest.skip(f"needs a real ERP's {packed.name}: name its folder in {DUMPS}")
        target = tmp_path_factory.mktemp("erp") / name
        with gzip.open(packed) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
        return target

    return unpacked
