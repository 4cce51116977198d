// The keyboard, and the help that tells of it.

const KEYS = [
  ["/", "to the filter of the runs"],
  ["↓ ↑", "the next and the previous row of a table"],
  ["Enter", "open the run"],
  ["→ ←", "the next and the previous run"],
  ["u", "unfold all events"],
  ["f", "fold all events"],
  ["Esc", "back to all runs"],
  ["?", "this help"],
];

function helpDialog() {
  const close = button("Close", () => dialog.close());
  const dialog = el(
    "dialog",
    { class: "help", "aria-label": "Keys" },
    el("h2", {}, "Keys"),
    el("dl", {}, ...KEYS.map(([key, told]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, told)))),
    close,
  );
  return dialog;
}

// page: {tables, help, toFilter(), step(label), fold(open)}.
function listenToKeys(page) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || page.help.open) return;
    const typing = event.target.closest("input, select, textarea");
    if (typing && event.key === "Escape") typing.blur();
    if (typing && !(event.key === "ArrowDown" && typing.type === "search")) return;
    if (acted(page, event)) event.preventDefault();
  });
}

function acted(page, event) {
  switch (event.key) {
    case "/":
      return page.toFilter();
    case "?":
      page.help.showModal();
      return true;
    case "ArrowDown":
      return moved(page, event, 1);
    case "ArrowUp":
      return moved(page, event, -1);
    case "ArrowRight":
      return page.step("Next");
    case "ArrowLeft":
      return page.step("Previous");
    case "Escape":
      return page.step("back");
    case "u":
      return page.fold(true);
    case "f":
      return page.fold(false);
    default:
      return false;
  }
}

// Arrows are the table's where the focus is in one; anywhere else they scroll, as ever.
function moved(page, event, step) {
  const table = page.tables.find((one) => one.has(event.target));
  if (!table) return false;
  table.move(step);
  return true;
}
