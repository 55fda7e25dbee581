// Share links: the form shows what a visitor will see, and an address is copied.
const copies = (root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copies]")) button.hidden = false;
};

const valueOf = (form, name) => {
  const field = form.elements[name];
  if (!field) return "";
  return field.type === "checkbox" ? (field.checked ? "on" : "") : field.value;
};

const dayText = (day, rest) => {
  const date = new Date(`${day}T12:00`);
  if (Number.isNaN(date.valueOf())) return rest;
  const look = { day: "numeric", month: "short", year: "numeric" };
  return `${date.toLocaleDateString(document.documentElement.lang, look)}, ${rest}`;
};

const showEnd = (form) => {
  const { ends, day } = form.elements;
  const end = ends.selectedOptions[0]?.dataset.end ?? "";
  day.hidden = ends.value !== "day";
  form.querySelector("#share-end").textContent = day.hidden ? end : dayText(day.value, end);
};

const showPreview = (form) => {
  const box = form.parentElement.querySelector(".seen");
  for (const one of box.querySelectorAll("[data-shows]")) one.textContent = valueOf(form, one.dataset.shows);
  const list = box.querySelector(".can");
  for (const row of list.children) {
    const value = valueOf(form, row.dataset.of);
    const given = value !== row.dataset.off;
    row.className = given ? "given" : "withheld";
    row.querySelector("span").textContent = JSON.parse(row.dataset.texts)[value] ?? "";
    row.querySelector("em").textContent = given ? list.dataset.given : list.dataset.withheld;
  }
};

const show = (form) => {
  showEnd(form);
  showPreview(form);
};

const begin = (root) => {
  copies(root);
  for (const form of root.querySelectorAll("[data-share]")) show(form);
};

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("[data-share]");
  if (form) show(form);
});
document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copies]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
  button.querySelector("span").textContent = button.dataset.done;
});
// The sheet of styles comes along with what a dialog shows, which is not seen before it is there.
const waitForStyles = (box) => {
  const sheet = box.previousElementSibling;
  if (sheet?.rel !== "stylesheet") return;
  const reveal = () => {
    box.hidden = false;
    box.querySelector("[autofocus]")?.focus();
  };
  box.hidden = true;
  sheet.addEventListener("load", reveal);
  sheet.addEventListener("error", reveal);
};

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const box = detail.target.querySelector(".share-new, .share-made");
  if (!box) return;
  window.htmx.process(box); // now: quick keys would post a plain form
  waitForStyles(box);
  begin(detail.target);
});
begin(document);
