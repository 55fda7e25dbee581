// The frame of a crop: dragged, sized at its corners, by keys or by the fields, which always say where it is.
//
// Works on templates/generation/uploads/_crop_fields.html; limits and texts are in data attributes. The tile
// that the server answers with takes the place of the old one in the form.
const SIDES = ["left", "top", "width", "height"];
const STEP = 0.01; // of the longer side, for one press of a key
const PREVIEW = 240; // pixels of the longer side
const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

function begin(body) {
  if (body.dataset.begun) return;
  body.dataset.begun = "yes";
  const { width, height, least, low, high } = Object.fromEntries(
    ["width", "height", "least", "low", "high"].map((name) => [name, Number(body.dataset[name])]),
  );
  const find = (what) => body.querySelector(what);
  const frame = find("[data-frame]"),
    stage = find("[data-stage]"),
    image = find("[data-stage] img"),
    canvas = find("[data-preview]");
  const fields = Object.fromEntries(SIDES.map((name) => [name, find(`[name=crop-${name}]`)]));
  const shape = () => find("[name=crop-shape]:checked");
  const ratio = () => Number(shape()?.dataset.ratio) || 0;
  let box = { left: 0, top: 0, width, height };

  // The nearest size that is allowed within so much room.
  function sized(wide, tall, roomWide, roomTall) {
    const locked = ratio();
    if (locked) {
      const most = Math.min(roomWide, roomTall * locked),
        fewest = Math.max(least, least * locked);
      const now = Math.min(Math.max(wide, tall * locked, fewest), most);
      return [now, now / locked];
    }
    const now = clamp(wide, least, roomWide),
      then = clamp(tall, least, roomTall);
    return [Math.min(now, Math.floor(then * high)), Math.min(then, Math.floor(now / low))];
  }

  function show() {
    const { left, top, width: wide, height: tall } = box;
    frame.style.left = `${(100 * left) / width}%`;
    frame.style.top = `${(100 * top) / height}%`;
    frame.style.width = `${(100 * wide) / width}%`;
    frame.style.height = `${(100 * tall) / height}%`;
    find("[data-shade]").setAttribute(
      "d",
      `M0 0h${width}v${height}H0zM${left} ${top}h${wide}v${tall}h${-wide}z`,
    );
    const becomes = shape()?.dataset.becomes;
    const size = `${wide} x ${tall}`,
      end = becomes && becomes !== size ? ` → ${becomes} px` : "";
    find("[data-size]").textContent = `${size} px${end}`;
    draw();
  }

  function draw() {
    if (!image.complete || !image.naturalWidth) return;
    const scale = image.naturalWidth / width,
      small = PREVIEW / Math.max(box.width, box.height);
    canvas.width = Math.max(1, box.width * small);
    canvas.height = Math.max(1, box.height * small);
    const part = [box.left, box.top, box.width, box.height].map((side) => side * scale);
    canvas.getContext("2d").drawImage(image, ...part, 0, 0, canvas.width, canvas.height);
    canvas.hidden = false;
  }

  function put(left, top, wide, tall) {
    const now = { width: clamp(Math.round(wide), 1, width), height: clamp(Math.round(tall), 1, height) };
    now.left = clamp(Math.round(left), 0, width - now.width);
    now.top = clamp(Math.round(top), 0, height - now.height);
    box = now;
    for (const name of SIDES) {
      fields[name].value = now[name];
      fields[name].removeAttribute("aria-invalid");
    }
    body.querySelectorAll(".error").forEach((one) => one.remove());
    show();
  }

  function grow(wide, tall) {
    const [now, then] = sized(wide, tall, width, height);
    put(box.left + (box.width - now) / 2, box.top + (box.height - then) / 2, now, then);
  }

  // The largest frame of the shape, around the same middle.
  function reshape() {
    const middle = [box.left + box.width / 2, box.top + box.height / 2],
      [wide, tall] = ratio() ? sized(width, height, width, height) : [box.width, box.height];
    put(middle[0] - wide / 2, middle[1] - tall / 2, wide, tall);
  }

  // What was typed stays as it is; with a shape the other side follows.
  function typed(name) {
    const locked = ratio(),
      value = Number(fields[name].value);
    if (!Number.isInteger(value) || fields[name].value === "") return;
    if (locked && name === "width") fields.height.value = Math.max(1, Math.round(value / locked));
    if (locked && name === "height") fields.width.value = Math.max(1, Math.round(value * locked));
    box = Object.fromEntries(SIDES.map((side) => [side, Number(fields[side].value)]));
    show();
  }

  function drag(event) {
    if (event.button) return;
    const corner = event.target.dataset.corner?.split(" ").map(Number),
      start = { ...box, x: event.clientX, y: event.clientY },
      scale = width / stage.getBoundingClientRect().width;
    frame.setPointerCapture(event.pointerId);
    frame.focus({ preventScroll: true });
    event.preventDefault();
    frame.onpointermove = ({ clientX, clientY }) => {
      const far = [(clientX - start.x) * scale, (clientY - start.y) * scale];
      if (!corner) return put(start.left + far[0], start.top + far[1], start.width, start.height);
      const [x, y] = corner,
        right = start.left + start.width,
        bottom = start.top + start.height;
      const room = [x > 0 ? width - start.left : right, y > 0 ? height - start.top : bottom];
      const [wide, tall] = sized(start.width + x * far[0], start.height + y * far[1], ...room);
      put(x > 0 ? start.left : right - wide, y > 0 ? start.top : bottom - tall, wide, tall);
    };
    frame.onpointerup = frame.onpointercancel = () => (frame.onpointermove = null);
  }

  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = Math.max(1, Math.round(Math.max(width, height) * STEP));
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const grows = { "+": 1, "=": 1, "-": -1, _: -1 }[event.key];
    if (arrow && event.shiftKey) {
      const by = ratio() ? 2 * step * (arrow[0] + arrow[1]) : 0;
      if (by) grow(box.width + by, (box.width + by) / ratio());
      else grow(box.width + 2 * step * arrow[0], box.height + 2 * step * arrow[1]);
    } else if (arrow) put(box.left + step * arrow[0], box.top + step * arrow[1], box.width, box.height);
    else if (grows) {
      const wide = box.width + 2 * step * grows;
      grow(wide, (box.height * wide) / box.width);
    } else return;
    event.preventDefault();
  }

  frame.hidden = false;
  frame.addEventListener("pointerdown", drag);
  frame.addEventListener("keydown", press);
  image.addEventListener("load", draw);
  body.addEventListener("change", ({ target }) => target.name === "crop-shape" && reshape());
  for (const name of SIDES) fields[name].addEventListener("input", () => typed(name));
  box = Object.fromEntries(SIDES.map((name) => [name, Number(fields[name].value)]));
  show();
  if (body.closest("dialog")) frame.focus();
}

// --- The new tile in the place of the old one ------------------------------------------------------

function exchange(old, fresh, text) {
  const section = old.closest("[data-uploads]"),
    typed = old.querySelector(".frame-fields"),
    empty = fresh.querySelector(".frame-fields");
  if (old.dataset.handle) fresh.dataset.handle = old.dataset.handle;
  old.replaceWith(fresh);
  if (typed && empty) {
    empty.replaceWith(typed); // what happens on the way to a key frame stays with its place
    old.append(empty);
  }
  section.querySelectorAll(".error").forEach((one) => one.remove()); // they spoke of the old image
  section.querySelector("[data-status]").textContent = text;
  section.dispatchEvent(new Event("change", { bubbles: true }));
  fresh.querySelector(".trim")?.focus();
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt;
  if (!detail.successful || !form.dataset?.cropped) return;
  const { cropped, input, done, undo } = form.dataset;
  const html = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
  const fresh = html.querySelector("figure[data-image]"),
    old = document.querySelector(`#compose figure[data-image]:has([name="${input}"][value="${cropped}"])`);
  if (!fresh || !old) return;
  document.adoptNode(fresh);
  window.htmx.process(fresh);
  exchange(old, fresh, done);
  const run = () => fresh.isConnected && exchange(fresh, old, undo);
  document.dispatchEvent(new CustomEvent("toast", { detail: { level: "ok", text: done, action: undo, run } }));
});

const all = () => document.querySelectorAll("[data-crop]").forEach(begin);
document.addEventListener("htmx:load", all);
all();
document.addEventListener("click", (event) => {
  if (event.target.closest?.("dialog [data-cropped] a[data-close]")) event.preventDefault(); // the dialog shuts
});
