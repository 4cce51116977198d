// The page: all of its parts in their order, and which of them is seen.

const WIDEST = 1080;
const app = document.getElementById("app");
const data = JSON.parse(document.getElementById("data").textContent);
data.runs = data.runs.map((row) => Object.fromEntries(data.columns.map((column, n) => [column, row[n]])));
const byKey = new Map();
for (const run of data.runs) {
  // What cannot be in an address, as halves of surrogate pairs, is written as it is shown; two that look the same differ.
  run.key = `${run.side}:${visible(run.id)}`;
  while (byKey.has(run.key)) run.key += "~";
  byKey.set(run.key, run);
}

const runs = runList(data);
const tasks = taskList(data);
const pairs = data.comparison ? pairList(data) : null;
const plots_ = pictures(data);
const parts = [
  verdict(data),
  scores(data),
  comparisonSection(data, pairs),
  elicitations(data),
  plots_.node,
  checks(data),
  section("tasks", "Tasks", tasks.node),
  section("runs", "Runs", runs.node),
  about(data),
].filter(Boolean);
const overview = el("main", { id: "overview" }, heading(data), ...parts);
const detail = el("main", { id: "detail", hidden: true });
const help = helpDialog();
app.append(contents(), overview, detail, help);

function contents() {
  const links = parts.map((one) =>
    link(state.hash({ ...PLACES, at: one.id }), {}, one.querySelector("h2").textContent),
  );
  return el(
    "nav",
    { class: "contents", "aria-label": "Contents" },
    link("#at=verdict", { class: "skip" }, "To the verdict"),
    ...links,
    button("?", () => help.showModal(), { "aria-label": "Help: keys", class: "help-button" }),
  );
}

function about(all) {
  const told = all.sides.map((side, n) => {
    const rows = [
      ["Folder", side.folder],
      [
        "Session",
        `${instant(side.info.started_at)} to ${instant(side.info.ended_at)}, ended with: ${oneLine(side.info.exit_status, 80)}`,
      ],
      ["Command line", listOf(side.info.command_line).map(textOf).join(" ")],
      [
        "Versions",
        Object.entries(objectOf(side.info.versions))
          .map(([name, value]) => `${name} ${textOf(value)}`)
          .join(", "),
      ],
      ["Platform", side.info.platform],
      ["Sandbox", own(side.info.sandbox, "provider")],
      ...side.agents.map((agent) => [
        `Agent ${oneLine(agent.name, 60)}`,
        `${textOf(agent.kind)} ${textOf(agent.model)} ${textOf(agent.identity)}`,
      ]),
      ...Object.entries(side.digests).map(([name, digest]) => [`SHA-256 of ${oneLine(name, 60)}`, digest]),
      ...listOf(side.decisions)
        .filter((one) => own(one, "rule") !== "start")
        .map((one) => ["Decision", own(one, "sentence")]),
      ...listOf(side.notes).map((note) => ["Note", note]),
      ...listOf(side.broken).map((one) => ["Family that could not be read", plainText(one)]),
    ];
    return [
      sideName(all, n) ? el("h3", {}, sideName(all, n)) : null,
      el(
        "dl",
        { class: "facts wide" },
        ...rows
          .filter(([, value]) => value)
          .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, oneLine(value, 1500)))),
      ),
    ];
  });
  const protocol = `${oneLine(all.protocol.name, 60)} ${oneLine(all.protocol.version, 40)}, SHA-256 ${oneLine(all.protocol.sha256, 80)}`;
  return section(
    "about",
    "How it was made",
    ...told.flat(),
    el(
      "p",
      { class: "under" },
      `Protocol ${protocol}. Made ${instant(all.made.at)} by pytest-metr ${oneLine(all.made.version, 40)}.`,
    ),
  );
}

function width() {
  return Math.min(overview.clientWidth || document.documentElement.clientWidth - 32, WIDEST);
}

let scrolled = 0;
let view = null;

function route() {
  const [run, pair] = [state.get("run"), state.get("pair")];
  const key = JSON.stringify([run, pair]);
  if (!run && !pair) return showOverview(state.get("at"));
  if (view?.key === key) return undefined;
  if (!overview.hidden) scrolled = scrollY;
  return run ? showRun(key, run) : show(key, pairPage(data, pair));
}

async function showOverview(at) {
  const before = view;
  view = null;
  detail.hidden = true;
  clear(detail);
  overview.hidden = false;
  document.title = title;
  await filled;
  for (const table of tables) table.apply();
  if (at) {
    goTo(at);
  } else if (before) {
    scrollTo(0, scrolled);
    if (before.run)
      runs.node.querySelector(`a[href="${CSS.escape(runHash(before.run))}"]`)?.focus({ preventScroll: true });
  }
}

function goTo(id) {
  const place = parts.find((one) => one.id === id);
  if (place) {
    place.scrollIntoView();
    place.querySelector("h2").focus({ preventScroll: true });
  }
  state.note({ at: null });
}

async function showRun(key, name) {
  if (runs.found().length === 0) runs.filter();
  const run = byKey.get(name);
  if (!run) {
    const message = el(
      "article",
      {},
      link("#", { class: "step", "data-step": "back" }, "All runs"),
      el("p", { class: "trouble" }, "This page has no such run."),
    );
    return show(key, { node: message, title: message, fill: () => undefined });
  }
  const found = runs.found();
  const at = found.indexOf(run);
  const place = at < 0 ? "" : `${whole(at + 1)} of ${whole(found.length)}`;
  const around = { previous: at > 0 ? found[at - 1] : null, next: at >= 0 ? found[at + 1] : null, place };
  return show(key, await runPage(data, run, { ...around, width: Math.min(width(), WIDEST) }), run);
}

async function show(key, page, run = null) {
  view = { key, run };
  overview.hidden = true;
  clear(detail).append(page.node);
  detail.hidden = false;
  scrollTo(0, 0);
  page.title.focus({ preventScroll: true });
  document.title = run ? `${oneLine(run.task, 80)}, run ${whole(run.run)}` : title;
  const started = performance.now();
  await page.fill();
  detail.dataset.opened = String(Math.round(performance.now() - started));
}

const title = document.title;
const tables = [runs, tasks, pairs].filter(Boolean);
// The verdict is there to be read before the first row of a table is made.
const filled = new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

listenToKeys({
  tables,
  help,
  toFilter() {
    if (!overview.hidden) runs.search.focus();
    return !overview.hidden;
  },
  step(label) {
    const found = detail.querySelector(`a[data-step="${label}"]`);
    if (!detail.hidden && found) location.hash = found.hash;
    return !detail.hidden && Boolean(found);
  },
  fold(open) {
    for (const one of detail.querySelectorAll("details.event")) one.open = open;
    return !detail.hidden;
  },
});

let drawn = 0;
new ResizeObserver(() => {
  const room = plots_.node.querySelector(".content").clientWidth;
  if (!overview.hidden && room && room !== drawn) plots_.draw((drawn = room));
}).observe(overview);
addEventListener("hashchange", () => {
  state.arrive();
  route();
});
route();
