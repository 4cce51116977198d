// Numbers and names as a person reads them.

const STATUS_WORDS = {
  scored: "scored",
  limit: "limit",
  agent_error: "agent error",
  needs_score: "needs a score",
  infra_error: "infrastructure error",
  not_run: "not run",
};
const LABEL_WORDS = {
  real: "real",
  spurious: "spurious",
  tradeoff: "trade-off",
  success_doubtful: "doubtful success",
  disputed: "disputed",
};
const VERDICT_WORDS = { passed: "Passed", failed: "Failed", inconclusive: "Inconclusive", unknown: "Unknown" };
const known = (words, name) => (Object.hasOwn(words, name) ? words[name] : oneLine(name, 60));
const spaced = (name) => oneLine(name, 60).replaceAll("_", " ");

function digits(value, most = 3) {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "–";
  const rounded = Number(value.toPrecision(most));
  return Math.abs(rounded) >= 1000 ? Math.round(rounded).toLocaleString("en") : String(rounded);
}

const score = (value) => (value === "NaN" ? "NaN" : numberOf(value) === null ? "–" : digits(numberOf(value)));
const whole = (value) => (numberOf(value) === null ? "–" : Math.round(value).toLocaleString("en"));
const percent = (value) => (numberOf(value) === null ? "–" : `${digits(value * 100)} %`);
const dollars = (value) => (numberOf(value) === null ? "–" : `$${value < 0.1 ? digits(value, 2) : value.toFixed(2)}`);

// Human minutes; nothing above the hour, as a day of work is no 24 hours.
function humanTime(value) {
  const minutes = numberOf(value);
  if (minutes === null) return "–";
  if (minutes === 0 || !Number.isFinite(minutes)) return digits(minutes);
  if (minutes < 1 / 60000) return "<1 ms";
  if (minutes < 0.995) return `${digits(minutes * 60)} s`;
  return minutes < 59.95 ? `${digits(minutes)} min` : `${digits(minutes / 60)} h`;
}

// Seconds that a clock has shown.
function duration(value) {
  const seconds = numberOf(value);
  if (seconds === null || !Number.isFinite(seconds)) return "–";
  if (seconds < 60) return `${digits(seconds)} s`;
  const all = Math.round(seconds);
  const tail = `${String(Math.floor(all / 60) % 60).padStart(all < 3600 ? 1 : 2, "0")}:${String(all % 60).padStart(2, "0")}`;
  return all < 3600 ? tail : `${Math.floor(all / 3600)}:${tail}`;
}

// The time since a beginning, as the margin of a transcript has it.
function elapsed(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const sign = seconds < 0 ? "−" : "+";
  const size = Math.abs(seconds);
  return size < 60 ? `${sign}${size.toFixed(1)} s` : `${sign}${duration(size)}`;
}

function bytes(value) {
  const size = numberOf(value);
  if (size === null) return "–";
  return size < 1000 ? `${size} B` : size < 1e6 ? `${digits(size / 1e3)} kB` : `${digits(size / 1e6)} MB`;
}

// An instant as the files have it, shorter; never in the reader's own zone, so that two readers see the same.
function instant(value) {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/.exec(textOf(value));
  return found ? `${found[1]} ${found[2]} UTC` : oneLine(value, 60) || "–";
}

const count = (number, one, many = `${one}s`) => `${whole(number)} ${number === 1 ? one : many}`;
