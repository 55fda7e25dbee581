// Alt and an arrow moves the item in hand; the answer keeps the focus where it was by its id.
const KEYS = { ArrowLeft: "earlier", ArrowRight: "later", Home: "first", End: "last" };

document.addEventListener("keydown", (event) => {
  const form = event.altKey && KEYS[event.key] && event.target.closest(".order form");
  if (!form) return;
  event.preventDefault();
  form.querySelector(`[name=to][value=${KEYS[event.key]}]`).click();
});
