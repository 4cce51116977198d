// Elements and texts. Everything that a page shows of anybody's words goes through here, and becomes a text node.

const SVG = "http://www.w3.org/2000/svg";
// Nothing else may be set, so that no attribute can load, run or style anything.
const ATTRIBUTES =
  /^(class|id|role|title|type|tabindex|scope|colspan|for|value|placeholder|hidden|open|name|disabled|autocomplete|spellcheck|selected|lang|dir|aria-[a-z]+|data-[a-z]+)$/;
const DRAWING =
  /^(viewBox|x|y|x1|y1|x2|y2|cx|cy|r|d|width|height|points|transform|text-anchor|preserveAspectRatio|focusable)$/;

// What would move or hide text: controls, directions, characters without a width, tags, halves of surrogate pairs.
const UNSEEN = new RegExp(
  "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]" +
    "|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]|\\udb40[\\udc00-\\udfff]",
  "g",
);
const COLOURS = /\u001b\[[0-9;:]*m/g;

const NAMED = { 0: "NUL", 7: "BEL", 8: "BS", 13: "CR", 27: "ESC", 127: "DEL" };

function shown(character) {
  const code = character.codePointAt(0);
  if (Object.hasOwn(NAMED, code)) return `\u27e8${NAMED[code]}\u27e9`;
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
}

// Anybody's text as it may be shown: colours of a terminal go, all else that cannot be seen can be seen.
function visible(value) {
  const text = typeof value === "string" ? value : plainText(value);
  return text.replace(/\r\n/g, "\n").replace(COLOURS, "").replace(UNSEEN, shown);
}

// The same on one line.
function oneLine(value, most = 300) {
  const text = typeof value === "string" ? value : plainText(value);
  const line = visible(text.slice(0, most * 4))
    .replace(/\s+/g, " ")
    .trim();
  return line.length > most ? `${line.slice(0, most)}…` : line;
}

function plainText(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  try {
    return JSON.stringify(value, null, 2) ?? "";
  } catch {
    return "(nested too deeply to be shown here; “as recorded” has it)";
  }
}

function fill(node, attributes, children, allowed) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else if (ATTRIBUTES.test(name) || (allowed && allowed.test(name)))
      node.setAttribute(name, visible(value === true ? "" : value));
    else throw new Error(`no such attribute here: ${name}`);
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(node, child);
    else node.append(child instanceof Node ? child : document.createTextNode(visible(child)));
  }
}

function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children, null);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children, DRAWING);
}

// A place of this page; the only kind of link that there is.
function link(hash, attributes, ...children) {
  const node = el("a", attributes, ...children);
  node.setAttribute("href", hash);
  return node;
}

// A name that may be broken where its parts end, so that narrow windows break no word.
function breakable(name) {
  return oneLine(name, 160)
    .split(/(?<=[/_.])/)
    .flatMap((part_) => [part_, el("wbr", {})]);
}

function button(label, click, attributes) {
  return el("button", { type: "button", click, ...attributes }, label);
}

function clear(node) {
  node.replaceChildren();
  return node;
}

// A stranger's data: what should be a list, an object, a number or a text may be anything.
const listOf = (value) => (Array.isArray(value) ? value : []);
const objectOf = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});
const numberOf = (value) =>
  typeof value === "number" ? value : value === "Infinity" ? Infinity : value === "-Infinity" ? -Infinity : null;
const textOf = (value) =>
  typeof value === "string" ? value : value === null || value === undefined ? "" : plainText(value);
const own = (data, key) =>
  data !== null && typeof data === "object" && Object.hasOwn(data, key) ? data[key] : undefined;
