// Shows pages in Chromium and prints what came of it, as JSON. Called with the browser, the folders of playwright-core and
// of axe-core, and the files.
"use strict";
const fs = require("fs");
const path = require("path");

const [program, playwright, axeCore, ...files] = process.argv.slice(2);
const { chromium } = require(playwright);
const axe = fs.readFileSync(path.join(axeCore, "axe.min.js"), "utf8");
const WIDTHS = [360, 1400];
const SCHEMES = ["light", "dark"];

async function opened(browser, file, options) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const said = [];
  const requests = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("dialog", (dialog) => { said.push(dialog.message()); dialog.dismiss(); });
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(`file://${file}`);
  return { page, said, requests, close: () => context.close() };
}

const visible = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility()).length;
const choose = (page, name, value) => page.selectOption(`#filter-${name}`, value);

async function shown(browser, file) {
  const views = [];
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      const { page, said, requests, close } = await opened(browser, file, { viewport: { width, height: 900 }, colorScheme });
      const [wide, back] = await page.evaluate(() => [
        document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor,
      ]);
      await page.evaluate(axe);
      const violations = await page.evaluate(() => axe.run().then((found) =>
        found.violations.map((one) => `${one.id}: ${one.nodes.length} of ${one.nodes[0].html.slice(0, 200)}`)));
      views.push({ width, colorScheme, wide, back, violations, said, requests });
      await close();
    }
  }
  return views;
}

async function without(browser, file) {
  const { page, said, close } = await opened(browser, file, { javaScriptEnabled: false });
  const counted = async (selector) => {
    let number = 0;
    for (const one of await page.locator(selector).all()) number += await one.isVisible();
    return number;
  };
  const told = { articles: await counted("article"), form: await counted("#filter"), said };
  await close();
  return told;
}

async function filtered(browser, file) {
  const { page, said, close } = await opened(browser, file, {});
  if (!(await page.locator("#filter").count())) { await close(); return null; }
  const articles = () => page.evaluate(visible, "article");
  const told = { all: await articles(), by: {}, counts: {} };
  for (const name of ["audit", "severity", "group"]) {
    const values = await page.evaluate((id) => [...document.getElementById(id).options].map((one) => one.value), `filter-${name}`);
    told.by[name] = {};
    for (const value of values.filter(Boolean)) {
      await choose(page, name, value);
      told.by[name][value] = await articles();
      told.counts[value] = await page.locator("#filter-count").textContent();
    }
    await choose(page, name, "");
  }
  await choose(page, "severity", "error");
  told.branches = await page.evaluate(visible, ".tree li");
  told.empty = await page.evaluate(() => [...document.querySelectorAll(".group, .findings")].filter((one) =>
    one.checkVisibility() && ![...one.querySelectorAll("article")].some((inner) => inner.checkVisibility())).length);
  const hidden = page.locator("article[hidden]").first();
  if (await hidden.count()) {
    const id = await hidden.getAttribute("id");
    await page.evaluate((anchor) => { location.hash = anchor; }, id);
    await page.waitForFunction((anchor) => document.getElementById(anchor).checkVisibility(), id);
  }
  await choose(page, "severity", "error");
  await page.click("button[type=reset]");
  await page.waitForFunction((all) => [...document.querySelectorAll("article")].filter((one) => !one.hidden).length === all, told.all);
  const folded = () => page.evaluate(() => [...document.querySelectorAll("details > :not(summary)")].filter((one) =>
    !one.checkVisibility()).length);
  told.folded = await folded();
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  told.printed = await page.evaluate(() => ({
    form: document.getElementById("filter").checkVisibility(),
    back: getComputedStyle(document.body).backgroundColor,
  }));
  told.printed.folded = await folded();
  told.said = said;
  await close();
  return told;
}

(async () => {
  const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-gpu"] });
  const told = {};
  for (const file of files) {
    told[path.basename(file, ".html")] = {
      views: await shown(browser, file),
      without: await without(browser, file),
      filtered: await filtered(browser, file),
    };
  }
  await browser.close();
  process.stdout.write(JSON.stringify(told));
})().catch((error) => { console.error(error); process.exit(1); });
