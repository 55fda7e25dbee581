// The switches for notices of this browser's system. They act at once, and are kept in this browser.
const box = document.getElementById("system-notices"),
  { user, blocked, none } = box.dataset;
const [on, prompts] = box.querySelectorAll("input");
const line = box.querySelector("[role=status]");
const permission = () => window.Notification?.permission;

function show() {
  on.checked = permission() === "granted" && localStorage.getItem(`tell:${user}`) === "on";
  prompts.checked = localStorage.getItem(`tell-prompts:${user}`) === "on";
  prompts.disabled = !on.checked;
  on.disabled = !permission();
  line.textContent = { denied: blocked, granted: "", default: "" }[permission()] ?? none;
}

on.addEventListener("change", async () => {
  const granted = on.checked && (await Notification.requestPermission()) === "granted";
  localStorage.setItem(`tell:${user}`, granted ? "on" : "off");
  show();
});
prompts.addEventListener("change", () => localStorage.setItem(`tell-prompts:${user}`, prompts.checked ? "on" : "off"));
box.hidden = false;
show();
