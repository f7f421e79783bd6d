/* A chart whose rows lie in even steps tells the values at a step: under the pointer, or to the arrow keys as a slider does. */
(() => {
  for (const figure of document.querySelectorAll("figure.chart")) {
    const svg = figure.querySelector("svg[data-steps]"), table = figure.querySelector(".numbers table");
    if (!svg || !table) continue;
    const [along, ...places] = svg.dataset.steps.split(" ");
    const [first, last, steps] = places.map(Number);
    const heads = [...table.tHead.rows[0].cells].map(head => head.textContent);
    const values = [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent));
    if (steps > values.length) continue;
    const box = figure.querySelector(".scroll"), thumb = document.createElement("div");
    const lines = step => values[step].slice(1).map((value, column) => `${heads[column + 1]}: ${value}`);
    const place = step => steps > 1 ? first + (last - first) * step / (steps - 1) : first;
    thumb.className = `step along-${along} on-screen`;
    thumb.tabIndex = 0;
    thumb.role = "slider";
    thumb.ariaLabel = fill(controls?.dataset.values ?? "{title}", { title: figure.querySelector(".h4").textContent });
    thumb.ariaOrientation = along === "x" ? "horizontal" : "vertical";
    thumb.ariaValueMin = "1";
    thumb.ariaValueMax = String(steps);
    let now = along === "x" ? steps - 1 : 0;
    const tell = () => {
      thumb.ariaValueNow = String(now + 1);
      thumb.ariaValueText = `${values[now][0]}: ${lines(now).join("; ")}`;
    };
    const show = () => {
      tell();
      const view = svg.viewBox.baseVal, drawn = svg.getBoundingClientRect(), outer = box.getBoundingClientRect();
      const scale = drawn.width / view.width, at = place(now) * scale;
      const left = drawn.left - outer.left + box.scrollLeft, top = drawn.top - outer.top;
      Object.assign(thumb.style, along === "x"
        ? { left: `${left + at}px`, top: `${top}px`, height: `${drawn.height}px` }
        : { left: `${left}px`, top: `${top + at}px`, width: `${drawn.width}px` });
      thumb.classList.add("on");
      tip.show(thumb, values[now][0], lines(now));
    };
    const rest = () => { thumb.classList.remove("on"); tip.leave(); };
    box.append(thumb);
    tell();
    svg.addEventListener("pointermove", event => {
      const drawn = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / drawn.width;
      const at = (along === "x" ? event.clientX - drawn.left : event.clientY - drawn.top) * scale;
      const step = steps > 1 ? Math.round((at - first) / (last - first) * (steps - 1)) : 0;
      if (step < 0 || step >= steps) { rest(); return; }
      now = step;
      show();
    });
    svg.addEventListener("pointerleave", rest);
    thumb.addEventListener("focus", () => { if (thumb.matches(":focus-visible")) show(); });
    thumb.addEventListener("blur", rest);
    thumb.addEventListener("keydown", event => {
      const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -6, PageDown: 6, Home: -steps, End: steps }[event.key];
      if (!move) return;
      event.preventDefault();
      now = Math.min(Math.max(now + move, 0), steps - 1);
      show();
    });
  }
})();
