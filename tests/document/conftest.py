"""What tests of the finished document share: five situations, each told once in a process, and two small shops, one with money and one with coupons alone."""

from __future__ import annotations

import pytest

import reporter
from tests.document.editions import Shops, fast
from tests.document.situations import SITUATIONS, Told, told
from tests.fixtures.workbook import make_shop, make_workbook
from tests.shop import write_shop


@pytest.fixture(scope="session")
def situations() -> dict[str, Told]:
    """Those that were told: of a fixture with parameters the last value alone is kept, and each module asks for all."""
    return {}


@pytest.fixture(scope="session", params=SITUATIONS)
def situation(
    request: pytest.FixtureRequest, situations: dict[str, Told], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Told]:
    """Name and report of a situation."""
    name: str = request.param
    if name not in situations:
        situations[name] = told(name, tmp_path_factory.mktemp(name))
    return name, situations[name]


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Shops:
    folder = tmp_path_factory.mktemp("shops")
    bare = make_workbook(folder / "bare.xlsx", make_shop(customers=60, transactions=500))
    return Shops(
        folder,
        reporter.analyse(write_shop(folder / "shop.xlsx"), fast()),
        reporter.analyse(bare, fast()),
    )
