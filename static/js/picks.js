// Choosing from a list: a dialog above whatever form asks, which may be in a dialog itself.
// Opened by a button with data-open (dialog.js); data-field names the select that takes the choice.
const body = document.createElement("div"),
  dialog = document.createElement("dialog"),
  player = new Audio();
let opener = null,
  playing = null;
dialog.id = "picks";
dialog.className = "dialog";
dialog.autofocus = true; // on a phone the search would bring the keyboard over the list
dialog.setAttribute("aria-labelledby", "picks-title");
dialog.append(body, document.querySelector("#dialog .shut").cloneNode(true));
document.body.append(dialog);

export async function open(button) {
  opener = button.id;
  const field = document.getElementById(button.dataset.field),
    url = new URL(button.dataset.href, location.href);
  for (const name of ["model", "key", "free"])
    if (button.dataset[name]) url.searchParams.set(name, button.dataset[name]);
  if (field.value) url.searchParams.set(field.name, field.value);
  await window.htmx.ajax("GET", url.pathname + url.search, { target: body, swap: "innerHTML" });
  if (!body.firstElementChild || dialog.open) return;
  dialog.classList.toggle("wide", "wide" in button.dataset);
  dialog.showModal();
  body.querySelector(".on")?.scrollIntoView({ block: "center" });
  if (matchMedia("(pointer: fine)").matches) body.querySelector("[type=search]").focus();
}

function stop() {
  player.pause();
  playing?.classList.remove("playing");
  playing = null;
}

function play(link) {
  const again = link === playing;
  stop();
  if (again) return;
  playing = link;
  player.src = link.href;
  link.classList.add("playing");
  player.play().catch(stop);
}

function choose(row) {
  const button = document.getElementById(opener),
    field = document.getElementById(button.dataset.field),
    { choose: value } = row.dataset,
    name = row.querySelector("[data-name]");
  if (![...field.options].some((option) => option.value === value))
    field.add(new Option(name.textContent.trim(), value));
  field.value = value;
  const typed = document.getElementById(`${field.id}_typed`);
  if (typed) typed.value = "";
  button.querySelector("[data-shown]").replaceChildren(...name.cloneNode(true).childNodes);
  dialog.close();
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

// Up and down lead through the list, also from the search; tiles have their neighbours beside them, too.
function step(event) {
  const rows = [...body.querySelectorAll("[data-choose]")],
    at = rows.indexOf(event.target);
  const typing = at < 0;
  if (typing && event.target.type !== "search") return;
  const ahead = { ArrowDown: 1, ArrowUp: -1, ...(!typing && { ArrowRight: 1, ArrowLeft: -1 }) }[event.key];
  if (!ahead || !rows.length) return;
  event.preventDefault();
  if (at + ahead < 0) body.querySelector("[type=search]").focus();
  else rows[Math.min(at + ahead, rows.length - 1)].focus();
}

player.addEventListener("ended", stop);
dialog.addEventListener("keydown", step);
dialog.addEventListener("close", () => {
  stop();
  body.replaceChildren();
  document.getElementById(opener)?.focus();
});
dialog.addEventListener("click", (event) => {
  const row = event.target.closest("[data-choose]"),
    sample = event.target.closest("[data-play]");
  if (sample) event.preventDefault();
  if (row) choose(row);
  else if (sample) play(sample);
  else if (event.target === dialog) dialog.close();
});
