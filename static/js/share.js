// The pages of a share link: arrow keys lead to the neighbours, times are told by this clock.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, video, audio, details[open]")) return;
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  document.querySelector(`a[rel="${rel}"]`)?.click();
});

for (const time of document.querySelectorAll("time[data-clock]")) {
  const there = new Date(time.dateTime);
  time.textContent = there.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}
