// Records and transcripts: where they are in the page or beside it, and how they are unpacked when one is opened.

const arrived = new Map();
const NAME = /^r\d+\.\d+\.\d+$/;

// The only address that this page ever loads anything from: the file of a block, named by numbers alone.
const addresses =
  globalThis.trustedTypes && document.getElementById("app").dataset.blocks === "files"
    ? trustedTypes.createPolicy("metr", { createScriptURL: (name) => addressOf(name) })
    : { createScriptURL: addressOf };

function addressOf(name) {
  if (!NAME.test(name)) throw new Error(`no block: ${name}`);
  return `runs/${name}.js`;
}

if (document.getElementById("app").dataset.blocks === "files") {
  Object.defineProperty(globalThis, "metrBlock", { value: (name, packed) => arrived.get(name)?.(packed) });
}

function loaded(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const done = (settle) => (value) => {
      arrived.delete(name);
      script.remove();
      settle(value);
    };
    arrived.set(name, done(resolve));
    script.addEventListener(
      "error",
      done(() => reject(new Error(`the file runs/${name}.js is not beside this page`))),
    );
    script.src = addresses.createScriptURL(name);
    document.head.append(script);
  });
}

// A block stands behind everything else, so the page may be open before it has been read.
async function inside(name) {
  for (;;) {
    // Whether it is complete is known by what follows it, or by the page's end.
    const element = document.getElementById(name);
    if (element && (element.nextElementSibling || document.readyState !== "loading")) return element.textContent;
    if (document.readyState !== "loading") throw new Error("this page is cut off: what belongs here is missing");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function decoded(packed) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(packed);
  const text = atob(packed);
  const found = new Uint8Array(text.length);
  for (let n = 0; n < text.length; n += 1) found[n] = text.charCodeAt(n);
  return found;
}

// {record, lines: [the lines of the transcript as they are in its file]}.
async function openBlock(name) {
  const files = document.getElementById("app").dataset.blocks === "files";
  const packed = await (files ? loaded(name) : inside(name));
  const stream = new Blob([decoded(packed)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const lines = (await new Response(stream).text()).split("\n");
  const first = objectOf(JSON.parse(lines[0]));
  return { record: objectOf(first.record), lines: lines.slice(1).filter((one) => one.trim() !== "") };
}

// An event with its line as it was recorded; what is no event is told to be damaged.
function eventOf(raw, number) {
  let data = null;
  try {
    data = JSON.parse(raw);
  } catch {
    data = null;
  }
  const good = data !== null && typeof data === "object" && typeof own(data, "kind") === "string";
  return {
    raw,
    number,
    kind: good ? data.kind : "damaged",
    data: good ? data : {},
    at: good ? Date.parse(own(data, "at")) : NaN,
  };
}
