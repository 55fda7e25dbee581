// One dialog: hx-get into #dialog-body opens it; "dialog:close" (also by HX-Trigger) shuts it.
const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target === body && body.firstElementChild && !dialog.open) dialog.showModal();
});
document.addEventListener("dialog:close", () => dialog.close());
dialog.addEventListener("close", () => body.replaceChildren());
dialog.addEventListener("click", ({ target }) => {
  if (target === dialog || target.closest("[data-close]")) dialog.close();
});
