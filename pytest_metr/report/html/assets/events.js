// The events of a transcript, each as a person reads it, and as it was recorded.

const CUT = 6000;
const CUT_LINES = 80;
const TOOLS = new Set(["bash", "python"]);
const OPEN = new Set([
  "model_response",
  "bash",
  "python",
  "score",
  "intermediate_score",
  "submit",
  "malformed_call",
  "note",
  "error",
  "limit",
  "model_failed",
  "damaged",
  "report_note",
  "teardown_error",
  "context_cut",
]);
const GROUPS = {
  model: new Set(["model_request", "model_response", "model_failed", "model_asked_for", "context_cut"]),
  tool: new Set(["bash", "python", "spawn", "terminal", "malformed_call"]),
  score: new Set(["score", "intermediate_score", "submit"]),
  trouble: new Set(["error", "limit", "teardown_error", "damaged", "report_note"]),
};
const groupOf = (kind) => Object.keys(GROUPS).find((group) => GROUPS[group].has(kind)) ?? "other";

// A text in a place of its own, however long it is: the rest of a long one is shown on demand.
function textBlock(text, kind = "") {
  const whole_ = typeof text === "string" ? text : plainText(text);
  const short = whole_.slice(0, CUT).split("\n").slice(0, CUT_LINES).join("\n");
  const pre = el("pre", { class: `text ${kind}`.trim() }, short);
  if (short.length === whole_.length) return pre;
  const left = whole_.length - short.length;
  const more = button(
    `Show all (${whole(left)} more characters)`,
    () => {
      pre.textContent = visible(whole_);
      more.remove();
    },
    { class: "more" },
  );
  return el("div", {}, pre, more);
}

function part(title, content, kind) {
  if (content === null || content === undefined || content === "") return null;
  return el(
    "div",
    { class: "part" },
    el("h5", {}, title),
    content instanceof Node ? content : textBlock(content, kind),
  );
}

const EVENTS = {
  task: (data) => [part("Instructions", own(data, "instructions"), "prose")],
  model_request: (data) => listOf(own(data, "messages")).map((message) => said(message)),
  model_response: (data) => replyOf(objectOf(own(data, "body"))),
  bash: (data) => ran(own(data, "command"), data),
  python: (data) => ran(own(data, "code"), data),
  submit: (data) => [part("Submission", own(data, "answer") === "" ? "(empty)" : own(data, "answer"))],
  note: (data) => [textBlock(own(data, "text"), "prose")],
  report_note: (data) => [textBlock(own(data, "text"), "prose")],
  malformed_call: (data) => [
    textBlock(own(data, "problem"), "prose"),
    part(oneLine(own(data, "name"), 80) || "call", own(data, "arguments"), "code"),
  ],
  damaged: () => [el("p", {}, "This line of the transcript is no event, as a process that is killed can leave one.")],
};

function ran(input, data) {
  const code = own(data, "exit_code");
  const notes = [
    code !== 0 && code !== null && code !== undefined ? `exit code ${oneLine(code, 20)}` : null,
    own(data, "timed_out") ? "timed out" : null,
    own(data, "dropped") > 0 ? `${bytes(own(data, "dropped"))} dropped by the limit` : null,
  ].filter(Boolean);
  const output = own(data, "output");
  return [
    textBlock(input, "code"),
    notes.length ? el("p", { class: "remark" }, notes.join(", ")) : null,
    output === "" || output === undefined ? el("p", { class: "remark" }, "no output") : textBlock(output, "output"),
  ];
}

function said(message) {
  const content = own(message, "content");
  const pieces = Array.isArray(content)
    ? content.flatMap((piece) => pieceOf(objectOf(piece)))
    : content
      ? [textBlock(content, "prose")]
      : [];
  return el(
    "div",
    { class: "part" },
    el("h5", {}, oneLine(own(message, "role"), 40) || "message"),
    ...pieces,
    ...listOf(own(message, "tool_calls")).map((call) => called(call)),
  );
}

function replyOf(body) {
  const message = own(listOf(own(body, "choices"))[0], "message");
  if (message) {
    const thought = own(message, "reasoning_content") ?? own(message, "reasoning");
    const content = own(message, "content");
    const calls = listOf(own(message, "tool_calls"));
    return [
      thought ? part("Reasoning", thought, "prose thought") : null,
      ...(Array.isArray(content)
        ? content.flatMap((piece) => pieceOf(objectOf(piece)))
        : content
          ? [textBlock(content, "prose")]
          : []),
      own(message, "refusal") ? part("Refusal", own(message, "refusal"), "prose") : null,
      ...calls.map((call) => called(call)),
      !content && !calls.length && !thought ? el("p", { class: "remark" }, "an empty reply") : null,
    ];
  }
  const content = own(body, "content");
  return Array.isArray(content) ? content.flatMap((piece) => pieceOf(objectOf(piece))) : [textBlock(body, "code")];
}

function pieceOf(piece) {
  const kind = own(piece, "type");
  if (kind === "text") return [textBlock(own(piece, "text"), "prose")];
  if (kind === "thinking") return [part("Reasoning", own(piece, "thinking"), "prose thought")];
  if (kind === "tool_use") return [part(`calls ${oneLine(own(piece, "name"), 80)}`, own(piece, "input"), "code")];
  if (kind === "tool_result") return [part("Result", own(piece, "content"), "output")];
  return [textBlock(piece, "code")];
}

// What a call holds is shown with the tool's own event; here it is only named, unless it is all there is.
function called(call) {
  const asked = objectOf(own(call, "function"));
  const name = oneLine(own(asked, "name"), 80);
  const details = el("details", { class: "call" }, el("summary", {}, `calls ${name}`));
  details.addEventListener("toggle", () => details.append(textBlock(own(asked, "arguments"), "code")), { once: true });
  return details;
}

// The line by which a folded event is known.
function synopsis(event) {
  const { kind, data } = event;
  if (kind === "bash") return oneLine(own(data, "command"), 160);
  if (kind === "python") return oneLine(own(data, "code"), 160);
  if (kind === "model_request")
    return `${count(listOf(own(data, "messages")).length, "new message")} to ${oneLine(own(data, "model"), 80)}`;
  if (kind === "model_response") return responseWords(data);
  if (kind === "score" || kind === "intermediate_score")
    return own(data, "score") === undefined ? "" : `score ${score(own(data, "score"))}`;
  if (kind === "task") return oneLine(own(data, "instructions"), 160);
  if (kind === "submit") return oneLine(own(data, "answer"), 120);
  if (kind === "spawn") return oneLine(listOf(own(data, "argv")).map(textOf).join(" "), 160);
  return oneLine(own(data, "text") ?? own(data, "problem") ?? own(data, "message") ?? "", 160);
}

function responseWords(data) {
  const tokens = objectOf(own(data, "tokens"));
  const parts = [
    numberOf(tokens.input) === null ? null : `${whole(tokens.input)} tokens in, ${whole(tokens.output)} out`,
    numberOf(own(data, "seconds")) === null ? null : duration(own(data, "seconds")),
    own(data, "retries") > 0 ? count(own(data, "retries"), "retry", "retries") : null,
  ];
  return parts.filter(Boolean).join(", ");
}

function bodyOf(event) {
  const make = Object.hasOwn(EVENTS, event.kind)
    ? EVENTS[event.kind]
    : (data) => [textBlock(withoutFrame(data), "code")];
  const raw = button(
    "as recorded",
    () => {
      raw.replaceWith(textBlock(event.raw, "code raw"));
    },
    { class: "raw" },
  );
  return [...make(event.data), raw];
}

function withoutFrame(data) {
  const kept = Object.create(null);
  for (const key of Object.keys(data)) if (!["n", "at", "kind"].includes(key)) kept[key] = data[key];
  return kept;
}

function eventNode(event, began) {
  const details = el(
    "details",
    { class: `event ${groupOf(event.kind)}`, "data-number": String(event.number) },
    el(
      "summary",
      {},
      el("span", { class: "when" }, elapsed((event.at - began) / 1000)),
      el("span", { class: "kind" }, spaced(event.kind)),
      el("span", { class: "synopsis" }, synopsis(event)),
    ),
  );
  const make = () => details.children.length > 1 || details.append(el("div", { class: "body" }, ...bodyOf(event)));
  details.addEventListener("toggle", () => details.open && make());
  if (OPEN.has(event.kind)) {
    make();
    details.open = true;
  }
  return details;
}
