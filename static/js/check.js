// A file is read here, piece by piece, and only its SHA-256 is sent.
const form = document.getElementById("check-form"),
  state = document.getElementById("check-state");
const drop = form.querySelector(".check-drop"),
  { file, sha256 } = form.elements;
const YIELD = 16; // milliseconds of work, then the page may draw
const WORD = 2 ** 32;
const primes = [];
for (let one = 2; primes.length < 64; one++) if (primes.every((prime) => one % prime)) primes.push(one);
const fraction = (number) => ((number % 1) * WORD) | 0;
const ROUND = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const turned = (word, by) => (word >>> by) | (word << (32 - by));

// SHA-256 of what comes in pieces: crypto.subtle would want all of it at once.
class Sha256 {
  constructor() {
    this.state = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
    this.rest = new Uint8Array(64);
    this.kept = this.length = 0;
    this.plan = new Int32Array(64);
  }

  add(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.kept) {
      at = Math.min(64 - this.kept, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.kept);
      this.kept += at;
      if (this.kept < 64) return;
      this.block(new DataView(this.rest.buffer), 0);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (; at + 64 <= bytes.length; at += 64) this.block(view, at);
    this.rest.set(bytes.subarray(at));
    this.kept = bytes.length - at;
  }

  block(view, at) {
    const { plan, state } = this;
    for (let i = 0; i < 16; i++) plan[i] = view.getInt32(at + i * 4);
    for (let i = 16; i < 64; i++) {
      const early = plan[i - 15],
        late = plan[i - 2];
      const low = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
      const high = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
      plan[i] = (plan[i - 16] + low + plan[i - 7] + high) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const high = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const first = (h + high + ((e & f) ^ (~e & g)) + ROUND[i] + plan[i]) | 0;
      const low = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const second = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] + word) | 0));
  }

  hex() {
    const bits = this.length * 8,
      end = new Uint8Array((this.kept < 56 ? 64 : 128) - this.kept);
    end[0] = 0x80;
    const view = new DataView(end.buffer);
    view.setUint32(end.length - 8, Math.floor(bits / WORD));
    view.setUint32(end.length - 4, bits % WORD);
    this.add(end);
    return [...this.state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

async function hashOf(chosen) {
  const hash = new Sha256(),
    reader = chosen.stream().getReader();
  let drawn = performance.now();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return hash.hex();
    hash.add(value);
    if (performance.now() - drawn > YIELD) {
      state.textContent = `${form.dataset.reading}: ${Math.floor((hash.length / chosen.size) * 100)} %`;
      await new Promise((next) => setTimeout(next));
      drawn = performance.now();
    }
  }
}

async function check(chosen) {
  if (!chosen) return;
  form.setAttribute("aria-busy", "true");
  try {
    sha256.value = await hashOf(chosen);
    file.disabled = true; // it is not sent
    form.requestSubmit();
  } catch {
    state.textContent = form.dataset.lost;
  }
  form.removeAttribute("aria-busy");
}

form.querySelector("[data-scripts]").hidden = false;
form.querySelector("[data-plain]").hidden = true;
file.classList.add("vh");
file.addEventListener("change", () => check(file.files[0]));
for (const name of ["dragenter", "dragover"])
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("dropping");
  });
for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("dropping"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  check(event.dataTransfer.files[0]);
});
// Back from the answer: the field can be used again.
addEventListener("pageshow", () => (file.disabled = false));
document.getElementById("check-answer")?.focus();
