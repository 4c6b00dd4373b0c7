from __future__ import annotations

import pytest

from tests.exports.customers import written_to


@pytest.fixture(scope="session")
def ledger():
    return written_to()
