// Moves a story of a draft with the mouse. It fills in and sends the form that the story has anyway, so everything works without it.
"use strict";

const list = document.querySelector("ol[data-stories]");
const stories = list ? [...list.children].filter((story) => story.querySelector("form[data-move]")) : [];

/** The place that a story gets if it is dropped at this height. */
const placeAt = (dragged, y) => {
  const others = stories.filter((story) => story !== dragged);
  const below = others.findIndex((story) => {
    const box = story.getBoundingClientRect();
    return y < box.top + box.height / 2;
  });
  return below === -1 ? others.length + 1 : below + 1;
};

const mark = (dragged, y) => {
  const place = placeAt(dragged, y);
  const others = stories.filter((story) => story !== dragged);
  others.forEach((story, index) => {
    story.classList.toggle("drop-before", index + 1 === place);
    story.classList.toggle("drop-after", index + 1 === others.length && place > others.length);
  });
};

const unmark = () => stories.forEach((story) => story.classList.remove("drop-before", "drop-after", "dragged"));

let dragged = null;

for (const story of stories) {
  const grip = document.createElement("span");
  grip.className = "grip";
  grip.draggable = true;
  grip.title = list.dataset.drag;
  // The buttons do the same for the keyboard and for screen readers.
  grip.setAttribute("aria-hidden", "true");
  grip.textContent = "⠿";
  story.prepend(grip);
  grip.addEventListener("dragstart", (event) => {
    dragged = story;
    story.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", story.id);
    event.dataTransfer.setDragImage(story, 20, 20);
  });
  grip.addEventListener("dragend", () => {
    dragged = null;
    unmark();
  });
}

list?.addEventListener("dragover", (event) => {
  if (dragged) {
    event.preventDefault();
    mark(dragged, event.clientY);
  }
});

list?.addEventListener("drop", (event) => {
  if (!dragged) {
    return;
  }
  event.preventDefault();
  const form = dragged.querySelector("form[data-move]");
  const place = placeAt(dragged, event.clientY);
  const story = dragged;
  unmark();
  if (String(place) !== story.dataset.place) {
    form.elements.place.value = place;
    form.submit();
  }
});
