// A table as a spreadsheet takes it: one row of headers, a number alone in its cell.
// Cells that hold several numbers, "1.2 ± 0.3" or "1.2 (0.8 to 1.9)", become several columns.
var NUMBER = "([<>≤≥+\\-−]?\\s*\\d[\\d,]*(?:\\.\\d+)?(?:e[+-]?\\d+)?)";
var SHAPES = [
  [NUMBER, ["value"]],
  [NUMBER + " ± " + NUMBER, ["value", "±"]],
  [NUMBER + " \\(" + NUMBER + " to " + NUMBER + "\\)", ["value", "low", "high"]],
  [NUMBER + " \\(" + NUMBER + " to " + NUMBER + "\\) P " + NUMBER, ["value", "low", "high", "P"]],
  [NUMBER + " to " + NUMBER, ["low", "high"]]
].map(function (shape) { return [new RegExp("^" + shape[0] + "$"), shape[1]]; });
var PARTS = ["value", "±", "low", "high", "P"];
function parsed(text) {
  var out = {};
  for (var i = 0; i < SHAPES.length; i += 1) {
    var found = SHAPES[i][0].exec(text);
    if (found) {
      SHAPES[i][1].forEach(function (part, k) { out[part] = found[k + 1].replace(/,/g, "").replace("−", "-"); });
      return out;
    }
  }
  return text === "" ? out : null;
}
function plainText(cell) {
  var copy = cell.cloneNode(true);
  copy.querySelectorAll("small").forEach(function (one) {
    var words = one.textContent.trim();
    one.textContent = / to /.test(words) ? " (" + words + ")" : " " + words;
  });
  copy.querySelectorAll("br").forEach(function (one) { one.replaceWith(" "); });
  return copy.textContent.replace(/\s+/g, " ").trim();
}
function cellsOf(table) {
  var heads = [], body = [];
  Array.from(table.rows).forEach(function (row) {
    var head = row.parentNode.tagName === "THEAD", cells = [];
    Array.from(row.cells).forEach(function (cell) {
      for (var i = 0; i < cell.colSpan; i += 1) { cells.push(plainText(cell)); }
    });
    (head ? heads : body).push(cells);
  });
  var wide = Math.max.apply(null, heads.concat(body).map(function (row) { return row.length; }));
  var out = body.map(function () { return []; }), names = [];
  for (var c = 0; c < wide; c += 1) {
    var words = heads.map(function (row) { return row[c] || ""; }).filter(Boolean).join(" ");
    var column = body.map(function (row) { return row[c] || ""; }), numbers = column.map(parsed);
    var parts = numbers.indexOf(null) >= 0 ? [] : PARTS.filter(function (part) {
      return numbers.some(function (one) { return part in one; });
    });
    if (parts.length < 2) { parts = []; }
    if (parts.length === 0) {
      names.push(words);
      column.forEach(function (text, r) {
        var one = numbers[r];
        out[r].push(one && "value" in one && Object.keys(one).length === 1 ? one.value : text);
      });
    }
    parts.forEach(function (part) {
      names.push((words + " " + part).trim());
      numbers.forEach(function (one, r) { out[r].push(part in one ? one[part] : ""); });
    });
  }
  return (heads.length ? [names] : []).concat(out);
}
function tabbed(rows) {
  return rows.map(function (row) { return row.join("\t"); }).join("\n");
}
document.querySelectorAll("table").forEach(function (table) {
  var own = table.closest(".tablebox");
  if (own && own.querySelector("button.copy")) { return; }
  var button = document.createElement("button"), box = document.createElement("div");
  var place = table.closest(".scroll") || table;
  button.type = "button";
  button.className = "copy loose";
  button.textContent = "Copy";
  box.className = "tablebox plain";
  place.parentNode.insertBefore(box, place);
  box.append(button, place);
});
document.querySelectorAll("button.copy").forEach(function (button) {
  button.addEventListener("click", function () {
    var rows = cellsOf(button.closest(".tablebox").querySelector("table"));
    function give(event) {
      var table = document.createElement("table");
      rows.forEach(function (row) {
        var line = table.insertRow();
        row.forEach(function (text) { line.insertCell().textContent = text; });
      });
      event.clipboardData.setData("text/plain", tabbed(rows));
      event.clipboardData.setData("text/html", table.outerHTML);
      event.preventDefault();
    }
    document.addEventListener("copy", give);
    document.execCommand("copy");
    document.removeEventListener("copy", give);
    button.textContent = "Copied";
    window.setTimeout(function () { button.textContent = "Copy"; }, 1500);
  });
});
