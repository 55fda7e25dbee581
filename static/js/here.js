// The reader's time zone; the server checks it.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const cookie = `zone=${timeZone}`;
if (timeZone && !document.cookie.split("; ").includes(cookie)) {
  const { pathname, protocol } = new URL("../../", import.meta.url); // of the studio
  const only = protocol === "https:" ? "; secure" : "";
  document.cookie = `${cookie}; path=${pathname}; max-age=31536000; samesite=lax${only}`;
}

// A page in sight holds a lock, which tabs out of sight find.
let leave = null;
function holdSeen() {
  if (document.hidden) leave = leave?.();
  else if (!leave)
    navigator.locks
      ?.request("seen", { mode: "shared" }, () => new Promise((done) => (leave = done)))
      .catch(() => {}); // Firefox refuses who leaves the page before it was granted
}
document.addEventListener("visibilitychange", holdSeen);
holdSeen();
