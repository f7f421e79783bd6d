"""A real browser, and reports to open in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from reporter.document.html import to_html
from tests.command import FAST, ROOT, called
from tests.document.sample import sample
from tests.fixtures.workbook import make_shop, make_workbook
from tests.once import once


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """The machine's Chromium; Playwright drives it, and downloads none."""
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole report on the demo workbook, with every k that is tried by default."""
    return _demo(tmp_path_factory, "browser-demo", "cluster.k_max=10")


@pytest.fixture(scope="session")
def coupons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small report without money."""
    return _coupons(tmp_path_factory, "browser-coupons")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Invented figures, and names that try to break out or to be too long."""
    page = tmp_path_factory.mktemp("hostile") / "report.html"
    page.write_text(to_html(sample()), encoding="utf-8")
    return page


@pytest.fixture(scope="session")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo in German, whose words are longer."""
    return _demo(tmp_path_factory, "browser-german", "report.locale=de")


@pytest.fixture(scope="session")
def arabic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small report from right to left."""
    return _coupons(tmp_path_factory, "browser-arabic", "report.locale=ar")


@pytest.fixture(params=["demo", "coupons", "german", "arabic", "hostile"])
def report(request: pytest.FixtureRequest) -> Path:
    """Each report in turn."""
    return request.getfixturevalue(request.param)


def _demo(places: pytest.TempPathFactory, name: str, *settings: str) -> Path:
    return _page(once(places, name, lambda folder: _report(ROOT / "data" / "demo.xlsx", folder, *settings)))


def _coupons(places: pytest.TempPathFactory, name: str, *settings: str) -> Path:
    def make(folder: Path) -> None:
        shop = make_shop(customers=120, transactions=900)
        _report(make_workbook(folder / "shop.xlsx", shop), folder, *settings)

    return _page(once(places, name, make))


def _report(source: Path, folder: Path, *settings: str) -> None:
    chosen = [word for setting in settings for word in ("--set", setting)]
    ran = called("run", source, "-o", folder / "output", "--no-pdf", "-q", *FAST, *chosen, cwd=folder)
    assert ran.code == 0, ran.err


def _page(folder: Path) -> Path:
    return folder / "output" / "latest" / "report.html"
