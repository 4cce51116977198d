// What happened when, and the intermediate scores on the way: a line in time that leads to the events.

const LANES = ["model", "tool", "score", "trouble", "other"];
const LANE_WORDS = { model: "model", tool: "tools", score: "scores", trouble: "trouble", other: "other" };

// events: those of a transcript; jump(number): shows one of them.
function timeline(events, width, jump) {
  const timed = events.filter((event) => Number.isFinite(event.at));
  if (timed.length < 2) return null;
  const began = Math.min(...ends(timed));
  const lasted = Math.max(Math.max(...ends(timed)) - began, 1);
  const marks = timed.filter(
    (event) =>
      (event.kind === "intermediate_score" || event.kind === "score") && typeof own(event.data, "score") === "number",
  );
  const lanes = LANES.filter((lane) => timed.some((event) => groupOf(event.kind) === lane));
  const box = { left: 62, right: width - 16, top: 10 };
  // One score at the end alone makes no line.
  const plot = marks.length > 1 ? 92 : 0;
  const bottom = box.top + plot + lanes.length * 18;
  const x = (at) => box.left + ((at - began) / lasted) * (box.right - box.left);
  const told = marks.length
    ? marks
        .map((event) => `${elapsed((event.at - began) / 1000)}: ${score(own(event.data, "score"))}`)
        .slice(0, 40)
        .join("; ")
    : "no scores";
  const drawing = frame(width, bottom + 26, "Time line of the run", told);
  drawing.setAttribute("role", "group");
  if (plot) scoreSteps(drawing, marks, box, plot, x, jump, began);
  lanes.forEach((lane, n) => {
    const height = box.top + plot + n * 18 + 9;
    drawing.append(
      words("tick", box.left - 8, height + 4, "end", LANE_WORDS[lane]),
      line("grid", box.left, height, box.right, height),
    );
    const d = timed
      .filter((event) => groupOf(event.kind) === lane)
      .map((event) => `M${fix(x(event.at))} ${fix(height - 5)}v10`)
      .join("");
    drawing.append(svg("path", { class: `ticks ${lane}`, d }));
  });
  drawing.append(
    words("tick", box.left, bottom + 18, "start", "0"),
    words("tick", box.right, bottom + 18, "end", elapsed(lasted / 1000)),
  );
  const catcher = svg("rect", {
    class: "catcher",
    x: fix(box.left),
    y: fix(box.top + plot),
    width: fix(box.right - box.left),
    height: fix(lanes.length * 18),
  });
  catcher.addEventListener("click", (click) => jump(nearest(timed, click, drawing, lanes, box, plot, x).number));
  drawing.append(catcher);
  return drawing;
}

function ends(timed) {
  // Not by spreading all of them: there may be a hundred thousand.
  return [
    timed.reduce((low, event) => Math.min(low, event.at), Infinity),
    timed.reduce((high, event) => Math.max(high, event.at), -Infinity),
  ];
}

function nearest(timed, click, drawing, lanes, box, plot, x) {
  const place = drawing.getBoundingClientRect();
  const scale = drawing.viewBox.baseVal.width / place.width;
  const [left, top] = [(click.clientX - place.left) * scale, (click.clientY - place.top) * scale];
  const lane = lanes[clamp(Math.floor((top - box.top - plot) / 18), 0, lanes.length - 1)];
  const own_ = timed.filter((event) => groupOf(event.kind) === lane);
  return own_.reduce((best, event) => (Math.abs(x(event.at) - left) < Math.abs(x(best.at) - left) ? event : best));
}

function scoreSteps(drawing, marks, box, plot, x, jump, began) {
  const values = marks.map((event) => event.data.score);
  const [low, high] = [Math.min(0, ...values), Math.max(1, ...values)];
  const y = (value) => box.top + (1 - (value - low) / (high - low)) * (plot - 22) + 4;
  for (const value of [low, high]) {
    drawing.append(
      line("grid", box.left, y(value), box.right, y(value)),
      words("tick", box.left - 8, y(value) + 4, "end", digits(value)),
    );
  }
  const d = marks
    .map((event, n) => `${n ? `H${fix(x(event.at))}V` : `M${fix(x(event.at))} `}${fix(y(event.data.score))}`)
    .join("");
  drawing.append(svg("path", { class: "steps", d }));
  for (const event of marks) {
    const go = () => jump(event.number);
    const told = `Score ${score(event.data.score)} at ${elapsed((event.at - began) / 1000)}`;
    const dot = svg(
      "circle",
      {
        class: event.kind === "score" ? "mark final" : "mark",
        cx: fix(x(event.at)),
        cy: fix(y(event.data.score)),
        r: "5",
        tabindex: "0",
        role: "button",
        "aria-label": told,
      },
      svg("title", {}, told),
    );
    dot.addEventListener("click", go);
    dot.addEventListener("keydown", (key) => (key.key === "Enter" || key.key === " ") && (key.preventDefault(), go()));
    drawing.append(dot);
  }
}
