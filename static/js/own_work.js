// What tells of one's own work (tell.js) is fetched once there is some, here or in another tab.
const { user, script } = document.getElementById("tell").dataset;

function watch() {
  let known = "";
  try {
    known = localStorage.getItem(`work:${user}`) || "";
  } catch {
    // a browser that keeps nothing
  }
  if (!document.querySelector("#live[data-busy]") && !/"(known|news)":\{"/.test(known)) return;
  document.removeEventListener("htmx:load", watch);
  removeEventListener("storage", watch);
  import(script);
}
document.addEventListener("htmx:load", watch);
addEventListener("storage", watch);
watch();
