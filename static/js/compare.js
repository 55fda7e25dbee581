// Compared results play as one: the longest leads, the others follow it within a frame.
const box = document.getElementById("compared");
const cells = [...(box?.querySelectorAll(".compare-item") || [])];
const media = cells.map((cell) => cell.querySelector("video, audio")).filter(Boolean);
const bar = document.querySelector(".together");
const scrub = bar?.querySelector("[type=range]");
const FAR = 0.1, // seconds: jump, do not chase
  CHASE = 0.03, // how much faster or slower one may play to catch up
  PULL = 2, // of that, a second for each second it is off
  STEP = 0.0025; // each new speed costs, so speeds go by steps
let lead = null,
  now = 0,
  playing = false, // wanted
  waits = false; // for the data of one: all of them wait with it

const letters = () => document.body.dataset.single !== "off";
const length = (item) => (Number.isFinite(item.duration) ? item.duration : 0);
const frame = () => 1 / (Number(lead?.dataset.fps) || 24);

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;
}

function choose(number) {
  now = Math.max(0, Math.min(number, cells.length - 1));
  cells.forEach((cell, at) => {
    cell.classList.toggle("now", at === now);
    cell.querySelector(".loud")?.setAttribute("aria-pressed", at === now);
  });
  media.forEach((item, at) => (item.muted = at !== now));
}

// A shorter one holds its last frame until the others are back within it.
const over = (item) => item.ended || lead.currentTime >= length(item) - frame() / 2;
const late = (item) => !over(item) && (item.seeking || item.readyState < 3);
const all = (does) => media.forEach((item) => does(item));

function mark(what, on) {
  media.forEach((item) => {
    const badge = item.closest(".compare-item").querySelector(what);
    if (badge) badge.hidden = !on(item);
  });
}

function show() {
  scrub.value = lead.currentTime;
  bar.querySelector("output").textContent = `${clock(lead.currentTime)} / ${clock(length(lead))}`;
  mark(".ended", (item) => item !== lead && over(item));
  mark(".waits", (item) => playing && late(item));
}

function match(item) {
  const off = item.currentTime - lead.currentTime;
  if (Math.abs(off) > FAR) item.currentTime = lead.currentTime;
  const speed = Math.max(-CHASE, Math.min(CHASE, Math.round((off * PULL) / STEP) * STEP));
  if (item.playbackRate !== lead.playbackRate * (1 - speed)) item.playbackRate = lead.playbackRate * (1 - speed);
}

function follow() {
  if (!playing) return;
  waits = media.some(late);
  for (const item of media) {
    if (waits || (over(item) && item !== lead)) item.pause();
    else if (item.paused) item.play().catch(refused);
    else if (item !== lead) match(item);
  }
  show();
  if (lead.ended) stop();
  else requestAnimationFrame(follow);
}

function start() {
  if (lead.currentTime >= length(lead) - frame()) seek(0);
  playing = true;
  follow();
}

// All of them on one frame, whichever each had reached.
function stop() {
  if (!playing) return;
  playing = false;
  step(0);
}

// A play that a wait broke off is no refusal.
const refused = (why) => why.name === "NotAllowedError" && stop();
const toggle = () => lead && (playing ? stop() : start());

function seek(seconds) {
  const to = Math.max(0, Math.min(seconds, length(lead) - frame() / 2));
  all((item) => (item.currentTime = Math.min(to, Math.max(0, length(item) - frame() / 2))));
  show();
}

// In the middle of a frame, so that rounding never shows its neighbour.
function step(count) {
  playing = false;
  all((item) => item.pause());
  seek((Math.floor(lead.currentTime / frame() + 1e-3) + count + 0.5) * frame());
}

function begin() {
  if (lead || !media.length || media.some((item) => !length(item))) return;
  lead = media.reduce((best, item) => (length(item) > length(best) ? item : best));
  for (const item of media) item.controls = false;
  scrub.max = length(lead);
  bar.hidden = false;
  for (const button of box.querySelectorAll(".loud")) button.hidden = false;
  // By a key of the keyboard for media.
  lead.addEventListener("pause", () => lead.paused && !waits && stop());
  choose(now);
  show();
}

for (const item of media) item.addEventListener("loadedmetadata", begin);
begin();
if (!media.length && cells.length) choose(0);

bar?.addEventListener("click", ({ target }) => {
  const go = target.closest("[data-go]")?.dataset.go;
  if (go === "play") toggle();
  else if (go) step(Number(go));
});
scrub?.addEventListener("input", () => {
  // The same frame of each, by its middle.
  seek((Math.floor(Number(scrub.value) / frame() + 1e-3) + 0.5) * frame());
});
box?.addEventListener("click", ({ target }) => {
  const cell = target.closest(".compare-item");
  if (target.closest(".loud") || target.closest(".screen")) choose(cells.indexOf(cell));
});

// At once: a quick key must not find a plain form.
for (const what of ["htmx:afterSwap", "htmx:oobAfterSwap"])
  document.addEventListener(what, () => box && window.htmx.process(box));

const edge = box?.querySelector(".edge");
if (edge) {
  edge.hidden = false;
  const place = () => box.style.setProperty("--at", `${edge.value}%`);
  edge.addEventListener("input", place);
  place();
}

const press = (what) => cells[now]?.querySelector(what)?.click();
document.addEventListener("keydown", (event) => {
  if (!cells.length || event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
  if (event.altKey || event.target.closest("input, textarea, select, a, button, summary")) return;
  const digit = /^Digit([1-5])$/.exec(event.code)?.[1];
  if (digit && event.shiftKey) press(`[data-stars="${digit}"]:not([aria-pressed=true])`);
  else if (digit && letters()) choose(Number(digit) - 1);
  else if (event.key === " " && lead) toggle();
  else if (event.key === "ArrowLeft" && lead) step(-1);
  else if (event.key === "ArrowRight" && lead) step(1);
  else if (event.key === "Enter") press("[name=winner]");
  else if (event.key.toLowerCase() === "q" && letters()) press("[name=rejected]");
  else return;
  event.preventDefault();
});
