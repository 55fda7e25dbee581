// The viewer: a page of its own, opened in the dialog from a tile. Back closes it.
const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");
const toasts = document.getElementById("toasts");
const PAGE = /\/a\/\d+\/$/; // the studio may live below a path
let open = null; // while shown in the dialog: what to return to
let turned = "";

const viewer = () => document.getElementById("viewer");
const inDialog = () => body.contains(viewer());
const load = (url) => window.htmx.ajax("GET", url, { target: body, swap: "innerHTML" });

function begin(link) {
  open = { link, title: document.title, htmx: Boolean(history.state?.htmx), pushed: false };
  load(link.href);
}

// What is trashed makes room for its neighbour: a double click must not reach that one too.
document.addEventListener(
  "click",
  (event) => {
    if (event.detail < 2 || !event.target.closest(".justified .card, .output-actions")) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || link.origin !== location.origin) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !PAGE.test(link.pathname)) return;
  if (body.contains(link)) turned = link.rel || "turn";
  else if (!link.closest(".card")) return;
  event.preventDefault();
  if (open) load(link.href);
  else begin(link);
});

// The room is seen once it is dressed. Its style sheets stay, for the next one.
async function dress() {
  const found = [...body.querySelectorAll("link[rel=stylesheet]")];
  const known = new Set([...document.head.querySelectorAll("link[rel=stylesheet]")].map((one) => one.href));
  const fresh = found.filter((one) => !known.has(one.href));
  const loaded = fresh.map((one) => new Promise((done) => (one.onload = one.onerror = done)));
  document.head.append(...fresh);
  for (const one of found) if (!fresh.includes(one)) one.remove();
  if (!loaded.length) return;
  dialog.style.opacity = 0;
  await Promise.all(loaded);
  dialog.style.opacity = "";
}

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== body || !inDialog()) return;
  dress();
  open ??= { link: null, title: document.title, htmx: false, pushed: Boolean(history.state?.viewer) };
  const { url, output } = viewer().dataset;
  if (!open.pushed) history.replaceState({ grid: 1 }, "");
  history[open.pushed ? "replaceState" : "pushState"]({ viewer: url }, "", url);
  Object.assign(open, { pushed: true, output });
  document.title = `${document.getElementById("dialog-title").textContent} · Vidu Studio`;
  window.htmx.process(body); // at once: a quick key must not find a plain form
  dialog.append(toasts); // what is outside a modal dialog cannot be seen or pressed
  const wanted = turned && viewer().querySelector(turned === "turn" ? ".strip [aria-current]" : `.turn[rel=${turned}]`);
  (wanted || viewer().querySelector(".media")).focus();
  turned = "";
});

dialog.addEventListener("close", () => {
  if (!open) return;
  const { link, output, title, pushed } = open;
  document.body.append(toasts);
  document.title = title;
  const tile = document.getElementById(`o${output}`);
  const named = document.querySelector(`.card a[href^="/a/${output}/"]`); // where tiles have no number
  const back = (tile && !tile.hidden && tile.querySelector("a")) || named || (link?.isConnected && link);
  if (back) back.focus();
  if (pushed && history.state?.viewer) history.back();
  else settle();
});

// htmx takes Back to an entry it knows as its own for a request to load the page again.
function settle() {
  if (open?.htmx && history.state?.grid) history.replaceState({ htmx: true }, "");
  open = null;
}

addEventListener("popstate", ({ state }) => {
  // Reloaded as a page of its own meanwhile: the browser changes the address alone.
  if (viewer() && !inDialog() && (state?.grid || state?.viewer)) location.reload();
  else if (state?.viewer && document.querySelector("[data-keys~=grid], .card")) load(state.viewer);
  else if (!dialog.open) settle();
  else if (open) dialog.close();
});

// Forward was pressed before this script listened.
if (history.state?.viewer && !viewer()) load(history.state.viewer);

const KEYS = { ArrowLeft: ".turn[rel=prev]", ArrowRight: ".turn[rel=next]", Delete: "[data-do=trash]" };
const LETTERS = {
  r: "[data-do=reuse]",
  d: "[data-do=download]",
  v: "[data-do=use]",
  f: "#rate [name=favourite]",
  q: "#rate [name=rejected]",
  0: "#rate [data-stars][aria-pressed=true]",
};
for (const stars of "12345") LETTERS[stars] = `#rate [data-stars="${stars}"]:not([aria-pressed=true])`;

// At once: a quick key must not find a plain form.
document.addEventListener("htmx:afterSwap", () => {
  for (const id of ["rate", "ask"]) {
    const form = document.getElementById(id);
    if (form) window.htmx.process(form);
  }
});

// The tile behind the dialog shows it too.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const box = detail.elt.closest("#rate, #ask");
  if (!box || !viewer()) return;
  const tile = document.getElementById(`${box.id === "rate" ? "r" : "f"}${viewer().dataset.output}`);
  detail.formData.set("tile", tile ? 1 : "");
});

document.addEventListener("keydown", (event) => {
  if (!viewer() || event.isComposing || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.target.closest("video, audio") && event.key.startsWith("Arrow")) return; // they seek
  const letters = document.body.dataset.single !== "off";
  const item = viewer().querySelector(KEYS[event.key] || (letters && LETTERS[event.key]) || "none");
  if (item) {
    event.preventDefault();
    item.click();
  }
});

// After a move to the trash the next one is shown; a page of its own is shown again as it is now.
document.addEventListener("vs:moved", ({ detail }) => {
  if (!viewer() || !detail.ids.includes(Number(viewer().dataset.output))) return;
  if (!inDialog()) location.reload();
  else if (detail.to === "restore") load(viewer().dataset.url);
  else {
    const next = viewer().querySelector(".turn[rel=next]") || viewer().querySelector(".turn");
    if (next) next.click();
    else dialog.close();
  }
});

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.querySelector("span").textContent = button.dataset.done;
});

// A file that is missing says so; some are known to be before this script listens. One that only
// this browser cannot play is there, and can be downloaded.
const UNPLAYABLE = [MediaError.MEDIA_ERR_DECODE, MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED];
async function markMissing(item) {
  const shown = item.closest?.("#viewer .media");
  if (!shown || !item.matches("img, video, audio")) return;
  const { status } = await fetch(item.src, { method: "HEAD" }).catch(() => ({}));
  const { lost, unplayable } = shown.closest("#viewer")?.dataset ?? {};
  if (status === 404) shown.dataset.lost = lost;
  else if (status === 200 && UNPLAYABLE.includes(item.error?.code)) shown.dataset.lost = unplayable;
}
document.addEventListener("error", ({ target }) => markMissing(target), true);

function checkMedia() {
  const item = viewer()?.querySelector(".media :is(img, video, audio)");
  if (item && (item.error || (item.complete && !item.naturalWidth))) markMissing(item);
}
document.addEventListener("htmx:load", checkMedia);
checkMedia();

function unhide() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
}
document.addEventListener("htmx:load", unhide);
unhide();
