// Compared results play as one: the longest leads, the others follow it within a frame.
const box = document.getElementById("compared");
const cells = [...(box?.querySelectorAll(".compare-item") || [])];
const media = cells.map((cell) => cell.querySelector("video, audio")).filter(Boolean);
const bar = document.querySelector(".together");
const scrub = bar?.querySelector("[type=range]");
const FAR = 0.25, // seconds: jump, do not chase
  NEAR = 0.012,
  CHASE = 0.03; // how much faster or slower one may play to catch up
let lead = null,
  now = 0;

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

function show() {
  scrub.value = lead.currentTime;
  bar.querySelector("output").textContent = `${clock(lead.currentTime)} / ${clock(length(lead))}`;
  media.forEach((item, at) => {
    const mark = cells[at].querySelector(".ended");
    if (mark) mark.hidden = item === lead || lead.currentTime < length(item);
  });
}

// A shorter one holds its last frame until the others are back within it.
function follow() {
  for (const item of media) {
    if (item === lead) continue;
    const over = lead.currentTime >= length(item) - frame() / 2;
    if (over) {
      if (!item.paused) item.pause();
      continue;
    }
    const off = item.currentTime - lead.currentTime;
    if (Math.abs(off) > FAR || (lead.paused && Math.abs(off) > NEAR)) item.currentTime = lead.currentTime;
    item.playbackRate = lead.playbackRate * (Math.abs(off) < NEAR ? 1 : off > 0 ? 1 - CHASE : 1 + CHASE);
    if (!lead.paused && item.paused) item.play().catch(() => {});
  }
  show();
  if (!lead.paused) requestAnimationFrame(follow);
}

function toggle() {
  if (!lead) return;
  if (!lead.paused) lead.pause();
  else {
    if (lead.currentTime >= length(lead)) seek(0);
    lead.play().catch(() => {});
  }
}

function seek(seconds) {
  lead.currentTime = Math.max(0, Math.min(seconds, length(lead)));
  for (const item of media) item.currentTime = Math.min(lead.currentTime, Math.max(0, length(item) - frame() / 2));
  show();
}

// In the middle of a frame, so that rounding never shows its neighbour.
function step(count) {
  lead.pause();
  seek((Math.floor(lead.currentTime / frame() + 1e-3) + count + 0.5) * frame());
}

function begin() {
  if (lead || !media.length || media.some((item) => !length(item))) return;
  lead = media.reduce((best, item) => (length(item) > length(best) ? item : best));
  for (const item of media) item.controls = false;
  scrub.max = length(lead);
  bar.hidden = false;
  for (const button of box.querySelectorAll(".loud")) button.hidden = false;
  lead.addEventListener("play", () => requestAnimationFrame(follow));
  lead.addEventListener("pause", () => {
    for (const item of media) item.pause();
    follow();
  });
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
scrub?.addEventListener("input", () => seek(Number(scrub.value)));
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
