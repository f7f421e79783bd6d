"use strict";
/* What all parts share: the words and controls in the template "controls", and one tip for the whole page. Without script none of it is missed. */
const controls = document.getElementById("controls");
const grouped = new Intl.NumberFormat(document.documentElement.lang);
const fill = (pattern, values) => pattern.replace(/{(\w+)}/g, (_, name) => typeof values[name] === "number" ? grouped.format(values[name]) : values[name]);
const control = selector => controls?.content.querySelector(selector)?.cloneNode(true);
const tip = (() => {
  const box = document.createElement("div");
  box.className = "tip";
  box.hidden = true;
  box.setAttribute("aria-hidden", "true"); /* what it shows is told to screen readers by the element it belongs to */
  document.body.append(box);
  let leaving = 0, anchor = null;
  const hide = () => { clearTimeout(leaving); box.hidden = true; };
  const leave = () => { clearTimeout(leaving); leaving = setTimeout(hide, 150); };
  const place = () => {
    const at = anchor.getBoundingClientRect(), { width, height } = box.getBoundingClientRect();
    const edge = 8, room = document.documentElement.clientWidth, upright = at.height > height;
    const middle = (at.left + at.right - width) / 2, beside = at.right + width + 2 * edge > room ? at.left - width - edge : at.right + edge;
    const above = at.top - height - edge < 0 ? at.bottom + edge : at.top - height - edge;
    box.style.left = `${Math.max(edge, Math.min(upright ? beside : middle, room - width - edge))}px`;
    box.style.top = `${upright ? Math.max(at.top, edge) : above}px`;
    if (at.bottom < 0 || at.top > innerHeight) hide();
  };
  const show = (element, lead, lines) => {
    clearTimeout(leaving);
    anchor = element;
    const strong = document.createElement("strong");
    strong.textContent = lead;
    box.replaceChildren(strong, ...lines.map(line => Object.assign(document.createElement("span"), { textContent: line })));
    box.hidden = false;
    place();
  };
  box.addEventListener("pointerenter", () => clearTimeout(leaving));
  box.addEventListener("pointerleave", leave);
  addEventListener("keydown", event => { if (event.key === "Escape") hide(); });
  addEventListener("scroll", () => { if (!box.hidden) place(); }, { passive: true });
  return { show, hide, leave };
})();
