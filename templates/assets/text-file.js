// Reads a text file into the field of a form. Without it, the text is pasted.
"use strict";

for (const form of document.querySelectorAll("form[data-text-file]")) {
  const part = form.querySelector("[data-file]");
  const chosen = part?.querySelector("input[type=file]");
  const text = form.querySelector("textarea");
  if (!chosen || !text) continue;
  part.hidden = false;
  chosen.addEventListener("change", async () => {
    const [file] = chosen.files;
    if (file) text.value = await file.text();
  });
}
