// A browser on the pages, and what every page that it visits must keep.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [base, modules, screens] = process.argv.slice(2);
const require = createRequire(join(modules, "x.js"));
export const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

export { base, screens };
export const faults = [];
const seen = new Set();
mkdirSync(screens, { recursive: true });

export const LAUNCH = { executablePath: "/usr/bin/chromium", headless: true, args: ARGS };
const profile = mkdtempSync(join(tmpdir(), "hub-browser-"));
const browser = await chromium.launch(LAUNCH);

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
  if (me.keys) {
    await page.keyboard.press("Tab");
    must((await page.evaluate(() => document.activeElement.textContent)).includes("Skip to main content"), "the first Tab leads to the way past the navigation");
  }
  await activate(me, page.locator(`form:has(input[value="${who}"]) button`));
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return me;
}

async function begun(who, { script = true, width = 1280, looked = true, keys = false, browser: own = browser }) {
  const context = await own.newContext({ javaScriptEnabled: script, viewport: { width, height: 900 }, baseURL: base });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on("pageerror", (error) => fault(`${who}: script error: ${error.message}`));
  page.on("console", (line) => {
    const ours = line.location().url.startsWith(base) || line.location().url === "";
    if (ours && line.type() === "error" && !/status of (4|5)\d\d|ERR_INTERNET_DISCONNECTED/.test(line.text())) fault(`${who}: ${line.text()}`);
  });
  return { who, page, context, script, width, looked, keys };
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
  await page.setViewportSize({ width: 1280, height: 900 });
  await atTwice(me, name);
  await page.setViewportSize({ width: me.width, height: 900 });
}

/// Text at 200 %, as a browser's own setting makes it: nothing is cut off, and nothing leads sideways.
async function atTwice(me, name) {
  const line = await me.context.newCDPSession(me.page);
  await line.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
  const found = await me.page.evaluate(() => {
    const cut = [...document.querySelectorAll("body *")].filter((one) => {
      const style = getComputedStyle(one);
      const hides = [style.overflowX, style.overflowY].some((way) => ["hidden", "clip"].includes(way));
      return hides && one.innerText?.trim() && one.clientWidth > 1 && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
    });
    const root = document.documentElement;
    return { size: parseFloat(getComputedStyle(root).fontSize), over: root.scrollWidth - root.clientWidth, cut: cut.map((one) => one.className) };
  });
  must(found.size === 32, `${name}: the text is not at 200 % but at ${found.size} px`);
  must(found.over <= 0, `${name} with text at 200 % is ${found.over} px too wide`);
  must(found.cut.length === 0, `${name} with text at 200 % cuts off ${found.cut}`);
  await line.send("Page.setFontSizes", { fontSizes: { standard: 16, fixed: 13 } });
  await line.detach();
}

/// Moves by the Tab key alone until a field or link has the focus, which can be seen there.
async function reach(me, target) {
  const { page } = me;
  const there = () => target.evaluate((wanted) => {
    const now = document.activeElement;
    return now === wanted || (wanted.type === "radio" && now.type === "radio" && now.name === wanted.name);
  });
  for (let tabs = 0; !(await there()); tabs += 1) {
    if (tabs > 250) throw new Error(`the Tab key does not lead to ${target}`);
    await page.keyboard.press("Tab");
  }
  const seen = await page.evaluate(() => {
    const now = document.activeElement;
    const shows = (style) => style.outlineStyle !== "none" || style.boxShadow !== "none";
    // A radio or a box is drawn beside itself.
    const drawn = [getComputedStyle(now), ...(now.nextElementSibling ? [getComputedStyle(now.nextElementSibling, "::before")] : [])];
    const place = now.getBoundingClientRect();
    return drawn.some(shows) && place.bottom > 0 && place.top < innerHeight;
  });
  must(seen, `the focus cannot be seen on ${target}`);
}

/// Types, over what stands there.
export async function fill(me, label, words, how = {}) {
  const field = me.page.getByLabel(label, how).first();
  if (!me.keys) return field.fill(words);
  await reach(me, field);
  await me.page.keyboard.press("Control+A");
  await me.page.keyboard.press("Delete");
  await me.page.keyboard.insertText(words);
}

/// Chooses a radio or ticks a box.
export async function check(me, label) {
  const field = me.page.getByLabel(label).first();
  if (!me.keys) return field.check();
  await reach(me, field);
  for (let steps = 0; !(await field.evaluate((wanted) => document.activeElement === wanted)); steps += 1) {
    if (steps > 20) throw new Error(`no arrow leads to ${label}`);
    await me.page.keyboard.press("ArrowDown");
  }
  if (!(await field.isChecked())) await me.page.keyboard.press("Space");
  must(await field.isChecked(), `${label} is chosen by keyboard`);
}

/// Chooses from a list.
export async function choose(me, label, option) {
  const field = me.page.getByLabel(label).first();
  if (!me.keys) return field.selectOption({ label: option });
  await reach(me, field);
  await me.page.keyboard.type(option);
  must((await field.evaluate((list) => list.selectedOptions[0].text)) === option, `${option} is chosen by keyboard`);
}

/// Presses a button or follows a link.
export async function activate(me, target) {
  if (!me.keys) return target.click();
  await reach(me, target);
  await me.page.keyboard.press("Enter");
}

/// Does so by its words, and waits for the page that comes.
export async function press(me, text, role = "button") {
  const target = me.page.getByRole(role, { name: text, exact: false }).first();
  await Promise.all([me.page.waitForEvent("domcontentloaded"), activate(me, target)]);
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
