// Sends the requests of the page about the API. The token is in its field only: it is not stored.
"use strict";

const token = document.getElementById("token");
document.querySelector("[data-token]").hidden = false;
document.querySelector("[data-token]").addEventListener("submit", (event) => event.preventDefault());

function requestOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = new Headers();
  for (const input of form.querySelectorAll("[data-place]")) {
    if (input.value === "") continue;
    if (input.dataset.place === "path") {
      path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    } else if (input.dataset.place === "query") {
      query.set(input.name, input.value);
    } else {
      headers.set(input.name, input.value);
    }
  }
  if (token.value.trim() !== "") headers.set("Authorization", `Bearer ${token.value.trim()}`);
  const sent = form.querySelector("[data-document]");
  if (sent) headers.set("Content-Type", form.dataset.type);
  const url = query.size > 0 ? `${path}?${query}` : path;
  return [url, { method: form.dataset.method, headers, body: sent ? sent.value : undefined, cache: "no-store", credentials: "omit" }];
}

function shown(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function show(place, title, lines) {
  const heading = document.createElement("h3");
  heading.textContent = title;
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  pre.textContent = lines;
  place.replaceChildren(heading, pre);
}

for (const form of document.querySelectorAll("form[data-path]")) {
  form.querySelector("[data-send]").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const place = form.parentElement.querySelector("[data-answer]");
    try {
      const [url, request] = requestOf(form);
      const answer = await fetch(url, request);
      const fields = ["etag", "location", "retry-after", "ratelimit"]
        .filter((name) => answer.headers.has(name))
        .map((name) => `${name}: ${answer.headers.get(name)}\n`);
      show(place, `${answer.status} ${answer.statusText}`, fields.join("") + shown(await answer.text()));
    } catch (error) {
      show(place, "The request was not sent", String(error));
    }
  });
}
