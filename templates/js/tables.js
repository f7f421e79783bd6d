(() => {
  const LONG = 8; /* rows from which a table is worth filtering */
  /* A column is sorted by the exact values of its cells, by their text where they have none; totals stay below, empty cells last. */
  const key = cell => cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v === "" ? null : Number(cell.dataset.v);
  const order = (a, b, sign) => a === null ? 1 : b === null ? -1 : sign * (typeof a === "number" ? a - b : a.localeCompare(b));
  const plain = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

  const sortable = (table, body, arrange) => {
    const heads = [...table.tHead.rows[0].cells];
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
        arrange();
      });
    });
  };

  /* Folded, a table shows as many rows as paper does: the first ones in the order it is sorted in. A filter looks at all of them. */
  const arranged = (body, printed, state) => {
    let found = 0;
    [...body.rows].forEach((row, place) => {
      const fits = !state.needle || plain(row.textContent).includes(state.needle);
      found += fits;
      row.classList.toggle("off", !fits || (!state.needle && !state.open && place >= printed));
    });
    return found;
  };

  for (const box of document.querySelectorAll("main .table")) {
    const table = box.querySelector("table"), body = table.tBodies[0], all = body.rows.length;
    if (all < 3) continue;
    const printed = body.querySelectorAll(":scope > tr:not(.rest)").length;
    const state = { needle: "", open: false };
    const fold = printed < all ? control(".fold") : null, filter = all >= LONG ? control(".filter") : null;
    const count = filter?.querySelector("output"), field = filter?.querySelector("input");
    const arrange = () => {
      const found = arranged(body, printed, state);
      if (count) count.textContent = state.needle ? fill(controls.dataset.count, { shown: found, all }) : "";
      if (!fold) return;
      fold.hidden = Boolean(state.needle);
      fold.setAttribute("aria-expanded", String(state.open));
      fold.textContent = fill(state.open ? controls.dataset.unfold : controls.dataset.fold, { all });
    };
    sortable(table, body, arrange);
    if (filter) {
      const name = table.caption.textContent.trim();
      if (name) field.setAttribute("aria-label", `${filter.querySelector("label span").textContent}: ${name}`);
      field.addEventListener("input", () => { state.needle = plain(field.value.trim()); arrange(); });
      field.addEventListener("keydown", event => {
        if (event.key !== "Escape" || !field.value) return;
        field.value = "";
        field.dispatchEvent(new Event("input"));
        event.preventDefault();
      });
      box.classList.add("filtered");
      box.prepend(filter);
    }
    if (fold) {
      fold.addEventListener("click", () => { state.open = !state.open; arrange(); });
      box.querySelector(".scroll").after(fold);
    }
    arrange();
  }
})();
