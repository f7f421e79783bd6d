"""What axe-core finds in a page. It looks at contrasts, which take it longest, on one text of a kind where thousands look alike."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

MARK = "data-looked-at"
KINDS = """(mark) => {
  const known = new Map(), kinds = new Map();
  const names = ["color", "fill", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight", "textShadow", "filter",
    "position", "left", "top", "transform", "clip", "clipPath", "overflow", "visibility"];
  const look = each => {
    if (!each) return "";
    if (!known.has(each)) {
      const styles = [null, "::before", "::after"].map(part => getComputedStyle(each, part));
      const own = styles.map((style, part) => part && style.content === "none" ? "" : names.map(name => style[name]).join());
      known.set(each, [...own, each.localName, each.disabled, each.ariaDisabled, each.ariaHidden, look(each.parentElement)].join("|"));
    }
    return known.get(each);
  };
  document.querySelectorAll(`[${mark}]`).forEach(each => each.removeAttribute(mark));
  for (const each of document.querySelectorAll("body *")) {
    if (!each.checkVisibility()) continue;
    if (![...each.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim()) && !("value" in each)) continue;
    const kind = look(each);
    kinds.set(kind, [...(kinds.get(kind) ?? []).slice(0, 1), each]);
  }
  kinds.forEach(few => few.forEach(each => each.setAttribute(mark, "")));
  return kinds.size;
}"""
"""Marks the first and the last text of each kind: alike in all that a contrast hangs on, they themselves and everything around them."""
RUN = """async ([places, mark]) => {
  const all = { resultTypes: ["violations"] }, boxes = places ? [...document.querySelectorAll(places)] : [document];
  const few = boxes.flatMap(box => [...box.querySelectorAll(`[${mark}]`), ...(box.matches?.(`[${mark}]`) ? [box] : [])]);
  const found = (await axe.run(places || document, { ...all, rules: { "color-contrast": { enabled: false } } })).violations;
  const pale = few.length ? (await axe.run(few, { ...all, runOnly: { type: "rule", values: ["color-contrast"] } })).violations : [];
  return [...found, ...pale];
}"""


def violations(page: Page, places: str = "") -> list[dict[str, Any]]:
    """What axe finds in the page, or in some places of it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    page.evaluate(KINDS, MARK)
    found: list[dict[str, Any]] = page.evaluate(RUN, [places, MARK])
    return found


def complaints(page: Page) -> list[tuple[str, str, str]]:
    """Rule, impact and the first element of each violation."""
    return [(each["id"], each["impact"], each["nodes"][0]["html"][:160]) for each in violations(page)]
