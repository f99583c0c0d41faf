"use strict";
(() => {
  const form = document.getElementById("filter");
  const folded = () => document.querySelectorAll("details");
  const open = new Set();
  addEventListener("beforeprint", () => folded().forEach((one) => { if (one.open) open.add(one); one.open = true; }));
  addEventListener("afterprint", () => { folded().forEach((one) => { one.open = open.has(one); }); open.clear(); });
  if (!form) return;
  const names = ["audit", "severity", "group"];
  const findings = [...document.querySelectorAll("article.finding")];
  const branches = [...document.querySelectorAll(".tree li")].reverse();
  const matches = (element) => names.every((name) => !form[name].value || form[name].value === element.dataset[name]);
  const filter = () => {
    const shown = findings.filter((one) => { one.hidden = !matches(one); return !one.hidden; });
    branches.forEach((one) => { one.hidden = !matches(one) && !one.querySelector("li:not([hidden])"); });
    document.querySelectorAll(".group, .findings, #causes").forEach((part) => {
      part.hidden = !part.querySelector("article:not([hidden]), .tree li:not([hidden])");
    });
    const all = findings.length;
    form.querySelector("output").textContent = shown.length === all ? "" : `${shown.length} of ${all} findings`;
  };
  form.hidden = false;
  form.addEventListener("change", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) { form.reset(); setTimeout(() => target.scrollIntoView()); }
  });
})();
