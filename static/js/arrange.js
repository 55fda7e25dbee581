// Alt and an arrow moves the item in hand; the answer keeps the focus where it was by its id.
const KEYS = { ArrowLeft: "earlier", ArrowRight: "later", Home: "first", End: "last" };

document.addEventListener("keydown", (event) => {
  const form = event.altKey && KEYS[event.key] && event.target.closest(".order form");
  if (!form) return;
  event.preventDefault();
  form.querySelector(`[name=to][value=${KEYS[event.key]}]`).click();
});

// At once: a quick key must not find a plain form.
document.addEventListener("htmx:afterSwap", () => window.htmx.process(document.getElementById("order")));

// A finger holds a picture for a moment and carries it; the mouse drags at once. Dropped on another
// item, it takes that one's place through the form's own field.
const HOLD = 350, // ms
  EDGE = 80; // pixels from an edge of the window where it scrolls
let held = null,
  timer = 0;

const lift = ({ clientX: x, clientY: y, pointerId: id }, item) => {
  held = { item, x, y, id, over: null };
  item.classList.add("held");
  scroll();
};

function aim() {
  const found = document.elementsFromPoint(held.x, held.y).map((one) => one.closest(".order li"));
  const over = found.find((one) => one && one !== held.item) || null;
  held.over?.classList.remove("drop");
  held.over = over;
  over?.classList.add("drop");
}

function scroll() {
  if (!held) return;
  const by = held.y < EDGE ? -12 : held.y > innerHeight - EDGE ? 12 : 0;
  if (by) window.scrollBy(0, by);
  aim();
  requestAnimationFrame(scroll);
}

function drop(moves) {
  clearTimeout(timer);
  if (!held) return;
  const { item, over } = held;
  held = null;
  item.classList.remove("held");
  over?.classList.remove("drop");
  if (!moves || !over) return;
  item.querySelector("[name=place]").value = over.querySelector(".num").textContent.trim();
  item.querySelector("[name=to][value=place]").click();
}

document.addEventListener("pointerdown", (event) => {
  const item = event.isPrimary && event.button === 0 && event.target.closest(".order .pic-box")?.closest("li");
  if (!item) return;
  clearTimeout(timer);
  if (event.pointerType === "mouse") {
    event.preventDefault();
    lift(event, item);
  } else timer = setTimeout(lift, HOLD, event, item);
});
document.addEventListener("pointermove", (event) => {
  if (held) [held.x, held.y] = [event.clientX, event.clientY];
});
document.addEventListener("pointerup", () => drop(true));
document.addEventListener("pointercancel", () => drop(false));
// A finger that moves before it held scrolls the page; one that holds does not, and opens no menu.
document.addEventListener("touchmove", (event) => (held ? event.preventDefault() : clearTimeout(timer)), {
  passive: false,
});
document.addEventListener("contextmenu", (event) => held && event.preventDefault());
document.addEventListener("keydown", (event) => event.key === "Escape" && drop(false));
