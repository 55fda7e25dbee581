// The player of the review room: exact frames, the timeline, drawings, and writing a comment.
//
// It works on plain HTML (templates/generation/review/): what is marked data-js appears, forms and links marked
// data-part fetch the [data-part-region] of the answer, and nothing here knows who looks. A place is a frame
// where the rate is known, else a millisecond.
const KEPT = "player";
const JOIN = 8; // pixels within which pins are one
const WIDE = 1600; // units of a drawing's width
const MOST = { shapes: 100, points: 2000 };
const SVG = "http://www.w3.org/2000/svg";
let room, item, rate, last, shapes, begun, resume, presented, width, height;

const $ = (what) => room?.querySelector(what);
const all = (what) => (room ? [...room.querySelectorAll(what)] : []);
const on = (name, act, first) => document.addEventListener(name, act, first);
const pad = (number, length = 2) => String(number).padStart(length, "0");
const remarks = () => all("[data-talk] > li");
const say = () => $("[data-say]");
const field = (name) => say()?.elements[name];

function make(name, attributes, ...inside) {
  const found = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
  found.append(...inside);
  return found;
}

// --- Places ---------------------------------------------------------------------------------------

const second = () => (rate ? Math.max(1, Math.round(rate)) : 1000);
// In the middle of a frame, so that rounding never shows its neighbour.
const timeOf = (place) => (rate ? (place + 0.5) / rate : place / 1000);
const placeOf = (time) => Math.max(0, Math.min(last, Math.floor(rate ? time * rate + 1e-3 : time * 1000)));
const here = () => (item ? placeOf(item.currentTime) : 0);

function clock(place) {
  const seconds = Math.floor(place / second());
  return `${Math.floor(seconds / 60)}:${pad(seconds % 60)}.${pad(place % second(), rate ? 2 : 3)}`;
}
function parse(text) {
  const found = /^(?:(\d+):)?(\d+):(\d\d?)(?:[.:](\d+))?$/.exec(text.normalize("NFKC").trim());
  if (!found) return /^\d+([.,]\d+)?$/.test(text.trim()) ? placeOf(Number(text.replace(",", ".")) + 1e-4) : null;
  const [, hours = 0, minutes, seconds, rest = "0"] = found;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return Math.min(last, total * second() + Number(rate ? rest : rest.padEnd(3, "0")));
}

function kept(text = () => localStorage[KEPT]) {
  try {
    return JSON.parse(text()) || {};
  } catch {
    return {}; // a browser that keeps nothing still plays
  }
}
function keep(write) {
  try {
    write();
  } catch {
    /* switched off, or full */
  }
}
const set = (change) => keep(() => (localStorage[KEPT] = JSON.stringify({ ...kept(), ...change })));

// --- Playing --------------------------------------------------------------------------------------

function seek(place) {
  if (!item) return;
  item.currentTime = Math.min(timeOf(Math.max(0, Math.min(last, place))), item.duration || Infinity);
}
function show(place = here()) {
  if (!item || !$("[data-clock]")) return;
  const text = clock(place);
  $("[data-clock]").textContent = text;
  $("[data-scrub]").ariaValueText = text;
  $("[data-scrub]").value = $(".rv-scrub progress").value = place;
  const head = $("[data-lane] .head");
  for (const name of ["x1", "x2"]) head?.setAttribute(name, percent(place));
  const at = field("at");
  if (at && at !== document.activeElement && !ranged() && !shapes.length && !("empty" in at.dataset)) at.value = text;
  draw(place);
}
function play(wanted = item?.paused) {
  if (wanted) item?.play().catch(() => {});
  else item?.pause();
}
function step(count) {
  item.pause();
  if (rate) return seek(here() + count);
  const fps = Number(room.dataset.fps) || 24;
  item.currentTime = Math.max(0, (Math.floor(item.currentTime * fps + 1e-3) + count + 0.5) / fps);
}
function watch(one = item) {
  one.requestVideoFrameCallback?.((_, { mediaTime }) => {
    if (one !== item) return; // it has gone, and the next player is in its place
    presented = rate ? Math.min(last, Math.round(mediaTime * rate)) : null;
    if (one.paused) return;
    show(presented ?? here());
    watch();
  });
}
function settled() {
  mark();
  // What is seen is what is said: the frame that was shown last, not one that was about to be.
  if (item.paused && rate && presented !== null && !item.ended && presented !== here()) seek(presented);
  presented = null;
  show();
}
function mark() {
  const button = $(".rv-play");
  button.dataset.off ??= button.ariaLabel;
  button.classList.toggle("playing", !item.paused);
  button.ariaLabel = item.paused ? button.dataset.off : button.dataset.on;
  if (!item.paused) watch();
}
function pressed(what, state) {
  $(`[data-go=${what}]`)?.setAttribute("aria-pressed", state);
}
function heard() {
  pressed("mute", item.muted);
  $("[data-volume]").value = item.muted ? 0 : item.volume;
}
function full() {
  if (document.fullscreenElement) return document.exitFullscreen();
  const stage = $("[data-stage]");
  return stage.requestFullscreen ? stage.requestFullscreen().catch(() => {}) : item.webkitEnterFullscreen?.();
}

// --- The timeline ---------------------------------------------------------------------------------

const percent = (place) => `${((100 * place) / Math.max(1, last)).toFixed(3)}%`;
const marks = () =>
  remarks()
    .filter((one) => one.dataset.at)
    .map((one) => ({ one, at: Number(one.dataset.at), end: one.dataset.end && Number(one.dataset.end) }))
    .sort((a, b) => a.at - b.at);

function lane() {
  const box = $("[data-lane]");
  if (!box) return points();
  const pixels = box.clientWidth - 16;
  const groups = [];
  for (const found of marks()) {
    const x = (pixels * found.at) / Math.max(1, last);
    if (x - groups.at(-1)?.x < JOIN) groups.at(-1).here.push(found.one);
    else groups.push({ x, at: found.at, here: [found.one] });
  }
  const range = (at, end, hue) =>
    make("rect", { class: `range ${hue}`, x: percent(at), width: percent(end - at), y: 29, height: 5, rx: 2.5 });
  const ranges = marks().filter(({ end }) => end);
  const own = ranged() ? [range(...ranged(), "new")] : [];
  box.replaceChildren(
    ...ranges.map(({ one, at, end }) => range(at, end, one.dataset.hue)),
    ...own,
    make("line", { class: "head", x1: percent(here()), x2: percent(here()), y1: 0, y2: 46 }),
    ...groups.map(pin),
  );
}
function pin({ at, here: [one, ...more] }) {
  const { hue, initials } = one.dataset;
  const square = ["rect", { x: -11, y: 1, width: 22, height: 22, rx: 7 }];
  const shape = hue === "guest" ? square : ["circle", { cy: 12, r: 11 }];
  const inside = [
    make("rect", { class: "hit", x: -12, y: 0, width: 24, height: 26 }),
    make("line", { y1: 23, y2: 29 }),
    make(...shape),
    make("text", { y: 16 }, initials),
  ];
  if (more.length)
    inside.push(
      make(
        "g",
        { class: "more" },
        make("circle", { cx: 13, cy: 2, r: 8 }),
        make("text", { x: 13, y: 5.8 }, more.length + 1),
      ),
    );
  const names = [one, ...more].map((li) => li.dataset.label).join(", ");
  const link = make("a", { class: `pin ${hue}`, href: `#${one.id}`, "data-seek": at, "aria-label": names });
  if ([one, ...more].some((li) => li.classList.contains("now"))) link.classList.add("on");
  link.append(make("svg", { x: percent(at), overflow: "visible" }, ...inside));
  return link;
}
function ruler() {
  const box = $("[data-ruler]");
  if (!box) return;
  const seconds = Math.ceil((last + 1) / second());
  const every = [1, 2, 5, 10, 30, 60, 300].find((one) => seconds / one <= 12) || 600;
  const lines = [];
  for (let tick = 0; tick * second() * every <= last; tick += 0.25) {
    const x = percent(tick * every * second());
    const big = Number.isInteger(tick);
    lines.push(make("line", { x1: x, x2: x, y1: 0, y2: big ? 7 : 3 }));
    const text = clock(tick * every * second()).split(".")[0];
    if (big) lines.push(make("text", { x, y: 18, class: tick ? "" : "first" }, text));
  }
  box.replaceChildren(...lines);
}
function choose(one) {
  for (const other of remarks()) {
    other.classList.toggle("now", other === one);
    other.ariaCurrent = other === one ? "true" : null;
  }
  one?.scrollIntoView({ block: "nearest" });
  lane();
  draw();
}
function jump(side) {
  const places = marks();
  const found = side < 0 ? places.filter(({ at }) => at < here()).at(-1) : places.find(({ at }) => at > here());
  if (!found) return;
  item.pause();
  seek(found.at);
  choose(found.one);
}

// --- Points on a picture --------------------------------------------------------------------------

function points() {
  const box = $("[data-spots]");
  if (!box) return;
  const spot = (x, y, hue, text, attributes) =>
    make(
      "a",
      { class: `pin ${hue}`, ...attributes },
      make(
        "svg",
        { x: `${x * 100}%`, y: `${y * 100}%`, overflow: "visible" },
        make("circle", { r: 13 }),
        make("text", { y: 4 }, text),
      ),
    );
  const found = remarks().filter((one) => one.dataset.point);
  box.replaceChildren(
    ...found.map((one) => {
      const [x, y] = one.dataset.point.split(" ").map(Number);
      const link = spot(x, y, one.dataset.hue, one.dataset.number, {
        href: `#${one.id}`, "data-seek": "", "aria-label": one.dataset.label });
      if (one.classList.contains("now")) link.classList.add("on");
      return link;
    }),
  );
  const [x, y] = [field("point_x")?.value, field("point_y")?.value];
  const chip = $("[data-go=unpoint]");
  if (!chip) return;
  chip.dataset.off ??= chip.textContent;
  chip.textContent = x ? chip.dataset.point : chip.dataset.off;
  if (x) box.append(spot(x, y, "new", "+", { "aria-hidden": "true", tabindex: -1 }));
}

// --- Drawings -------------------------------------------------------------------------------------

const tool = () => say()?.querySelector("[name=tool]:checked")?.value;
const ink = () => Number(say()?.querySelector("[name=ink]:checked")?.value || 1);

function outline({ tool: kind, ink: colour, points: given }) {
  const at = given.map(([x, y]) => [Math.round(x * WIDE * 10) / 10, Math.round(y * height * 10) / 10]);
  const [[x1, y1], [x2, y2]] = [at[0], at.at(-1)];
  const [wide, high] = [Math.abs(x2 - x1), Math.abs(y2 - y1)];
  const group = make("g", { class: `ink-${colour}` });
  if (kind === "box")
    group.append(
      make("rect", { x: Math.min(x1, x2), y: Math.min(y1, y2), width: wide, height: high, rx: 4 }),
    );
  else if (kind === "ellipse")
    group.append(
      make("ellipse", { cx: (x1 + x2) / 2, cy: (y1 + y2) / 2, rx: wide / 2, ry: high / 2 }),
    );
  else {
    let path = `M${at.map((one) => one.join(" ")).join("L")}`;
    if (at.length === 1) path += "h.1";
    if (kind === "arrow") {
      const turn = Math.atan2(y2 - y1, x2 - x1);
      const side = (by) => `M${x2} ${y2}L${x2 - 46 * Math.cos(turn + by)} ${y2 - 46 * Math.sin(turn + by)}`;
      path += side(0.5) + side(-0.5);
    }
    group.append(make("path", { d: path }));
  }
  return group;
}
// What is drawn at this place, with what is being drawn now.
function draw(place = here()) {
  const box = $("[data-ink]");
  if (!box) return;
  const shown = remarks().filter(({ dataset: { at, end, drawing } }) => {
    if (!drawing) return false;
    return !item || (at && place >= Number(at) && place <= (end ? Number(end) : Number(at) + second()));
  });
  const state = [shown.map((one) => one.id), JSON.stringify(shapes), begun?.points.length, begun?.points.at(-1)].join();
  if (box.dataset.state === state) return;
  box.dataset.state = state;
  const drawn = [...shown.flatMap((one) => JSON.parse(one.dataset.drawing)), ...shapes, ...(begun ? [begun] : [])];
  box.replaceChildren(...drawn.map(outline));
  if (shown.length) box.setAttribute("aria-label", shown.map((one) => one.dataset.drawn).join(", "));
  box.toggleAttribute("hidden", !drawn.length && !tool());
}
function spotOf(event) {
  const box = $("[data-frame]").getBoundingClientRect();
  const within = (value) => Math.round(Math.max(0, Math.min(1, value)) * 10000) / 10000;
  return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
}
function drew() {
  field("drawing").value = shapes.length ? JSON.stringify(shapes) : "";
  $("[data-go=undo]").hidden = !shapes.length;
  draw();
  save();
}
function undo() {
  shapes.pop();
  drew();
}
function drawing() {
  room.classList.toggle("drawing", Boolean(tool()));
  if (tool()) pause();
  draw();
}
function pick(name) {
  const before = tool();
  for (const radio of all("[name=tool]")) radio.checked = radio.value === name && name !== before;
  drawing();
}

on("pointerdown", (event) => {
  if (!room || event.button || !event.target.closest?.("[data-frame]") || !room.contains(event.target)) return;
  if (!tool()) return;
  event.preventDefault();
  const count = shapes.reduce((sum, one) => sum + one.points.length, 0);
  if (shapes.length >= MOST.shapes || count >= MOST.points - 2) return;
  begun = { tool: tool(), ink: ink(), points: [spotOf(event)], room: MOST.points - count };
  event.target.closest("[data-frame]").setPointerCapture(event.pointerId);
});
on("pointermove", (event) => {
  if (!begun) return;
  const [x, y] = spotOf(event), [x0, y0] = begun.points.at(-1);
  if (begun.tool !== "pen") begun.points = [begun.points[0], [x, y]];
  else if (Math.hypot(x - x0, y - y0) > 0.003 && begun.points.length < begun.room) begun.points.push([x, y]);
  draw();
});
function ended({ type }) {
  if (!begun) return;
  const { tool: kind, ink: colour, points: given } = begun;
  begun = null;
  const complete = type === "pointerup" && (kind === "pen" || given.length === 2);
  if (complete) shapes.push({ tool: kind, ink: colour, points: given });
  drew();
}
for (const name of ["pointerup", "pointercancel"]) on(name, ended);

// --- Writing --------------------------------------------------------------------------------------

const ranged = () => {
  const until = field("until");
  if (!until?.value) return null;
  const [at, end] = [parse(field("at").value), parse(until.value)];
  return at === null || end === null || end < at ? null : [at, end];
};
function setRange(at, end) {
  const until = field("until");
  if (!until) return;
  field("at").value = clock(at);
  until.value = end === null ? "" : clock(Math.max(at, end));
  $(".rv-until").hidden = end === null;
  pressed("range", end !== null);
  lane();
  save();
}
function pause() {
  if (!item || item.paused) return;
  resume = true;
  item.pause();
}
const drafted = () => `say:${say().getAttribute("action")}`;
const NAMES = ["body", "at", "until", "point_x", "point_y", "drawing"];

function save() {
  if (!say()) return;
  const values = Object.fromEntries(NAMES.map((name) => [name, field(name)?.value || ""]));
  values.guests = Boolean(field("guests")?.checked);
  const written = values.body || values.drawing || values.point_x;
  keep(() => (sessionStorage[drafted()] = written ? JSON.stringify(values) : ""));
}
function restore() {
  const values = kept(() => sessionStorage[drafted()]);
  if (!("body" in values) || field("body").value) return;
  shapes = JSON.parse(values.drawing || "[]");
  for (const name of NAMES) if (field(name)) field(name).value = values[name] || "";
  if (field("guests")) field("guests").checked = values.guests;
  if (values.until) setRange(...(ranged() || [here(), null]));
  const at = parse(values.at || "");
  if (at !== null) seek(at);
  if (field("drawing")) drew();
}
function emptied() {
  say().reset();
  for (const name of NAMES) if (field(name)) field(name).value = "";
  shapes = [];
  drawing();
  if (field("drawing")) drew();
  setRange(here(), null);
  points();
  save();
  if (resume) play(true);
  resume = false;
}

// --- Parts that are fetched -----------------------------------------------------------------------

// Puts a region of an answer into the page. Replies that are being typed stay.
function swap(text) {
  const found = new DOMParser().parseFromString(text, "text/html").querySelector("[data-part-region]");
  const old = found && $(`[data-part-region=${found.dataset.partRegion}]`);
  if (!old) return false;
  const typed = [...old.querySelectorAll("details[open] textarea")].map((one) => [one.id, one.value, one.selectionEnd]);
  const open = [...old.querySelectorAll("details[open][id]")].map((one) => one.id);
  const focus = old.contains(document.activeElement) && document.activeElement.id;
  const now = old.querySelector(".now")?.id;
  old.replaceWith(document.adoptNode(found));
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, value, end] of typed) {
    const area = document.getElementById(id);
    if (!area) continue;
    area.value = value;
    if (id === focus) area.focus();
    area.setSelectionRange(end, end);
  }
  choose(now && document.getElementById(now));
  room.dispatchEvent(new Event("talk", { bubbles: true }));
  return true;
}
async function ask(url, options = {}) {
  const answer = await fetch(url, { ...options, headers: { "X-Part": "talk" } }).catch(() => null);
  if (!answer || answer.status === 204) return answer;
  return { status: answer.status, ok: answer.ok, text: await answer.text() };
}
async function send(form, button) {
  if (form.dataset.busy) return;
  form.dataset.busy = "true";
  const data = new FormData(form, button);
  if (form.matches("[data-say]")) for (const name of ["tool", "ink"]) data.delete(name);
  const url = new URL(form.getAttribute("action"), location.href);
  const { show: filter } = $("[data-part-region]")?.dataset || {};
  if (filter) url.searchParams.set("show", filter);
  const answer = await ask(url, { method: "POST", body: data });
  delete form.dataset.busy;
  const error = form.querySelector("[data-error]");
  if (answer?.ok) form.closest("details")?.removeAttribute("open");
  if (answer?.ok && swap(answer.text)) {
    if (error) error.hidden = true;
    if (form.matches("[data-say]")) emptied();
    return;
  }
  if (!error) return location.reload();
  error.textContent = answer?.status === 422 && answer.text.length < 300 ? answer.text : form.dataset.failed;
  error.hidden = false;
  form.querySelector("textarea")?.focus();
}

on("submit", (event) => {
  if (!event.target.matches("form[data-part]") || !room?.contains(event.target)) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

// --- What people press ----------------------------------------------------------------------------

const GO = {
  play: () => play(),
  back: () => step(-1),
  on: () => step(1),
  "mark-": () => jump(-1),
  "mark+": () => jump(1),
  loop: () => {
    item.loop = !item.loop;
    pressed("loop", item.loop);
    set({ loop: item.loop });
  },
  mute: () => (item.muted = !item.muted),
  full,
  undo,
  range: () => (ranged() ? setRange(here(), null) : setRange(here(), Math.min(last, here() + second()))),
  unpoint: () => {
    field("point_x").value = field("point_y").value = "";
    points();
    save();
  },
};

// Before those who would open the address.
on(
  "click",
  (event) => {
    const target = event.target.closest?.("[data-go], [data-seek], a[data-part], [data-frame]");
    if (!target || !room?.contains(target) || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const { go, seek: place } = target.dataset;
    if (go) GO[go]();
    else if (place !== undefined) {
      event.preventDefault();
      const one = document.getElementById((target.getAttribute("href") || "").split("#")[1]);
      item?.pause();
      if (place) seek(Number(place));
      if (one && !target.matches(".pin")) history.replaceState(history.state, "", target.getAttribute("href"));
      if (one) choose(one);
    } else if (target.matches("a")) {
      event.preventDefault();
      const url = new URL(room.dataset.live, location.href);
      url.search = new URL(target.href).search;
      ask(url).then((answer) => (answer?.ok && swap(answer.text)) || (location.href = target.href));
    } else if (target.matches("[data-frame]") && !tool()) {
      if (item) play();
      else if (field("point_x")) {
        [field("point_x").value, field("point_y").value] = spotOf(event);
        points();
        save();
        field("body").focus();
      }
    }
  },
  true,
);

let chosen = ""; // the tool before a press: a second one puts it away
on("pointerdown", ({ target }) => (chosen = target.closest?.(".rv-pens") ? tool() : ""), true);
on("change", ({ target }) => {
  if (!room?.contains(target)) return;
  if (target.matches("[name=tool]")) drawing();
  else if (target.matches("[data-speed]")) item.playbackRate = Number(target.value);
  else if (target.name === "at" || target.name === "until") {
    const place = parse(target.value);
    target.toggleAttribute("data-empty", !target.value.trim());
    if (place !== null) seek(place);
    lane();
  }
  if (say()?.contains(target)) save();
});
on("click", ({ target }) => {
  if (target.matches("[name=tool]") && target.value === chosen) pick(chosen);
});
on("input", ({ target }) => {
  if (!room?.contains(target)) return;
  if (target.matches("[data-scrub]")) {
    item.pause();
    delete field("at")?.dataset.empty;
    seek(Number(target.value));
    show(Number(target.value));
  } else if (target.matches("[data-volume]")) {
    Object.assign(item, { volume: target.value, muted: Number(target.value) === 0 });
  } else if (target.form === say() && target.name === "body") {
    pause();
    save();
  }
});

const KEYS = {
  " ": () => play(),
  k: () => play(),
  j: () => (item.currentTime = Math.max(0, item.currentTime - 1)),
  l: () => (item.currentTime += 1),
  ",": () => step(-1),
  ".": () => step(1),
  "[": () => jump(-1),
  "]": () => jump(1),
  m: GO.mute,
  F: full,
  i: () => setRange(here(), ranged() && ranged()[1] > here() ? ranged()[1] : Math.min(last, here() + second())),
  o: () => setRange(Math.min(ranged()?.[0] ?? here(), here()), here()),
};
const TOOLS = { p: "pen", a: "arrow", b: "box", e: "ellipse" };

on("keydown", (event) => {
  prepare(); // a quick key comes before htmx tells of what it loaded
  if (!room?.isConnected || event.isComposing || event.defaultPrevented) return;
  const { key, target } = event;
  const mod = event.ctrlKey || event.metaKey;
  if (mod && key === "Enter" && target.matches("textarea") && target.form?.matches("[data-part]")) {
    event.preventDefault();
    return target.form.requestSubmit();
  }
  if (key === "Escape" && tool()) {
    event.preventDefault();
    return pick(tool());
  }
  const typing = target.closest("textarea, select, [contenteditable], input:not([type=range], [type=radio])");
  if (mod && key === "z" && !typing && shapes?.length) {
    event.preventDefault();
    return undo();
  }
  if (mod || event.altKey || typing) return;
  // The browser's own controls and all buttons take Space themselves.
  if (key === " " && target.closest("video, audio, button, summary, [type=radio]")) return;
  if (key !== " " && document.body.dataset.single === "off") return;
  const action = item && KEYS[key];
  if (!action && !(TOOLS[key] && field("drawing")) && !(key === "c" && say())) return;
  event.preventDefault();
  if (action) action();
  else if (key === "c") field("body").focus();
  else pick(TOOLS[key]);
});

// --- Once for each room that comes onto the page --------------------------------------------------

function fit() {
  const frame = $("[data-frame]");
  frame.style.setProperty("--ar", width / height);
  height = (WIDE * height) / width;
  frame.classList.add("fit");
  $("[data-ink]")?.setAttribute("viewBox", `0 0 ${WIDE} ${height}`);
}
function prepare() {
  const found = document.querySelector("[data-room]");
  if (!found || found.dataset.ready) return;
  room = found;
  room.dataset.ready = 1;
  const [top, bottom] = room.dataset.rate.split("/").map(Number);
  rate = bottom ? top / bottom : 0;
  last = Number(room.dataset.last);
  begun = presented = resume = null;
  shapes = [];
  item = $("[data-frame] :is(video, audio)");
  const seen = $("[data-frame] :is(video, img)");
  [width, height] = [Number(seen.getAttribute("width")), Number(seen.getAttribute("height"))];
  fit();
  for (const one of all("[data-js]")) one.hidden = false;
  for (const one of all("[data-nojs]")) one.hidden = true;
  if (item) {
    const { volume, muted, loop } = kept();
    item.controls = false;
    if (volume >= 0 && volume <= 1) item.volume = volume;
    item.muted = Boolean(muted);
    item.loop = Boolean(loop);
    pressed("loop", item.loop);
    heard();
    item.addEventListener("volumechange", () => {
      set({ volume: item.volume, muted: item.muted });
      heard();
    });
    for (const name of ["timeupdate", "seeked", "loadedmetadata"])
      item.addEventListener(name, () => (item.paused || !item.requestVideoFrameCallback) && show());
    for (const name of ["play", "ended"]) item.addEventListener(name, mark);
    item.addEventListener("pause", settled);
    ruler();
    if (room.dataset.start) {
      const start = Number(room.dataset.start);
      seek(start);
      item.addEventListener("loadedmetadata", () => here() === start || seek(start), { once: true });
    }
  }
  if (say()) restore();
  lane();
  show();
  draw();
  const now = $("[data-talk] > .now");
  if (now) choose(now);
  new ResizeObserver(lane).observe($("[data-frame]"));
}

on("htmx:load", prepare);
window.reviewRoom = { ask, swap };
prepare();
