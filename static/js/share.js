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

// What others write, answer or add meanwhile; once the link is closed, the page that says so.
const PACE = 8000;
let pace = PACE;
async function look() {
  const { ask, swap } = window.reviewRoom, marks = [...document.querySelectorAll("[data-mark]")];
  if (!document.hidden && !$("form[data-busy]")) {
    const seen = marks.map((one) => one.dataset.mark).join(".");
    const answer = await ask(`${location.pathname}?v=${seen}`);
    pace = answer && answer.status < 429 ? PACE : Math.min(2 * pace, 16 * PACE);
    if (answer?.status === 404) {
      document.body.replaceWith(new DOMParser().parseFromString(answer.text, "text/html").body);
      return;
    }
    if (answer?.status === 200)
      for (const part of new DOMParser().parseFromString(answer.text, "text/html").querySelectorAll("[data-mark]")) {
        const same = $(`[data-part-region=${part.dataset.partRegion}]`)?.dataset.mark === part.dataset.mark;
        if (!same && !$("form[data-busy]")) swap(part.outerHTML);
      }
  }
  setTimeout(look, pace);
}
if (window.reviewRoom) setTimeout(look, PACE);

for (const time of document.querySelectorAll("time[data-clock]")) {
  const there = new Date(time.dateTime);
  time.textContent = there.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}
