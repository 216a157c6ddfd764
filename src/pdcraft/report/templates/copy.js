document.querySelectorAll("table").forEach(function (table) {
  var own = table.closest(".tablebox");
  if (own && own.querySelector("button.copy")) { return; }
  var button = document.createElement("button"), box = document.createElement("div");
  var place = table.closest(".scroll") || table;
  button.type = "button";
  button.className = "copy loose";
  button.textContent = "Copy";
  place.parentNode.insertBefore(box, place);
  box.append(button, place);
});
document.querySelectorAll("button.copy").forEach(function (button) {
  button.addEventListener("click", function () {
    var next = button.nextElementSibling, range = document.createRange(), chosen = window.getSelection();
    range.selectNode(button.dataset.table ? document.querySelector("#" + CSS.escape(button.dataset.table) + " table")
      : next.matches("table") ? next : next.querySelector("table"));
    chosen.removeAllRanges();
    chosen.addRange(range);
    document.execCommand("copy");
    chosen.removeAllRanges();
    button.textContent = "Copied";
    window.setTimeout(function () { button.textContent = "Copy"; }, 1500);
  });
});
