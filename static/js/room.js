// What members alone have in the review room: two panels, what colleagues say meanwhile, and names at an @.
const ask = (...given) => window.reviewRoom.ask(...given);
const swap = (text) => window.reviewRoom.swap(text);

const PACE = 5000;
const MOST = 6;
const room = () => document.querySelector("[data-room]");
const body = () => document.getElementById("say-body");

// --- Panels ---------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const tab = event.target.closest?.(".rv-tabs [data-tab]");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  open(tab.dataset.tab);
}, true);

function open(name) {
  for (const panel of room().querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== name;
  for (const tab of room().querySelectorAll("[data-tab]"))
    if (tab.dataset.tab === name) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
}

// A pin, a point or a comment that was sent leads to the words.
document.addEventListener("click", ({ target }) => target.closest?.("[data-room] .pin") && open("comments"), true);
document.addEventListener("talk", () => {
  room().querySelector("[data-open-count]").textContent = room().querySelector(".rv-shown span").textContent;
});
document.addEventListener("submit", ({ target }) => target.matches("[data-say]") && open("comments"));

// --- What others say meanwhile --------------------------------------------------------------------

async function look() {
  const here = room(), talk = here?.querySelector("[data-part-region=talk]");
  if (document.hidden || !talk || here.querySelector("form[data-busy]")) return;
  const url = new URL(here.dataset.live, location.href);
  url.search = new URLSearchParams({ v: talk.dataset.mark, show: talk.dataset.show });
  const answer = await ask(url);
  if (answer?.ok && answer.text && talk.isConnected && here === room()) swap(answer.text);
}
setInterval(look, PACE);
document.addEventListener("visibilitychange", look);

// --- A frame that is saved: the time that is shown, in a field that only a page without script shows -------

for (const name of ["seeked", "pause", "timeupdate"])
  document.addEventListener(
    name,
    ({ target }) => {
      const still = room()?.querySelector("[name=seconds]");
      if (still && room().contains(target)) still.value = Math.min(target.currentTime, still.max).toFixed(3);
    },
    true,
  );

// --- Names ----------------------------------------------------------------------------------------

const fold = (text) => text.normalize("NFKC").toLowerCase();
let menu = null, field = null;

function typed() {
  const before = field.value.slice(0, field.selectionStart);
  return /(?:^|[\s(\u2e80-\u9fff])[@＠]([^@＠\n]{0,40})$/u.exec(before)?.[1];
}
function shut() {
  menu?.remove();
  menu = null;
  for (const name of ["aria-controls", "aria-activedescendant"]) field?.removeAttribute(name);
}
function offer() {
  const word = typed();
  const names = [...(room()?.querySelectorAll("[data-people] li") || [])].map((one) => one.textContent);
  const found = word === undefined ? [] : names.filter((one) => fold(one).startsWith(fold(word))).slice(0, MOST);
  shut();
  if (!found.length) return;
  menu = Object.assign(document.createElement("ul"), { className: "rv-people", id: "rv-people" });
  menu.setAttribute("role", "listbox");
  menu.setAttribute("aria-label", "@");
  found.forEach((name, place) => {
    const line = Object.assign(document.createElement("li"), { id: `rv-person-${place}`, textContent: name });
    line.setAttribute("role", "option");
    line.addEventListener("pointerdown", (event) => event.preventDefault());
    line.addEventListener("click", () => put(name));
    menu.append(line);
  });
  field.after(menu);
  field.setAttribute("aria-controls", menu.id);
  move(0);
}
function move(place) {
  [...menu.children].forEach((line, at) => line.setAttribute("aria-selected", at === place));
  field.setAttribute("aria-activedescendant", `rv-person-${place}`);
}
function put(name) {
  const end = field.selectionStart, start = end - typed().length;
  field.setRangeText(`${name} `, start, end, "end");
  shut();
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  shut();
}

document.addEventListener("input", ({ target, isComposing }) => {
  if (isComposing || !target.matches("[data-room] textarea")) return;
  field = target;
  offer();
});
document.addEventListener("focusout", () => shut());
addEventListener(
  "keydown",
  (event) => {
    if (!menu || event.isComposing) return;
    const lines = [...menu.children], at = lines.findIndex((line) => line.ariaSelected === "true");
    const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (turn) move((at + turn + lines.length) % lines.length);
    else if (event.key === "Escape") shut();
    else if (["Enter", "Tab"].includes(event.key) && !event.ctrlKey && !event.metaKey) put(lines[at].textContent);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
// At the end of a composition the name is complete.
document.addEventListener("compositionend", ({ target }) => {
  if (!target.matches("[data-room] textarea")) return;
  field = target;
  offer();
});
