// One poller for the page: ticks while the tab is visible, slower on errors, and counts between polls.
const SLOWEST = 30000;
let timer = 0,
  wait = 0,
  failing = false;

const poller = () => document.querySelector("#live[data-next]");
const anchors = new WeakMap();

function plan(delay) {
  clearTimeout(timer);
  if (poller() && !document.hidden) timer = setTimeout(tick, delay);
}

function tick() {
  clearTimeout(timer);
  if (!document.hidden) document.body.dispatchEvent(new CustomEvent("vs:tick"));
}

function settle({ detail }) {
  if (detail.requestConfig.elt.id !== "live") return; // detail.elt is its parent once it was replaced
  const next = Number(poller()?.dataset.next || 0);
  failing = !detail.successful;
  wait = failing ? Math.min(SLOWEST, Math.max(wait, next) * 2) : next;
  banner();
  plan(wait);
}

function banner() {
  const shown = document.getElementById("offline");
  if (!failing) shown?.remove();
  else if (!shown) {
    const line = Object.assign(document.createElement("p"), { id: "offline", className: "note warn banner" });
    line.setAttribute("role", "status");
    line.textContent = document.getElementById("live").dataset.offline;
    document.getElementById("main").prepend(line);
  }
}

// Others see which subject is open here to be changed.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const editing = document.querySelector("#subject-form [name=editing]");
  if (detail.elt.id === "live" && editing) detail.parameters.editing = editing.value;
});
document.addEventListener("htmx:afterRequest", settle);
document.addEventListener("htmx:load", ({ target }) => {
  if (target.id === "live" && !failing) plan(Number(target.dataset.next || 0));
});
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : tick()));
addEventListener("pageshow", ({ persisted }) => persisted && tick());
addEventListener("online", tick);
plan(Number(poller()?.dataset.next || 0));

// What a poller still hears after another took its place is left: its successor asks for the same.
document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
  if (target.id === "live") target.addEventListener("htmx:beforeSwap", (event) => event.preventDefault());
});
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const part = detail.fragment.firstElementChild;
  if (detail.target.id !== "feed") return;
  if (document.getElementById(part?.id)) detail.shouldSwap = false;
  else makeRoom(detail.target);
});

// What a new batch pushes down glides from where it stood. Below the top the browser holds the place.
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let stood = null;

function makeRoom(feed) {
  if (stood || scrollY || calm.matches || !feed.firstElementChild) return;
  const first = feed.firstElementChild;
  stood = first.getBoundingClientRect().top;
  queueMicrotask(() => {
    const from = { translate: `0 ${stood - first.getBoundingClientRect().top}px` };
    stood = null;
    for (let one = first; one; one = one.nextElementSibling)
      one.animate([from, { translate: "0 0" }], { duration: 240, easing: "cubic-bezier(0.2, 0.8, 0.2, 1)" });
  });
}

// Morphs leave the text and caret of the focused field alone.
if (window.Idiomorph) {
  window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
    !(name === "value" && element === document.activeElement);
}

// Between polls the elapsed time goes on; the bar never passes 95 % by the clock.
function clock(seconds) {
  const two = (n) => String(n).padStart(2, "0"),
    hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60,
    rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

// How many seconds have gone by since the server drew this time.
function since(time) {
  const drawn = JSON.stringify(time.dataset);
  let known = anchors.get(time);
  if (known?.drawn !== drawn) anchors.set(time, (known = { drawn, at: performance.now() }));
  return Math.floor((performance.now() - known.at) / 1000);
}

function write(time, text, seconds) {
  const written = text.replace("%e", clock(seconds));
  if (time.textContent !== written) time.textContent = written;
}

function count() {
  for (const time of document.querySelectorAll(".time[data-left]")) {
    const { left, pattern, late } = time.dataset,
      seconds = left - since(time);
    write(time, seconds > 0 ? pattern : late, seconds);
  }
  for (const time of document.querySelectorAll(".time[data-elapsed]")) {
    const { elapsed, usual, pattern, late } = time.dataset;
    const seconds = Number(elapsed) + since(time);
    write(time, Number(usual) && seconds > usual ? late : pattern, seconds);
    const card = time.closest(".prog"),
      bar = card.querySelector("progress"),
      stop = card.querySelector("[data-patience]");
    if (stop) stop.hidden = seconds < stop.dataset.patience;
    if (Number(usual) && "byClock" in bar.dataset) bar.value = 100 * Math.min(seconds / usual, 0.95);
  }
}
setInterval(() => document.hidden || count(), 1000);

// A tab that stays open all day says each minute how long ago things were, in the words of its language.
const STEPS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];
const ago = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });

function grow() {
  for (const time of document.querySelectorAll(".batch .meta time")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    const [unit, size] = STEPS.find(([, least]) => seconds >= least) || ["second", Infinity];
    time.textContent = ago.format(-Math.floor(Math.max(0, seconds) / size), unit);
  }
}
setInterval(() => document.hidden || grow(), 60000);
document.addEventListener("visibilitychange", () => document.hidden || grow());
