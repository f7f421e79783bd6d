"""The five situations, each told once for all tests of a process."""

from __future__ import annotations

import pytest

from tests.document.situations import SITUATIONS, Told, told


@pytest.fixture(scope="session", params=SITUATIONS)
def situation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Told]:
    """Name and report of a situation."""
    return request.param, told(request.param, tmp_path_factory.mktemp(request.param))
