// Videos play muted while the pointer rests on their tile; audio plays at the press of a button.
const REST = 250;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const allowed = () => !calm.matches && document.body.dataset.previews !== "off";
let waiting = 0,
  shown = null; // shown: {link, video, asked}

function stop() {
  clearTimeout(waiting);
  if (!shown) return;
  shown.video.pause();
  shown.video.removeAttribute("src");
  shown.video.load(); // ends the download as well
  shown.video.remove();
  shown.bar.remove();
  shown.link.classList.remove("plays");
  shown = null;
}

// asked: by a key, so it goes on until the key is pressed again or the tile is left.
function play(link, asked = false) {
  stop();
  const video = Object.assign(document.createElement("video"), {
    muted: true,
    loop: true,
    playsInline: true,
    preload: "none",
  });
  const bar = Object.assign(document.createElement("progress"), { className: "scrub", max: 1, value: 0 });
  for (const part of [video, bar]) part.setAttribute("aria-hidden", "true");
  video.tabIndex = -1;
  video.src = link.dataset.video;
  video.addEventListener("timeupdate", () => (bar.value = video.duration ? video.currentTime / video.duration : 0));
  video.addEventListener("playing", () => link.classList.add("plays"));
  video.addEventListener("error", () => shown?.video === video && stop());
  shown = { link, video, bar, asked };
  link.append(video);
  link.after(bar);
  video.play().catch(() => {});
}

const videoAt = (target) => target.closest?.(".card")?.querySelector("[data-video]");

document.addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType !== "mouse") return;
  const link = videoAt(target);
  if (link === (shown?.link ?? null)) return;
  if (!shown?.asked) stop();
  clearTimeout(waiting);
  if (link && allowed()) waiting = setTimeout(() => play(link), REST);
});
document.documentElement.addEventListener("pointerleave", () => !shown?.asked && stop());
document.addEventListener("focusout", ({ target }) => shown?.asked && target === shown.link && stop());
document.addEventListener("visibilitychange", () => document.hidden && stop());
document.addEventListener("click", ({ target }) => target.closest("[data-video]") && stop());
addEventListener("pagehide", stop);

// --- Audio: one at a time ------------------------------------------------------------------------
let playing = null; // {audio, button, label}

function stopAudio() {
  if (!playing) return;
  playing.audio.pause();
  playing.button.classList.remove("on");
  playing.button.setAttribute("aria-label", playing.label);
  playing = null;
}

function listen(button) {
  const again = playing?.button === button;
  stopAudio();
  if (again) return;
  const audio = new Audio(button.href);
  playing = { audio, button, label: button.getAttribute("aria-label") };
  button.classList.add("on");
  button.setAttribute("aria-label", button.dataset.stop);
  audio.addEventListener("ended", stopAudio);
  audio.addEventListener("error", stopAudio);
  audio.play().catch(stopAudio);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-audio]");
  if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  listen(button);
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id !== "dialog-body") return;
  stop();
  stopAudio();
});

// Space on the tile that has the focus plays it, whatever else plays by itself.
document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.(".card > a.open");
  if (
    event.key !== " " ||
    !link ||
    event.defaultPrevented ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.shiftKey
  )
    return;
  const button = link.parentElement.querySelector("[data-audio]");
  if (!button && !link.dataset.video) return;
  event.preventDefault();
  if (button) listen(button);
  else if (shown?.link === link) stop();
  else play(link, true);
});
