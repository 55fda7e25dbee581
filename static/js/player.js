// The player of the viewer: keys, single frames, and what a person set stays set.
const KEPT = "player";
const box = () => document.querySelector("#viewer [data-player]");
const media = () => box()?.querySelector("video, audio");
const letters = () => document.body.dataset.single !== "off";

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) || {};
  } catch {
    return {};
  }
}
function keep(change) {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...kept(), ...change }));
  } catch {
    /* a browser that keeps nothing still plays */
  }
}

// Once for each player that comes onto the page.
function prepare() {
  const item = media();
  if (!item || item.dataset.ready) return;
  item.dataset.ready = "true";
  const { volume, muted, loop } = kept();
  if (volume >= 0 && volume <= 1) item.volume = volume;
  item.muted = Boolean(muted);
  setLoop(Boolean(loop));
  for (const button of box().querySelectorAll("[data-play]")) button.hidden = false;
  item.addEventListener("volumechange", () => keep({ volume: item.volume, muted: item.muted }));
  for (const what of ["timeupdate", "seeked", "pause"]) item.addEventListener(what, showTime);
}

function setLoop(on) {
  media().loop = on;
  box().querySelector("[data-play=loop]").setAttribute("aria-pressed", on);
}

const field = () => box()?.querySelector("[name=seconds]");

function showTime() {
  const input = field();
  if (!input || input === document.activeElement) return;
  input.value = Math.min(media().currentTime, Number(input.max)).toFixed(3);
}

// In the middle of a frame, so that rounding never shows its neighbour.
function step(count) {
  const item = media(),
    rate = Number(box().dataset.fps);
  if (!rate) return;
  item.pause();
  const place = Math.floor(item.currentTime * rate + 1e-3) + count;
  item.currentTime = Math.max(0, Math.min((place + 0.5) / rate, item.duration || 0));
}

const skip = (seconds) => (media().currentTime = Math.max(0, media().currentTime + seconds));
const toggle = () =>
  media().paused
    ? media()
        .play()
        .catch(() => {})
    : media().pause();
const ACTIONS = {
  " ": toggle,
  k: toggle,
  j: () => skip(-1),
  l: () => skip(1),
  ",": () => step(-1),
  ".": () => step(1),
};

document.addEventListener("keydown", (event) => {
  if (!media() || event.isComposing || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  // The browser's own controls and all buttons take Space themselves.
  if (event.key === " " && event.target.closest("video, audio, button, summary")) return;
  const action = (event.key === " " || letters()) && ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

document.addEventListener("click", ({ target }) => {
  const what = target.closest("[data-play]")?.dataset.play;
  if (what === "loop") {
    keep({ loop: !media().loop });
    setLoop(!media().loop);
  } else if (what) step(what === "on" ? 1 : -1);
});

// A time that was typed is shown before it is saved.
document.addEventListener("change", ({ target }) => {
  if (target.name !== "seconds" || !box()?.contains(target) || !target.checkValidity()) return;
  media().pause();
  media().currentTime = Number(target.value);
});

document.addEventListener("htmx:load", prepare);
prepare();
