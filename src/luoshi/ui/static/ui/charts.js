/* Charts from the figures that the page already holds; without the library the tables beside them remain. */
(() => {
  "use strict";
  if (!window.echarts) return;
  document.querySelectorAll("[data-echart]").forEach((place) => {
    const source = document.getElementById(place.dataset.echart);
    if (!source) return;
    place.hidden = false;
    const instead = document.getElementById(place.dataset.instead || "");
    instead?.querySelector("svg")?.remove();
    const chart = window.echarts.init(place, null, { renderer: "svg" });
    const option = JSON.parse(source.textContent);
    const style = getComputedStyle(document.documentElement);
    chart.setOption({ textStyle: { fontFamily: style.getPropertyValue("--font") }, aria: { enabled: true }, animation: false, ...option });
    new ResizeObserver(() => chart.resize()).observe(place);
  });
})();
