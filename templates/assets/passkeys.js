// Adds a passkey, and signs in with one. It asks the browser and sends the form of the page with the answer. Without it operators sign in
// with a password.
"use strict";

const fromBase64 = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};

const toBase64 = (buffer) => {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

/** The options of the server with bytes in the place of base64url. */
const decoded = (options) => {
  const known = (list) => (list || []).map((entry) => ({ ...entry, id: fromBase64(entry.id) }));
  const result = { ...options, challenge: fromBase64(options.challenge) };
  if (options.user) {
    result.user = { ...options.user, id: fromBase64(options.user.id) };
    result.excludeCredentials = known(options.excludeCredentials);
  } else {
    result.allowCredentials = known(options.allowCredentials);
  }
  return result;
};

/** The browser's answer as the server reads it. */
const encoded = (credential) => {
  const { response } = credential;
  const parts = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) {
      parts[name] = toBase64(response[name]);
    }
  }
  return JSON.stringify({ id: credential.id, rawId: toBase64(credential.rawId), type: credential.type, response: parts, extensions: {} });
};

const ask = async (form) => {
  const fields = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.dataset.challenge, { method: "POST", body: fields });
  if (!(answer.headers.get("content-type") || "").includes("json")) {
    // The session has ended, or there were too many attempts: the page of the form says so.
    form.submit();
    return;
  }
  const asked = await answer.json();
  if (!answer.ok) {
    throw new Error(asked.detail);
  }
  const publicKey = decoded(asked.options.publicKey);
  const use = publicKey.user ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey });
  // The browser's message would be English.
  const credential = await use.catch(() => Promise.reject(new Error(form.dataset.failed)));
  form.elements.challenge.value = asked.challenge;
  form.elements.credential.value = encoded(credential);
  if (form.elements["current-password"]) {
    form.elements["current-password"].value = "";
  }
  form.submit();
};

for (const form of document.querySelectorAll("form[data-challenge]")) {
  if (!window.PublicKeyCredential) {
    continue;
  }
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("[data-problem]");
    problem.hidden = true;
    try {
      await ask(form);
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  });
}
