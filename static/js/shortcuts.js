// Keys that lead somewhere: the server's table says which. Other keys belong to their page's module.
const table = JSON.parse(document.getElementById("shortcuts").textContent);
const FIELD = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
let before = "",
  since = -Infinity;

function chord(event) {
  const shift = event.shiftKey && event.key.length > 1 ? "Shift" : "";
  const mod = event.ctrlKey || event.metaKey ? "Mod" : "";
  return [mod, event.altKey ? "Alt" : "", shift, event.key].filter(Boolean).join("+");
}

// A link on the page that takes along what was typed does it better than its bare address.
function follow(href) {
  const link = document.querySelector(`a[data-carry][href="${href}"]`);
  if (link) link.click();
  else location.assign(href);
}

function act(row) {
  const field = row.focus && document.querySelector(row.focus);
  if (field) field.focus();
  else if (row.dialog) window.htmx.ajax("GET", row.href, { target: "#dialog-body", swap: "innerHTML" });
  else if (row.href) follow(row.href);
  return field || row.href;
}

document.addEventListener("keydown", (event) => {
  if (/^(Shift|Control|Alt|Meta)$/.test(event.key)) return;
  if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const typing = event.target.closest?.(FIELD);
  if (typing && event.key === "Escape" && !(typing.type === "search" && typing.value)) return typing.blur();
  const pressed = chord(event);
  const sequence = event.timeStamp - since < 1200 ? `${before} ${pressed}` : "";
  [before, since] = [pressed, event.timeStamp];
  const row = table.find(({ keys, field }) => (keys === sequence || keys === pressed) && (!typing || field));
  if (row && act(row)) event.preventDefault();
});
