// What the page of a piece has beside the player: arrow keys lead to the neighbours, and a video that is being
// prepared is asked for again. On the door, when the next try is possible.
const $ = (what) => document.querySelector(what);

// What guests see of a video is made when it is first asked for.
const PAUSE = 3000;
let tries = 40;
function waitFor(media) {
  const note = $(".pub-wait");
  media.addEventListener("loadedmetadata", () => (note.hidden = true));
  const again = () => {
    note.hidden = tries <= 0;
    if (tries > 0) setTimeout(() => media.load(), PAUSE);
    tries -= 1;
  };
  media.addEventListener("error", again);
  if (media.error || media.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) again();
}
const player = $(".rv-frame > :is(video, audio)");
if (player) waitFor(player);

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  if (target.closest("textarea, input, select, video, audio, details[open]")) return;
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[key];
  $(`.pub-way a[rel="${rel}"]`)?.click();
});

// After something was written.
document.addEventListener("talk", () => ($("[data-total]").textContent = $("#talk").dataset.count));

for (const time of document.querySelectorAll("time[data-clock]")) {
  const there = new Date(time.dateTime);
  time.textContent = there.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}
