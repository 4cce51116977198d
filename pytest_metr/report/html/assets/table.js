// Tables that sort, filter, and stay quick with thousands of rows: more rows are made as they come into sight.

const CHUNK = 60;
const inOrder = new Intl.Collator("en", { numeric: true });

// columns: [{key, title, value(row), cell(row), number, minor, help}]; the first one names its row.
// link(row): the hash that a row leads to; filters: [{key, title, of(row) -> [values], words}].
function makeTable({ id, caption, columns, rows, link: leadsTo, filters = [], text, order, keys }) {
  const body = el("tbody", {});
  const heads = columns.map((column) => headOf(column));
  const table = el(
    "table",
    { id, class: "data" },
    el("caption", { class: "unseen" }, caption),
    el("thead", {}, el("tr", {}, ...heads.map((head) => head.node))),
    body,
  );
  const counted = el("span", { class: "count", role: "status" });
  const more = button("Show more", () => extend(), { class: "more", hidden: true });
  const place = el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption }, table);
  const bar = filterBar();
  const node = el("div", { class: "tabled" }, bar.node, place, more);
  const haystacks = new Map(rows.map((row) => [row, text(row).toLowerCase()]));
  let found = [];
  let made = 0;

  function headOf(column) {
    const sort = button(column.title, () => turn(column.key), { class: "sort", title: column.help });
    const classes = [column.number && "number", column.minor && "minor"].filter(Boolean).join(" ");
    return { column, node: el("th", { scope: "col", class: classes || null }, sort) };
  }

  function filterBar() {
    const search = el("input", {
      type: "search",
      id: `${id}-search`,
      placeholder: "Filter",
      autocomplete: "off",
      spellcheck: "false",
      "aria-label": `Filter ${caption.toLowerCase()} by text`,
      input: () => noted({ [keys.text]: search.value }),
    });
    const selects = filters
      .map((filter) => ({ filter, values: valuesOf(filter) }))
      .filter(({ values }) => values.length > 1)
      .map(({ filter, values }) => {
        const choose = el(
          "select",
          { id: `${id}-${filter.key}`, "aria-label": filter.title },
          el("option", { value: "" }, filter.title),
          ...values.map((value, n) =>
            el("option", { value: String(n) }, filter.words ? filter.words(value) : oneLine(value, 60)),
          ),
        );
        // A value may hold anything: the option has its number, the address the value itself.
        return { filter, values, choose };
      });
    for (const { filter, values, choose } of selects) {
      choose.addEventListener("change", () =>
        noted({ [filter.key]: choose.value === "" ? "" : values[Number(choose.value)] }),
      );
    }
    return {
      node: el("div", { class: "filters" }, search, ...selects.map(({ choose }) => choose), counted),
      search,
      selects,
    };
  }

  function valuesOf(filter) {
    return [...new Set(rows.flatMap((row) => filter.of(row).map(visible)))].sort((a, b) =>
      compare(filter.rank ? filter.rank(a) : a, filter.rank ? filter.rank(b) : b),
    );
  }

  function noted(changes) {
    state.note(changes);
    apply();
  }

  function turn(key) {
    const now = state.get(keys.sort) || order;
    noted({ [keys.sort]: now === key ? `-${key}` : now === `-${key}` ? null : key });
  }

  // Which rows there are, in their order, by what the address says.
  function filter() {
    const words = state.get(keys.text).toLowerCase().split(/\s+/).filter(Boolean);
    if (bar.search.value.toLowerCase() !== state.get(keys.text).toLowerCase()) bar.search.value = state.get(keys.text);
    const wanted = bar.selects.map(({ filter, values, choose }) => {
      const value = state.get(filter.key);
      choose.value = value === "" ? "" : String(values.indexOf(value));
      return { filter, value };
    });
    found = rows.filter(
      (row) =>
        words.every((word) => haystacks.get(row).includes(word)) &&
        wanted.every(({ filter, value }) => value === "" || filter.of(row).map(visible).includes(value)),
    );
    sortFound();
  }

  function apply() {
    filter();
    counted.textContent =
      found.length === rows.length ? whole(rows.length) : `${whole(found.length)} of ${whole(rows.length)}`;
    clear(body);
    made = 0;
    extend();
  }

  function sortFound() {
    const now = state.get(keys.sort) || order || "";
    const key = now.replace(/^-/, "");
    const falls = now.startsWith("-");
    for (const { column, node: head } of heads) {
      head.setAttribute("aria-sort", column.key !== key ? "none" : falls ? "descending" : "ascending");
    }
    const column = columns.find((one) => one.key === key);
    if (!column) return;
    const values = new Map(found.map((row) => [row, column.value(row)]));
    found.sort(
      (a, b) =>
        absent(values.get(a), values.get(b)) ??
        (falls ? compare(values.get(b), values.get(a)) : compare(values.get(a), values.get(b))),
    );
  }

  function extend() {
    const next = found.slice(made, made + CHUNK);
    body.append(...next.map((row) => rowOf(row)));
    made += next.length;
    more.hidden = made >= found.length;
    more.textContent = `Show more (${whole(found.length - made)} are left)`;
    if (found.length === 0)
      body.append(
        el("tr", {}, el("td", { colspan: String(columns.length), class: "empty" }, "Nothing fits the filter.")),
      );
  }

  function rowOf(row) {
    const hash = leadsTo(row);
    const cells = columns.map((column, n) => {
      const content = column.cell(row);
      const classes = [column.number && "number", column.minor && "minor"].filter(Boolean).join(" ") || null;
      if (n > 0) return el("td", { class: classes }, content);
      return el("th", { scope: "row" }, hash ? link(hash, {}, content) : content);
    });
    return el("tr", { click: (event) => follow(event, hash) }, ...cells);
  }

  function follow(event, hash) {
    // A person may select text, or click on a link, which leads there by itself.
    if (hash && !event.target.closest("a, button") && String(getSelection()) === "") location.hash = hash;
  }

  function move(step) {
    const links = [...body.querySelectorAll("th a")];
    if (links.length === 0) return;
    const now = links.indexOf(document.activeElement);
    const next = now < 0 ? 0 : Math.min(Math.max(now + step, 0), links.length - 1);
    if (next === links.length - 1) extend();
    links[next].focus();
    links[next].scrollIntoView({ block: "nearest" });
  }

  new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && extend(), {
    rootMargin: "600px",
  }).observe(more);
  return { node, apply, filter, move, search: bar.search, found: () => found, has: (other) => node.contains(other) };
}

// What is not there comes last, whichever way a column is sorted.
function absent(a, b) {
  const gone = (value) => value === null || value === undefined || value === "" || Number.isNaN(value);
  return gone(a) || gone(b) ? Number(gone(a)) - Number(gone(b)) : null;
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  return inOrder.compare(String(a), String(b));
}
