// One grid for every page: selection, keys, and tiles that leave and come back.
const main = document.querySelector("[data-keys~=grid]");
const ELSEWHERE = "input:not(.tick input), textarea, select, [contenteditable], summary, nav, .pop, .top, .filters";
const chosen = new Set();
let active = null,
  anchor = null,
  before = [],
  planned = false;

const cards = () => [...main.querySelectorAll(".card:not([hidden])")].filter((card) => link(card));
const link = (card) => card?.querySelector(":scope > a[href]");
const box = (card) => card?.querySelector(".tick input");
const grid = () => main.querySelector("[data-holds]");
const letters = () => document.body.dataset.single !== "off";

function tick(card, on) {
  if (!box(card)) return;
  box(card).checked = on;
  chosen[on ? "add" : "delete"](card.id);
}

function showCount() {
  const counter = main.querySelector(".bulk b"),
    count = main.querySelectorAll(".tick :checked").length;
  if (!counter || !count) return;
  const { one, many } = counter.dataset;
  counter.textContent = (count === 1 ? one : many).replace("%n", count);
}

function range(from, to, kept = []) {
  const all = cards(),
    ends = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  const wanted = new Set([...kept, ...all.slice(Math.max(0, ends[0]), ends[1] + 1)]);
  for (const card of all) tick(card, wanted.has(card));
  showCount();
}

// One stop for the Tab key in the whole grid: the tile that was used last, then its own buttons.
function rove(card) {
  active = card || active;
  const all = cards();
  if (!all.includes(active)) active = all.find((one) => one.id === grid()?.dataset.at) || all[0];
  for (const one of all) {
    for (const item of one.querySelectorAll("a, button, input"))
      item.tabIndex = one === active && !item.matches(".give button") ? 0 : -1; // they have keys
  }
}

function go(card) {
  if (!card) return;
  rove(card);
  link(card).focus();
}

function neighbourOf(card, key) {
  const all = cards(),
    at = all.indexOf(card);
  if (key === "ArrowLeft") return all[at - 1];
  if (key === "ArrowRight") return all[at + 1];
  const here = card.getBoundingClientRect(),
    centre = here.left + here.width / 2;
  const down = key === "ArrowDown";
  const far = all
    .map((one) => [one, one.getBoundingClientRect()])
    .map(([one, box]) => [one, box, down ? box.top - here.bottom : here.top - box.bottom])
    .filter(([, , gap]) => gap > -2);
  const near = Math.min(...far.map(([, , gap]) => gap));
  const off = ([, box]) => Math.abs(box.left + box.width / 2 - centre);
  return far.filter(([, , gap]) => gap < near + 40).sort((a, b) => off(a) - off(b))[0]?.[0];
}

function onScreen(card) {
  const { top, bottom } = card.getBoundingClientRect();
  return bottom > 80 && top < innerHeight;
}

function arrow(event, card) {
  const inside = document.activeElement.closest(".card");
  const first = () => (card && onScreen(card) ? card : cards().find(onScreen));
  const next = inside ? neighbourOf(inside, event.key) : first();
  if (!next) return false;
  if (event.shiftKey && card) {
    if (!anchor) [anchor, before] = [card, cards().filter((one) => box(one)?.checked)];
    range(anchor, next, before);
  } else anchor = null;
  go(next);
  return true;
}

function clear() {
  for (const card of cards()) tick(card, false);
  chosen.clear();
  anchor = null;
}

const press = (card, what) => {
  const item = card?.querySelector(what);
  item?.click();
  return item;
};

// One tile, or all that are selected, are given the same; the answer draws their tiles again.
function rate(card, name, value) {
  const rated = chosen.size ? cards().filter((one) => box(one)?.checked) : [card];
  if (!grid()?.dataset.rate || !rated[0]) return false;
  const ids = rated.map((one) => box(one).value).join();
  window.htmx.ajax("POST", grid().dataset.rate, { target: grid(), swap: "none", values: { ids, [name]: value } });
  return true;
}
const flip = (card, name) => rate(card, name, card?.querySelector(`.give [name=${name}]`)?.value ?? 1);

main.addEventListener("click", (event) => {
  const button = event.target.closest(".give button");
  if (!button) return;
  event.preventDefault();
  const card = button.closest(".card"),
    ids = box(card).value,
    values = { ids, [button.name]: button.value };
  window.htmx.ajax("POST", grid().dataset.rate, { target: grid(), swap: "none", values });
});

main.addEventListener("click", (event) => {
  const link = event.target.closest(".over [data-do=subject]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  window.htmx.ajax("GET", link.href, { target: "#dialog-body", swap: "innerHTML" });
});

const KEYS = {
  ArrowLeft: arrow,
  ArrowRight: arrow,
  ArrowUp: arrow,
  ArrowDown: arrow,
  Enter: (event, card) => !event.target.closest("a, button") && press(card, ":scope > a"),
  Escape: () => chosen.size > 0 && (clear(), true),
  Delete: (event, card) =>
    grid()?.dataset.holds === "library" &&
    (chosen.size ? press(main, "[data-bulk=trash]") : press(card, "[data-do=trash]")),
};
const LETTERS = {
  x: (event, card) => box(card) && (tick(card, !box(card).checked), (anchor = null), showCount(), true),
  r: (event, card) => press(card, ".over a[href*='from=']"),
  d: (event, card) => press(chosen.size ? main : card, chosen.size ? "[data-bulk=download]" : ".over a[download]"),
  v: (event, card) => press(card, "[data-do=use]"),
  f: (event, card) => flip(card, "favourite"),
  q: (event, card) => flip(card, "rejected"),
};
for (const stars of "012345") LETTERS[stars] = (event, card) => rate(card, "stars", stars);

function all() {
  range(cards()[0], cards().at(-1));
  return main.querySelector(".tick");
}

main.ownerDocument.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || event.altKey) return;
  if (document.querySelector("dialog[open]") || event.target.closest(ELSEWHERE)) return;
  const mod = event.ctrlKey || event.metaKey,
    key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const card = document.activeElement.closest(".card") || (active?.isConnected && !active.hidden ? active : null);
  let done = false;
  if (mod) done = key === "a" && !event.shiftKey && all();
  else if (event.shiftKey) done = key.startsWith("Arrow") && arrow(event, card);
  else if (KEYS[key]) done = KEYS[key](event, card);
  else if (LETTERS[key] && letters()) done = LETTERS[key](event, card);
  if (done) event.preventDefault();
});

main.addEventListener("focusin", ({ target }) => target.closest(".card") && rove(target.closest(".card")));
main.addEventListener("change", ({ target }) => {
  if (!target.closest(".tick")) return;
  tick(target.closest(".card"), target.checked);
  showCount();
});
main.addEventListener("click", (event) => {
  const item = event.target.closest(".tick input");
  if (!item) return;
  const card = item.closest(".card"),
    on = item.checked;
  if (event.shiftKey && anchor?.isConnected && on)
    range(
      anchor,
      card,
      cards().filter((one) => box(one)?.checked),
    );
  [anchor, before] = [card, []];
});
main.addEventListener("reset", () => setTimeout(clear));

// The answer is a file, so htmx must not have it; and hundreds of ids travel as one field.
function download(button) {
  const bulk = document.getElementById("bulk"),
    form = document.createElement("form");
  Object.assign(form, { method: "post", action: button.formAction, hidden: true });
  const ids = [...main.querySelectorAll(".tick :checked")].map(({ value }) => value).join();
  const fields = new FormData(bulk);
  fields.set("ids", ids);
  for (const [name, value] of fields) {
    form.append(Object.assign(document.createElement("input"), { name, value }));
  }
  document.body.append(form);
  form.submit();
  form.remove();
}
main.addEventListener("click", (event) => {
  const button = event.target.closest("[data-bulk=download]");
  if (!button) return;
  event.preventDefault();
  download(button);
});

// Tiles leave for the trash and come back, wherever that was asked for.
document.addEventListener("vs:moved", ({ detail }) => {
  const holds = grid()?.dataset.holds || "library",
    goes = { trash: "trash", restore: "library" }[detail.to];
  const focused = document.activeElement.closest?.(".card");
  for (const id of detail.ids) {
    const card = document.getElementById(`o${id}`);
    if (!card) continue;
    tick(card, false);
    const all = cards(),
      next = all[all.indexOf(card) + 1] || all[all.indexOf(card) - 1];
    card.hidden = goes !== holds;
    if (card.hidden && (card === focused || card === active)) active = next;
  }
  showCount();
  rove();
  if (focused?.hidden || document.activeElement === document.body) go(active);
});

// Hundreds of ids travel as one field, and an address without empty ones.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const form = detail.formData;
  if (detail.elt.id === "bulk") form.set("ids", form.getAll("ids").join(","));
  if (detail.elt.id !== "filters") return;
  for (const [name, value] of [...form]) if (value === "") form.delete(name);
});

// A file that is missing says so; some are known to be before this script listens.
function markMissing(card) {
  if (!card || !grid()) return;
  card.classList.add("lost");
  link(card).dataset.lost = grid().dataset.lost;
}

function settle() {
  planned = false;
  for (const image of main.querySelectorAll(".card img")) {
    if (image.complete && !image.naturalWidth) markMissing(image.closest(".card"));
  }
  for (const card of cards()) if (chosen.has(card.id)) tick(card, true);
  for (const id of chosen) if (!document.getElementById(id)) chosen.delete(id);
  showCount();
  rove();
}
document.addEventListener("htmx:load", () => {
  if (!planned) planned = Boolean(requestAnimationFrame(settle));
});
settle();

main.addEventListener("error", ({ target }) => target.matches?.("img") && markMissing(target.closest(".card")), true);

main.addEventListener("click", (event) => {
  const item = event.target.closest("[data-size]");
  if (!item || !grid() || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  grid().classList.remove("size-s", "size-m", "size-l");
  grid().classList.add(`size-${item.dataset.size}`);
  for (const one of main.querySelectorAll("[data-size]")) one.toggleAttribute("aria-current", one === item);
  item.setAttribute("aria-current", "true");
  document.cookie = `tiles=${item.dataset.size}; path=/; max-age=31536000; samesite=lax`;
});
