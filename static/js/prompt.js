// The composer: counting, sliders, ideas, Ctrl+Enter, and no paid request by a stray Enter or a second click.
const REST = 1000; // for so many ms after a start the same form is not sent again
const OWN = ["csrfmiddlewaretoken", "intent", "until-started"]; // of the form, not of what is asked for
let sent = "", // what the form held when it was sent
  unchanged = false, // whether it still did when the answer came
  started = null, // what was started last, while Generate rests
  rest = 0;

const form = () => document.getElementById("compose");
const textFields = () => [...document.querySelectorAll("#id_prompt, #id_text")];
const starts = (submitter) => submitter?.name !== "edit"; // the other buttons only change the form

function count() {
  for (const field of textFields()) {
    const line = document.getElementById(`${field.name}-count`),
      length = [...field.value].length;
    if (!line) continue;
    line.textContent = `${length.toLocaleString(document.documentElement.lang)} / ${line.dataset.shown}`;
    line.classList.toggle("too-long", length > Number(line.dataset.most));
  }
  const dock = document.querySelector(".dock p"),
    written = textFields()
      .map((field) => field.value.trim())
      .find(Boolean);
  if (dock && written) dock.textContent = written.slice(0, 80);
}

// A slider and the number beside it are one setting: the number has its name, and works alone.
function slide(slider) {
  const field = document.getElementById(slider.dataset.slides);
  field.value = slider.value;
  name(field);
}

function name({ id, value }) {
  const now = document.querySelector(`output[for="${id}"]`);
  if (now) now.textContent = (value === "0" && now.dataset.zero) || now.dataset.unit;
}

function type(field) {
  const slider = document.querySelector(`[data-slides="${field.id}"]`);
  if (!slider) return;
  slider.value = field.value || slider.defaultValue;
  name(field);
}

// A word after @ that is no subject is told of while it is typed, but not while its list is open.
let looking = 0;
function look({ value }) {
  clearTimeout(looking);
  const asks = () => /[@＠]/.test(value) || document.querySelector("#unsent .field");
  const open = () => document.querySelector(".mentions");
  looking = setTimeout(() => !open() && asks() && window.htmx.trigger("#unsent", "look"), 500);
}

document.addEventListener("input", ({ target }) => {
  if (textFields().includes(target)) count();
  if (target.matches("#compose textarea, #compose .cues input")) look(target);
  if (target.dataset.slides) slide(target);
  else type(target);
});
document.addEventListener("htmx:load", ({ target }) => target.closest("#compose") && count());
count();

// Up in an empty prompt brings back earlier ones: by a script that is fetched at the first press.
const earlier = document.querySelector("script[data-recall]");
document.addEventListener("keydown", async function first(event) {
  const { target, key } = event;
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey && !event.isComposing;
  if (key !== "ArrowUp" || !plain || event.defaultPrevented || !textFields().includes(target) || target.value) return;
  event.preventDefault();
  document.removeEventListener("keydown", first);
  (await import(earlier.dataset.recall)).recall(target, 1);
});

// The list at @ is fetched when somebody begins to write, not with the page.
document.addEventListener("focusin", ({ target }) => {
  const { module } = target.closest?.("[data-module]")?.dataset || {};
  if (module) import(module);
});

document.addEventListener("keydown", (event) => {
  const within = event.target.closest?.("#compose");
  if (!within || event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    if (!event.repeat) within.requestSubmit(within.querySelector(".go"));
  } else if (event.repeat && event.target.matches(".go")) event.preventDefault();
  else if (event.target.matches("input:not([type=file])")) {
    event.preventDefault();
    event.target.closest("details.models")?.removeAttribute("open");
  }
});

// --- Generate rests after a start until the form changes or a second has passed: a second click is no second wish.

function content() {
  const values = [...new FormData(form())].filter(([key]) => !OWN.includes(key));
  return JSON.stringify(values.map(([key, value]) => [key, value.name ? `${value.name} ${value.size}` : value]));
}

const rests = () => started !== null && started === content();

function showRest() {
  const button = form()?.querySelector(".go");
  if (rests()) button?.setAttribute("aria-disabled", "true");
  else button?.removeAttribute("aria-disabled");
}

function wake() {
  clearTimeout(rest);
  started = null;
  showRest();
}

function takeRest() {
  clearTimeout(rest);
  started = unchanged ? content() : sent; // the answer may draw what was sent in other words
  rest = setTimeout(wake, REST);
  showRest();
}

document.addEventListener(
  "submit",
  (event) => {
    const { target, submitter } = event;
    if (target.id !== "compose" || !starts(submitter) || submitter?.name === "again" || !rests()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.id === "compose") sent = content();
});
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (detail.elt.id === "compose") unchanged = content() === sent;
});
const glance = () => started !== null && showRest();
for (const name of ["input", "change", "htmx:afterSettle"]) document.addEventListener(name, glance);

// While the form is on its way its answer brings the settings: asking for them too would undo it.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail;
  if (elt.id === "fields" && form().classList.contains("htmx-request")) event.preventDefault();
  if (elt.id === "compose") window.htmx.trigger("#fields", "htmx:abort");
});

// An answer to what was set before must not undo what is set now; its own question follows at once.
document.addEventListener(
  "change",
  ({ target }) => {
    if (target.closest?.("#compose .body")) window.htmx.trigger("#fields", "htmx:abort");
  },
  true,
);

// What a person has opened stays open when the settings are drawn again.
if (window.Idiomorph) {
  const { callbacks } = window.Idiomorph.defaults,
    before = callbacks.beforeAttributeUpdated;
  callbacks.beforeAttributeUpdated = (name, element, kind) =>
    !(name === "open" && kind === "remove" && element.matches(".fold")) && (before?.(name, element, kind) ?? true);
}

// A model chosen by pointer shuts the list; the arrow keys go on choosing.
document.addEventListener("click", (event) => {
  const { target, detail } = event,
    idea = target.closest?.("[data-idea]");
  const list = detail && target.closest?.("details.models label") && target.closest("details");
  if (list) setTimeout(() => (list.open = false), 120);
  if (!idea) return;
  event.preventDefault();
  const field = document.getElementById("id_prompt");
  field.value = idea.textContent.trim();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// What was started is seen at once, however far down the feed is; on a phone the sheet gives way to it.
let awaited = false; // a batch that was started and is not on the page yet
const shut = () => (opener ? history.back() : (location.hash = "main"));
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (awaited && detail.successful && detail.pathInfo.requestPath.includes("started=")) showStarted();
  if (detail.elt.id !== "compose" || !starts(detail.requestConfig.triggeringEvent?.submitter)) return;
  if (detail.xhr?.status !== 200) {
    wake(); // what was refused or lost may be sent again at once
    return;
  }
  takeRest();
  earlier.dispatchEvent(new Event("newer"));
  awaited = true;
  if (location.hash === "#compose" && matchMedia("(max-width: 860px)").matches) shut();
});

function showStarted() {
  awaited = false;
  document.querySelector("#feed .batch")?.scrollIntoView({ block: "nearest" });
}

// On a phone the composer is a sheet over the page: the focus goes into it and comes back.
const isSheet = () => getComputedStyle(form()).position === "fixed";
let opener = null; // what opened it on this page: Back leads to before
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a");
  if (link?.matches(".composer .shut") && opener) {
    event.preventDefault();
    shut();
  } else if (link?.hash === "#compose" && link.pathname === location.pathname) opener = link;
});
function turnSheet(event) {
  if (!form()) return;
  const sheet = getComputedStyle(form()).position === "fixed",
    on = sheet && location.hash === "#compose";
  for (const item of document.querySelectorAll(".feed, .tabbar, .stage > .bell")) item.inert = on;
  if (!sheet || event?.type === "resize") return;
  if (on) ((opener && textFields()[0]) || form().querySelector(".shut")).focus();
  else if (event) {
    (opener?.isConnected ? opener : document.querySelector(".dock"))?.focus({ preventScroll: true });
    opener = null;
  }
}
for (const name of ["hashchange", "resize"]) addEventListener(name, turnSheet);
turnSheet();
const showMode = () =>
  document.querySelector(".modes [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
addEventListener("hashchange", showMode);
addEventListener("load", showMode); // only then is the sheet of #compose open
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash === "#compose" && !event.defaultPrevented) shut();
});
