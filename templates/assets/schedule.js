// Shows the coming runs of a schedule while it is chosen. Without it, the button below them does.
"use strict";

const form = document.querySelector("form[data-schedule]");
const runs = document.getElementById("runs");
/** How long an operator pauses before the runs are loaded, in milliseconds. */
const PAUSE = 400;
const FIELDS = ["mode", "day", "time", "schedule", "timezone", "skip"];
let timer;
let latest = 0;

const show = async () => {
  const request = ++latest;
  const fields = new URLSearchParams(new FormData(form));
  fields.set("do", "fragment");
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "error" });
    if (answer.ok && request === latest) runs.innerHTML = await answer.text();
  } catch {
    // The button still works.
  }
};

/** Choosing a day or writing a line says how the schedule is chosen. */
const choose = (name) => {
  const mode = { day: "days", time: "days", schedule: "cron" }[name];
  if (mode) form.elements.mode.value = mode;
};

form?.addEventListener("input", (event) => {
  if (!FIELDS.includes(event.target.name)) return;
  choose(event.target.name);
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE);
});
