// Somebody signs in at a real provider and comes back to the page that was asked for.
import { end, fault, must, press, stranger, text } from "./lib.mjs";

try {
  const me = await stranger();
  await me.page.goto("/contacts");
  must(new URL(me.page.url()).pathname === "/sign-in", "who is not signed in is asked to");
  await press(me, "Sign in with the test provider", "link");
  await me.page.locator("input[name=login]").fill("worker-7");
  await me.page.locator("input[name=password]").fill("any");
  await me.page.locator("button[type=submit]").click();
  await me.page.locator("button[type=submit]").click(); // consent
  await me.page.waitForURL((url) => url.pathname === "/contacts");
  must((await text(me)).includes("Duty worker from the provider"), "the name is the provider's");
  await me.page.goto("/desk");
  must((await text(me)).includes("Queue of Salford"), "the services believe the provider's token");

  // An answer that nobody asked for, or that belongs to another browser, signs nobody in.
  const other = await stranger();
  const answer = await other.page.goto("/sign-in/back?code=x&state=y");
  must(answer.status() === 403 && (await text(other)).includes("The sign-in was not completed"), "a stray answer is refused");
} catch (error) {
  fault(error.stack ?? String(error));
}
await end();
