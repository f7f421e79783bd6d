"""What tests of the finished document share: five situations, each told once in a process, two small shops, one with money and one with coupons alone, and a PDF."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import reporter
from reporter.document.html import to_html
from reporter.document.pdf import to_pdf
from tests.document.editions import Shops, fast
from tests.document.hearing import hearing
from tests.document.sample import FEW, sample
from tests.document.situations import SITUATIONS, Told, told
from tests.fixtures.workbook import make_shop, make_workbook
from tests.once import once
from tests.shop import write_shop


@pytest.fixture(scope="session")
def tell(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Told]:
    """Tells a situation, each once: of a fixture with parameters the last value alone is kept, and each module asks for all."""
    return cache(lambda name: told(name, tmp_path_factory.mktemp(name)))


@pytest.fixture(scope="session", params=SITUATIONS)
def situation(request: pytest.FixtureRequest, tell: Callable[[str], Told]) -> tuple[str, Told]:
    """Name and report of a situation."""
    name: str = request.param
    return name, tell(name)


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Shops:
    folder = tmp_path_factory.mktemp("shops")
    bare = make_workbook(folder / "bare.xlsx", make_shop(customers=60, transactions=500))
    return Shops(
        folder,
        reporter.analyse(write_shop(folder / "shop.xlsx"), fast()),
        reporter.analyse(bare, fast()),
    )


@pytest.fixture(scope="session")
def sample_pdf(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[str]]:
    """The sample with pages of few segments, printed once, and what was complained of meanwhile."""

    def make(folder: Path) -> None:
        with hearing() as heard:
            (folder / "sample.pdf").write_bytes(to_pdf(to_html(sample(pages=FEW))))
        (folder / "heard.json").write_text(json.dumps(heard), encoding="utf-8")

    folder = once(tmp_path_factory, "sample-pdf", make)
    return (folder / "sample.pdf").read_bytes(), json.loads((folder / "heard.json").read_text(encoding="utf-8"))
