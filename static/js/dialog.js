// One dialog: hx-get into #dialog-body opens it; "dialog:close" (also by HX-Trigger) shuts it.
const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target === body && body.firstElementChild && !dialog.open) dialog.showModal();
});
document.addEventListener("dialog:close", () => dialog.close());
dialog.addEventListener("close", () => dialog.open || body.replaceChildren()); // or it is open again
// A button that opens something of its own names the module that does so, which is loaded then.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-open]");
  if (button) (await import(button.dataset.open)).open(button);
});
dialog.addEventListener("click", ({ target }) => {
  if (target === dialog || target.closest("[data-close]")) dialog.close();
});
