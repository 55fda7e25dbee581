// Failed requests: one toast with a way to try again, and focus where the person goes on.
const texts = document.getElementById("toasts").dataset;

function again({ elt, requestConfig }) {
  const event = requestConfig.triggeringEvent;
  if (elt.tagName === "FORM") elt.requestSubmit(event?.submitter?.form === elt ? event.submitter : null);
  else window.htmx.trigger(elt, event?.type || "click");
}

function showFailure(detail, text) {
  detail.elt.removeAttribute("aria-busy");
  if (detail.elt.closest("#live")) return; // the banner tells
  const run = () => again(detail);
  document.dispatchEvent(new CustomEvent("toast", { detail: { level: "err", text, action: texts.retry, run } }));
}

document.addEventListener("htmx:responseError", ({ detail }) => {
  const events = detail.xhr.getResponseHeader("HX-Trigger") || "";
  if (!events.includes('"toast"')) showFailure(detail, texts.failed);
});
document.addEventListener("htmx:sendError", ({ detail }) => showFailure(detail, texts.offline));

// A part of an answer that has no place on this page is left out: htmx would call that an error.
const place = (part) => {
  const [, selector] = part.getAttribute("hx-swap-oob").split(/:(.+)/);
  return selector ? document.querySelector(selector) : document.getElementById(part.id);
};

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.serverResponse?.includes("hx-swap-oob") || detail.serverResponse.includes("<html")) return;
  const answer = document.createElement("template");
  answer.innerHTML = detail.serverResponse;
  const lost = [...answer.content.querySelectorAll("[hx-swap-oob]")].filter((part) => !place(part));
  for (const part of lost) part.remove();
  if (lost.length) detail.serverResponse = answer.innerHTML;
});

// Focus alone brings a field to the edge, where its sentence lies behind what stays on the screen.
function showWrong(field) {
  for (let one = field.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
  field.focus({ preventScroll: true });
  const ids = (field.getAttribute("aria-describedby") || "").split(" ");
  const sentence = ids.map((id) => document.getElementById(id)).find((one) => one?.matches(".error"));
  (sentence || field).scrollIntoView({ block: "center", behavior: "instant" });
}

// hx-disabled-elt drops the focus of a clicked button, and a morph does not bring it back.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.tagName !== "FORM") return;
  const form = document.getElementById(detail.elt.id) || detail.elt;
  const wrong = detail.xhr?.status === 422 && form.querySelector("[aria-invalid=true]");
  if (wrong) showWrong(wrong);
  else if (document.activeElement === document.body)
    detail.requestConfig.triggeringEvent?.submitter?.focus({ preventScroll: true });
});
