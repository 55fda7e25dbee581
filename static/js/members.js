// A role is saved as soon as it is chosen with a pointer; without scripts the button beside it does
// that. By keyboard each arrow is a change: there the button saves, or Enter.
for (const choice of document.querySelectorAll("select[data-submit]")) {
  const { form } = choice;
  let typed = false;
  form.classList.add("auto");
  choice.addEventListener("pointerdown", () => (typed = false));
  choice.addEventListener("keydown", (event) => {
    typed = event.key !== "Tab";
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit();
  });
  choice.addEventListener("change", () => {
    if (typed) form.classList.remove("auto");
    else form.requestSubmit();
  });
}
