// Up in an empty prompt brings back what this person asked for before, the newest first; Down goes the other way.
const FIELDS = "#id_prompt, #id_text";
let earlier = null,
  shown = -1,
  asked = 0;

async function recalled() {
  const answer = await fetch("?recall=1", { headers: { "HX-Request": "true" } }).catch(() => null);
  const html = answer?.ok ? await answer.text().catch(() => "") : "";
  return [...new DOMParser().parseFromString(html, "text/html").querySelectorAll("li")].map((line) => line.textContent);
}

export async function recall(field, step) {
  const mine = ++asked;
  earlier ??= await recalled();
  if (mine !== asked || (shown < 0 && field.value)) return; // something was typed meanwhile
  shown = Math.max(-1, Math.min(earlier.length - 1, shown + step));
  field.value = earlier[shown] ?? "";
  field.setSelectionRange(field.value.length, field.value.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const settled = () => {
  shown = -1;
  asked += 1;
}; // what stands there is the person's own again
document.querySelector("script[data-recall]").addEventListener("newer", () => (earlier = null));
document.addEventListener("pointerdown", settled);
document.addEventListener("focusout", settled);
document.addEventListener("keydown", (event) => {
  const { target, key } = event,
    plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
  const step = { ArrowUp: 1, ArrowDown: -1 }[key];
  if (!target.matches?.(FIELDS) || event.isComposing || event.defaultPrevented) return;
  if (!step || !plain || (shown < 0 && (step < 0 || target.value))) return settled();
  event.preventDefault();
  recall(target, step);
});
