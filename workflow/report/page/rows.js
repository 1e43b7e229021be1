// The table: sorting, filtering, hiding and ticking rows, and choosing columns.

const table = byId("rows");
const heads = [...table.tHead.rows[0].cells];
const lines = [...table.tBodies[0].rows].map((line) => ({
  line, id: line.dataset.id, tick: line.querySelector("input"),
  words: `${[...line.cells].map((cell) => cell.textContent).join("\n")}\n${paramWords(line.dataset.id)}`.toLowerCase(),
}));
const extras = extraColumns(); // params that rows have differently, and that show on request

function paramWords(id) {
  return Object.entries(rows.get(id).params).map(([name, value]) => `${name}=${shown(value)}`).join("\n");
}

function extraColumns() {
  const known = heads.map((head) => head.dataset.column);
  const names = content.rows.filter((row) => !row.reported).flatMap((row) => Object.keys(row.params));
  return [...new Set(names)].filter((name) => !known.includes(name));
}

function addColumn(name) {
  const head = element("th", "", { scope: "col", "data-column": name }), button = element("button", name, { type: "button" });
  button.addEventListener("click", () => pressHead(head));
  head.append(button);
  heads.push(head);
  table.tHead.rows[0].append(head);
  for (const { line, id } of lines) line.append(element("td", shown(params(rows.get(id))[name] ?? "-")));
}

function visibleRows() {
  const wanted = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const isWanted = ({ id, words }) => !state.hidden.has(id) && wanted.every((word) => words.includes(word));
  return new Set(lines.filter(isWanted).map(({ id }) => id));
}

function isShown(column) {
  return extras.includes(column) ? state.shown.has(column) : !state.unshown.has(column);
}

function sortLines() {
  const place = heads.findIndex((head) => head.dataset.column === state.sort);
  heads.forEach((head, number) => {
    if (number === place) head.setAttribute("aria-sort", state.order);
    else head.removeAttribute("aria-sort");
  });
  table.tBodies[0].append(...(place < 0 ? lines : [...lines].sort(byColumn(place))).map(({ line }) => line));
}

function byColumn(place) {
  const turn = state.order === "ascending" ? 1 : -1;
  const told = lines.map(({ line }) => sortKey(line.cells[place])).filter(Boolean);
  const isNumber = told.every((key) => !isNaN(parseFloat(key)));
  return (a, b) => {
    const [x, y] = [a, b].map(({ line }) => sortKey(line.cells[place]));
    if (!x || !y) return Boolean(y) - Boolean(x); // what has no figure is last in either order
    return turn * (isNumber ? parseFloat(x) - parseFloat(y) : x.localeCompare(y, undefined, { numeric: true }));
  };
}

// What a cell is sorted by; a time that was not measured, only estimated, has no seconds.
function sortKey(cell) {
  const key = cell.dataset.sort ?? cell.textContent.trim();
  return /^-( |$)/.test(key) ? "" : key;
}

function renderRows() {
  const visible = visibleRows();
  for (const { line, id, tick } of lines) {
    line.hidden = !visible.has(id);
    tick.checked = state.ticked.has(id);
    line.classList.toggle("ticked", tick.checked);
  }
  const told = { shown: visible.size, all: lines.length, ticked: state.ticked.size };
  byId("status").textContent = text("status").replace(/\{(\w+)\}/g, (_, name) => told[name]);
  for (const id of ["hide", "only", "untick"]) byId(id).disabled = !state.ticked.size;
  byId("show").disabled = !state.hidden.size;
  if (byId("filter").value !== state.filter) byId("filter").value = state.filter;
}

let columnsDrawn = "";
let sortDrawn = initial.sort + initial.order; // in which the table comes

function renderColumns() {
  const there = new Set(heads.map((head) => head.dataset.column));
  extras.filter((name) => state.shown.has(name) && !there.has(name)).forEach(addColumn);
  const wanted = heads.map((head) => isShown(head.dataset.column));
  if (String(wanted) !== columnsDrawn) {
    for (const line of table.rows) wanted.forEach((is, place) => { line.cells[place].hidden = !is; });
    columnsDrawn = String(wanted);
  }
  if (state.sort + state.order !== sortDrawn) sortLines();
  sortDrawn = state.sort + state.order;
  byId("columns").querySelectorAll("input").forEach((box) => {
    box.checked = isShown(box.value);
  });
}

function offerColumn(column, title) {
  const label = element("label"), box = element("input", "", { type: "checkbox", value: column });
  box.addEventListener("change", () => {
    const kind = extras.includes(column) ? "shown" : "unshown";
    update({ [kind]: toggled(state[kind], column, box.checked === (kind === "shown")) });
  });
  label.append(box, " ", title);
  return label;
}

function pressHead(head) {
  const { column } = head.dataset, isAgain = state.sort === column && state.order === "ascending";
  update({ sort: column, order: isAgain ? "descending" : "ascending" });
}

heads.slice(1).forEach((head) => head.firstElementChild.addEventListener("click", () => pressHead(head)));
byId("columns").querySelector("fieldset").append(
  ...heads.slice(1).filter((head) => head.dataset.column !== "name")
    .map((head) => offerColumn(head.dataset.column, head.firstElementChild.firstChild.cloneNode(true))),
  ...extras.map((name) => offerColumn(name, name)),
);
for (const { id, tick } of lines) tick.addEventListener("change", () => update({ ticked: toggled(state.ticked, id) }));
byId("filter").addEventListener("input", (event) => update({ filter: event.target.value }));
byId("hide").addEventListener("click", () => update({ hidden: new Set([...state.hidden, ...state.ticked]), ticked: new Set() }));
byId("only").addEventListener("click", () => update({
  hidden: new Set(lines.map(({ id }) => id).filter((id) => !state.ticked.has(id))), filter: "",
}));
byId("show").addEventListener("click", () => update({ hidden: new Set() }));
byId("untick").addEventListener("click", () => update({ ticked: new Set() }));
renderers.push(renderRows, renderColumns);
