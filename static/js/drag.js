// What a drag will do, said by a veil while it lasts: files from outside, tiles and subjects of the studio.
//
// Fetched by upload.js when the first drag begins. Texts and addresses are in template[data-module] (#drags) and
// in [data-kinds] of each place for inputs. Every drag has a button that does the same.
const GONE = 1500; // milliseconds without news of a drag: it ended elsewhere
const KINDS = ["image", "video", "audio"];

export function begin(hand, { sections, kindsOf, room, take, showProblems }) {
  const template = document.getElementById("drags"),
    texts = template.dataset,
    veil = template.content.firstElementChild.cloneNode(true),
    label = veil.querySelector("[data-text]");
  const path = (address) => new RegExp(`^${address.replace("/0/", "/(\\d+)/")}$`);
  const places = { output: path(texts.output), subject: path(texts.subject) };
  let timer = 0;

  const compose = () => document.getElementById("compose");
  const open = () => document.querySelector("dialog[open]");
  const formAt = (target) => target.closest?.("form:has([data-uploads])") || compose();

  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: texts.css }));
  document.body.append(veil);

  // An output or a subject by its address, as far as it is one of this studio.
  function named(address) {
    const found = URL.parse ? URL.parse(address, location.href) : new URL(address, location.href);
    if (found?.origin !== location.origin) return null;
    for (const [what, pattern] of Object.entries(places)) {
      const id = found.pathname.match(pattern)?.[1];
      if (id) return { what, id };
    }
    return null;
  }

  // What was taken in hand on this page; null for what is no tile.
  function held() {
    const from = hand.from?.nodeType === 1 ? hand.from : hand.from?.parentElement,
      card = from?.closest(".card"),
      link = from?.closest("a[href]") || card?.querySelector("a.open[href]");
    const found = link && named(link.href);
    if (!found) return null;
    if (found.what === "subject") return { ...found, kinds: ["subject"] };
    const kind = card?.matches(".wave") ? "audio" : card?.querySelector("[data-video]") ? "video" : "image";
    return { ...found, kinds: [card ? kind : ""] };
  }

  function inHand({ dataTransfer }) {
    const types = dataTransfer?.types || [];
    if (!types.includes("Files") && !types.includes("text/uri-list")) return null; // text stays text
    if (hand.from) return held();
    if (!types.includes("Files")) return null; // a link from elsewhere is none of the veil's business
    const items = [...dataTransfer.items].filter(({ kind }) => kind === "file");
    return { what: "files", kinds: items.length ? items.map(({ type }) => type.split("/")[0]) : [""] };
  }

  // Where one thing of a kind would go, what is said of it, and whether it may.
  function meaning(target, kind) {
    const meant = target.closest?.("[data-uploads]"),
      all = sections(formAt(target));
    if (!all.length) return { able: false, text: KINDS.includes(kind) ? texts[`no_${kind}`] : texts.none };
    const fits = (section) => {
      const kinds = kindsOf(section);
      if (kind === "subject") return "subjects" in kinds ? "subjects" : "";
      return Object.keys(kinds).find((name) => !kind || kinds[name].types.some((type) => type.startsWith(`${kind}/`)));
    };
    const able = all.filter((section) => fits(section) && !kindsOf(section)[fits(section)].off);
    if (!able.length) {
      const off = all.map((section) => fits(section) && kindsOf(section)[fits(section)].off).find(Boolean);
      return { section: meant || all[0], able: false, text: off || texts[`no_${kind}`] || texts.none };
    }
    if (meant && !able.includes(meant)) return { section: meant, able: false, text: texts.elsewhere };
    const free = (meant ? [meant] : able).find((section) => room(section, fits(section)) > 0);
    const section = free || meant || able[0],
      name = fits(section),
      lines = kindsOf(section)[name].drop;
    if (!free) return { section, name, able: false, text: texts.full };
    const count = section.querySelectorAll(`figure[data-input="${name}"]`).length;
    return { section, name, able: true, text: lines[Math.min(count, lines.length - 1)] };
  }

  function understood(event) {
    const thing = inHand(event),
      dialog = open();
    if (!thing || (dialog && !dialog.querySelector("[data-uploads]"))) return null;
    const found = meaning(event.target, thing.kinds[0]);
    if (thing.kinds.length > 1 && found.able) found.text = texts.several.replace("%n", thing.kinds.length);
    return { ...found, thing };
  }

  function hide() {
    clearTimeout(timer);
    veil.hidden = true;
    unmark();
  }

  function unmark(kept = null) {
    for (const section of document.querySelectorAll("[data-uploads].dropping"))
      if (section !== kept) section.classList.remove("dropping");
  }

  function over(event) {
    const found = understood(event);
    if (!found) {
      if (hand.from) event.stopImmediatePropagation(); // begun here, and no tile: nobody takes it for a file
      return hide();
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    event.dataTransfer.dropEffect = "copy";
    label.textContent = found.text;
    veil.classList.toggle("no", !found.able);
    veil.classList.toggle("small", found.thing.what !== "files");
    veil.hidden = false;
    unmark(found.section);
    found.section?.classList.toggle("dropping", found.able);
    clearTimeout(timer);
    timer = setTimeout(hide, GONE);
  }

  function say(section, text) {
    if (section) showProblems(section, [text]);
    else document.dispatchEvent(new CustomEvent("toast", { detail: { level: "err", text } }));
  }

  function drop(event) {
    const found = understood(event),
      address = event.dataTransfer?.getData("text/uri-list") || "",
      thing = found?.thing.what !== "files" ? found?.thing : named(address.split("\n")[0].trim() || "about:blank");
    const began = hand.from;
    hand.from = null;
    hide();
    if (!found) {
      const other = !began && !open() && address ? named(address.split("\n")[0].trim()) : null;
      if (began || other) event.stopImmediatePropagation();
      if (other) event.preventDefault();
      return other && bring(other, meaning(event.target, other.what === "subject" ? "subject" : ""));
    }
    if (!thing) {
      if (found.able || found.thing.kinds.length > 1) return; // upload.js takes them, each where it fits
      event.preventDefault();
      event.stopImmediatePropagation();
      return say(found.section, found.text);
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    bring(thing, thing === found.thing ? found : meaning(event.target, thing.what === "subject" ? "subject" : ""));
  }

  function bring({ what, id, kinds }, { section, name, able, text }) {
    if (!able) return say(section, text);
    if (what === "subject") return bringSubject(id);
    bringOutput(id, kinds?.[0] ? name : "", section);
  }

  async function bringOutput(id, name, section) {
    const address = new URL(texts.take.replace("/0/", `/${id}/`), location.href),
      model = new FormData(compose()).get("model") || "";
    for (const [key, value] of Object.entries({ for: name, mode: section.dataset.mode, model }))
      address.searchParams.set(key, value);
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null),
      html = [200, 422].includes(answer?.status) ? await answer.text().catch(() => "") : "";
    if (html && answer.status === 200) take(html);
    else {
      const sentence = new DOMParser().parseFromString(html, "text/html").querySelector("span");
      say(section, sentence?.textContent || texts.gone);
    }
  }

  // The form is drawn again with it, as without a script.
  function bringSubject(id) {
    const form = compose();
    if (document.getElementById(`mentioned-${id}`)) return;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "subjects", value: id }));
    form.requestSubmit(form.querySelector("[name=edit][value=apply]"));
  }

  const end = () => {
    hand.from = null;
    hide();
  };
  addEventListener("dragover", over, true);
  addEventListener("drop", drop, true);
  addEventListener("dragleave", ({ relatedTarget }) => !relatedTarget && hide(), true);
  for (const name of ["dragend", "blur"]) addEventListener(name, end, true);
  addEventListener("keydown", ({ key }) => key === "Escape" && hide(), true);
  addEventListener("mousemove", () => veil.hidden || end(), true); // none comes while something is dragged
}
