"use strict";
(() => {
  /* A column is sorted by the exact values of its cells, by their text where they have none; totals stay below, empty cells last. */
  const key = cell => cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v === "" ? null : Number(cell.dataset.v);
  const order = (a, b, sign) => a === null ? 1 : b === null ? -1 : sign * (typeof a === "number" ? a - b : a.localeCompare(b));
  for (const table of document.querySelectorAll("table")) {
    const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
    if (body.rows.length < 3) continue;
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      const words = head.matches(".name, .text");
      button.addEventListener("click", () => {
        const up = head.ariaSort ? head.ariaSort === "descending" : words;
        heads.forEach(other => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...body.rows].map(row => [key(row.cells[column]), row]);
        rows.sort((a, b) => order(a[0], b[0], up ? 1 : -1));
        body.append(...rows.map(row => row[1]));
      });
    });
  }
  /* A picture's title is for readers who cannot see it: a label, not a tooltip. */
  for (const title of document.querySelectorAll("figure svg > title")) {
    title.parentNode.setAttribute("aria-label", title.textContent);
    title.parentNode.removeAttribute("aria-labelledby");
    title.remove();
  }
  /* Only what really scrolls is a stop for the keyboard. */
  const stops = () => document.querySelectorAll(".scroll").forEach(box => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
  });
  stops();
  addEventListener("resize", stops);
  /* On paper nothing is folded. */
  const folded = document.querySelectorAll("details");
  addEventListener("beforeprint", () => folded.forEach(box => { box.dataset.was = box.open; box.open = true; }));
  addEventListener("afterprint", () => folded.forEach(box => { box.open = box.dataset.was === "true"; }));
  /* The contents show where the reader is. */
  const links = new Map([...document.querySelectorAll(".contents a")].map(link => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver(entries => entries.forEach(entry => {
    const link = links.get(entry.target.id);
    if (!link || !entry.isIntersecting) return;
    links.forEach(other => other.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "location");
  }), { rootMargin: "-15% 0px -75%" });
  document.querySelectorAll("main > section").forEach(section => watch.observe(section));
})();
