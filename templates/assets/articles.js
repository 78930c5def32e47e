// Shows the preview of an article while it is written. Without it, the button "Preview" does.
"use strict";

const form = document.querySelector("form[data-preview]");
const section = document.getElementById("preview");
const frame = section?.querySelector("iframe");
/** How long an editor pauses before the preview is loaded, in milliseconds. */
const PAUSE = 500;
let timer;
let latest = 0;

const show = async () => {
  const request = ++latest;
  const fields = new URLSearchParams(new FormData(form));
  fields.set("do", "fragment");
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "error" });
    if (!answer.ok || request !== latest) return;
    frame.srcdoc = await answer.text();
    section.hidden = false;
  } catch {
    // The button still works.
  }
};

const changesText = (event) => ["text", "format"].includes(event.target.name);

if (form && frame) {
  form.addEventListener("input", (event) => {
    if (!changesText(event)) return;
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  });
  if (form.elements.text.value.trim() !== "" && section.hidden) show();
}
