/* Of several states one is shown, first the one that the report has chosen. */
(() => {
  for (const box of document.querySelectorAll(".states")) {
    const choice = box.querySelector(".choice"), states = [...box.querySelectorAll(".state")];
    const status = document.createElement("p");
    status.className = "unseen";
    status.role = "status";
    box.append(status);
    const show = place => states.forEach((state, number) => { state.hidden = number !== place; });
    choice.hidden = false;
    choice.addEventListener("change", event => {
      const place = Number(event.target.value);
      show(place);
      status.textContent = states[place].querySelector(".says").textContent;
    });
    show(Number(choice.querySelector(":checked").value));
  }
})();
