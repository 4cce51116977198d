// One run: its facts, what it handed in and how that was scored, and its transcript.

const FIRST_EVENTS = 40;
const MORE_EVENTS = 120;
// From here on, events are laid out only as they come near; before, each has its height at once, and nothing moves.
const LONG = 400;

// The events of a transcript, made in pieces so that the first ones are there at once.
function transcriptView(lines) {
  const events = lines.map((raw, n) => eventOf(raw, n + 1));
  const began = events.find((event) => Number.isFinite(event.at))?.at ?? NaN;
  const list = el("div", { class: "events" });
  const more = button("", () => extend(MORE_EVENTS), { class: "more" });
  const node = el("div", { class: events.length > LONG ? "transcript long" : "transcript" }, list, more);
  let made = 0;

  function extend(number) {
    const next = events.slice(made, made + number);
    list.append(...next.map((event) => eventNode(event, began)));
    made += next.length;
    more.hidden = made >= events.length;
    more.textContent = `Show more events (${whole(events.length - made)} are left)`;
  }

  function jump(number) {
    if (number > made) extend(number - made + FIRST_EVENTS);
    const found = list.children[number - 1];
    if (!found) return;
    found.open = true;
    found.scrollIntoView({ block: "start" });
    found.querySelector("summary").focus({ preventScroll: true });
    state.note({ event: String(number) });
  }

  function fold(open) {
    for (const one of list.children) one.open = open;
  }

  function only(group) {
    list.className = group ? `events only-${group}` : "events";
  }

  extend(FIRST_EVENTS);
  new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && extend(MORE_EVENTS), {
    rootMargin: "1200px",
  }).observe(more);
  return { node, events, jump, fold, only };
}

function transcriptBar(view) {
  const kinds = ["", ...LANES.filter((lane) => view.events.some((event) => groupOf(event.kind) === lane))];
  const choose = el(
    "select",
    { "aria-label": "Events to show", change: () => view.only(choose.value) },
    ...kinds.map((kind) => el("option", { value: kind }, kind ? LANE_WORDS[kind] : "All events")),
  );
  return el(
    "div",
    { class: "filters" },
    el("span", { class: "count" }, count(view.events.length, "event")),
    choose,
    button("Unfold all", () => view.fold(true)),
    button("Fold all", () => view.fold(false)),
  );
}

function facts(run, record) {
  const usage = objectOf(record.usage);
  const sandbox = objectOf(record.sandbox);
  const limits = Object.entries(objectOf(record.limits))
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${spaced(name)} ${whole(value)}`);
  const rows = [
    [
      "Human time",
      run.minutes === null
        ? null
        : `${humanTime(run.minutes)}${record.human_source ? ` (${oneLine(record.human_source, 40)})` : ""}`,
    ],
    ["Bracket", spaced(run.bracket ?? "")],
    [
      "Domains",
      listOf(run.domains)
        .map((name) => spaced(name))
        .join(", "),
    ],
    ["Split", run.split],
    ["Weight", numberOf(record.weight) === null ? null : percent(record.weight)],
    ["Began", instant(record.started_at)],
    [
      "Agent’s time",
      `${duration(usage.seconds)}${numberOf(usage.working_seconds) === null ? "" : `, ${duration(usage.working_seconds)} of it without waiting for models`}`,
    ],
    [
      "Used",
      [
        `${count(numberOf(usage.actions) ?? 0, "action")}`,
        usage.tokens === null ? null : `${whole(usage.tokens)} tokens`,
        numberOf(usage.cost) === null ? null : dollars(usage.cost),
      ]
        .filter(Boolean)
        .join(", "),
    ],
    [
      "Models",
      listOf(usage.models)
        .map(
          (model) =>
            `${oneLine(own(model, "model"), 80)}: ${count(numberOf(own(model, "calls")) ?? 0, "call")}, ${whole(own(model, "retries"))} retries`,
        )
        .join("; "),
    ],
    ["Limits", limits.join(", ")],
    ["Limit hit", run.limit ? `${spaced(run.limit)} (${whole(own(record.limit_hit, "allowed"))})` : null],
    ["Observed", observedWords(run)],
    [
      "Canary",
      record.canary_found === true
        ? "found in what the agent did or saw"
        : record.canary_found === false
          ? "not found"
          : null,
    ],
    [
      "Sandbox",
      [sandbox.provider, sandbox.image]
        .filter(Boolean)
        .map((text) => oneLine(text, 80))
        .join(" "),
    ],
    ["Task version", record.task_version],
    ["Beside the agent’s own runs", run.beside],
    ["Frozen before", record.agent_frozen === true ? "yes" : record.agent_frozen === false ? "no" : null],
    ["Node id", record.nodeid],
    ["Hash of the family’s files", record.family_hash],
    ["Agent’s identity", record.agent_identity],
  ];
  const hashes = new Set(["Hash of the family’s files", "Agent’s identity"]);
  return el(
    "dl",
    { class: "facts" },
    ...rows
      .filter(([, value]) => value && value !== "–")
      .map(([name, value]) =>
        el("div", {}, el("dt", {}, name), el("dd", { class: hashes.has(name) ? "hash" : null }, oneLine(value, 400))),
      ),
  );
}

function evidence(record) {
  const scoring = objectOf(record.scoring_output);
  const failure = objectOf(record.failure);
  const parts = [
    record.failure
      ? part(
          `Failure: ${spaced(failure.cause ?? "")}`,
          [
            textOf(failure.message),
            ...Object.entries(objectOf(failure.evidence)).map(([name, text]) => `${name}:\n${textOf(text)}`),
          ].join("\n\n"),
          "prose",
        )
      : null,
    record.submission === null || record.submission === undefined
      ? el("p", { class: "remark" }, "Nothing was handed in.")
      : part("Submission", record.submission === "" ? "(empty)" : record.submission),
    ...Object.entries(scoring).map(([name, text]) =>
      name === "exit_code"
        ? text === "0"
          ? null
          : part("Exit code of scoring", text)
        : part(`Scoring: ${name}`, text, "output"),
    ),
    ...listOf(record.notes).map((note) => part("Note", note, "prose")),
  ];
  return el("div", { class: "evidence" }, ...parts);
}

function findingOf(run) {
  if (!run.finding) return null;
  const { labels, categories, notes, settled, disputed } = run.finding;
  const each = Object.entries(objectOf(labels)).map(
    ([reader, label]) => `${oneLine(reader, 60)}: ${known(LABEL_WORDS, label)}`,
  );
  return el(
    "div",
    { class: "finding" },
    el("p", {}, disputed ? "The readers disagree. " : settled ? "Settled. " : "", each.join("; ")),
    Object.keys(objectOf(categories)).length
      ? el(
          "p",
          { class: "under" },
          Object.entries(categories)
            .map(([name, number]) => `${spaced(name)} ${whole(number)}`)
            .join(", "),
        )
      : null,
    ...listOf(notes).map((note) => textBlock(note, "prose")),
  );
}

function runHead(run) {
  const status = known(STATUS_WORDS, run.status);
  return el(
    "p",
    { class: "outcome-line" },
    outcome(run),
    ` ${status}`,
    run.cause ? ` (${spaced(run.cause)})` : "",
    " ",
    labelCell(run),
  );
}

// The page of a run; neighbours are the runs before and after it in the table as it is filtered and sorted.
async function runPage(data, run, { previous, next, place, width }) {
  const title = el("h1", { tabindex: "-1" }, oneLine(run.task, 160));
  const move = (to, label) =>
    to ? link(runHash(to), { class: "step", "data-step": label }, label) : el("span", { class: "step off" }, label);
  const place_ = el(
    "p",
    { class: "under" },
    `Run ${whole(run.run)} of ${oneLine(run.agent, 80)}`,
    sideName(data, run.side) ? `, ${sideName(data, run.side)}` : "",
    place ? ` · ${place}` : "",
  );
  const node = el(
    "article",
    { class: "run" },
    el(
      "nav",
      { class: "steps", "aria-label": "Runs" },
      link(state.hash(PLACES), { class: "step", "data-step": "back" }, "All runs"),
      move(previous, "Previous"),
      move(next, "Next"),
    ),
    title,
    place_,
    runHead(run),
  );
  const fill_ = async () => {
    const [name] = run.blocks[0];
    const { record, lines } = await openBlock(name);
    node.append(findingOf(run) ?? "", facts(run, record), evidence(record), ...transcripts(run, lines, width));
  };
  return {
    node,
    title,
    fill: () =>
      fill_().catch((error) =>
        node.append(el("p", { class: "trouble", role: "alert" }, `This run cannot be shown: ${error.message}`)),
      ),
  };
}

function transcripts(run, lines, width) {
  const [, , problem] = run.blocks[0];
  if (problem) return [el("h2", {}, "Transcript"), el("p", { class: "trouble" }, problem), ...tries(run)];
  const view = transcriptView(lines);
  const drawing = timeline(view.events, width, view.jump);
  const wanted = Number(state.get("event"));
  if (wanted > 0) setTimeout(() => view.jump(wanted));
  return [
    ...(drawing ? [el("h2", {}, "Time line"), drawing] : []),
    el("h2", {}, "Transcript"),
    transcriptBar(view),
    view.node,
    ...tries(run),
  ];
}

// Earlier tries that came to nothing; each is opened by itself.
function tries(run) {
  return run.blocks.slice(1).map(([name, size, problem], n) => {
    const details = el(
      "details",
      { class: "try" },
      el("summary", {}, `Try ${n + 1}, which came to nothing`, size === null ? "" : ` (${bytes(size)})`),
    );
    const open = async () => {
      if (problem) details.append(el("p", { class: "trouble" }, problem));
      else details.append(transcriptView((await openBlock(name)).lines).node);
    };
    details.addEventListener(
      "toggle",
      () => open().catch((error) => details.append(el("p", { class: "trouble" }, error.message))),
      { once: true },
    );
    return details;
  });
}
