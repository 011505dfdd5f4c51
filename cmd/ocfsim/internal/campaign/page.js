"use strict";
(() => {
  // n and p go through what went wrong: the reasons, the worst first, and then the Devices.
  const stops = [...document.querySelectorAll(".concerns > li, .troubles tbody tr")];
  const tour = document.getElementById("tour");
  if (!stops.length) return;
  tour.hidden = false;
  for (const says of document.querySelectorAll(".keys")) says.hidden = false;
  const place = tour.querySelector("output");
  place.textContent = `0 of ${stops.length}`;
  let at = -1;
  const go = (by) => {
    at = at < 0 && by < 0 ? stops.length - 1 : (at + by + stops.length) % stops.length;
    place.textContent = `${at + 1} of ${stops.length}`;
    stops[at].tabIndex = -1;
    stops[at].focus({preventScroll: true});
    stops[at].scrollIntoView({block: "center"});
  };
  tour.addEventListener("click", (e) => { if (e.target.value) go(Number(e.target.value)); });
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "n") go(1);
    if (e.key === "p") go(-1);
  });
})();
