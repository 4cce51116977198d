// The tables of tasks, of runs, and of tasks on both sides.

const labelOf = (run) => (run.finding ? (run.finding.disputed ? "disputed" : textOf(run.finding.label)) : "");
const statusRank = (name) => Object.keys(STATUS_WORDS).indexOf(name);
const runHash = (run) => state.hash({ ...PLACES, run: run.key });
const bracketRank = (data) => (name) => {
  const place = listOf(data.protocol.brackets).findIndex((one) => one.name === name);
  return place < 0 ? 99 : place;
};
const ofRuns = (scored, all) => (scored < all ? `${whole(scored)} of ${whole(all)}` : whole(all));

function outcome(run) {
  const tone_ = run.score === null ? "none" : run.success ? "passed" : "failed";
  return el("span", { class: `outcome ${tone_}` }, score(run.score));
}

function labelCell(run) {
  const label = labelOf(run);
  return label
    ? el("span", { class: `label ${Object.hasOwn(LABEL_WORDS, label) ? label : ""}` }, known(LABEL_WORDS, label))
    : "";
}

function runList(data) {
  const two = data.sides.length > 1;
  const several = data.runs.some((run) => run.beside || run.agent !== data.runs[0].agent);
  const side = (run) => sideName(data, run.side);
  const columns = [
    { key: "task", title: "Task", value: (run) => run.task, cell: (run) => breakable(run.task) },
    { key: "number", title: "Run", value: (run) => run.run, cell: (run) => whole(run.run), number: true },
    { key: "score", title: "Score", value: (run) => numberOf(run.score), cell: outcome, number: true },
    several && {
      key: "agent",
      title: "Agent",
      value: (run) => run.agent,
      cell: (run) => oneLine(run.beside ? `${run.agent} (${run.beside})` : run.agent, 60),
    },
    two && { key: "session", title: "Session", value: side, cell: side },
    {
      key: "status",
      title: "Status",
      value: (run) => statusRank(run.status),
      cell: (run) =>
        known(STATUS_WORDS, run.status) + (run.cause || run.limit ? ` (${spaced(run.cause ?? run.limit)})` : ""),
    },
    data.runs.some(labelOf) && { key: "label", title: "Label", value: labelOf, cell: labelCell },
    {
      key: "minutes",
      title: "Human time",
      value: (run) => numberOf(run.minutes),
      cell: (run) => humanTime(run.minutes),
      number: true,
    },
    {
      key: "seconds",
      title: "Time",
      value: (run) => numberOf(run.seconds),
      cell: (run) => duration(run.seconds),
      number: true,
      minor: true,
    },
    {
      key: "tokens",
      title: "Tokens",
      value: (run) => numberOf(run.tokens),
      cell: (run) => whole(run.tokens),
      number: true,
      minor: true,
    },
    {
      key: "observed",
      title: "Observed",
      value: (run) => Object.keys(objectOf(run.observed)).length || null,
      cell: (run) => observedWords(run),
      minor: true,
    },
  ].filter(Boolean);
  return makeTable({
    id: "run-table",
    caption: "Runs",
    columns,
    rows: data.runs,
    link: runHash,
    filters: [
      two && { key: "session", title: "Any session", of: (run) => [side(run)] },
      { key: "agent", title: "Any agent", of: (run) => [textOf(run.agent)] },
      {
        key: "status",
        title: "Any status",
        of: (run) => [textOf(run.status)],
        words: (name) => known(STATUS_WORDS, name),
        rank: statusRank,
      },
      {
        key: "outcome",
        title: "Any outcome",
        of: (run) => [run.score === null ? "no score" : run.success ? "success" : "failure"],
      },
      {
        key: "label",
        title: "Any label",
        of: (run) => [labelOf(run) || "unread"],
        words: (name) => (name === "unread" ? "not read" : known(LABEL_WORDS, name)),
      },
      {
        key: "bracket",
        title: "Any bracket",
        of: (run) => [textOf(run.bracket) || "none"],
        words: spaced,
        rank: bracketRank(data),
      },
      { key: "domain", title: "Any domain", of: (run) => listOf(run.domains).map(textOf) },
    ].filter(Boolean),
    text: (run) =>
      [
        run.task,
        run.id,
        run.agent,
        run.status,
        run.cause,
        run.limit,
        run.bracket,
        labelOf(run),
        ...listOf(run.domains),
        ...Object.keys(objectOf(run.observed)),
        ...listOf(run.finding?.notes),
      ]
        .map(textOf)
        .join(" "),
    order: "",
    keys: { text: "q", sort: "sort" },
  });
}

function observedWords(run) {
  return Object.entries(objectOf(run.observed))
    .map(([name, number]) => (number > 1 ? `${spaced(name)} ×${whole(number)}` : spaced(name)))
    .join(", ");
}

function taskList(data) {
  const tasks = new Map();
  for (const run of data.runs) {
    if (run.beside) continue;
    const key = JSON.stringify([run.side, run.agent, run.task]);
    if (!tasks.has(key)) tasks.set(key, { ...run, runs: [] });
    tasks.get(key).runs.push(run);
  }
  const rows = [...tasks.values()].map((task) => ({
    ...task,
    mean: meanScore(task.runs),
    successes: task.runs.filter((run) => run.success).length,
    scored: task.runs.filter((run) => run.score !== null).length,
  }));
  const many = new Set(rows.map((row) => JSON.stringify([row.side, row.agent]))).size > 1;
  const who = (row) => [oneLine(row.agent, 60), sideName(data, row.side)].filter(Boolean).join(", ");
  const columns = [
    { key: "task", title: "Task", value: (row) => row.task, cell: (row) => breakable(row.task) },
    many && { key: "agent", title: "Agent", value: who, cell: who },
    {
      key: "minutes",
      title: "Human time",
      value: (row) => numberOf(row.minutes),
      cell: (row) => humanTime(row.minutes),
      number: true,
    },
    {
      key: "bracket",
      title: "Bracket",
      value: (row) => bracketRank(data)(row.bracket),
      cell: (row) => spaced(row.bracket ?? "–"),
      minor: true,
    },
    {
      key: "domains",
      title: "Domains",
      value: (row) => listOf(row.domains).join(", "),
      cell: (row) =>
        listOf(row.domains)
          .map((name) => spaced(name))
          .join(", "),
      minor: true,
    },
    {
      key: "runs",
      title: "Runs",
      value: (row) => row.runs.length,
      cell: (row) => ofRuns(row.scored, row.runs.length),
      number: true,
      help: "Runs; where some have no score, those that have",
    },
    {
      key: "successes",
      title: "Successes",
      value: (row) => row.successes,
      cell: (row) => whole(row.successes),
      number: true,
    },
    { key: "mean", title: "Mean score", value: (row) => row.mean, cell: (row) => score(row.mean), number: true },
    {
      key: "each",
      title: "Scores",
      value: (row) => row.mean,
      cell: (row) =>
        row.runs
          .slice(0, 12)
          .map((run) =>
            link(
              runHash(run),
              { class: "score-link", "aria-label": `Run ${run.run}: ${score(run.score)}` },
              outcome(run),
            ),
          ),
    },
  ].filter(Boolean);
  return makeTable({
    id: "task-table",
    caption: "Tasks",
    columns,
    rows,
    link: (row) => runHash(row.runs[0]),
    text: (row) => [row.task, row.agent, row.bracket, row.split, ...listOf(row.domains)].map(textOf).join(" "),
    order: "",
    keys: { text: "tq", sort: "tsort" },
  });
}

function pairList(data) {
  const change = (row) => (row.means[0] === null || row.means[1] === null ? null : row.means[1] - row.means[0]);
  const shownChange = (row) =>
    change(row) === null
      ? "–"
      : change(row) === 0
        ? "0"
        : `${change(row) > 0 ? "+" : "−"}${digits(Math.abs(change(row)))}`;
  return makeTable({
    id: "pair-table",
    caption: "Tasks on both sides",
    columns: [
      { key: "task", title: "Task", value: (row) => row.task, cell: (row) => breakable(row.task) },
      {
        key: "minutes",
        title: "Human time",
        value: (row) => numberOf(row.minutes),
        cell: (row) => humanTime(row.minutes),
        number: true,
      },
      {
        key: "before",
        title: "Before",
        value: (row) => row.means[0],
        cell: (row) => score(row.means[0]),
        number: true,
        help: "Mean score",
      },
      {
        key: "after",
        title: "After",
        value: (row) => row.means[1],
        cell: (row) => score(row.means[1]),
        number: true,
        help: "Mean score",
      },
      {
        key: "change",
        title: "Change",
        value: change,
        cell: (row) =>
          el(
            "span",
            { class: `outcome ${change(row) > 0 ? "passed" : change(row) < 0 ? "failed" : "none"}` },
            shownChange(row),
          ),
        number: true,
      },
      {
        key: "runs",
        title: "Runs",
        value: (row) => row.scored[0] + row.scored[1],
        cell: (row) => row.runs.map((runs, n) => ofRuns(row.scored[n], runs.length)).join(" / "),
        number: true,
        help: "Runs before and after; where some have no score, those that have",
        minor: true,
      },
    ],
    rows: pairedTasks(data),
    link: (row) => state.hash({ ...PLACES, pair: visible(row.task) }),
    text: (row) => [row.task, row.bracket].map(textOf).join(" "),
    order: "-change",
    keys: { text: "pq", sort: "psort" },
  });
}
