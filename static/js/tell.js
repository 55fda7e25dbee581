// What came of one's own work while nobody looked at a tab: in the title, the icon, a system notice.
// What is known lies in the storage that all tabs share, and one tab at a time asks and writes.
const here = document.getElementById("tell").dataset;
const KEY = `work:${here.user}`,
  CHOICE = `tell:${here.user}`,
  PROMPTS = `tell-prompts:${here.user}`;
const PAUSE = 30000,
  BUSY_PAUSE = 8000;
const FIRST = ["question", "failed", "ready"]; // what a tab says of several
const icon = document.querySelector("link[rel=icon]"),
  usual = icon.getAttribute("href");
const spare = {}; // where the browser keeps nothing
let plain = "",
  last = "",
  timer = 0;

function read(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return spare[name];
  }
}
function write(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    spare[name] = value;
  }
}
function load() {
  try {
    return { known: {}, news: {}, at: 0, ...JSON.parse(read(KEY)) };
  } catch {
    return { known: {}, news: {}, at: 0 };
  }
}

// Without locks (no https) each tab does it for itself: the tag of a notice keeps it single.
const alone = (run) => (navigator.locks ? navigator.locks.request(KEY, run) : run());

// Whether a page of the studio is in sight, here or in another tab (here.js).
async function isSeen() {
  if (!document.hidden) return true;
  const { held = [] } = (await navigator.locks?.query()) || {};
  return held.some(({ name }) => name === "seen");
}

function show() {
  const { known, news } = load();
  const state = document.hidden && FIRST.find((one) => Object.values(news).includes(one));
  const count = Object.keys(known).length;
  // Others change the title too, and may put back one of ours.
  if (document.title !== last) plain = document.title.replace(/^\(\d+\) /, "");
  const word = state ? `${state === "ready" ? "" : "! "}${here[state]} - ` : "";
  const number = count ? `(${count}) ` : ""; // by itself: within another text the blank gets lost
  last = word + number + plain;
  if (document.title !== last) document.title = last;
  const wanted = state ? here[`${state}Icon`] : usual;
  if (icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
}

async function look() {
  const asked = Object.keys(load().known),
    since = Date.now();
  const prompts = read(PROMPTS) === "on" ? "&prompt=1" : "";
  const headers = { "HX-Request": "true" };
  const answer = await fetch(`${here.url}?w=${asked}${prompts}`, { headers }).catch(() => null);
  const found = answer?.ok ? await answer.json().catch(() => null) : null;
  if (!found) return plan();
  await alone(async () => settle(found.work, asked, since, await isSeen()));
  show();
  plan();
}

function settle(work, asked, since, seen) {
  const state = load(),
    news = [];
  if (state.at > since) return; // another tab has heard of it later
  const ended = new Set(asked.filter((id) => state.known[id]));
  for (const one of work) {
    const before = state.known[one.id];
    ended.delete(`${one.id}`);
    if (one.state === "waiting") state.known[one.id] = one.state;
    else {
      if (before && before !== one.state) news.push(one);
      if (one.state === "question") state.known[one.id] = one.state;
      else delete state.known[one.id];
    }
  }
  for (const id of ended) delete state.known[id];
  if (!seen) for (const one of news) state.news[one.id] = one.state;
  state.at = Date.now();
  write(KEY, JSON.stringify(state));
  if (!seen) news.forEach(notify);
}

function notify({ id, state, text, prompt, url }) {
  if (read(CHOICE) !== "on" || window.Notification?.permission !== "granted") return;
  try {
    const body = prompt ? `${text}\n“${prompt}”` : text;
    const notice = new Notification(here[state], { body, tag: `batch-${id}`, icon: here[`${state}Icon`] });
    notice.onclick = () => {
      notice.close();
      window.focus();
      // On the page already: as if it were clicked there, with what is half typed left alone.
      const link = document.querySelector(`#main a[href="${url}"]`);
      if (link) link.click();
      else location.assign(url);
    };
  } catch {
    // a phone, where only a worker may
  }
}

// One look each half minute while something is under way, by whichever tab comes first.
function plan(wait = PAUSE) {
  clearTimeout(timer);
  if (!Object.keys(load().known).length) return;
  timer = setTimeout(() => (Date.now() - load().at < wait / 2 ? plan() : look()), wait);
}

function clear() {
  return alone(() => {
    const state = load();
    state.news = {};
    write(KEY, JSON.stringify(state));
  });
}

function offer() {
  const asks = window.Notification?.permission === "default" && !/Android/.test(navigator.userAgent);
  if (!asks || read(CHOICE)) return;
  write(CHOICE, "asked");
  const run = async () => write(CHOICE, (await Notification.requestPermission()) === "granted" ? "on" : "off");
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: here.offer, action: here.yes, run } }));
}

document.addEventListener("htmx:load", ({ target }) => {
  if (target.id !== "live") return;
  if ("long" in target.dataset) offer();
  const { busy } = target.dataset,
    { known, at } = load();
  const follows = Object.keys(known).length > 0;
  if (busy === "yes" && follows && Date.now() - at < BUSY_PAUSE) show();
  else if (busy || follows) look();
});
document.addEventListener("visibilitychange", async () => {
  if (!document.hidden) await clear();
  show();
  begin();
});
function begin() {
  const busy = document.querySelector("#live[data-busy]");
  if (busy && "long" in busy.dataset) offer();
  if (busy || Object.keys(load().known).length) look();
}
addEventListener("storage", ({ key }) => {
  if (key !== KEY) return;
  show();
  plan();
});
if (!document.hidden) clear();
show();
begin();
