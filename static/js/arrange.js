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
