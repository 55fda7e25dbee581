// The editor of a subject: counts the description, and Enter in its search searches and does not save.
// Its page: refreshes while a registration is in progress, and only while somebody can see it.
function count(field) {
  const line = document.getElementById("description-count");
  if (!line || !field) return;
  const length = [...field.value].length;
  line.textContent = line.dataset.shown.replace("%n", length.toLocaleString(document.documentElement.lang));
  line.classList.toggle("too-long", length > Number(line.dataset.most));
}

const counted = () => document.querySelector("#subject-form [data-count]");
document.addEventListener("input", ({ target }) => target === counted() && count(target));
document.addEventListener("htmx:load", () => count(counted()));
count(counted());

// Somebody else saved meanwhile: that is read first.
document.addEventListener("htmx:afterSwap", () => document.querySelector("#subject-form [data-conflict]")?.focus());

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("#subject-form");
  if (!form || event.key !== "Enter" || event.isComposing || event.target.name !== "pick_q") return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[name=edit][value=find]"));
});

const SLOWEST = 30000;
let timer = 0,
  slower = 1;

function scheduleRefresh() {
  clearTimeout(timer);
  const waiting = document.getElementById("following");
  if (!waiting || document.hidden) return;
  const refresh = () => document.body.dispatchEvent(new CustomEvent("vs:refresh"));
  timer = setTimeout(refresh, Math.min(SLOWEST, slower * Number(waiting.dataset.pollDelay)));
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  slower = detail.successful ? 1 : 2 * slower;
  scheduleRefresh();
});
document.addEventListener("visibilitychange", scheduleRefresh);
scheduleRefresh();
