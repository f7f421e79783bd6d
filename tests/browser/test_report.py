"""The report in a real browser: no sideways scrolling, no complaint in the console, tables sorted from the keyboard."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from reporter.document.html import to_html
from tests.document.sample import sample

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]

PROBE = """
addEventListener("load", () => {
  const told = {errors: [], width: document.documentElement.scrollWidth, view: innerWidth};
  addEventListener("error", event => told.errors.push(String(event.message)));
  document.querySelectorAll("body *").forEach(box => {
    const over = box.getBoundingClientRect().right > innerWidth + 1;
    if (over && !box.closest(".scroll, .contents, .skip")) told.errors.push("beyond the edge: " + box.tagName + "." + box.className);
  });
  %s
  document.body.dataset.told = JSON.stringify(told);
});
"""


def browse(tmp_path: Path, width: int, steps: str = "", *flags: str) -> tuple[dict[str, Any], str]:
    """Open the report with a probe in it; what the probe tells, and what the console says."""
    page = to_html(sample())
    probe = PROBE % steps
    digest = b64encode(sha256(probe.encode()).digest()).decode()
    page = page.replace("script-src ", f"script-src 'sha256-{digest}' ", 1).replace(
        "</body>", f"<script>{probe}</script></body>"
    )
    # A window of a browser has a least width; a frame has none.
    inner = tmp_path / "report.html"
    inner.write_text(page, encoding="utf-8")
    outer = tmp_path / "frame.html"
    outer.write_text(
        f'<body style="margin:0"><iframe src="report.html" style="width:{width}px;height:900px;border:0"></iframe>'
        "<script>addEventListener('load', () => setTimeout(() => {"
        "document.body.dataset.told = frames[0].document.body.dataset.told; frames[0].document.body.remove() }, 300))</script>",
        encoding="utf-8",
    )
    command = [
        str(CHROMIUM),
        *[
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-sync",
        ],
        *["--disable-component-update", "--allow-file-access-from-files", "--enable-logging=stderr", "--v=0"],
        f"--user-data-dir={tmp_path / 'profile'}",
        "--window-size=1400,900",
        "--virtual-time-budget=4000",
        "--dump-dom",
        *flags,
        outer.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'data-told="([^"]*)"', done.stdout)
    assert found, done.stdout[:500]
    console = "\n".join(line for line in done.stderr.splitlines() if ":CONSOLE" in line)
    return json.loads(unescape(found[1])), console


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_scrolls_sideways_and_nothing_is_wrong(width: int, tmp_path: Path) -> None:
    told, console = browse(tmp_path, width)
    assert told["view"] == width
    assert told["width"] <= width
    assert told["errors"] == []
    assert console == ""


def test_the_probe_sees_a_page_that_is_too_wide(tmp_path: Path) -> None:
    told, _ = browse(
        tmp_path,
        390,
        'const b = document.createElement("p"); b.style.width = "900px"; b.textContent = "x"; document.querySelector("main").append(b); told.width = document.documentElement.scrollWidth;',
    )
    assert told["width"] > 390


def test_tables_are_sorted_from_the_keyboard(tmp_path: Path) -> None:
    steps = """
      const table = document.querySelector("#table-segments table");
      const heads = table.tHead.rows[0].cells;
      const names = () => [...table.tBodies[0].rows].map(row => row.cells[0].textContent);
      const press = column => { const button = heads[column].querySelector("button"); button.focus(); told.focused = document.activeElement === button; button.click(); };
      told.before = names();
      press(1); told.down = names(); told.downState = heads[1].ariaSort;
      press(1); told.up = names(); told.upState = heads[1].ariaSort;
      press(0); told.words = names(); told.others = heads[1].ariaSort;
      told.total = table.tBodies[1].rows[0].cells[0].textContent;
      told.folded = [...document.querySelectorAll("details")].every(box => !box.open);
      told.labels = [...document.querySelectorAll("figure svg")].every(svg => svg.getAttribute("aria-label") && !svg.querySelector(":scope > title"));
    """
    told, console = browse(tmp_path, 1280, steps)
    assert console == ""
    assert told["focused"]
    assert told["down"][:3] == ["Loyal customers", "Hibernating", "Potential loyalists"]
    assert told["up"] == told["down"][::-1]
    assert (told["downState"], told["upState"], told["others"]) == ("descending", "ascending", None)
    assert told["words"] == sorted(told["before"])
    assert told["total"] == "All customers"
    assert told["folded"]
    assert told["labels"]
