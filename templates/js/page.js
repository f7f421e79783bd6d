(() => {
  /* A picture's title is for readers who cannot see it: a label, not a tooltip. */
  for (const title of document.querySelectorAll("figure svg > title")) {
    title.parentNode.setAttribute("aria-label", title.textContent);
    title.parentNode.removeAttribute("aria-labelledby");
    title.remove();
  }
  /* Only what really scrolls is a stop for the keyboard, and has a name. */
  const names = new Map([...document.querySelectorAll("main .scroll")].map(box => [box, box.ariaLabel]));
  const stop = box => {
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) Object.assign(box, { tabIndex: 0, role: "group", ariaLabel: names.get(box) });
    else ["tabindex", "role", "aria-label"].forEach(attribute => box.removeAttribute(attribute));
  };
  const sizes = new ResizeObserver(entries => entries.forEach(entry => stop(entry.target)));
  names.forEach((_, box) => sizes.observe(box));
  /* On paper nothing is folded. */
  const folded = document.querySelectorAll("main details");
  addEventListener("beforeprint", () => folded.forEach(box => { box.dataset.was = box.open; box.open = true; }));
  addEventListener("afterprint", () => folded.forEach(box => { box.open = box.dataset.was === "true"; }));
  /* The contents show where the reader is. */
  const links = new Map([...document.querySelectorAll(".contents a")].map(link => [link.hash.slice(1), link]));
  const strip = document.querySelector(".contents");
  const watch = new IntersectionObserver(entries => entries.forEach(entry => {
    const link = links.get(entry.target.id);
    if (!link || !entry.isIntersecting) return;
    links.forEach(other => other.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "location");
    if (strip.scrollWidth > strip.clientWidth && link.offsetParent) strip.scrollTo({ left: link.offsetLeft - strip.clientWidth / 3 });
  }), { rootMargin: "-15% 0px -75%" });
  document.querySelectorAll("main > section").forEach(section => watch.observe(section));
})();
