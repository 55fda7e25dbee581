// Where the page itself must stay light: what opens a tile in the dialog is fetched at the first tile.
const fetched = () => import(document.querySelector("script[data-viewer]").dataset.viewer);
const tile = (target) => target.closest?.(".card a[href^='/a/']");
let ready = false;

function warm({ target }) {
  if (tile(target)) fetched().then(() => (ready = true));
}
for (const name of ["pointerover", "focusin"]) document.addEventListener(name, warm);
document.addEventListener("click", async (event) => {
  const link = tile(event.target);
  if (ready || !link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  await fetched().catch(() => (location.href = link.href));
  ready = true;
  link.click();
});
// Back or Forward to an entry that the viewer made.
if (history.state?.viewer || history.state?.grid) fetched();
