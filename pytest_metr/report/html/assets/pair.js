// The same task on both sides: two transcripts beside each other.

function pairPage(data, task) {
  const found = pairedTasks(data).find((one) => visible(one.task) === task);
  const title = el("h1", { tabindex: "-1" }, oneLine(task, 160));
  const back = el(
    "nav",
    { class: "steps", "aria-label": "Comparison" },
    link(state.hash({ ...PLACES, at: "comparison" }), { class: "step", "data-step": "back" }, "Comparison"),
  );
  const node = el("article", { class: "run" }, back, title);
  if (!found) {
    node.append(el("p", { class: "trouble" }, "Both sides have no runs of this task."));
    return { node, title, fill: () => undefined };
  }
  node.append(
    el(
      "p",
      { class: "under" },
      `${humanTime(found.minutes)} of a person’s time · mean score ${score(found.means[0])} before, ${score(found.means[1])} after`,
    ),
  );
  const columns = found.runs.map((runs, n) => pairColumn(runs, n));
  node.append(el("div", { class: "pair" }, ...columns.map((column) => column.node)));
  return { node, title, fill: () => Promise.all(columns.map((column) => column.show())) };
}

function pairColumn(runs, n) {
  const key = n === 0 ? "left" : "right";
  const place = el("div", {});
  const wanted = runs.findIndex((run) => String(run.run) === state.get(key));
  const choose = el(
    "select",
    {
      "aria-label": `Run ${n === 0 ? "before" : "after"}`,
      change: () => (state.note({ [key]: String(runs[Number(choose.value)].run) }), show()),
    },
    ...runs.map((run, number) => el("option", { value: String(number) }, `Run ${whole(run.run)}: ${score(run.score)}`)),
  );
  choose.value = String(Math.max(wanted, 0));
  const node = el(
    "div",
    { class: "column" },
    el("h2", {}, `${n === 0 ? "Before" : "After"}: ${oneLine(runs[0].agent, 60)}`),
    choose,
    place,
  );

  async function show() {
    const run = runs[Number(choose.value)];
    clear(place).append(runHead(run), link(runHash(run), { class: "under" }, "the whole run"));
    try {
      const { record, lines } = await openBlock(run.blocks[0][0]);
      const problem = run.blocks[0][2];
      place.append(evidence(record), problem ? el("p", { class: "trouble" }, problem) : transcriptView(lines).node);
    } catch (error) {
      place.append(el("p", { class: "trouble", role: "alert" }, `This run cannot be shown: ${error.message}`));
    }
  }

  return { node, show };
}
