// Tells the studio by whose clock the reader lives; the server checks the name.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const cookie = `zone=${timeZone}`;
if (timeZone && !document.cookie.split("; ").includes(cookie)) {
  const only = location.protocol === "https:" ? "; secure" : "";
  const { pathname } = new URL("../../", import.meta.url); // of the studio, which may lie below a path
  document.cookie = `${cookie}; path=${pathname}; max-age=31536000; samesite=lax${only}`;
}

// What tells of one's own work is fetched once there is some, here or in another tab.
const tell = document.getElementById("tell");
function watch() {
  let known = "";
  try {
    known = localStorage.getItem(`work:${tell.dataset.user}`) || "";
  } catch {
    // a browser that keeps nothing
  }
  if (!document.querySelector("#live[data-busy]") && !/"(known|news)":\{"/.test(known)) return;
  document.removeEventListener("htmx:load", watch);
  removeEventListener("storage", watch);
  import(tell.dataset.script);
}
if (tell) {
  document.addEventListener("htmx:load", watch);
  addEventListener("storage", watch);
  watch();
}

// A page in sight holds a lock: tabs out of sight find it, and none is left after a crash.
let leave = null;
function holdSeen() {
  if (document.hidden) leave = leave?.();
  else if (!leave) navigator.locks?.request("seen", { mode: "shared" }, () => new Promise((done) => (leave = done)));
}
document.addEventListener("visibilitychange", holdSeen);
holdSeen();
