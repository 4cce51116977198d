// What reading the runs makes of the numbers.

const CORRECTION_WORDS = {
  as_measured: "As measured",
  without_spurious: "Without spurious failures",
  upper_bound: "Upper bound: spurious and disputed ones succeed",
  without_doubtful: "Doubtful successes fail",
};

// The section; nothing where nobody has read runs. Notes are of labels that do not count.
function elicitations(data) {
  const found = data.sides.flatMap((side, n) => [
    ...side.elicitations.map((one) => elicitationOf(one, sideName(data, n))),
    ...side.agreements.map((sentence) => el("p", { class: "agreement under" }, oneLine(sentence, 400))),
  ]);
  const notes = listOf(data.notes);
  if (notes.length) found.push(el("ul", { class: "warnings" }, ...notes.map((text) => el("li", {}, oneLine(text, 400)))));
  return found.length ? section("elicitation", "Elicitation", ...found) : null;
}

function elicitationOf(found, name) {
  const percents = [...new Set(found.corrected.flatMap((one) => one.horizons.map((horizon) => horizon.percent)))];
  const heads = ["", "runs changed", "overall score", "success rate", ...percents.map((p) => `${p} % horizon`)];
  const rows = found.corrected.map((one) => {
    const changed = one.inferred
      ? `${digits(one.changed)}, ${digits(one.inferred)} of them inferred`
      : digits(one.changed);
    const horizons = percents.map((p) =>
      figure(one.horizons.find((horizon) => horizon.percent === p) ?? { words: "–" }),
    );
    const cells = [changed, figure(one.score), figure(one.success), ...horizons];
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, known(CORRECTION_WORDS, one.name)),
      ...cells.map((cell) => el("td", {}, cell)),
    );
  });
  const label = `Corrected numbers of ${oneLine(found.agent, 60)}`;
  const corrected = el(
    "table",
    { class: "figures" },
    el("caption", { class: "unseen" }, label),
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...rows),
  );
  const total = (key) => found.read.reduce((sum, one) => sum + (numberOf(one[key]) ?? 0), 0);
  const told = [
    `${whole(total("read"))} of ${count(total("failures"), "failure")} read`,
    `${whole(total("spurious"))} spurious`,
    `${whole(total("tradeoff"))} trade-offs`,
    `${whole(total("disputed"))} disputed`,
    `${whole(total("successes_read"))} of ${count(total("successes"), "success", "successes")} read, ${whole(total("doubtful"))} doubtful`,
    ...(found.inferred ? ["what unread failures are is inferred from a random sample of them"] : []),
  ];
  const categories = Object.entries(found.categories).sort((a, b) => b[1] - a[1]);
  return el(
    "div",
    { class: "elicitation" },
    el("h3", {}, [oneLine(found.agent, 60), name].filter(Boolean).join(", ")),
    el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": label }, corrected),
    el("p", { class: "under" }, told.join(" · ")),
    categories.length
      ? el(
          "p",
          { class: "under" },
          "Why: ",
          categories.map(([category, number]) => `${spaced(category)} ${whole(number)}`).join(" · "),
        )
      : null,
    ...found.guided.map((sentence) => el("p", { class: "guided under" }, `Run again, ${oneLine(sentence, 600)}`)),
    found.warnings.length ? el("ul", { class: "warnings" }, ...found.warnings.map((text) => el("li", {}, text))) : null,
  );
}
