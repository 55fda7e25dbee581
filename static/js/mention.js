// At @ in a prompt: subjects and the added pictures and clips, by keyboard, mouse and input methods.
//
// Works on <text-expander keys="@ ＠" data-url data-mode> around a textarea. Tiles of the form that have a
// handle say so in data-handle; a chosen subject becomes a tile in [data-subjects], which says "change".
import { fold, mentions, UNSPACED } from "./names.js";

const GLUED = new RegExp(`(?:[${UNSPACED}]|[@＠][^\\s@＠]+)$`, "u"), // what an @ may follow without a space
  TYPED = /[@＠]$/;
const BEGUN = /(^|[\s([])[@＠][^\s@＠]*$/,
  TAG = "text-expander";
const answers = new Map(); // what the server answered, by address; asked anew when the field takes the focus
let composing = false,
  asking = 0,
  wanted = "";

const expanderOf = (target) => target.closest?.("text-expander[data-url]");
const fieldOf = (expander) => expander.querySelector("textarea, input");

function address(expander, typed) {
  const found = new URL(expander.dataset.url, location.href),
    form = expander.closest("form");
  const facts = { q: typed, mode: expander.dataset.mode, model: form && new FormData(form).get("model") };
  for (const [name, value] of Object.entries(facts)) if (value) found.searchParams.set(name, value);
  return found.href;
}

function load(expander, typed) {
  const url = address(expander, typed);
  if (!answers.has(url)) answers.set(url, fetched(url));
  return answers.get(url);
}

async function fetched(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  const text = answer?.ok ? await answer.text().catch(() => "") : "";
  if (!text) answers.delete(url);
  return new DOMParser().parseFromString(text, "text/html").querySelector(".mentions");
}

async function list(expander, typed) {
  const all = await load(expander, "");
  const list = all && !("complete" in all.dataset) ? await load(expander, typed) : all;
  const menu = list ? document.importNode(list, true) : null;
  if (!menu) return { matched: false };
  const word = fold(typed),
    lines = [...menu.querySelectorAll("[role=option]"), ...handles(expander)];
  const fit = lines.filter((line) => fold(line.dataset.name).includes(word));
  const late = (line) => (line.ariaDisabled === "true" ? 2 : 0) + !fold(line.dataset.name).startsWith(word);
  lines.forEach((line) => line.remove());
  menu.append(...fit.sort((one, other) => late(one) - late(other)));
  return { matched: fit.length > 0, fragment: menu };
}

// What was added to this form alone: @image1, @video1.
function handles(expander) {
  return [...(expander.closest("form")?.querySelectorAll("[data-handle]") || [])].map((tile) => {
    const line = document.createElement("li"),
      name = document.createElement("b"),
      image = document.createElement("img");
    line.setAttribute("role", "option");
    line.id = `mention-${tile.dataset.handle}`;
    line.dataset.name = name.textContent = tile.dataset.handle;
    Object.assign(image, { src: tile.querySelector("img")?.src || "", alt: "", width: 34, height: 34 });
    line.append(image.src ? image : document.createElement("i"), name);
    return line;
  });
}

document.addEventListener(
  "text-expander-change",
  ({ target, detail }) => {
    if (!expanderOf(target) || composing) return;
    asking += 1;
    const found = list(target, detail.text).finally(() => (asking -= 1));
    found.then(({ matched }) => matched || goOn(fieldOf(target)));
    detail.provide(found);
  },
  true,
);

// Enter was pressed before the answer came, and there is nothing to choose.
function goOn(field) {
  if (wanted === "Enter" && !asking) {
    field.setRangeText("\n", field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (!asking) wanted = "";
}

document.addEventListener(
  "text-expander-activate",
  ({ target }) => {
    const menu = target.querySelector(".mentions");
    menu.popover = "manual"; // above everything, and not cut off by the scrolling part of a form
    menu.showPopover();
    queueMicrotask(() => {
      if (!menu.isConnected) return; // a later letter has its own list already
      // A field of several lines may not be a combobox; a text field with an active line it may be.
      for (const name of ["role", "aria-expanded"]) fieldOf(target).removeAttribute(name);
      place(menu);
    });
  },
  true,
);

function place(menu) {
  const box = menu.getBoundingClientRect(),
    line = 32;
  if (box.right > innerWidth - 8) menu.style.left = `${Math.max(8, innerWidth - 8 - box.width)}px`;
  if (box.bottom > innerHeight - 8) menu.style.top = `${Math.max(8, box.top - box.height - line)}px`;
  if (!wanted) return;
  wanted = "";
  menu.querySelector("[aria-selected=true]")?.click();
}

document.addEventListener(
  "text-expander-value",
  ({ target, detail }) => {
    const field = fieldOf(target),
      before = field.value.slice(0, field.selectionEnd);
    const bracketed = before[before.lastIndexOf(detail.key) - 1] === "[";
    detail.value = `@${detail.item.dataset.name}${bracketed ? "]" : ""}`;
    const chip = detail.item.querySelector("template")?.content.firstElementChild;
    if (chip) add(target.closest("form"), chip);
  },
  true,
);

document.addEventListener(
  "text-expander-committed",
  ({ detail }) => {
    detail.input.dispatchEvent(new Event("input", { bubbles: true }));
  },
  true,
);

// --- Subjects among the inputs --------------------------------------------------------------------

function add(form, chip) {
  const zone = form?.querySelector("[data-subjects]");
  if (!zone || form.querySelector(`#${chip.id}`)) return;
  const tile = document.importNode(chip, true),
    more = zone.querySelector("[data-add]");
  if (more?.parentNode === zone) more.before(tile);
  else zone.append(tile);
  zone.hidden = false;
  zone.dispatchEvent(new Event("change", { bubbles: true }));
}

// A subject that is taken away is not mentioned either: its name stays as a plain word.
function unmention(field, name) {
  const plain = mentions(field.value, [name]).reduceRight(
    (text, one) => text.slice(0, one.start) + one.typed + text.slice(one.end),
    field.value,
  );
  if (plain === field.value) return false;
  field.value = plain;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-unmention]"),
    tile = button?.closest("[data-mention]");
  if (!tile) return;
  event.preventDefault(); // without script this button sends the form
  const form = tile.closest("form"),
    zone = tile.parentNode;
  const fields = [...form.querySelectorAll("text-expander textarea")];
  const changed = fields.filter((field) => unmention(field, tile.dataset.mention)).length > 0;
  const next = tile.nextElementSibling?.querySelector("button") || fields[0];
  tile.remove();
  next?.focus();
  zone.dispatchEvent(new Event("change", { bubbles: true }));
  if (changed)
    document.dispatchEvent(new CustomEvent("toast", { detail: { level: "ok", text: button.dataset.status } }));
});

// --- Mentions stand out: a layer behind the field, with the same lines ------------------------------

function ink() {
  for (const expander of document.querySelectorAll(`${TAG}[data-url]`)) {
    const field = fieldOf(expander),
      layer = expander.parentNode.querySelector(".ink"),
      form = expander.closest("form");
    if (!layer || !form) continue;
    const names = [...form.querySelectorAll("[data-mention], [data-handle]")].map(
      ({ dataset }) => dataset.mention || dataset.handle,
    );
    const parts = [];
    let at = 0;
    for (const { start, end } of mentions(field.value, names)) {
      const span = Object.assign(document.createElement("span"), { className: "at" });
      span.textContent = field.value.slice(start, end);
      parts.push(field.value.slice(at, start), span);
      at = end;
    }
    layer.replaceChildren(...parts, field.value.slice(at));
    Object.assign(layer.style, { width: `${field.clientWidth}px`, height: `${field.clientHeight}px` });
    layer.scrollTop = field.scrollTop;
  }
}

for (const name of ["input", "change", "htmx:load"]) document.addEventListener(name, ink);
addEventListener("resize", ink);
document.addEventListener("scroll", ({ target }) => target.nodeType === 1 && expanderOf(target) && ink(), true);
ink();

// The list for who does not know the key.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-at]"),
    expander = button?.closest(".prompt").querySelector(TAG);
  if (!expander) return;
  const field = fieldOf(expander),
    all = await load(expander, "");
  if (all && !all.querySelector("[role=option]") && !handles(expander).length) {
    const { none, action, href } = button.dataset;
    return document.dispatchEvent(new CustomEvent("toast", { detail: { text: none, action, href } }));
  }
  field.focus();
  const { selectionStart: start, selectionEnd: end, value } = field;
  field.setRangeText(/\S$/.test(value.slice(0, start)) ? " @" : "@", start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// --- Input methods --------------------------------------------------------------------------------

// The element may come later than the first letters.
const begun = (field) => !customElements.get(TAG) && BEGUN.test(field.value.slice(0, field.selectionEnd));

customElements.whenDefined(TAG).then(() => {
  const field = document.activeElement;
  if (expanderOf(field) && !composing) field.dispatchEvent(new Event("input", { bubbles: true }));
});

// Enter that ends a composition neither chooses nor submits; Safari sends it after the composition.
addEventListener(
  "keydown",
  (event) => {
    if (!expanderOf(event.target)) return;
    if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation();
    else if (
      (asking || begun(event.target)) &&
      ["Enter", "Tab"].includes(event.key) &&
      !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey)
    ) {
      wanted = event.key;
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  },
  true,
);

document.addEventListener("compositionstart", ({ target }) => expanderOf(target) && (composing = true), true);
document.addEventListener(
  "compositionend",
  ({ target }) => {
    if (!expanderOf(target)) return;
    composing = false;
    setTimeout(() => target.dispatchEvent(new Event("input", { bubbles: true }))); // what was composed is looked up
  },
  true,
);

// The list opens only after a space: one is put in after scripts without spaces, and after a mention.
document.addEventListener(
  "input",
  ({ target, isComposing }) => {
    if (isComposing || !expanderOf(target)) return;
    const caret = target.selectionEnd,
      before = target.value.slice(0, caret);
    const glued = TYPED.test(before) && GLUED.test(before.slice(0, -1));
    if (glued) target.setRangeText(" ", caret - 1, caret - 1, "preserve");
  },
  true,
);

document.addEventListener("focusin", ({ target }) => {
  const expander = expanderOf(target);
  if (!expander) return;
  answers.clear();
  load(expander, "");
});
