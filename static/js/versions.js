// Versions: dragging one tile on another makes it the next version of that; V opens the menu.
const board = document.querySelector("main[data-keys~=grid]");
let dragged = null;

const card = (target) => target.closest?.("[data-holds=library] .card");
const unmark = () => document.querySelectorAll(".card.onto").forEach((one) => one.classList.remove("onto"));

board?.addEventListener("dragstart", ({ target, dataTransfer }) => {
  dragged = card(target);
  if (dragged) dataTransfer.effectAllowed = "link";
});
board?.addEventListener("dragover", (event) => {
  const over = card(event.target);
  if (!dragged || !over || over === dragged) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "link";
  if (!over.classList.contains("onto")) unmark();
  over.classList.add("onto");
});
board?.addEventListener("dragleave", ({ target, relatedTarget }) => {
  const left = card(target);
  if (left && !left.contains(relatedTarget)) left.classList.remove("onto");
});
board?.addEventListener("dragend", () => {
  dragged = null;
  unmark();
});
board?.addEventListener("drop", (event) => {
  const over = card(event.target);
  if (!dragged || !over || over === dragged) return;
  event.preventDefault();
  const values = { of: over.id.slice(1) };
  const url = `${new URL(dragged.querySelector("a.open").href).pathname}version/`;
  window.htmx.ajax("POST", url, { target: over, swap: "none", values });
  dragged = null;
  unmark();
});

// What lies below goes, and the one on top says so.
document.addEventListener("vs:version", ({ detail }) => {
  for (const id of detail.gone) document.getElementById(`o${id}`)?.remove();
  const top = document.getElementById(`o${detail.id}`);
  if (!top) return;
  top.classList.add("pile");
  let label = top.querySelector(".badge.version b");
  if (!label) {
    const span = (className) => Object.assign(document.createElement("span"), { className });
    const badges = top.querySelector(".badges") ?? span("badges");
    const badge = span("badge version");
    label = document.createElement("b");
    const length = top.querySelector(":scope > .badge:not(.marks, .listen)");
    badge.append(label);
    badges.append(...(length ? [length, badge] : [badge]));
    if (!badges.isConnected) top.querySelector(".open").after(badges);
  }
  label.textContent = detail.label;
  for (const tick of top.parentElement.querySelectorAll(".tick :checked")) tick.click();
});

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "v" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const menu = document.querySelector("#viewer .stackpick");
    if (!menu || document.body.dataset.single === "off") return;
    event.preventDefault();
    event.stopPropagation();
    menu.open = !menu.open;
    const at = menu.open ? menu.querySelector("[aria-current]") || menu.querySelector(".pop a") : null;
    (at || menu.querySelector("summary")).focus();
  },
  true,
);
document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.(".stackpick .pop a");
  if (!link || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const links = [...link.closest(".pop").querySelectorAll("a")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  links.at((links.indexOf(link) + step) % links.length).focus();
});
