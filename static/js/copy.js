// What a field holds goes to the clipboard. Where scripts may not do that, the button stays away.
for (const button of document.querySelectorAll("[data-copy-from]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copyFrom).value);
    button.querySelector("span").textContent = button.dataset.done;
  });
}
