function plots(change) {
  document.querySelectorAll(".js-plotly-plot").forEach(function (plot) { Plotly.relayout(plot, change(plot)); });
}
window.addEventListener("beforeprint", function () {
  document.querySelectorAll("details.tablebox").forEach(function (box) { box.open = true; });
  document.documentElement.classList.add("paper");
  plots(function (plot) { return { autosize: false, width: plot.parentElement.clientWidth }; });
});
window.addEventListener("afterprint", function () {
  document.documentElement.classList.remove("paper");
  plots(function () { return { autosize: true, width: null }; });
});
