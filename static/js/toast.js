// Toasts: HX-Trigger {"toast": {level, text, href, action, method, many, count}}, or by CustomEvent.
const region = document.getElementById("toasts");
const LIMIT = 3,
  BRIEF = 6000,
  LONG = 10000;

function action({ href, action, method, run }) {
  const post = method === "post";
  const item = document.createElement(run || post ? "button" : "a");
  item.className = "do";
  item.textContent = action;
  if (run) item.onclick = run;
  else if (post) {
    item.setAttribute("hx-post", href);
    item.setAttribute("hx-swap", "none");
    if (document.getElementById("live")) item.setAttribute("hx-include", "#live"); // what the page has seen
  } else item.href = href;
  return item;
}

function keep(toast) {
  return toast.matches(":hover") || (toast.querySelector(".do") && toast.contains(document.activeElement));
}

function hideLater(toast, wait) {
  setTimeout(() => (keep(toast) ? hideLater(toast, 1000) : toast.remove()), wait);
}

const messages = new WeakMap();

// Those of one kind that stand together say it once, of all; what is undone is all of them, too.
function joined(message) {
  const shown = [...region.querySelectorAll("div.toast:not([hidden])")];
  const old = message.many && shown.find((toast) => messages.get(toast)?.many === message.many);
  if (!old) return message;
  const before = messages.get(old),
    count = before.count + message.count;
  old.remove();
  const joint = { ...message, count, text: message.many.replace("%(count)d", count) };
  if (message.href) {
    const [first, second] = [before.href, message.href].map((href) => new URL(href, location));
    second.searchParams.set("ids", `${first.searchParams.get("ids")},${second.searchParams.get("ids")}`);
    joint.href = second.pathname + second.search;
  }
  return joint;
}

function show(given) {
  const message = joined(given);
  // Two requests that fail for one cause say it once.
  for (const old of region.querySelectorAll("div.toast p"))
    if (old.textContent === message.text) old.closest(".toast").remove();
  const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  toast.classList.add(message.level || "ok");
  messages.set(toast, message);
  toast.querySelector("p").textContent = message.text;
  const acts = message.action && (message.href || message.run);
  if (acts) {
    toast.querySelector("p").after(action(message));
    window.htmx?.process(toast);
  }
  region.querySelector(message.level === "err" ? "[role=alert]" : "[role=status]").append(toast);
  const shown = region.querySelectorAll("div.toast:not([hidden])");
  for (const old of [...shown].slice(0, Math.max(0, shown.length - LIMIT))) old.remove();
  hideLater(toast, acts ? LONG : BRIEF);
}

// Hidden first, gone later: the answer to its button is heard only while the button is on the page.
function putAway(toast) {
  toast.hidden = true;
  setTimeout(() => toast.remove(), LONG);
}

region.addEventListener("click", ({ target }) => {
  const toast = target.closest("button, a") && target.closest(".toast");
  if (toast) setTimeout(() => putAway(toast));
});
document.addEventListener("toast", ({ detail }) => show(detail));
region.querySelectorAll("div.toast").forEach((toast) => hideLater(toast, LONG));
