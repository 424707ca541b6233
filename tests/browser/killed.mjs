// The browser dies while a nurse types: at most five seconds are lost, and she goes on where she was.
import { LAUNCH, chromium, end, fault, must, person, press, until } from "./lib.mjs";

const WORST = 5000;

async function begins(browser) {
  const me = await person("north-manchester-nurse", { browser, looked: false });
  await press(me, "Start now");
  await me.page.getByLabel("Not sure, or not known").check();
  await press(me, "Continue");
  await me.page.getByLabel("Not known").first().check();
  await press(me, "Continue");
  await me.page.getByLabel("What worries you").focus();
  return me;
}

/// Types words for some seconds; when each of them stood there.
async function types(me, seconds) {
  const stood = [];
  const stop = Date.now() + seconds * 1000;
  while (Date.now() < stop) {
    await me.page.keyboard.type(`w${stood.length} `, { delay: 20 });
    stood.push(Date.now());
  }
  return stood;
}

try {
  const server = await chromium.launchServer(LAUNCH);
  const me = await begins(await chromium.connect(server.wsEndpoint()));
  const stood = await types(me, 9);
  const killed = Date.now();
  server.process().kill("SIGKILL");

  const again = await person("north-manchester-nurse", { looked: false });
  must((await again.page.locator("main").innerText()).includes("Not sent yet"), "the unfinished referral waits");
  await press(again, "Go on with the referral", "link");
  must(new URL(again.page.url()).pathname.endsWith("/worries"), `she goes on where she was, not at ${again.page.url()}`);
  const kept = (await again.page.getByLabel("What worries you").inputValue()).trim().split(/\s+/);
  const whole = kept.filter((word, at) => word === `w${at}`).length;
  must(whole > 0 && kept.length - whole <= 1, `what was kept is what was typed: ${kept.slice(0, 5)}`);
  const lost = stood.filter((at) => at < killed - WORST).length - whole;
  must(lost <= 0, `${lost} words that stood there for five seconds are lost`);
  console.log(`typed ${stood.length} words, kept ${whole}; the last one kept was typed ${killed - stood[whole - 1]} ms before the end`);

  // The line breaks, and the page says so.
  await again.context.setOffline(true);
  await again.page.getByLabel("What was done already").fill("Ring");
  await again.page.getByText("is not kept: there is no line").waitFor({ timeout: 15_000 });
  await again.context.setOffline(false);
  await again.page.getByText(/Kept at \d\d:/).waitFor({ timeout: 15_000 });
  const draft = new URL(again.page.url()).pathname;
  await until("what was typed without a line is kept", again, draft, async () => (await again.page.getByLabel("What was done already").inputValue()) === "Ring");

  // Nobody touches the screen: after 28 minutes the page asks, and after 30 it leads to the sign-in and back to the same page.
  await again.page.clock.install();
  await again.page.goto(draft);
  const asks = again.page.getByRole("dialog", { name: "Are you still there?" });
  await again.page.clock.fastForward("27:00");
  must(!(await asks.isVisible()), "nobody is asked too early");
  await again.page.clock.fastForward("01:10");
  must(await asks.isVisible(), "the page asks two minutes before the session ends");
  await again.page.getByRole("button", { name: "Stay signed in" }).click();
  await asks.waitFor({ state: "hidden" });
  await again.page.clock.fastForward("28:10");
  await asks.waitFor();
  await again.page.clock.fastForward("02:01");
  await again.page.waitForURL((url) => url.pathname === "/sign-in" && url.searchParams.get("next") === draft);
} catch (error) {
  fault(error.stack ?? String(error));
}
await end();
