// A draft per person and mode in this browser: texts, settings and inputs; never a key or payload.
// Another mode begins with what this one holds, as far as it fits.
const LEFT_OUT = ["csrfmiddlewaretoken", "intent", "key", "payload", "callback_url", "mode", "edit", "until-started"];
LEFT_OUT.push("version_of", "as_version"); // whose version it is to be is chosen anew each time
const TEXTS = ["prompt", "text"];
const FEED = ["project", "show", "q"]; // in an address: which part of the feed is shown
const form = () => document.getElementById("compose");
const [user, mode] = form().dataset.draft.split(":");
const name = `draft:${user}:${mode}`,
  carrying = `carry:${user}`;
let timer = 0;

// Texts stay here; the other values are asked of the server, which leaves out what is gone.
function content() {
  const texts = {},
    hidden = [...form().querySelectorAll("[data-draft-text]")];
  for (const field of hidden) if (!LEFT_OUT.includes(field.name)) (texts[field.name] ||= []).push(field.value);
  const private_ = new Set([...LEFT_OUT, ...hidden.map((field) => field.name)]);
  const settings = [...new FormData(form())].filter(
    ([key, value]) =>
      typeof value === "string" && value && !private_.has(key) && (key === "wm_url" || !/^idea-|_url$/.test(key)),
  );
  return { texts, settings };
}

function save() {
  if (!timer) return; // nothing was changed by the person since
  clearTimeout(timer);
  timer = 0;
  try {
    localStorage.setItem(name, JSON.stringify(content()));
    ownWork();
  } catch {
    /* full or switched off: no draft */
  }
}

// An address that filled the form would do so again after a reload or a log-in, over what was changed since.
function ownWork() {
  const here = new URL(location.href),
    given = [...here.searchParams.keys()].filter((key) => !FEED.includes(key));
  for (const key of given) here.searchParams.delete(key);
  if (given.length) history.replaceState(history.state, "", here);
}

function saveSoon({ target }) {
  if (!target.closest?.("#compose")) return;
  clearTimeout(timer);
  timer = setTimeout(save, 300);
}

const fields = (key) => [...form().querySelectorAll(`[data-draft-text][name="${key}"]`)];

function write(texts, over) {
  for (const [key, values] of Object.entries(texts)) {
    const own = fields(key),
      other = TEXTS.includes(key) ? fields(TEXTS.find((one) => one !== key)) : [];
    (own.length ? own : other).forEach((field, place) => {
      if (!values[place] || (field.value && !over)) return;
      field.value = values[place];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

function address(settings, carried) {
  const found = new URL(form().getAttribute("hx-post"), location.href);
  for (const [key, value] of [["draft", "1"], ...(carried ? [["carry", "1"]] : []), ...settings])
    found.searchParams.append(key, value);
  return found.pathname + found.search;
}

// What another mode handed over counts more than an old draft of this one.
function handedOver() {
  const found = JSON.parse(sessionStorage.getItem(carrying) || "null");
  sessionStorage.removeItem(carrying);
  return found?.mode === mode ? found : null;
}

async function restore() {
  const carried = handedOver(),
    draft = carried || JSON.parse(localStorage.getItem(name) || "null"),
    now = content();
  if (!draft?.texts || !("fresh" in form().dataset)) return;
  write(draft.texts, true);
  if (JSON.stringify(draft.settings) === JSON.stringify(now.settings)) return;
  await window.htmx.ajax("GET", address(draft.settings, carried), { target: "#compose", swap: "morph:outerHTML" });
  write(draft.texts, false);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-carry]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { texts, settings } = content();
  const fits = settings.filter(([key]) => key !== "model"); // models have their modes
  const typed = Object.values(texts).flat().some(Boolean) || form().querySelector("figure[data-image], [data-mention]");
  try {
    if (typed) sessionStorage.setItem(carrying, JSON.stringify({ mode: link.dataset.carry, texts, settings: fits }));
  } catch {
    /* switched off: nothing is carried over */
  }
});
document.addEventListener("input", saveSoon);
document.addEventListener("change", saveSoon);
document.addEventListener("submit", save, true); // before the request tells where it comes from
addEventListener("pagehide", save);
try {
  await restore();
} catch {
  /* switched off, or not one of ours: begin with an empty form */
}
