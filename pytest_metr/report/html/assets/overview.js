// The beginning of the page: what was run, the verdict and its reasons, the numbers, the checks; and its end.

function section(id, title, ...content) {
  return el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el("h2", { id: `${id}-title`, tabindex: "-1" }, title),
    el("div", { class: "content" }, ...content),
  );
}

const sideName = (data, n) => (data.sides.length === 1 ? "" : n === 0 ? "before" : "after");

function heading(data) {
  const agents = [...new Set(data.sides.flatMap((side) => side.scores.map((one) => one.agent)))];
  const parts = data.sides.map((side, n) => {
    const models = [...new Set(side.agents.map((agent) => textOf(agent.model)).filter(Boolean))].map((model) =>
      oneLine(model, 80),
    );
    const runs = data.runs.filter((run) => run.side === n && !run.beside);
    const told = [
      models.join(", "),
      count(runs.length, "run"),
      `${whole(new Set(runs.map((run) => run.task)).size)} tasks`,
      instant(side.info.started_at),
    ];
    return el(
      "p",
      { class: "under" },
      data.sides.length > 1 ? el("b", {}, `${sideName(data, n)}: `) : null,
      told.filter(Boolean).join(" · "),
    );
  });
  return el(
    "header",
    { class: "title" },
    el("h1", {}, agents.map((name) => oneLine(name, 80)).join(data.sides.length > 1 ? " → " : ", ") || "A session"),
    ...parts,
  );
}

function verdict(data) {
  const boxes = data.sides.map((side, n) => verdictOf(side, sideName(data, n)));
  return section("verdict", "Verdict", el("div", { class: boxes.length > 1 ? "pair" : null }, ...boxes));
}

function verdictOf(side, name) {
  const gate = side.gate;
  const kind = gate ? gate.verdict : "none";
  const box = el(
    "div",
    { class: `verdict ${Object.hasOwn(VERDICT_WORDS, kind) ? kind : "none"}` },
    name ? el("p", { class: "which" }, name) : null,
  );
  if (!gate) {
    box.append(
      el("p", { class: "word" }, "No gate"),
      el(
        "p",
        { class: "sentence" },
        "This session was run without a gate, so it has results and no verdict. Checks and coverage below say how far to trust them.",
      ),
    );
  } else {
    box.append(
      el("p", { class: "word" }, known(VERDICT_WORDS, gate.verdict)),
      el("p", { class: "sentence" }, gate.sentence),
    );
    const reasons = listOf(gate.reasons).filter((reason) => reason !== gate.sentence);
    if (reasons.length) box.append(el("ul", { class: "reasons" }, ...reasons.map((reason) => el("li", {}, reason))));
    box.append(el("p", { class: "under" }, `Gate ${oneLine(gate.gate, 200)}, exit status ${gate.exit_status}`));
    const rules = listOf(gate.rules).filter(
      (rule) => !reasons.includes(rule.sentence) && rule.sentence !== gate.sentence,
    );
    if (rules.length)
      box.append(
        el(
          "ul",
          { class: "rules" },
          ...rules.map((rule) =>
            el("li", { class: `check ${rule.verdict}` }, tone(rule.verdict), el("span", {}, rule.sentence)),
          ),
        ),
      );
  }
  box.append(coverage(side));
  return box;
}

function tone(verdictName) {
  const name = Object.hasOwn(VERDICT_WORDS, verdictName) ? verdictName : "unknown";
  return el("span", { class: `tone ${name}` }, VERDICT_WORDS[name].toLowerCase());
}

const COVERAGE_WORDS = {
  needs_score: "to be scored by a person",
  infra_error: "lost to the infrastructure",
  not_run: "not run",
  limit: "ended by a limit",
  agent_error: "in which the agent failed",
};

// How the runs ended: nothing is left out, and what is not there is said first.
function coverage(side) {
  const counts = objectOf(side.coverage);
  const total = (numberOf(counts.planned) ?? 0) + (numberOf(counts.unplanned) ?? 0);
  const lost = ["needs_score", "infra_error", "not_run"].filter((name) => numberOf(counts[name]) > 0);
  const ends = ["limit", "agent_error"].filter((name) => numberOf(counts[name]) > 0);
  const parts = [...lost, ...ends].map((name) => `${whole(counts[name])} ${COVERAGE_WORDS[name]}`);
  const all = `${whole(counts.finished)} of ${whole(total)} runs have a score`;
  return el("p", { class: lost.length ? "coverage lost" : "coverage" }, [all, ...parts].join(" · "));
}

function figure(found) {
  return el(
    "span",
    { class: "figure" },
    found.words,
    found.range ? el("span", { class: "range" }, ` ${found.range}`) : null,
  );
}

function scores(data) {
  const agents = data.sides.flatMap((side, n) => side.scores.map((one) => ({ ...one, side: n })));
  const percents = [...new Set(agents.flatMap((agent) => agent.horizons.map((one) => one.percent)))];
  const lines = [
    ["Overall score", (agent) => figure(agent.score), "The weighted mean of all scores"],
    ["Success rate", (agent) => figure(agent.success), "The same of successes and failures"],
    ...percents.map((p) => [
      `${p} % time horizon`,
      (agent) => figure(agent.horizons.find((one) => one.percent === p) ?? { words: "–" }),
    ]),
    ["Floor", (agent) => score(agent.floor), "The overall score where each missing run counts 0"],
    [
      "Runs that count",
      (agent) =>
        `${whole(agent.runs)}, of ${count(agent.tasks, "task")} in ${count(agent.families, "family", "families")}`,
    ],
    ["Missing runs", (agent) => whole(agent.missing)],
    ["Zeros by rule", (agent) => whole(agent.zeros)],
  ];
  const heads = agents.map((agent) =>
    el(
      "th",
      { scope: "col" },
      oneLine(agent.agent, 60),
      sideName(data, agent.side) ? el("span", { class: "which" }, ` ${sideName(data, agent.side)}`) : null,
    ),
  );
  const table = el(
    "table",
    { class: "figures" },
    el("caption", { class: "unseen" }, "Scores"),
    el("thead", {}, el("tr", {}, el("td", {}), ...heads)),
    el(
      "tbody",
      {},
      ...lines.map(([name, cell, help]) =>
        el(
          "tr",
          {},
          el("th", { scope: "row", title: help }, name),
          ...agents.map((agent) => el("td", {}, cell(agent))),
        ),
      ),
    ),
  );
  const interval = `Intervals: ${percent(numberOf(data.protocol.confidence))}, ${whole(data.protocol.draws)} draws of a bootstrap over families, tasks and runs. Protocol ${oneLine(data.protocol.name, 60)} ${oneLine(data.protocol.version, 30)}, weights ${oneLine(data.protocol.weighting, 40)}.`;
  const warnings = agents.flatMap((agent) =>
    agent.warnings.map((text) => el("li", {}, `${oneLine(agent.agent, 60)}: `, text)),
  );
  return section(
    "scores",
    "Scores",
    el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": "Scores" }, table),
    el("p", { class: "under" }, interval),
    warnings.length ? el("ul", { class: "warnings" }, ...warnings) : null,
  );
}

// Both plots; drawn again where the window gets another width.
function pictures(data) {
  const agents = data.sides.flatMap((side, n) => side.scores.map((one) => ({ ...one, side: n })));
  const named = (agent) => [oneLine(agent.agent, 60), sideName(data, agent.side)].filter(Boolean).join(", ");
  const limits = timeLimits(agents);
  const horizons = el("div", { class: "plots" });
  const brackets = el("div", {});
  const names = listOf(data.protocol.brackets)
    .map((one) => one.name)
    .filter((name) => agents.some((agent) => agent.brackets.some((one) => one.name === name && one.runs > 0)));
  const legend = el(
    "p",
    { class: "legend" },
    ...(agents.length > 1 ? agents.map((agent, n) => el("span", { class: `key s${n % 4}` }, named(agent))) : []),
  );
  const draw = (width) => {
    const each = agents.length > 1 && width > 700 ? (width - 32) / 2 : Math.min(width, 680);
    clear(horizons).append(
      ...agents.map((agent) =>
        el(
          "figure",
          {},
          el("figcaption", {}, named(agent)),
          horizonPlot(agent, limits, each, data.protocol.fractional),
        ),
      ),
    );
    clear(brackets).append(
      bracketPlot(
        agents.map((agent) => ({ name: named(agent), brackets: agent.brackets })),
        names,
        Math.min(width, 680),
      ),
    );
  };
  const node = section(
    "plots",
    "Human time",
    horizons,
    el(
      "p",
      { class: "under" },
      "Each dot is a task: the share of its runs that succeed, its size by weight. The diamonds are time horizons, with the range of their intervals behind them.",
    ),
    legend,
    brackets,
  );
  return { node, draw };
}

function checks(data) {
  const parts = data.sides.flatMap((side, n) =>
    side.scores.map((agent) =>
      checksOf(
        agent,
        [oneLine(agent.agent, 60), sideName(data, n)].filter(Boolean).join(", "),
        flagsOf(data, n, agent.agent),
      ),
    ),
  );
  return section("checks", "Checks", ...parts);
}

function checksOf(agent, name, flags) {
  const rank = { failed: 0, unknown: 1, passed: 2 };
  const sorted = [...agent.checks].sort((a, b) => rank[a.verdict] - rank[b.verdict]);
  const good = sorted.filter((check) => check.verdict === "passed").length;
  const list = sorted.map((check) =>
    el(
      "li",
      { class: `check ${check.verdict}` },
      tone(check.verdict),
      el("span", {}, el("b", {}, spaced(check.name)), " ", check.sentence),
    ),
  );
  return el(
    "div",
    { class: "checks" },
    el("h3", {}, name),
    el("p", { class: "under" }, `${good} of ${count(sorted.length, "check")} passed`),
    el("ul", { class: "plain" }, ...list),
    flags,
  );
}

// What must be looked into before the result is believed, with the runs that say so.
function flagsOf(data, n, agent) {
  const flags = listOf(own(data.sides[n].flags, agent));
  if (!flags.length) return null;
  const items = flags.map((flag) => {
    const seen = flag.runs.map((id) => data.runs.find((run) => run.side === n && run.id === id)).filter(Boolean);
    const links = seen
      .slice(0, 6)
      .flatMap((run) => [" ", link(runHash(run), { class: "flagged" }, `${oneLine(run.task, 60)} ${whole(run.run)}`)]);
    return el(
      "li",
      {},
      flag.sentence,
      seen.length ? `, in ${count(seen.length, "run")}:` : "",
      ...links,
      seen.length > 6 ? " …" : "",
    );
  });
  return [el("h4", {}, "Red flags"), el("ul", { class: "warnings" }, ...items)];
}
