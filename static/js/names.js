// Names in a prompt, by the rules of catalogue/mentions.py; tests/catalogue/mentions.json holds both to them.
export const UNSPACED =
  "\\u0e00-\\u109f\\u1780-\\u17ff\\u1950-\\u19ff\\u1a20-\\u1aaf\\u1b00-\\u1b7f\\u2e80-\\u9fff" +
  "\\ua980-\\ua9ff\\uaa60-\\uaadf\\uac00-\\ud7af\\uf900-\\ufaff\\uff66-\\uffdc\\u{20000}-\\u{3ffff}";

// As in catalogue/mentions.py: case, width and composition make no other name.
const usual = (text) => text.replace(/[\u3000\uff00-\uffef]/g, (sign) => sign.normalize("NFKC"));
const cased = (text) => [...text].map((sign) => (sign === "ı" ? sign : sign.toUpperCase().toLowerCase())).join("");
const NOT_SEEN = /\p{Default_Ignorable_Code_Point}/gu;
export const fold = (text) =>
  cased(usual(text.replace(NOT_SEEN, "")).normalize("NFC")).replaceAll("ς", "σ").normalize("NFC");
const FOUND =
  /[[［][@＠]([^[\]［］@＠\s]{1,160})[\]］]|[@＠]([\p{L}\p{N}_\p{M}\p{Default_Ignorable_Code_Point}-]{1,160})/gu;
const SIGN = "[\\p{L}\\p{N}_-]";
const LOCAL = `(?:(?![${UNSPACED}])[\\p{L}\\p{N}_]|[.%+\\-\\p{M}])`;
const BEFORE_ADDRESS = new RegExp(`(?:^|(?!${LOCAL})[^@＠])${LOCAL}{1,64}$`, "u"),
  IN_ADDRESS = new RegExp(
    `^${SIGN}{1,63}(?:\\.${SIGN}{1,63})*?\\.(?:(?![${UNSPACED}])\\p{L}){2,24}(?!${SIGN})`,
    "u",
  );
const inAddress = (text, at) =>
  IN_ADDRESS.test(text.slice(at + 1, at + 400)) && BEFORE_ADDRESS.test(text.slice(Math.max(0, at - 66), at));
const glues = (sign) => new RegExp(`[${UNSPACED}]`, "u").test(sign);

function runsOn(before, after) {
  if (/\p{Default_Ignorable_Code_Point}/u.test(after)) return false;
  return /[\p{M}\x00-\x7f]/u.test(after) || (!glues(before) && !glues(after));
}

// Every mention of one of `names`: where it stands and what it means.
export function mentions(text, names) {
  const known = new Map(names.map((name) => [fold(name), name])),
    found = [];
  for (const match of text.matchAll(FOUND)) {
    const [matched, bracketed, loose] = match,
      start = match.index;
    if (bracketed) {
      const name = known.get(fold(bracketed));
      if (name) found.push({ start, end: start + matched.length, name, typed: bracketed });
    } else if (!inAddress(text, start)) {
      const signs = [...loose.replace(/[-_\p{Default_Ignorable_Code_Point}]+$/u, "")];
      for (let many = signs.length; many; many -= 1) {
        const typed = signs.slice(0, many).join(""),
          name = known.get(fold(typed));
        if (!name || (many < signs.length && runsOn(signs[many - 1], signs[many]))) continue;
        found.push({ start, end: start + 1 + typed.length, name, typed });
        break;
      }
    }
  }
  return found;
}
