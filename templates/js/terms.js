/* A term is explained where a chapter first uses it, and in the heads of tables, in the words of the report's own definitions. */
(() => {
  const PLACES = ".prose p, .bullets:not(.terms) li, .callout .says p, .tile .label, .subtitle";
  const meanings = new Map([...document.querySelectorAll(".terms li")].map((item, number) => {
    const lead = item.querySelector("strong").textContent;
    item.id ||= `term-${number + 1}`;
    return [stem(lead.replace(/:\s*$/, "")), { id: item.id, lead: lead.replace(/:\s*$/, ""), says: item.textContent.trim().slice(lead.length).trim() }];
  }));
  if (!meanings.size) return;
  function stem(term) { return term.toLocaleLowerCase().replace(/ index$/, ""); }
  const stems = [...meanings.keys()].sort((a, b) => b.length - a.length).map(term => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const word = new RegExp(`(?<![\\p{L}\\p{N}-])(?:${stems.join("|")})(?![\\p{L}\\p{N}-])`, "iu");

  const explain = (element, meaning) => {
    element.setAttribute("aria-describedby", meaning.id);
    const show = () => tip.show(element, meaning.lead, [meaning.says]);
    element.addEventListener("pointerenter", show);
    element.addEventListener("pointerleave", tip.leave);
    element.addEventListener("focus", show);
    element.addEventListener("blur", tip.hide);
  };

  const mark = (place, seen) => {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const found = text.parentElement.closest("button, a") ? null : word.exec(text.data);
      const meaning = found && meanings.get(stem(found[0]));
      if (!meaning || seen.has(meaning)) continue;
      seen.add(meaning);
      const button = Object.assign(document.createElement("button"), { type: "button", className: "term", textContent: found[0] });
      const rest = text.splitText(found.index);
      rest.data = rest.data.slice(found[0].length);
      rest.before(button);
      explain(button, meaning);
      button.addEventListener("click", () => button.focus());
      texts.currentNode = button.firstChild;
    }
  };

  let seen = new Set();
  for (const section of document.querySelectorAll("main > section")) {
    if (section.matches(".level-1")) seen = new Set();
    section.querySelectorAll(PLACES).forEach(place => mark(place, seen));
  }
  for (const button of document.querySelectorAll("thead th > button")) {
    const found = word.exec(button.textContent);
    const meaning = found?.index === 0 && meanings.get(stem(found[0]));
    if (meaning) { button.classList.add("termed"); explain(button, meaning); }
  }
})();
