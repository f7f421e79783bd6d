/* One segment stands out everywhere: its rows, its marks in charts, its page. Paper always has all of them. */
(() => {
  const panel = control(".segments"), rail = document.querySelector(".rail");
  if (!panel || !rail) return;
  const pages = [...document.querySelectorAll("main > .level-2")];
  const heads = [...document.querySelectorAll("main tbody th.dot, .by-segment .numbers tbody th")];
  const told = new Set([...pages.map(page => page.dataset.short), ...heads.map(head => head.textContent)]);
  panel.querySelectorAll("input").forEach(radio => { if (radio.value && !told.has(radio.value)) radio.parentElement.remove(); });
  const radios = [...panel.querySelectorAll("input")], list = panel.querySelector("details"), current = panel.querySelector("summary b"), status = panel.querySelector("[role=status]");
  const names = new Set(radios.map(radio => radio.value).filter(Boolean));
  if (names.size < 2) return;
  rail.prepend(panel);
  const look = getComputedStyle(document.documentElement), ink = name => look.getPropertyValue(`--${name}`).trim();
  const slots = new Map(radios.filter(radio => radio.value).map(radio => [radio.value, radio.parentElement.className.slice(1)]));
  const colours = new Map([...slots].map(([name, slot]) => [name, ink(`segment-${slot}`)]));
  const known = new Set(colours.values()), inside = new Set([ink("on-light"), ink("on-dark")]);

  const rows = heads.map(head => [head.textContent, head.parentElement]).filter(([name]) => names.has(name));
  const entries = new Map(pages.filter(page => names.has(page.dataset.short)).map(page => [page, document.querySelector(`.contents a[href="#${CSS.escape(page.id)}"]`)?.closest("li")]));
  let charts = null; /* looked at when first needed */

  /* Marks in the colour of a segment; a text on a coloured area belongs to that area. */
  const colour = mark => [mark.getAttribute("fill"), mark.getAttribute("stroke")].find(value => known.has(value));
  const covers = (area, text) => area.x <= text.x && area.y <= text.y && area.x + area.width > text.x && area.y + area.height > text.y;
  function marks(svg) {
    const owned = [...svg.querySelectorAll("path, text")].filter(colour).map(mark => [colour(mark), mark]);
    const areas = owned.filter(([, mark]) => mark.hasAttribute("fill")).map(([owner, mark]) => [owner, mark.getBBox()]);
    const texts = [...svg.querySelectorAll("text")].filter(text => inside.has(text.getAttribute("fill")));
    return owned.concat(texts.flatMap(text => {
      const area = areas.find(([, box]) => covers(box, text.getBBox()));
      return area ? [[area[0], text]] : [];
    }));
  }

  function pick(name) {
    charts ??= [...document.querySelectorAll("figure.by-segment svg")].map(marks);
    for (const [owner, row] of rows) {
      row.classList.toggle("lit", owner === name);
      row.classList.toggle("dim", Boolean(name) && owner !== name);
      if (owner === name) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
    }
    for (const [owner, mark] of charts.flat()) mark.classList.toggle("dim", Boolean(name) && owner !== colours.get(name));
    for (const [page, entry] of entries) {
      const away = Boolean(name) && page.dataset.short !== name;
      page.classList.toggle("off", away);
      entry?.classList.toggle("off", away);
    }
    const chosen = radios.find(radio => radio.value === name);
    chosen.checked = true;
    current.textContent = chosen.nextElementSibling.textContent;
    current.className = name ? `dot s${slots.get(name)}` : "";
    const lit = { name, rows: rows.filter(([owner]) => owner === name).length, charts: charts.filter(some => some.some(([owner]) => owner === colours.get(name))).length };
    status.textContent = name ? fill(controls.dataset.lit, lit) : controls.dataset.unlit;
  }

  panel.addEventListener("change", event => pick(event.target.value));
  panel.addEventListener("keydown", event => {
    if (event.key === "Escape" && list.open) { list.open = false; panel.querySelector("summary").focus(); }
  });
  /* Where the list lies over the page it closes as soon as a pointer has chosen, or points elsewhere. */
  const over = matchMedia("(max-width: 68rem)");
  addEventListener("click", event => {
    if (over.matches && (!panel.contains(event.target) || (event.detail && event.target.closest("label")))) list.open = false;
  });
  addEventListener("hashchange", () => {
    if (pages.some(page => `#${page.id}` === decodeURIComponent(location.hash) && page.classList.contains("off"))) {
      pick("");
      document.querySelector(location.hash)?.scrollIntoView();
    }
  });
})();
