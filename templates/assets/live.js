// Shows how far an issue is while it is being sent. Without it the page is loaded again by hand.
"use strict";

const part = document.querySelector("[data-live]");

if (part) {
  const source = new EventSource(part.dataset.live);
  source.addEventListener("progress", (event) => {
    part.innerHTML = event.data;
  });
  // The issue is in another state, or the session ended: the page has other buttons, or asks for the sign-in.
  for (const name of ["state", "signed-out"]) {
    source.addEventListener(name, () => {
      source.close();
      window.location.reload();
    });
  }
  window.addEventListener("pagehide", () => source.close());
}
