// Solves the proof of work of the sign-up form (ALTCHA, version 2) and sends the form. The page works without this script, too.
"use strict";

const form = document.querySelector("form[data-challenge]");
const status = document.querySelector("[data-status]");

const fromHex = (text) => Uint8Array.from(text.match(/../g), (digits) => parseInt(digits, 16));
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

async function solve({ parameters, signature }) {
  const nonce = fromHex(parameters.nonce);
  const salt = fromHex(parameters.salt);
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  const view = new DataView(password.buffer);
  for (let counter = 0; ; counter += 1) {
    view.setUint32(nonce.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const bits = await crypto.subtle.deriveBits(
      { name: "PBKDF2", hash: "SHA-256", salt, iterations: parameters.cost }, key, parameters.keyLength * 8,
    );
    const derivedKey = toHex(new Uint8Array(bits));
    if (derivedKey.startsWith(parameters.keyPrefix)) {
      return btoa(JSON.stringify({ challenge: { parameters, signature }, solution: { counter, derivedKey } }));
    }
  }
}

// Browsers have crypto.subtle only on secure pages.
if (form && globalThis.crypto && crypto.subtle) {
  // The question is for readers without scripts: shown beside the computation, it would seem to wait for an answer.
  const showQuestion = (isShown) => {
    form.hidden = !isShown;
    status.hidden = isShown;
  };
  showQuestion(false);
  solve(JSON.parse(form.dataset.challenge)).then(
    (solution) => {
      form.elements.altcha.value = solution;
      form.submit();
    },
    () => showQuestion(true),
  );
}
