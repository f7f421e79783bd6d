"""The explorer in a real browser, behind Voila with a real kernel: what a hand turns, sees and takes away, and that the report then says the same."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

import reporter
from tests.browser.axe import violations
from tests.command import ROOT, called
from tests.ports import free_port, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CELL = """import reporter
few = ["cluster.k_max=5", "cluster.null_draws=4", "cluster.bootstraps=4", "output.pdf=false", "report.edition=brief"]
reporter.explore("orders.csv", reporter.load_config(overrides=few)[0])"""
PATIENCE_MS = 60_000
START_SECONDS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where an analyst works: orders, and a notebook with one cell."""
    place = tmp_path_factory.mktemp("bench")
    reporter.sample(customers=150).to_csv(place / "orders.csv", index=False)
    cell = nbformat.v4.new_code_cell(CELL, id="explore")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), place / "explorer.ipynb")
    return place


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Voila with that notebook; all that it writes of its own lies beside it."""
    port = free_port()
    own = {name: str(folder / "jupyter" / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "voila", "explorer.ipynb", "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"],
        cwd=folder,
        env={**os.environ, **own, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server, START_SECONDS)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(params=["light", "dark"])
def look(request: pytest.FixtureRequest) -> Any:
    return request.param


def opened(browser: Browser, address: str, look: Any = "light") -> Page:
    """The notebook's page, its explorer shown; nothing is fetched from elsewhere."""

    def local(route: Route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            route.abort()

    page = browser.new_page(viewport={"width": 1400, "height": 1000}, color_scheme=look)
    page.set_default_timeout(PATIENCE_MS)
    page.route("**/*", local)
    page.goto(f"{address}?theme={look}", timeout=2 * PATIENCE_MS)
    expect(page.locator(".reporter-shown").first).to_be_visible(timeout=2 * PATIENCE_MS)
    return page


def tab(page: Page, name: str) -> Locator:
    """Open a tab; the section that it shows."""
    page.get_by_role("tab", name=name, exact=True).click()
    section = page.locator(".reporter-shown:visible")
    expect(section.locator(".kicker")).to_have_text(name)
    return section


def recomputed(page: Page, *stages: str) -> None:
    """Wait until the status line says that these stages were computed and no other."""
    computed = ", ".join(rf"{stage} [\d,]+ ms" for stage in stages)
    line = re.compile(rf"^Shown in [\d,]+ ms\. Computed: {computed}; all else was known\.$")
    expect(page.locator(".reporter-status")).to_have_text(line, timeout=PATIENCE_MS)


def cells(section: Locator, row: Locator) -> list[str]:
    return [row.locator("th").inner_text(), *row.locator("td").all_inner_texts()]


def test_what_a_hand_turns_is_what_the_report_says(browser: Browser, address: str, folder: Path) -> None:
    page = opened(browser, address)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    slider = page.get_by_role("slider").first
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")  # by the rule, 2, 3, 4
        page.wait_for_timeout(400)
    expect(page.locator(".reporter-shown:visible .title")).to_be_visible()
    verdict = tab(page, "Verdict")
    expect(verdict.locator("tbody tr", has_text="asked for").locator("td").first).to_have_text("4")
    page.get_by_label("Tenure").uncheck()
    recomputed(page, "choosing features", "fitting clusters", "describing clusters", "joining")
    expect(page.get_by_text("left out by the settings")).to_be_visible()
    page.get_by_label("Recency, days").fill("20, 60, 120, 300")
    page.keyboard.press("Enter")
    recomputed(page, "scoring customers", "sizing segments", "joining")

    chosen = next(cells(verdict, row) for row in tab(page, "Verdict").locator("tbody tr", has_text="asked for").all())
    profiles = [cells(verdict, row) for row in tab(page, "Profiles").locator("tbody tr").all()]
    segments = {cells(verdict, row)[0]: cells(verdict, row)[1] for row in tab(page, "Segments").locator("table").first.locator("tbody:not(.totals) tr").all()}  # fmt: skip
    page.get_by_role("textbox", name="Customer", exact=True).fill("C0042")
    page.keyboard.press("Enter")
    card = page.locator(".reporter-shown:visible")
    expect(card.locator(".kicker")).to_have_text("Customer")
    title, tiles = card.locator(".title").inner_text(), card.locator(".tile .value").all_inner_texts()

    page.get_by_role("button", name="Export settings").click()
    expect(page.locator(".reporter-status")).to_contain_text("Written")
    page.get_by_role("button", name="Export settings").click()
    expect(page.locator(".reporter-status")).to_contain_text("is there already")
    assert not faults
    page.close()

    written = (folder / "reporter.toml").read_text(encoding="utf-8")
    assert "k = 4" in written
    assert 'exclude = ["tenure_days"]' in written
    ran = called("run", "orders.csv", "--config", "reporter.toml", "-q", cwd=folder)
    assert ran.code == 0, ran.err
    facts = json.loads((folder / "output" / "latest" / "facts.json").read_text(encoding="utf-8"))
    found = facts["clustering"]["chosen"]
    assert chosen[1] == str(found["k"]) == "4"
    silhouettes = {(c["method"], c["k"]): c["silhouette"] for c in facts["clustering"]["candidates"]}
    assert chosen[2] == f"{silhouettes[found['method'], found['k']]:.2f}"
    assert segments == {segment["name"]: f"{segment['customers']:,}" for segment in facts["segments"]}
    with (folder / "output" / "latest" / "customers.csv").open(encoding="utf-8-sig", newline="") as stream:
        customers = list(csv.DictReader(stream))
    numbers = Counter(each["cluster"] for each in customers)
    assert [row[1] for row in profiles] == [str(numbers[str(number)]) for number in range(1, 5)]
    customer = next(each for each in customers if each["customer_id"] == "C0042")
    assert tiles == [customer["segment"], f"Cluster {customer['cluster']}", "yes" if customer["outlier"] == "true" else "no"]  # fmt: skip
    assert title == (
        f"C0042 is in {customer['segment']}: recency scores {customer['r_score']}, frequency {customer['f_score']} "
        f"and monetary {customer['m_score']}"
    )


def test_axe_finds_nothing_in_what_it_shows(browser: Browser, address: str, look: Any) -> None:
    """Ours is what stands in the panels and between the knobs; the knobs themselves are those of the notebook."""
    page = opened(browser, address, look)
    paper = page.locator(".reporter-shown:visible").evaluate("box => getComputedStyle(box).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(14, 19, 23)"}[look]
    for name in ("Verdict", "Elbow", "Map", "Segments", "Profiles", "Rules", "Movement", "Customer"):
        tab(page, name)
        found = violations(page, ".reporter-shown, .reporter-status, .reporter-why, .reporter-group")
        bad = [each for each in found if each["impact"] in ("serious", "critical")]
        assert not bad, [(each["id"], each["nodes"][0]["html"][:200]) for each in bad]
    page.close()
