// Offers the browser's time zone in the sign-up form. Without this script the reader chooses from the list.
"use strict";

const list = document.querySelector("select[name=timezone]");
if (list && !list.value) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  // The value of a list does not change if it has no such option.
  if (Array.from(list.options).some((option) => option.value === timeZone)) list.value = timeZone;
}
