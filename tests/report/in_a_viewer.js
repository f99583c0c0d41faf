// Shows logs of SARIF in Microsoft's viewer and prints what it shows of them, as JSON. Called with the browser, the folders
// of playwright-core, react, react-dom and of the viewer, and the files.
"use strict";
const fs = require("fs");
const path = require("path");

const [program, playwright, react, reactDom, viewer, ...files] = process.argv.slice(2);
const { chromium } = require(playwright);
const SCRIPTS = [
  path.join(react, "umd", "react.production.min.js"),
  path.join(reactDom, "umd", "react-dom.production.min.js"),
  path.join(viewer, "dist", "index.js"),
];
const FILTERS = { default: undefined, all: { Suppression: { value: ["unsuppressed", "suppressed"] } } };

async function shown(browser, log, filterState) {
  // It draws only the rows that a screen has room for.
  const context = await browser.newContext({ viewport: { width: 1400, height: 8000 } });
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => said.push(request.url()));
  await page.setContent("<!doctype html><meta charset=utf-8><div id=viewer></div>");
  for (const script of SCRIPTS) await page.addScriptTag({ path: script });
  await page.evaluate(([logs, state]) => {
    const properties = { logs, showSuppression: true, hideBaseline: true, ...(state && { filterState: state }) };
    ReactDOM.render(React.createElement(window.Viewer, properties), document.getElementById("viewer"));
  }, [[log], filterState]);
  // Either the head of its table, or that there is nothing to show.
  await page.waitForFunction(() => /Details|No results found/.test(document.body.innerText));
  // Of each rule it shows a few, and a row that shows all of them.
  const folded = page.locator("tr[aria-level='1'][aria-expanded=false], tr[aria-level='2']:has-text('Show All')");
  while (await folded.count()) {
    await folded.first().click();
    await page.waitForTimeout(20);
  }
  const [results, pages] = await page.evaluate(() => {
    const found = [];
    const pages = {};
    let rule = "";
    for (const row of document.querySelectorAll("tr[aria-level]")) {
      const cell = (number) => row.querySelector(`td[aria-colindex="${number}"]`);
      if (row.ariaLevel === "1") {
        // Beside the rule stands a pill with the number of its results.
        const parts = [...cell(1).querySelector(".swcRowRule").childNodes];
        rule = parts.filter((one) => !one.classList?.contains("bolt-pill")).map((one) => one.textContent).join("");
        pages[rule] = cell(1).querySelector("a")?.href ?? "";
      } else {
        found.push({
          rule,
          level: row.querySelector("desc")?.textContent ?? "",
          object: cell(1).querySelector("code")?.textContent ?? "",
          file: [...cell(1).querySelectorAll(".bolt-table-two-line-cell-item")].pop().textContent,
          text: cell(2).querySelector("span").textContent,
          elements: [...cell(2).querySelectorAll("a, img, script")].map((one) => one.outerHTML),
        });
      }
    }
    return [found, pages];
  });
  await context.close();
  return { results, pages, said };
}

(async () => {
  const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-gpu"] });
  const told = {};
  for (const file of files) {
    const log = JSON.parse(fs.readFileSync(file, "utf8"));
    const views = (told[path.basename(file, ".sarif")] = {});
    for (const [name, state] of Object.entries(FILTERS)) views[name] = await shown(browser, log, state);
  }
  await browser.close();
  process.stdout.write(JSON.stringify(told));
})().catch((error) => { console.error(error); process.exit(1); });
