// How two agents differ, and the same task on both sides.

const LEFT_OUT_WORDS = {
  only_before: "only before",
  only_after: "only after",
  without_score: "without a score on one side",
  other_versions: "of different versions",
};

function metricName(metric) {
  if (metric.startsWith("time_horizon_p")) return `${metric.slice("time_horizon_p".length)} % time horizon`;
  return metric.startsWith("bracket/") ? spaced(metric.slice("bracket/".length)) : spaced(metric);
}

// A difference of scores in percentage points, a horizon as a multiple.
function changeWords(change) {
  const { value, low, high } = change.change;
  const times = change.kind === "horizon";
  const shownAs = (number) =>
    numberOf(number) === null
      ? "–"
      : times
        ? `×${digits(numberOf(number))}`
        : `${number > 0 ? "+" : number < 0 ? "−" : "±"}${digits(Math.abs(number) * 100)}`;
  if (numberOf(value) === null)
    return el("span", { class: "range" }, change.problem ? `none (${spaced(change.problem)})` : "none");
  const range = numberOf(low) === null ? null : el("span", { class: "range" }, ` [${shownAs(low)}, ${shownAs(high)}]`);
  return el("span", { class: "figure" }, shownAs(value), times ? "" : " points", range);
}

function comparisonSection(data, pairs) {
  const found = data.comparison;
  if (!found) return null;
  const changed = found.changes.filter((change) => change.tasks > 0);
  const rows = changed.map((change) => {
    const cells = [
      whole(change.tasks),
      figure(change.before),
      figure(change.after),
      changeWords(change),
      percent(change.improved),
    ];
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, metricName(change.metric)),
      ...cells.map((cell) => el("td", {}, cell)),
    );
  });
  const heads = [
    "",
    "tasks",
    `before: ${oneLine(found.before.agent, 40)}`,
    `after: ${oneLine(found.after.agent, 40)}`,
    "change",
    "after is higher in",
  ];
  const table = el(
    "table",
    { class: "figures" },
    el("caption", { class: "unseen" }, "What has changed"),
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...rows),
  );
  const gone = Object.entries(LEFT_OUT_WORDS)
    .map(([key, told]) => [listOf(found.left_out[key]), told])
    .filter(([tasks]) => tasks.length)
    .map(([tasks, told]) =>
      el(
        "li",
        {},
        `${count(tasks.length, "task")} ${told}: ${tasks
          .slice(0, 8)
          .map((task) => oneLine(task, 60))
          .join(", ")}${tasks.length > 8 ? " …" : ""}`,
      ),
    );
  return section(
    "comparison",
    "Comparison",
    el(
      "p",
      {},
      `${count(found.tasks, "task")} in ${count(found.families, "family", "families")} that both sides have runs of; intervals are of the paired difference.`,
    ),
    el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": "What has changed" }, table),
    gone.length || found.warnings.length
      ? el("ul", { class: "warnings" }, ...gone, ...found.warnings.map((text) => el("li", {}, text)))
      : null,
    el("h3", {}, "Task by task"),
    pairs.node,
  );
}

// The runs of each task on both sides of the comparison; none where there is no comparison.
function pairedTasks(data) {
  if (!data.comparison) return [];
  const { before, after } = data.comparison;
  const last = data.sides.length - 1;
  const of = (side, agent) => data.runs.filter((run) => run.side === side && run.agent === agent && !run.beside);
  const sides = [of(0, before.agent), of(last, after.agent)];
  const tasks = new Map();
  sides.forEach((runs, n) => {
    for (const run of runs) {
      if (!tasks.has(run.task))
        tasks.set(run.task, { task: run.task, minutes: run.minutes, bracket: run.bracket, runs: [[], []] });
      tasks.get(run.task).runs[n].push(run);
    }
  });
  return [...tasks.values()]
    .filter((task) => task.runs[0].length && task.runs[1].length)
    .map((task) => ({ ...task, means: task.runs.map(meanScore), scored: task.runs.map((runs) => scoresOf(runs).length) }));
}

function scoresOf(runs) {
  return runs.map((run) => run.score).filter((value) => typeof value === "number");
}

function meanScore(runs) {
  const scores = scoresOf(runs);
  return scores.length ? scores.reduce((sum, value) => sum + value, 0) / scores.length : null;
}
