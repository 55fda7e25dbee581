// Where the page itself must stay light: what opens a tile in the dialog, and what plays it, are fetched at the first
// tile.
const { viewer, video } = document.querySelector("script[data-viewer]").dataset;
const fetched = () => import(viewer);
const tile = (target) => target.closest?.(".card a[href^='/a/']");
let ready = false;

function warm({ target }) {
  if (tile(target)) fetched().then(() => (ready = true));
}
for (const name of ["pointerover", "focusin"]) document.addEventListener(name, warm);
document.addEventListener("click", async (event) => {
  const link = tile(event.target);
  if (ready || !link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  await fetched().catch(() => (location.href = link.href));
  ready = true;
  link.click();
});
// Back or Forward to an entry that the viewer made.
if (history.state?.viewer || history.state?.grid) fetched();

// What plays hears of the pointer that it was fetched for, and of a press that came before it.
let player = null,
  plays = !video;

async function meet(event) {
  const { target, type } = event;
  if (plays || !target.closest?.(".card")) return;
  const first = !player;
  await (player ??= import(video));
  plays = true;
  if (first && type === "pointerover") target.dispatchEvent(new PointerEvent(type, event));
}
for (const name of ["pointerover", "focusin"]) document.addEventListener(name, meet);
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-audio]");
  if (plays || !button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  await meet(event);
  button.click();
});

// The place in the feed: looked after once somebody scrolls, or comes back to it.
const { onScroll: place } = document.querySelector("script[data-viewer]").dataset;
if (place && new URLSearchParams(location.search).has("at")) import(place);
else if (place) addEventListener("scroll", () => import(place), { once: true, passive: true });
