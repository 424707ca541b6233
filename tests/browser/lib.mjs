// A browser on the pages, and what every page that it visits must keep.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [base, modules, screens] = process.argv.slice(2);
const require = createRequire(join(modules, "x.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

export { base };
export const faults = [];
const seen = new Set();
mkdirSync(screens, { recursive: true });

const profile = mkdtempSync(join(tmpdir(), "hub-browser-"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: ARGS });

export function fault(text) {
  faults.push(text);
  console.log(`FAULT ${text}`);
}

export function must(so, text) {
  if (!so) fault(text);
}

/// Somebody who is not signed in, in a browser of their own.
export async function stranger() {
  return begun("stranger", {});
}

/// A person in a browser of their own.
export async function person(who, how = {}) {
  const me = await begun(who, how);
  const { page } = me;
  await page.goto("/sign-in");
  await look(me, "sign-in");
  await page.locator(`form:has(input[value="${who}"]) button`).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return me;
}

async function begun(who, { script = true, width = 1280, looked = true }) {
  const context = await browser.newContext({ javaScriptEnabled: script, viewport: { width, height: 900 }, baseURL: base });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on("pageerror", (error) => fault(`${who}: script error: ${error.message}`));
  page.on("console", (line) => {
    const ours = line.location().url.startsWith(base) || line.location().url === "";
    if (ours && line.type() === "error" && !/status of (4|5)\d\d/.test(line.text())) fault(`${who}: ${line.text()}`);
  });
  return { who, page, context, script, width, looked };
}

/// Judges the page that is shown: no axe violation, nothing wider than the screen; the first time, a picture at two widths.
export async function look(me, name) {
  const { page } = me;
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth).catch(() => 0);
  must(wide <= 0, `${name} at ${me.width} px is ${wide} px too wide`);
  if (!me.looked || seen.has(name)) return;
  seen.add(name);
  await page.evaluate(axe);
  const result = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), TAGS);
  for (const found of result.violations) {
    fault(`${name}: axe ${found.id}: ${found.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(" | ")}`);
  }
  for (const width of [1280, 360, 320]) {
    await page.setViewportSize({ width, height: 900 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    must(over <= 0, `${name} at ${width} px is ${over} px too wide`);
    if (width !== 320) await page.screenshot({ path: join(screens, `${name}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: me.width, height: 900 });
}

/// Presses a button or follows a link, and waits for the page that comes.
export async function press(me, text, role = "button") {
  const target = me.page.getByRole(role, { name: text, exact: false }).first();
  await Promise.all([me.page.waitForEvent("domcontentloaded"), target.click()]);
}

export async function heading(me) {
  return (await me.page.locator("h1").innerText()).trim();
}

export async function text(me) {
  return me.page.locator("body").innerText();
}

/// Asks until it is so, at most 20 s; then fails with what was seen.
export async function until(what, me, path, so) {
  const end = Date.now() + 20_000;
  for (;;) {
    await me.page.goto(path);
    if (await so()) return;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}; seen: ${await text(me)}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

export async function end() {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
  console.log(`${seen.size} pages looked at, ${faults.length} faults`);
  process.exit(faults.length === 0 ? 0 : 1);
}
