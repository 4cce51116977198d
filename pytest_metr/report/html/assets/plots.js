// Success against human time, and scores by bracket, drawn from the numbers of the result.

const TICKS = [1 / 60, 4 / 60, 15 / 60, 1, 4, 15, 60, 240, 960, 4800, 24000];
const log2 = (minutes) => Math.log2(minutes);
const drawable = (minutes) =>
  typeof minutes === "number" && minutes > 0 && Number.isFinite(minutes) && Math.abs(log2(minutes)) < 300;
let plots = 0;

// The human minutes at both ends of the axis that all agents share, as powers of 2.
function timeLimits(agents) {
  const places = agents.flatMap((agent) =>
    agent.points
      .map((point) => point[1])
      .filter(drawable)
      .map(log2),
  );
  if (places.length === 0) return [0, 10];
  const low = Math.min(...places);
  const high = Math.max(...places);
  const near = agents
    .flatMap((agent) =>
      agent.horizons
        .map((horizon) => horizon.value)
        .filter(drawable)
        .map(log2),
    )
    .filter((place) => place >= low - 3 && place <= high + 3);
  const lacking = Math.max(4 - (high - low), 0) / 2;
  return [Math.min(low, ...near) - 0.6 - lacking, Math.max(high, ...near) + 0.6 + lacking];
}

function frame(width, height, title, description) {
  plots += 1;
  const ids = [`plot-title-${plots}`, `plot-text-${plots}`];
  const drawing = svg(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      width: String(width),
      height: String(height),
      class: "plot",
      role: "img",
      "aria-labelledby": ids.join(" "),
    },
    svg("title", { id: ids[0] }, title),
    svg("desc", { id: ids[1] }, description),
  );
  return drawing;
}

const line = (kind, x1, y1, x2, y2) => svg("line", { class: kind, x1: fix(x1), y1: fix(y1), x2: fix(x2), y2: fix(y2) });
const words = (kind, x, y, anchor, text) =>
  svg("text", { class: kind, x: fix(x), y: fix(y), "text-anchor": anchor }, text);
const fix = (number) => (Number.isFinite(number) ? String(Math.round(number * 100) / 100) : "0");
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function horizonPlot(agent, limits, width, fractional) {
  const height = clamp(width * 0.52, 190, 300);
  const box = { left: 46, right: width - 14, top: 14, bottom: height - 40 };
  const x = (minutes) => box.left + ((log2(minutes) - limits[0]) / (limits[1] - limits[0])) * (box.right - box.left);
  const y = (share) => box.bottom - share * (box.bottom - box.top);
  const told = agent.horizons.map((one) => `${one.percent} %: ${one.words} ${one.range}`).join("; ");
  const drawing = frame(
    width,
    height,
    `Success against human time: ${oneLine(agent.agent, 80)}`,
    `Time horizons: ${told}`,
  );
  axes(drawing, box, limits, x, y);
  for (const one of agent.horizons) band(drawing, one, box, limits, x, y);
  curve(drawing, agent, limits, x, y);
  const mean = agent.points.reduce((sum, point) => sum + point[4], 0) / Math.max(agent.points.length, 1);
  for (const [task, minutes, success, mark, weight, runs] of agent.points) {
    if (!drawable(minutes)) continue;
    const share = fractional ? mark : success;
    const radius = clamp(3.4 * Math.sqrt(mean > 0 ? weight / mean : 1), 2, 8);
    const dot = svg("circle", { class: "task", cx: fix(x(minutes)), cy: fix(y(clamp(share, 0, 1))), r: fix(radius) });
    dot.append(
      svg("title", {}, `${oneLine(task, 80)}: ${percent(share)} of ${count(runs, "run")}, ${humanTime(minutes)}`),
    );
    drawing.append(dot);
  }
  for (const one of agent.horizons) marker(drawing, one, limits, x, y);
  return drawing;
}

function axes(drawing, box, limits, x, y) {
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    drawing.append(line(share === 0.5 ? "grid half" : "grid", box.left, y(share), box.right, y(share)));
    if (share % 0.5 === 0) drawing.append(words("tick", box.left - 7, y(share) + 4, "end", `${share * 100} %`));
  }
  const inside = TICKS.filter((minutes) => log2(minutes) >= limits[0] && log2(minutes) <= limits[1]);
  const every = Math.max(Math.ceil((inside.length * 58) / (box.right - box.left)), 1);
  inside.forEach((minutes, n) => {
    drawing.append(line("mark", x(minutes), box.bottom, x(minutes), box.bottom + 4));
    if (n % every === 0) drawing.append(words("tick", x(minutes), box.bottom + 17, "middle", humanTime(minutes)));
  });
  drawing.append(line("axis", box.left, box.bottom, box.right, box.bottom));
  drawing.append(words("name", (box.left + box.right) / 2, box.bottom + 34, "middle", "time that a person takes"));
}

// From the low to the high end of a horizon; an end beyond the axis is at its edge.
function band(drawing, one, box, limits, x, y) {
  const low = numberOf(one.low);
  const high = numberOf(one.high);
  if (low === null || high === null || !drawable(numberOf(one.value))) return;
  const ends = [low, high]
    .map((end) => clamp(end > 0 ? log2(end) : -Infinity, limits[0], limits[1]))
    .map((place) => x(2 ** place));
  const height = y(one.percent / 100);
  drawing.append(
    svg("rect", {
      class: `band p${one.percent === 50 ? 50 : 80}`,
      x: fix(ends[0]),
      y: fix(box.top),
      width: fix(Math.max(ends[1] - ends[0], 1)),
      height: fix(box.bottom - box.top),
    }),
  );
  drawing.append(line("whisker", ends[0], height, ends[1], height));
}

function marker(drawing, one, limits, x, y) {
  const value = numberOf(one.value);
  if (!drawable(value) || log2(value) < limits[0] || log2(value) > limits[1]) return;
  const [left, top] = [x(value), y(one.percent / 100)];
  const mark = svg("path", { class: "horizon", d: `M${fix(left)} ${fix(top - 6)}l6 6l-6 6l-6 -6z` });
  mark.append(svg("title", {}, `${one.percent} % horizon: ${one.words} ${one.range}`));
  const late = left > x(2 ** limits[1]) - 130;
  drawing.append(
    mark,
    words("label", left + (late ? -10 : 10), top - 8, late ? "end" : "start", `${one.percent} %: ${one.words}`),
  );
}

function curve(drawing, agent, limits, x, y) {
  const [a, b] = [numberOf(agent.intercept), numberOf(agent.slope)];
  if (a === null || b === null || !Number.isFinite(a) || !Number.isFinite(b)) return;
  const steps = 120;
  const places = Array.from({ length: steps + 1 }, (_, n) => limits[0] + (n / steps) * (limits[1] - limits[0]));
  const d = places
    .map((place, n) => `${n ? "L" : "M"}${fix(x(2 ** place))} ${fix(y(1 / (1 + Math.exp(-(a + b * place)))))}`)
    .join("");
  drawing.append(svg("path", { class: "curve", d }));
}

// One line for each bracket, one mark for each agent on it, with its interval.
function bracketPlot(series, names, width) {
  const rows = 20 * series.length + 14;
  const box = { left: width < 480 ? 104 : 150, right: width - 46, top: 8 };
  const bottom = box.top + rows * names.length;
  const x = (share) => box.left + clamp(share, 0, 1) * (box.right - box.left);
  const told = series
    .map(
      (one) => `${oneLine(one.name, 60)}: ${one.brackets.map((b) => `${spaced(b.name)} ${b.score.words}`).join(", ")}`,
    )
    .join("; ");
  const drawing = frame(width, bottom + 38, "Score by bracket of human time", told);
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    drawing.append(line("grid", x(share), box.top, x(share), bottom));
    drawing.append(words("tick", x(share), bottom + 16, "middle", String(share)));
  }
  drawing.append(words("name", (box.left + box.right) / 2, bottom + 33, "middle", "score"));
  names.forEach((name, row) => {
    const top = box.top + row * rows;
    drawing.append(words("bracket", box.left - 12, top + rows / 2 + 4, "end", spaced(name)));
    drawing.append(line("rule", 0, top + rows, width, top + rows));
    series.forEach((one, n) => {
      const found = one.brackets.find((bracket) => bracket.name === name);
      if (found) bracketMark(drawing, found, n, top + 17 + n * 20, x, box);
    });
  });
  return drawing;
}

function bracketMark(drawing, bracket, n, height, x, box) {
  const { value, low, high, words: told, range } = bracket.score;
  const place = numberOf(value);
  if (place === null) {
    drawing.append(words("tick", box.left + 6, height + 4, "start", bracket.runs ? "–" : "no runs"));
    return;
  }
  if (numberOf(low) !== null) drawing.append(line(`whisker s${n % 4}`, x(low), height, x(high), height));
  const shape =
    n % 2
      ? `M${fix(x(place) - 4.5)} ${fix(height - 4.5)}h9v9h-9z`
      : `M${fix(x(place))} ${fix(height - 6)}l6 6l-6 6l-6 -6z`;
  const mark = svg("path", { class: `score s${n % 4}`, d: shape });
  mark.append(
    svg(
      "title",
      {},
      `${spaced(bracket.name)}: ${told} ${range}, ${count(bracket.tasks, "task")}, ${count(bracket.runs, "run")}`,
    ),
  );
  drawing.append(mark, words("tick", box.right + 8, height + 4, "start", told));
}
