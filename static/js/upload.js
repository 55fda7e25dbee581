// Inputs: choose, drop or paste; each is checked, then sent at once, three at a time.
//
// Works on templates/generation/uploads/_zone.html: section[data-uploads] with [data-list], [data-add],
// [data-counter], [data-problem], [data-status], [data-kinds] and two templates; all limits and texts are in data
// attributes. Says "change" (bubbling, on the section) whenever the inputs of the form have changed.
const AT_ONCE = 3,
  LENGTH_TIMEOUT = 4000;
const BUSY = ["checking", "queued", "running"];
const ADDRESS = /^https?:\/\/\S+$/i;
const MEDIA = /^https?:\/\/[^\s?#]+\.(png|jpe?g|webp|mp4|mov|avi|webm|mp3|wav|m4a)([?#]\S*)?$/i;
const ENDS = { image: /\.(png|jpe?g|webp)$/i, video: /\.(mp4|mov|avi|webm|mkv)$/i, audio: /\.(mp3|wav|m4a|aac|ogg)$/i };
const jobs = new Map(); // the id of a tile: what it stands for
let serial = 0;

const find = (id) => document.getElementById(id);
const tiles = (section, name) => section.querySelectorAll(`figure[data-input="${name}"]`);
const nameOf = (source) => source.name || source.split(/[?#]/)[0].split("/").pop() || source;
const tokenOf = (section) => section.closest("form").elements.csrfmiddlewaretoken.value;
const modelOf = (section) => new FormData(section.closest("form")).get("model") || "";
const kindsOf = (section) => JSON.parse(section.querySelector("[data-kinds]").dataset.kinds);
const sections = (form) => [...(form?.querySelectorAll("[data-uploads]") || [])];
const room = (section, name) => kindsOf(section)[name].max - tiles(section, name).length;

function fill(template, name, most, seconds = "") {
  return template.replaceAll("%f", name).replaceAll("%m", most).replaceAll("%s", seconds);
}

// Which input a file or address is for; "" where nothing here is of its kind.
function inputFor(section, source) {
  const kinds = kindsOf(section),
    type = source.type || "";
  const names = Object.keys(kinds).filter((name) => kinds[name].types.length || kinds[name].off);
  const exact = names.find((name) => kinds[name].types.includes(type));
  if (exact) return exact;
  const major = type.split("/")[0] || Object.keys(ENDS).find((one) => ENDS[one].test(nameOf(source)));
  const alike = names.find((name) => kinds[name].types.some((one) => one.startsWith(`${major}/`)));
  return alike || (major && names.length > 1 ? "" : names[0] || "");
}

function wrong(section, source, name) {
  const { tooMany, tooLarge, wrongType, wrongKind } = section.dataset,
    called = nameOf(source);
  if (!name) return fill(wrongKind, called, "");
  const { max, types, formats, bytes, off } = kindsOf(section)[name];
  if (off) return off;
  if (tiles(section, name).length >= max) return fill(tooMany, called, max);
  // A picture that is only too heavy for this model is sent: the server offers a smaller copy.
  const most = types[0].startsWith("image/") ? Math.max(bytes, section.dataset.heavy || 0) : bytes;
  if (source.size > most) return fill(tooLarge, called, Math.floor(most / 2 ** 20));
  // Nothing is known about a file without a type: the server looks into it.
  if (source.type && !types.includes(source.type)) return fill(wrongType, called, formats);
  return "";
}

function showProblems(section, problems) {
  section.querySelector("[data-problem]").textContent = [...new Set(problems)].join(" ");
}

function add(section, sources, wanted = "") {
  const problems = [];
  for (const source of sources) {
    const name = wanted || inputFor(section, source),
      problem = wrong(section, source, name);
    if (problem) problems.push(problem);
    else {
      const job = { id: `upload-${++serial}`, section: section.id, name, source, state: "checking" };
      jobs.set(job.id, job);
      place(section, job, "waiting");
      checkLength(section, job);
    }
  }
  showProblems(section, problems);
  count(section);
  work();
}

// The length of a video or audio file is known before a byte is sent.
async function checkLength(section, job) {
  const { seconds, types } = kindsOf(section)[job.name];
  if (seconds && job.source instanceof File) {
    const lasts = await lengthOf(job.source, types[0].startsWith("audio/") ? "audio" : "video");
    if (job.state !== "checking") return;
    if (lasts > seconds + 0.1) {
      jobs.delete(job.id);
      find(job.id)?.remove();
      showProblems(section, [fill(section.dataset.tooLong, nameOf(job.source), seconds, lasts.toFixed(1))]);
      submitWaiting(false);
      return count(section);
    }
  }
  job.state = "queued";
  work();
}

function lengthOf(file, kind) {
  return new Promise((done) => {
    const media = document.createElement(kind),
      url = URL.createObjectURL(file);
    const end = (seconds) => {
      URL.revokeObjectURL(url);
      done(Number.isFinite(seconds) ? seconds : 0);
    };
    media.onloadedmetadata = () => end(media.duration);
    media.onerror = () => end(0); // not a kind that browsers play: the server looks into it
    setTimeout(() => end(0), LENGTH_TIMEOUT);
    Object.assign(media, { preload: "metadata", muted: true, src: url });
  });
}

// Puts the tile of a job in its place, or in front of the button for more.
function place(section, job, kind) {
  const tile = section.querySelector(`template[data-${kind}]`).content.firstElementChild.cloneNode(true);
  tile.id = job.id;
  if (kind === "waiting") tile.dataset.input = job.name;
  tile.querySelector("[data-name]").textContent = nameOf(job.source);
  const old = find(job.id);
  if (old) old.replaceWith(tile);
  else section.querySelector("[data-add]").before(tile);
  return tile;
}

function work() {
  const all = [...jobs.values()];
  const free = AT_ONCE - all.filter((job) => job.state === "running").length;
  all
    .filter((job) => job.state === "queued")
    .slice(0, Math.max(0, free))
    .forEach(send);
}

function buildRequest(section, url, fields, name) {
  const xhr = new XMLHttpRequest(),
    body = new FormData(),
    address = new URL(url, location.href);
  address.searchParams.set("for", name); // the server must know before it reads the body
  for (const [key, value] of Object.entries({
    ...fields,
    for: name,
    mode: section.dataset.mode,
    model: modelOf(section),
  }))
    body.set(key, value);
  xhr.open("POST", address);
  xhr.setRequestHeader("X-CSRFToken", tokenOf(section));
  xhr.setRequestHeader("HX-Request", "true");
  xhr.setRequestHeader("HX-Current-URL", location.href);
  return [xhr, body];
}

function send(job) {
  const section = find(job.section);
  if (!section) return jobs.delete(job.id);
  const key = typeof job.source === "string" ? "url" : "file";
  const [xhr, body] = job.smaller
    ? buildRequest(section, job.smaller, {}, job.name)
    : buildRequest(section, section.dataset.url, { [key]: job.source }, job.name);
  xhr.upload.onprogress = ({ loaded, total }) => {
    const bar = find(job.id)?.querySelector("progress");
    if (bar && total) bar.value = (100 * loaded) / total;
  };
  xhr.onloadend = () => finish(job, xhr);
  Object.assign(job, { xhr, state: "running" }).xhr.send(body);
}

function finish(job, xhr) {
  const section = find(job.section),
    login = xhr.getResponseHeader("HX-Redirect");
  const isHtml = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/html");
  if (login) location.assign(login);
  if (job.state === "aborted" || !section) jobs.delete(job.id);
  else if (isHtml && [200, 413, 422, 507].includes(xhr.status)) insertTile(section, job, xhr.responseText);
  else {
    job.state = "failed";
    const tile = place(section, job, "failed");
    if (isHtml && xhr.status === 503) say(tile, xhr.responseText);
  }
  if (section) count(section);
  work();
  submitWaiting(section?.contains(find(job.tile)) ?? false);
}

// What the server says in a tile that keeps its button to try again.
function say(tile, html) {
  const sentence = new DOMParser().parseFromString(html, "text/html").querySelector("figcaption span");
  if (sentence) tile.querySelector("figcaption span").textContent = sentence.textContent;
}

function insertTile(section, job, html) {
  const tile = find(job.id) || place(section, job, "waiting");
  const focused = tile.contains(document.activeElement);
  const before = new Set(section.querySelectorAll("figure"));
  jobs.delete(job.id);
  window.htmx.swap(`#${job.id}`, html, { swapStyle: "outerHTML" });
  const fresh = [...section.querySelectorAll("figure")].find((figure) => !before.has(figure));
  if (fresh) fresh.dataset.for = job.name;
  if (focused) fresh?.querySelector("button.out, [data-dismiss]")?.focus();
  if (fresh?.matches("[data-image]")) job.tile = fresh.id;
  if (job.tile) changed(section, fresh.querySelector("figcaption").textContent);
  if (fresh?.dataset.note) showProblems(section, [`${nameOf(job.source)}: ${fresh.dataset.note}`]);
}

// The counter, the handles that a prompt can use, and whether more fit.
function count(section) {
  const kinds = kindsOf(section),
    names = Object.keys(kinds),
    counters = [];
  for (const name of names) {
    const now = [...tiles(section, name)],
      { max, counter } = kinds[name];
    const number = name === "subjects" ? section.querySelectorAll("[data-mention]").length : now.length;
    if (max && (number || name !== "subjects")) counters.push(counter.replace("%n", number).replace("%m", max));
    now.forEach((tile, place) => tile.dataset.handles && (tile.dataset.handle = tile.dataset.handles + (place + 1)));
  }
  section.querySelector("[data-counter]").textContent = counters.join(" · ");
  const takes = names.filter((name) => name !== "subjects");
  section.querySelector("[data-add]").hidden = takes.every((name) => room(section, name) < 1);
  const accept = section.querySelector("[data-kinds]").dataset.accept,
    input = section.querySelector("[data-add] input");
  if (accept && input) input.accept = accept;
}

function changed(section, text = "") {
  count(section);
  section.querySelector("[data-status]").textContent = text;
  section.dispatchEvent(new Event("change", { bubbles: true }));
}

function leave(section, figure) {
  const next =
    figure.nextElementSibling?.querySelector("button.out, input:not([type=hidden])") ||
    section.querySelector("[data-add] input");
  figure.remove();
  count(section);
  next.focus();
}

function neighbourOf(figure, back) {
  let other = figure;
  do other = back ? other.previousElementSibling : other.nextElementSibling;
  while (other && other.dataset.input !== figure.dataset.input);
  return other;
}

const acts = {
  remove(section, figure, button) {
    const address = button.dataset.remove;
    leave(section, figure);
    changed(section);
    if (address) fetch(address, { method: "POST", headers: { "X-CSRFToken": tokenOf(section) } }).catch(() => {});
  },
  move(section, figure, button) {
    const back = button.dataset.move < 0,
      other = neighbourOf(figure, back);
    if (!other) return;
    if (back) other.before(figure);
    else other.after(figure);
    const twin = figure.querySelector(back ? ".right" : ".left"); // at the end of the row one is hidden
    (button.checkVisibility() ? button : twin).focus();
    changed(section);
  },
  swap(section) {
    const [first, second] = section.querySelectorAll("figure[data-image]");
    if (!second) return;
    second.after(first);
    changed(section);
  },
  abort(section, figure) {
    const job = jobs.get(figure.id),
      sent = job?.xhr;
    early = null; // they changed their mind
    if (job) job.state = "aborted";
    leave(section, figure);
    if (sent) sent.abort();
    else jobs.delete(figure.id);
  },
  retry(section, figure) {
    const job = jobs.get(figure.id);
    job.state = "queued";
    place(section, job, "waiting").querySelector("button").focus();
    count(section);
    work();
  },
  smaller(section, figure, button) {
    const source = figure.querySelector("[data-name]")?.textContent || "";
    const job = {
      id: `upload-${++serial}`,
      section: section.id,
      name: figure.dataset.for || "images",
      source,
      smaller: button.dataset.smaller,
      state: "queued",
    };
    jobs.set(job.id, job);
    figure.id = job.id;
    place(section, job, "waiting").querySelector("button").focus();
    count(section);
    work();
  },
  dismiss(section, figure) {
    jobs.delete(figure.id);
    leave(section, figure);
  },
  fetch(section, _figure, button) {
    byAddress(section, button.dataset.fetch);
  },
};

document.addEventListener("click", (event) => {
  const section = event.target.closest?.("[data-uploads]"),
    button = section && event.target.closest("button");
  const act = button && Object.keys(acts).find((name) => name in button.dataset);
  if (!act) return;
  acts[act](section, button.closest("figure"), button);
  event.preventDefault(); // without script these buttons send the form
});

function byAddress(section, name) {
  const field = section.querySelector(`[data-address="${name}"]`),
    address = field.value.trim();
  if (!ADDRESS.test(address)) return field.focus();
  field.value = "";
  add(section, [address], name);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches?.("[data-uploads] [data-address]")) return;
  event.preventDefault();
  byAddress(event.target.closest("[data-uploads]"), event.target.dataset.address);
});

document.addEventListener(
  "change",
  (event) => {
    const { target } = event,
      section = target.matches?.("[data-uploads] input[type=file]") && target.closest("[data-uploads]");
    if (!section) return;
    event.stopPropagation(); // nothing of the form has changed yet
    add(section, [...target.files]);
    target.value = ""; // they go by themselves, not with the form
  },
  true,
);

// --- A form that was sent too early: it goes by itself when its files are here -----------------------

let early = null; // its button, while files are waited for

const isUploading = (form) =>
  [...jobs.values()].some((job) => BUSY.includes(job.state) && find(job.section)?.closest("form") === form);

addEventListener(
  "submit",
  (event) => {
    const { target, submitter } = event;
    if (submitter?.name === "edit" || !isUploading(target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    early = submitter || target.querySelector(".go, [type=submit]:not([name])");
    const text = target.querySelector("[data-uploads]").dataset.early;
    document.dispatchEvent(new CustomEvent("toast", { detail: { text } }));
  },
  true,
);

// What could not be taken is looked at first: nothing is sent without it.
function submitWaiting(succeeded) {
  const button = early;
  if (!succeeded) early = null;
  if (!button?.form || !succeeded || isUploading(button.form)) return;
  early = null;
  button.form.requestSubmit(button);
}

// --- From the library: the dialog's answer is a tile ------------------------------------------------

function take(html) {
  const tile = new DOMParser().parseFromString(html, "text/html").querySelector("figure"),
    name = tile?.dataset.input;
  const section = name && sections(find("compose")).find((one) => name in kindsOf(one));
  if (!section || find(tile.id)) return;
  if (room(section, name) < 1) return showProblems(section, [fill(section.dataset.tooMany, "", "")]);
  section.querySelector("[data-add]").before(document.adoptNode(tile));
  window.htmx.process(tile);
  showProblems(section, []);
  changed(section, tile.querySelector("figcaption").textContent);
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.elt.dataset?.take) take(detail.xhr.responseText);
});

// --- Drop and paste: anywhere in the window ---------------------------------------------------------

// What says where a drag would go is fetched with the first one.
const hand = { from: null }; // the part of this page that is dragged
let dragging = null;

function drag() {
  const module = find("drags")?.dataset.module,
    tools = { sections, kindsOf, room, take, showProblems };
  if (module) dragging ||= import(module).then(({ begin }) => begin(hand, tools));
}
document.addEventListener("dragstart", ({ target }) => {
  hand.from = target;
  drag();
});
document.addEventListener("dragenter", drag);

const hasFiles = (data) => data?.types.includes("Files");

// The place that was meant, else the first that takes such a file and has room, else the first that takes it.
function sectionFor(target, source) {
  const meant = target.closest?.("[data-uploads]"),
    all = sections(target.closest?.("form:has([data-uploads])") || find("compose"));
  if (meant || !source) return meant || all[0];
  const able = all.filter((one) => {
    const name = inputFor(one, source);
    return name && !wrong(one, source, name);
  });
  return able[0] || all.find((one) => inputFor(one, source)) || all[0];
}

function over(event) {
  const section = sectionFor(event.target),
    able = hasFiles(event.dataTransfer) || event.dataTransfer?.types.includes("text/uri-list");
  // A link is for where it is dropped; files may be dropped anywhere, but beside a dialog.
  const inside =
    section &&
    (hasFiles(event.dataTransfer)
      ? !document.querySelector("dialog[open]:not(:has([data-uploads]))")
      : event.target.closest?.("form")?.contains(section));
  document
    .querySelectorAll("[data-uploads].dropping")
    .forEach((other) => other !== section && other.classList.remove("dropping"));
  if (inside && able) section.classList.add("dropping");
  if ((inside && able) || hasFiles(event.dataTransfer)) event.preventDefault(); // beside it: the page stays
  return inside && able;
}

function sourcesOf(data, pattern) {
  const files = [...(data?.files || [])];
  const address = data?.getData("text/uri-list") || data?.getData("text/plain") || "";
  return files.length ? files : [address.trim()].filter((text) => pattern.test(text));
}

function drop(event) {
  const inside = over(event);
  document.querySelectorAll("[data-uploads].dropping").forEach((section) => section.classList.remove("dropping"));
  if (!inside) return;
  for (const source of sourcesOf(event.dataTransfer, ADDRESS)) add(sectionFor(event.target, source), [source]);
}

function paste(event) {
  const typing = event.target.closest?.("input, textarea, [contenteditable]");
  if (!sectionFor(event.target) || document.querySelector("dialog[open]:not(:has([data-uploads]))")) return;
  const sources = hasFiles(event.clipboardData) || !typing ? sourcesOf(event.clipboardData, MEDIA) : [];
  if (!sources.length) return;
  event.preventDefault();
  for (const source of sources) add(sectionFor(event.target, source), [source]);
}

document.addEventListener("dragend", () => (hand.from = null));
document.addEventListener("dragover", over);
document.addEventListener("dragleave", ({ relatedTarget }) => {
  if (!relatedTarget)
    document.querySelectorAll("[data-uploads].dropping").forEach((section) => section.classList.remove("dropping"));
});
document.addEventListener("drop", drop);
document.addEventListener("paste", paste);

// A form that the server drew again does not know what is still on its way.
document.addEventListener("htmx:load", ({ target }) => {
  for (const job of jobs.values()) {
    const section = find(job.section);
    if (!section || find(job.id) || job.state === "aborted") continue;
    place(section, job, job.state === "failed" ? "failed" : "waiting");
  }
  const all = target.matches?.("[data-kinds]")
    ? [target.closest("[data-uploads]")]
    : sections(target.matches?.("#compose") ? target : null);
  all.filter(Boolean).forEach(count);
});
document.addEventListener(
  "change",
  ({ target }) => target.matches?.("[data-subjects]") && count(target.closest("[data-uploads]")),
);
