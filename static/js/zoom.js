// Zoom and pan in the viewer. The frame itself becomes larger, so that points, drawings and the player,
// which all measure the frame, stay on the picture; what is outside of the screen is cut off.
const STEP = 1.25;
const MOST = 8; // times what is larger: the real size, or what fits
const SLACK = 4; // pixels until a press is a drag
const STRIDE = 80; // pixels of an arrow key
const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
const fingers = new Map();
let room, screen, frame, seen, wide, high; // wide, high: of the original
let scale = 0, x = 0, y = 0; // 0 fits; x and y: from the middle of the screen to that of the picture
let dragged, point;

const limit = (value, least, most) => Math.min(most, Math.max(least, value));
const here = (target) => room?.isConnected && frame.contains(target);
const drawing = () => room.classList.contains("drawing");
const fitting = () => Math.min(screen.clientWidth / wide, screen.clientHeight / high);
const current = () => scale || fitting();
const spare = () => [wide * current() - screen.clientWidth, high * current() - screen.clientHeight];
const pannable = () => scale > 0 && spare().some((one) => one > 1);

function apply(slowly) {
  const [right, down] = spare().map((one) => Math.max(0, one / 2));
  [x, y] = [limit(x, -right, right), limit(y, -down, down)];
  const width = wide * scale, pans = pannable();
  const still = !slowly || matchMedia("(prefers-reduced-motion: reduce)").matches;
  // Edges on whole pixels: at 100 % a pixel of the picture is a pixel of the page.
  const snapped = (middle, size, all) => Math.round((all - size) / 2 + middle) - (all - size) / 2;
  const [left, top] = [snapped(x, width, screen.clientWidth), snapped(y, high * scale, screen.clientHeight)];
  Object.assign(frame.style, {
    transition: still ? "none" : "width .16s ease-out, transform .16s ease-out",
    width: scale ? `${width}px` : "",
    transform: scale ? `translate(${left}px, ${top}px)` : "",
  });
  Object.assign(screen.style, {
    overflow: scale ? "clip" : "",
    placeContent: scale ? "center" : "", // also where the picture is larger
    touchAction: pans ? "none" : "pan-x pan-y",
    cursor: pans ? (dragged ? "grabbing" : "grab") : "",
  });
  seen.style.imageRendering = scale >= 4 ? "pixelated" : "";
  for (const one of room.querySelectorAll("[data-zoom-now]")) one.textContent = percent.format(current());
  for (const one of room.querySelectorAll("[data-zoom=fit]")) one.ariaPressed = String(!scale);
  sharpen();
}
// A preview that is too small for what is shown makes way for the original.
async function sharpen() {
  const url = room.querySelector("[data-original]")?.href;
  if (!seen.matches("img") || !url || seen.dataset.full || wide <= seen.naturalWidth) return;
  if (!scale || wide * scale * devicePixelRatio <= seen.naturalWidth) return;
  const shown = seen;
  shown.dataset.full = "true";
  const full = Object.assign(new Image(), { src: url });
  await full.decode().then(() => (shown.src = url), () => {});
}

function zoom(wanted, [toX, toY] = middle(), slowly = false) {
  const before = current(), fit = fitting();
  const after = limit(wanted, Math.min(fit, 1), MOST * Math.max(fit, 1));
  const [midX, midY] = middle();
  const turn = after / before;
  // What is under the pointer stays there.
  [x, y] = [toX - midX - (toX - midX - x) * turn, toY - midY - (toY - midY - y) * turn];
  scale = Math.abs(after / fit - 1) < 0.005 ? 0 : after;
  apply(slowly);
}
function middle() {
  const box = screen.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
}
const fit = () => zoom(fitting(), middle(), true);
function toggle(at) {
  const real = Math.abs(fitting() - 1) < 0.02 ? 2 : 1;
  zoom(scale ? fitting() : real, at, true);
}
function pan(right, down, slowly) {
  [x, y] = [x + right, y + down];
  apply(slowly);
}
const ACTS = {
  in: () => zoom(current() * STEP, middle(), true),
  out: () => zoom(current() / STEP, middle(), true),
  fit,
};

// --- Wheel, fingers and mouse; before the player, for which a press is play or a point --------------

addEventListener(
  "wheel",
  (event) => {
    if (!room?.isConnected || !screen.contains(event.target)) return;
    event.preventDefault();
    const { deltaX, deltaY, deltaMode, ctrlKey, clientX, clientY } = event;
    const lines = deltaMode ? 16 : 1;
    if (Math.abs(deltaX) > Math.abs(deltaY)) return pan(-deltaX * lines, 0);
    zoom(current() * Math.exp(-deltaY * lines * (ctrlKey ? 0.01 : 0.002)), [clientX, clientY]);
  },
  { passive: false },
);

const spread = ([one, other]) => Math.hypot(one.x - other.x, one.y - other.y);
const between = ([one, other]) => [(one.x + other.x) / 2, (one.y + other.y) / 2];

function down(event) {
  if (!here(event.target) || event.button) return;
  if (event.isPrimary) fingers.clear();
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  if (event.isPrimary) dragged = false;
  if (fingers.size < 2) return;
  dragged = true;
  event.stopPropagation(); // two fingers do not draw, and what the first began is taken back
  frame.dispatchEvent(new PointerEvent("pointercancel", { bubbles: true, pointerId: -1 }));
}
function move(event) {
  const finger = fingers.get(event.pointerId);
  if (!finger || !room?.isConnected) return;
  const before = [...fingers.values()].map((one) => ({ ...one }));
  const [right, low] = [event.clientX - finger.x, event.clientY - finger.y];
  if (fingers.size > 1) {
    event.stopPropagation();
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    const now = [...fingers.values()], [[x1, y1], [x2, y2]] = [between(before), between(now)];
    pan(x2 - x1, y2 - y1);
    zoom((current() * spread(now)) / Math.max(1, spread(before)), [x2, y2]);
  } else if (!drawing() && pannable() && (dragged || Math.hypot(right, low) > SLACK)) {
    dragged = true;
    frame.setPointerCapture(event.pointerId);
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    pan(right, low);
  }
}
function up({ pointerId }) {
  if (pointerId < 0 || !fingers.delete(pointerId) || !room?.isConnected) return;
  screen.style.cursor = pannable() ? "grab" : "";
}
for (const [name, act] of Object.entries({ pointerdown: down, pointermove: move, pointerup: up, pointercancel: up }))
  addEventListener(name, act, true);
// Where the page could scroll as well, two fingers are for the picture.
addEventListener("touchmove", (event) => event.touches.length > 1 && here(event.target) && event.preventDefault(), {
  passive: false,
});
addEventListener("dragstart", (event) => here(event.target) && event.preventDefault());

const place = () => ["point_x", "point_y"].map((name) => room.querySelector(`[data-say] [name=${name}]`));
addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("[data-zoom]");
    if (button && room?.contains(button)) return press(button);
    if (!here(event.target) || drawing()) return;
    if (dragged && event.detail) {
      event.preventDefault();
      return event.stopPropagation();
    }
    if (event.target.closest(".pin:not(.new)")) return;
    if (event.detail === 1) point = place().map((one) => one?.value);
    if (event.detail !== 2) return;
    toggle([event.clientX, event.clientY]);
    if (!seen.matches("img")) return; // a video that began at the first press stops at the second
    event.stopPropagation();
    const fields = place();
    if (!fields[0]) return;
    fields.forEach((one, at) => (one.value = point[at]));
    if (!point[0]) room.querySelector("[data-go=unpoint]")?.click();
    fields[0].dispatchEvent(new Event("change", { bubbles: true }));
    frame.focus({ preventScroll: true });
  },
  true,
);
function press(button) {
  const menu = button.closest("details");
  const wanted = button.dataset.zoom;
  if (ACTS[wanted]) ACTS[wanted]();
  else zoom(Number(wanted), middle(), true);
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}

// --- Keys -----------------------------------------------------------------------------------------

const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
function keyed({ key, code, shiftKey }) {
  const arrow = ARROWS[key];
  if (arrow) return pannable() && !shiftKey && (() => pan(arrow[0] * STRIDE, arrow[1] * STRIDE, true));
  if (document.body.dataset.single === "off") return null;
  if (shiftKey && code === "Digit0") return ACTS.fit;
  if (shiftKey && code === "Digit1") return () => zoom(1, middle(), true);
  // A picture has no player to listen for this one.
  if (key === "F" && seen.matches("img")) return () => room.querySelector("[data-go=full]")?.click();
  return { "+": ACTS.in, "=": ACTS.in, "-": ACTS.out }[key];
}
addEventListener(
  "keydown",
  (event) => {
    if (!room?.isConnected || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable], .rv-side, .pop")) return;
    const act = keyed(event);
    if (!act) return;
    event.preventDefault();
    act();
  },
  true,
);

// --- Once for each picture that comes onto the page ------------------------------------------------

const watcher = new ResizeObserver(() => room?.isConnected && apply());

function prepare() {
  const found = document.querySelector("#viewer[data-room]");
  if (!found || found === room) return;
  const media = found.querySelector("[data-frame] > :is(img, video)");
  watcher.disconnect();
  room = null;
  if (!media || found.dataset.kind === "audio") return;
  [room, seen, frame] = [found, media, found.querySelector("[data-frame]")];
  screen = frame.parentElement;
  [wide, high] = [Number(seen.getAttribute("width")), Number(seen.getAttribute("height"))];
  scale = x = y = 0;
  dragged = false;
  fingers.clear();
  for (const one of room.querySelectorAll("[data-zoom-box]")) one.hidden = false;
  watcher.observe(screen);
  apply();
}
for (const name of ["htmx:afterSwap", "htmx:load"]) document.addEventListener(name, prepare);
prepare();
