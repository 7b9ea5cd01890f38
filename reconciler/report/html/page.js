"use strict";

// Everything is there without this: it filters, and opens and closes folds.
(() => {
  const filters = document.getElementById("filters");
  if (!filters) return;
  const changes = Array.from(document.querySelectorAll("details.change"));
  const waves = Array.from(document.querySelectorAll(".wave"));
  const texts = changes.map((change) => change.textContent.toLowerCase());
  const actions = Array.from(filters.querySelectorAll("input[name=action]"));
  const kind = document.getElementById("kind");
  const text = document.getElementById("text");
  const shown = document.getElementById("shown");

  const fits = (change, at) => {
    const wanted = text.value.trim().toLowerCase();
    const chosen = actions.some((box) => box.checked && box.value === change.dataset.action);
    return chosen && (!kind.value || kind.value === change.dataset.kind) && texts[at].includes(wanted);
  };

  const filter = () => {
    let count = 0;
    changes.forEach((change, at) => {
      change.hidden = !fits(change, at);
      count += change.hidden ? 0 : 1;
    });
    waves.forEach((wave) => {
      wave.hidden = !wave.querySelector("details.change:not([hidden])");
    });
    shown.textContent = count === changes.length
      ? `${count} ${count === 1 ? "change" : "changes"}`
      : `${count} of ${changes.length} changes shown`;
  };

  const unfold = (open) => changes.forEach((change) => {
    if (!change.hidden) change.open = open;
  });

  filters.addEventListener("input", filter);
  document.getElementById("open").addEventListener("click", () => unfold(true));
  document.getElementById("close").addEventListener("click", () => unfold(false));
  window.addEventListener("beforeprint", () => unfold(true));
  filters.hidden = false;
  filter();
})();
