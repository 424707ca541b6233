// The pictures of the README, from a running demonstration: node screens.mjs <address> <modules> <directory>
import { join } from "node:path";
import { check, end, fault, fill, person, press, screens } from "./lib.mjs";

async function picture(me, name, height = 800) {
  await me.page.screenshot({ path: join(screens, `${name}.png`), clip: { x: 0, y: 0, width: me.width, height } });
}

/// The first thing that the queue shows of a kind.
async function firstOf(me, kind) {
  await me.page.goto("/desk");
  const link = me.page.locator(`main a[href^="/${kind}/"]`).first();
  await Promise.all([me.page.waitForEvent("domcontentloaded"), link.click()]);
}

try {
  const how = { width: 960, looked: false };
  const nurse = await person("north-manchester-nurse", how);
  await press(nurse, "Start now");
  const draft = new URL(nurse.page.url()).pathname.replace("/danger", "");
  await check(nurse, "Yes");
  await press(nurse, "Continue");
  await check(nurse, "At North Manchester");
  await fill(nurse, "Given names", "Ottilie");
  await press(nurse, "Continue");
  await fill(nurse, "What worries you", "Scald on the left arm. The story changed twice.");
  await picture(nurse, "refer");
  const narrow = await person("north-manchester-nurse", { width: 360, looked: false });
  await narrow.page.goto(`${draft}/danger`);
  await picture(narrow, "refer-narrow", 700);
  await narrow.page.goto("/refer");
  await press(narrow, "Throw away");

  const desk = await person("salford-night", how);
  await desk.page.goto("/desk");
  await picture(desk, "queue");
  await firstOf(desk, "transfers");
  await picture(desk, "transfer", 1000);
  await desk.page.goto("/procedures");
  await Promise.all([desk.page.waitForEvent("domcontentloaded"), desk.page.locator("main ul a").first().click()]);
  await picture(desk, "procedure");

  const board = await person("board-auditor", how);
  await board.page.goto("/board");
  await picture(board, "board");
} catch (error) {
  fault(error.stack ?? String(error));
}
await end();
