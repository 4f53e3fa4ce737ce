// Opens pages in a real Chromium, offline, and says what is in them and what a browser has against them:
//   node browser.mjs JUDGES FILE…
// prints an object with an entry for each file.

import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [judges, ...files] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(judges, "npm", "package.json")));
const { chromium } = require("playwright-core");
const axe = require("axe-core").source;

// Run in the page.
const read = () => {
  const count = (selector) => document.querySelectorAll(selector).length;
  const words = (nodes, text) => [...nodes].map(text).sort();
  const severities = [...document.querySelectorAll("article.finding")].map((found) => found.classList[1]);
  return {
    findings: severities.reduce((counts, name) => ({ ...counts, [name]: (counts[name] ?? 0) + 1 }), {}),
    more: words(document.querySelectorAll(".more"), (node) => node.textContent),
    verdicts: words(document.querySelectorAll("section.cluster > p.verdict"), (node) => node.classList[1]),
    ignored: count(".ignored tbody tr"),
    // What could run, load or send something.
    active: count("script, img, iframe, object, embed, link, form, base, video, audio, [onerror], [onload], [onclick]"),
    links: words(document.querySelectorAll("a[href]"), (node) => node.protocol === location.protocol ? "own" : node.protocol)
      .filter((protocol) => !["own", "https:", "http:"].includes(protocol)),
    closed: count("details:not([open])"),
  };
};

const browser = await chromium.launch({
  executablePath: execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim(),
  args: ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});

// What looks for faults is run by the protocol, which no policy of a page holds.
const page = await (await browser.newContext({ viewport: { width: 1200, height: 900 }, offline: true })).newPage();
let against = [];
page.on("console", (message) => against.push(`console: ${message.text()}`));
page.on("pageerror", (error) => against.push(`error: ${error.message}`));
page.on("dialog", (dialog) => { against.push(`dialog: ${dialog.message()}`); return dialog.dismiss(); });
page.on("request", (request) => { if (!request.isNavigationRequest()) against.push(`request: ${request.url()}`); });

async function opened(file) {
  against = [];
  await page.goto(pathToFileURL(file).href);
  const said = await page.evaluate(read);

  // The accessibility tree: every picture and every place that scrolls has a name, and every cluster a heading.
  const tree = await page.locator("body").ariaSnapshot();
  const named = (role) => tree.split("\n").filter((line) => new RegExp(`^\\s*- '?${role}( "|:|$)`).test(line));
  against.push(...[...named("img"), ...named("region")].filter((line) => !line.includes('"')).map((line) => `no name: ${line}`));
  said.headings = named("heading").filter((line) => line.includes("[level=2]")).length;

  await page.keyboard.press("Tab");
  if (!await page.evaluate(() => document.activeElement.matches(".skip"))) against.push("the first TAB is not the way to the findings");

  await page.evaluate(axe);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
    against.push(...violations.map((violation) => `axe, ${colorScheme}: ${violation.id} ${violation.nodes[0].html.slice(0, 200)}`));
  }
  for (const width of [360, 1200]) {
    await page.setViewportSize({ width, height: 900 });
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) against.push(`wider than ${width} pixels`);
  }
  said.paper = (await page.pdf({ format: "A4" })).length > 1000;
  return { ...said, against: [...new Set(against)] };
}

const answers = {};
for (const file of files) answers[file] = await opened(file);
await browser.close();
console.log(JSON.stringify(answers));
