// Shows a theme before it is saved.
document.getElementById("themes").addEventListener("change", ({ target }) => {
  if (target.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = target.value;
});
