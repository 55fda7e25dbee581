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

// A card that is not on this page is left out; a batch that is there already does not come twice.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target?.id !== "live" || !detail.serverResponse) return;
  const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html");
  for (const part of answer.querySelectorAll("[hx-swap-oob=morph], [hx-swap-oob=delete]")) {
    if (!document.getElementById(part.id)) part.remove();
  }
  detail.serverResponse = answer.body.innerHTML;
});
// What a poller still hears after another took its place is left: its successor asks for the same.
document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
  if (target.id === "live") target.addEventListener("htmx:beforeSwap", (event) => event.preventDefault());
});
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const part = detail.fragment.firstElementChild;
  if (detail.target.id === "feed" && document.getElementById(part?.id)) detail.shouldSwap = false;
});

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

function count() {
  for (const time of document.querySelectorAll(".time[data-elapsed]")) {
    const { elapsed, usual, pattern, late } = time.dataset;
    let known = anchors.get(time);
    if (known?.elapsed !== elapsed) anchors.set(time, (known = { elapsed, at: performance.now() }));
    const seconds = Number(elapsed) + Math.floor((performance.now() - known.at) / 1000);
    const text = (Number(usual) && seconds > usual ? late : pattern).replace("%e", clock(seconds));
    if (time.textContent !== text) time.textContent = text;
    const card = time.closest(".prog"),
      bar = card.querySelector("progress"),
      stop = card.querySelector("[data-patience]");
    if (stop) stop.hidden = seconds < stop.dataset.patience;
    if (Number(usual) && !("reported" in bar.dataset)) bar.value = 100 * Math.min(seconds / usual, 0.95);
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
