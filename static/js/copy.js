// Buttons that copy a text or a field of the page; where a browser cannot, they stay hidden.
const blocks = (text) => [...text.children].map((one) => one.textContent.trim()).join("\n");

if (navigator.clipboard)
  for (const button of document.querySelectorAll("[data-copy]")) {
    const text = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text.value || blocks(text) || text.textContent.trim());
      button.querySelector("span").textContent = button.dataset.done;
    });
  }
