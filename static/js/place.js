// The place in a long grid: kept in the address while somebody scrolls, so that a reload and Back come to it again.
const NEAR = "700px 0px";
const PAUSE = 150;
const PAGES = ["after", "before", "page"]; // what an address without a place may begin with
const path = location.pathname;
let timer = 0,
  moved = false; // by the person, since the page was put to its place

const holder = () => document.querySelector("[data-place]");
const key = () => `place:${location.pathname}${location.search}`;
const cover = () => parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0; // what lies on top
const topOf = (item) => item.getBoundingClientRect().top;

function firstInSight() {
  const above = cover();
  const items = holder()?.querySelectorAll(holder().dataset.place) || [];
  return [...items].find((item) => !item.hidden && item.getBoundingClientRect().bottom > above);
}

function keep() {
  if (!holder() || location.pathname !== path || document.querySelector("dialog[open]")) return;
  const down = scrollY > innerHeight / 2 || document.getElementById("earlier");
  const item = down && firstInSight();
  const url = new URL(location.href);
  sessionStorage.removeItem(key());
  if (item) {
    for (const name of PAGES) url.searchParams.delete(name);
    url.searchParams.set("at", item.id.match(/\d+$/)[0]);
  } else url.searchParams.delete("at");
  history.scrollRestoration = item ? "manual" : "auto";
  if (url.href !== location.href) history.replaceState(history.state, "", url);
  if (item) sessionStorage.setItem(key(), topOf(item));
}

function restore() {
  const item = document.getElementById(holder()?.dataset.at || "none");
  if (!item || moved) return;
  history.scrollRestoration = "manual";
  const top = sessionStorage.getItem(key()) ?? cover() + 8;
  scrollBy({ top: topOf(item) - Number(top), behavior: "instant" });
}

addEventListener(
  "scroll",
  () => {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  },
  { passive: true },
);
addEventListener("pagehide", () => clearTimeout(timer));
for (const name of ["wheel", "touchmove", "keydown", "pointerdown"])
  addEventListener(name, () => (moved = true), { once: true, passive: true });
restore();
if (document.readyState !== "complete") addEventListener("load", restore);

// What lies above is fetched before it comes in sight, and moves nothing of what is.
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) window.htmx.trigger(target, "vs:earlier");
  },
  { rootMargin: NEAR },
);
function watch() {
  const link = document.querySelector("#earlier > a");
  if (link) watcher.observe(link);
}
if (document.readyState === "complete") watch();
else addEventListener("load", watch);
document.addEventListener("htmx:load", watch);

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const item = detail.target.id === "earlier" && firstInSight();
  if (!item) return;
  const top = topOf(item);
  requestAnimationFrame(() => scrollBy({ top: topOf(item) - top, behavior: "instant" }));
});

// What is new stands at the start.
document.addEventListener("click", ({ target }) => {
  const link = target.closest("#fresh a");
  if (!link) return;
  const url = new URL(location.href);
  for (const name of [...PAGES, "at"]) url.searchParams.delete(name);
  sessionStorage.removeItem(key());
  history.scrollRestoration = "manual";
  link.href = url.href;
});
