"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Figures, in the colours of a light or a dark page.
function themed(layout) {
  const axis = (own) => ({ ...own, gridcolor: color("--faint"), linecolor: color("--faint"), tickcolor: color("--faint") });
  return {
    ...layout, xaxis: axis(layout.xaxis), yaxis: axis(layout.yaxis),
    font: { family: "system-ui, sans-serif", size: 13, color: color("--ink") },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    hoverlabel: { bgcolor: color("--ground"), bordercolor: color("--soft"), font: { color: color("--ink") } },
  };
}
function drawFigures() {
  for (const [name, figure] of Object.entries(data.figures)) {
    const place = document.getElementById("figure-" + name);
    Plotly.react(place, figure.data, themed(figure.layout), { responsive: true, displaylogo: false, displayModeBar: false });
  }
}
drawFigures();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawFigures);

// Cells: what each shape means, `cell_shapes` says.
function svg(kind, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}
function box(x, y, width, height, radius, name) {
  return svg("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: radius, class: name });
}
function curve(points) {
  let path = `M${points[0][0]} ${points[0][1]}`;
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x, y]] = [points[i - 1], points[i]];
    const middle = (y0 + y) / 2;
    path += x0 === x ? `L${x} ${y}` : `C${x0} ${middle} ${x} ${middle} ${x} ${y}`;
  }
  return path;
}
const painters = {
  block: (x, y, name) => [
    svg("rect", { x, y, width: 280, height: 130, rx: 10, class: "frame" }), svg("text", { x: x + 12, y: y + 17, class: "name" }, name)],
  sum: (x, y) => [
    svg("path", { d: `M${x - 67} ${y + 40}L${x} ${y}L${x + 67} ${y + 40}M${x} ${y}V${y - 30}`, class: "line" }),
    svg("circle", { cx: x, cy: y, r: 15, class: "circle" }), svg("text", { x, y }, "+")],
  line: (source, points) => [svg("path", { d: curve(points), class: `line from${source}` })],
  operation: (x, y, kind, label) => [box(x, y, 124, 44, 8, `box ${kind}`), svg("text", { x, y }, label)],
  input: (x, y, number, isRead) => [
    box(x, y, 110, 45, 22, isRead ? `pill${number}` : "unread"),
    svg("text", { x, y, class: isRead ? "onpill" : "" }, number ? "H(c−1)" : "H(c−2)")],
  concat: (x, y, width) => [
    svg("path", { d: `M${x} ${y}V${y - 48}`, class: "line" }), box(x, y, width, 45, 10, "concat"), svg("text", { x, y }, "concat")],
  output: (x, y) => [box(x, y, 110, 45, 22, "pill"), svg("text", { x, y, class: "onpill" }, "H(c)")],
};
function drawing(shapes) {
  const [width, height] = shapes.size;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "drawing", role: "img", "aria-label": "The cell, from its inputs at the bottom to its output on top" });
  for (const [kind, ...values] of shapes.shapes) picture.append(...painters[kind](...values));
  return picture;
}
const best = document.getElementById("best-drawing");
if (best) best.append(drawing(data.best));

// The table of candidates.
const columns = data.columns, rows = data.rows.map((values, index) => ({ values, index }));
const table = document.querySelector("#candidates table");
const text = (value, column) => {
  if (value === null) return "";
  if (column.kind === "percent") return (100 * value).toFixed(1) + "%";
  if (column.kind === "number") return value.toLocaleString("en", { maximumFractionDigits: 1 });
  return value;
};
let sorting = { column: columns.findIndex((column) => column.name === "Score"), down: true };
function compare(a, b) {
  const [x, y] = [a.values[sorting.column], b.values[sorting.column]];
  if (x === null || y === null) return (x === null) - (y === null);
  const order = typeof x === "number" ? x - y : String(x).localeCompare(String(y));
  return (sorting.down ? -order : order) || a.index - b.index;
}
const wanted = document.getElementById("filter-text"), stage = document.getElementById("filter-stage");
function isWanted(row) {
  const words = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = row.values.map((value, i) => text(value, columns[i])).join(" ").toLowerCase();
  return words.every((word) => all.includes(word)) && (!stage.value || String(row.values[1]) === stage.value);
}
// A page that loads itself again shows what it showed.
const KEPT = "table of " + location.pathname;
function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ name: columns[sorting.column].name, down: sorting.down, text: wanted.value, stage: stage.value }));
  } catch { /* Some browsers keep nothing of files. */ }
}
function restore() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEPT));
  } catch { /* See above. */ }
  const column = kept ? columns.findIndex((each) => each.name === kept.name) : -1;
  if (column < 0) return;
  sorting = { column, down: kept.down };
  wanted.value = kept.text;
  stage.value = kept.stage;
}
function showRows() {
  keep();
  const body = table.tBodies[0], shown = rows.filter(isWanted).sort(compare);
  body.replaceChildren(...shown.map((row) => {
    const line = document.createElement("tr");
    line.tabIndex = 0;
    line.dataset.index = row.index;
    row.values.forEach((value, i) => {
      const cell = line.insertCell();
      cell.textContent = text(value, columns[i]);
      if (columns[i].kind !== "text") cell.className = "number";
    });
    return line;
  }));
  document.getElementById("shown").textContent = `${shown.length} of ${rows.length}`;
  [...table.tHead.rows[0].cells].forEach((head, i) => {
    if (i === sorting.column) head.setAttribute("aria-sort", sorting.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
}
function openCell(index) {
  document.getElementById("cell-title").textContent = rows[index].values[0];
  document.getElementById("cell-drawing").replaceChildren(drawing(data.cells[index]));
  document.getElementById("cell-text").textContent = data.genomes[index];
  document.getElementById("cell").showModal();
}
if (table) {
  columns.forEach((column, i) => {
    const head = table.tHead.rows[0].cells[i];
    head.firstElementChild.addEventListener("click", () => {
      sorting = { column: i, down: sorting.column === i ? !sorting.down : column.kind !== "text" };
      showRows();
    });
  });
  wanted.addEventListener("input", showRows);
  stage.addEventListener("change", showRows);
  const opened = (event) => event.target.closest("tr[data-index]");
  table.tBodies[0].addEventListener("click", (event) => opened(event) && openCell(opened(event).dataset.index));
  table.tBodies[0].addEventListener("keydown", (event) => {
    if (event.key === "Enter" && opened(event)) openCell(opened(event).dataset.index);
  });
  restore();
  showRows();
}
