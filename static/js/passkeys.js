// Forms that need a passkey: the browser asks for it, and what it answers is sent with the form.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");
const withBytes = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

function asked({ publicKey }) {
  const options = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (publicKey.user) options.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
  if (publicKey.excludeCredentials) options.excludeCredentials = withBytes(publicKey.excludeCredentials);
  if (publicKey.allowCredentials) options.allowCredentials = withBytes(publicKey.allowCredentials);
  return { publicKey: options };
}

function answered({ id, type, rawId, authenticatorAttachment, response, ...credential }) {
  const parts = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (response[name]) parts[name] = text(response[name]);
  if (response.getTransports) parts.transports = response.getTransports();
  return { id, type, rawId: text(rawId), authenticatorAttachment, response: parts, ...credential };
}

async function options({ optionsFrom, options: id }) {
  if (id) return JSON.parse(document.getElementById(id).textContent);
  const answer = await fetch(optionsFrom, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json()).request_options;
}

const REASONS = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" };

function say(form, reason) {
  for (const note of form.querySelectorAll("[data-say]")) note.hidden = note.dataset.say !== reason;
}

async function ask(form) {
  say(form, "");
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const credential = await navigator.credentials[form.dataset.passkey](asked(await options(form.dataset)));
    const results = { clientExtensionResults: credential.getClientExtensionResults() };
    form.elements.credential.value = JSON.stringify(Object.assign(answered(credential), results));
    form.submit();
  } catch (error) {
    say(form, REASONS[error.name] || "failed");
    button.disabled = false;
    button.focus();
  }
}

const host = location.hostname;
const fits = (name) => !/^[\d.]+$|:/.test(host) && (!name || host === name || host.endsWith(`.${name}`));

for (const form of document.querySelectorAll("form[data-passkey]"))
  if (window.PublicKeyCredential && fits(form.dataset.host)) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  } else if (!form.hidden) {
    say(form, "unable");
    form.querySelector("[type=submit]").disabled = true;
  }
