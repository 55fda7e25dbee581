// A role is saved as soon as it is chosen; without scripts the button beside it does that.
for (const choice of document.querySelectorAll("select[data-submit]")) {
  choice.form.classList.add("auto");
  choice.addEventListener("change", () => choice.form.requestSubmit());
}
