// The page of a piece. A comment takes the time of the player and comes without leaving the page; arrow keys
// lead to the neighbours. Without it forms post, links lead, and the time is typed.
const stage = document.querySelector(".pub-room");
const player = () => document.querySelector(".pub-screen :is(video, audio)");
const pad = (number, size = 2) => String(number).padStart(size, "0");

// 0:03.08 is second 3 and frame 8; where a time tells no frame, 0:03.250.
function shownTime(seconds, rate) {
  const base = Math.max(1, Math.round(rate));
  const frame = Math.floor((seconds + 0.0001) * rate);
  const [full, rest] = rate
    ? [Math.floor(frame / base), pad(frame % base)]
    : [Math.floor(seconds), pad(Math.floor((seconds % 1) * 1000), 3)];
  return `${Math.floor(full / 60)}:${pad(full % 60)}.${rest}`;
}

// What guests see of a video is made when it is first asked for.
const PAUSE = 3000;
let tries = 40;
function waitFor(media) {
  const note = document.querySelector(".pub-wait");
  media.addEventListener("loadedmetadata", () => (note.hidden = true));
  const again = () => {
    note.hidden = tries <= 0;
    if (tries > 0) setTimeout(() => media.load(), PAUSE);
    tries -= 1;
  };
  media.addEventListener("error", again);
  if (media.error || media.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) again();
}
if (player()) waitFor(player());

let goesOn = false; // whether the player is started again after the comment
document.addEventListener("focusin", ({ target }) => {
  if (target.id !== "body" || !player()) return;
  goesOn ||= !player().paused;
  player().pause();
});
document.addEventListener("input", ({ target }) => {
  const at = document.getElementById("at");
  if (target.id !== "body" || !at || at.value || !player()?.currentTime) return;
  at.value = shownTime(player().currentTime, Number(player().dataset.rate || 0));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-seek]");
  if (!link || !player()) return;
  event.preventDefault();
  player().pause();
  player().currentTime = Number(link.dataset.seek);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("textarea, input, select");
  if (typing && event.key === "Enter" && (event.ctrlKey || event.metaKey)) typing.form?.requestSubmit();
  if (typing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  if (event.target.closest("video, audio, details[open]")) return;
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  document.querySelector(`.pub-way a[rel="${rel}"]`)?.click();
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-say]") || !stage) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const own = form.classList.contains("pub-say");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("discussion");
    if (!fresh) throw new Error(answer.status);
    document.getElementById("discussion").replaceWith(document.adoptNode(fresh));
    if (!answer.ok || own) document.getElementById("body")?.focus({ preventScroll: answer.ok });
    if (!answer.ok || !own) return;
    if (goesOn) player()?.play();
    goesOn = false;
  } catch {
    form.ariaBusy = "false";
    const note = document.createElement("p");
    note.className = "note err";
    note.role = "alert";
    note.textContent = stage.dataset.busy;
    form.querySelector(".note")?.remove();
    form.prepend(note);
  }
});

for (const time of document.querySelectorAll("time[data-clock]")) {
  const there = new Date(time.dateTime);
  time.textContent = there.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}
