// One night in two browsers: a nurse refers, Manchester decides and offers, Salford accepts and receives, the board reads the trail.
import { activate, check, choose, end, fault, fill, heading, look, must, person, press, text, until } from "./lib.mjs";

async function refers(me) {
  const { page } = me;
  must((await heading(me)) === "Refer a child", `the nurse begins at: ${await heading(me)}`);
  await look(me, "refer");
  await press(me, "Start now");
  await press(me, "Continue");
  must((await text(me)).includes("Select whether anyone is in danger now"), "a screen without its answer says so");
  must((await page.title()).startsWith("Error: "), "the title says that something is wrong");
  await look(me, "danger-error");
  await check(me, "Yes");
  await look(me, "danger");
  await press(me, "Continue");
  await check(me, "At North Manchester");
  await fill(me, "Given names", "Ottilie");
  await fill(me, "Family name", "Example");
  await fill(me, "Day", "31");
  await fill(me, "Month", "2");
  await fill(me, "Year", "2019", { exact: true });
  await fill(me, "NHS number", "999 000 0018");
  await choose(me, "Borough where the child lives", "Salford");
  await press(me, "Continue");
  must((await text(me)).includes("must be a real date"), "31 February is no date of birth");
  must((await page.getByLabel("Given names").inputValue()) === "Ottilie", "what was typed stays");
  await look(me, "place-error");
  await fill(me, "Day", "14");
  await fill(me, "Month", "5");
  await look(me, "place");
  await press(me, "Continue");
  await fill(me, "What worries you", "Scald on the left arm. The story changed twice. <script>alert(1)</script>");
  await fill(me, "What the child says or shows", "I don't want to go home.");
  await check(me, "It is not safe to ask");
  await look(me, "worries");
  await press(me, "Continue");

  // The form is left here, and taken up again from the start.
  await page.goto("/refer");
  must((await text(me)).includes("Not sent yet"), "an unfinished referral waits at the start");
  await look(me, "refer-unfinished");
  await press(me, "Go on with the referral", "link");
  await fill(me, "Role", "A&E nurse in charge");
  await look(me, "you");
  await press(me, "Continue");
  must((await heading(me)).startsWith("Check the answers"), `after the last screen: ${await heading(me)}`);
  await look(me, "check");
  await press(me, "Change what was done already", "link");
  await fill(me, "What was done already", "Arm dressed.");
  await press(me, "Continue");
  must((await heading(me)).startsWith("Check the answers"), "a change leads back to the list of answers");
  await press(me, "Send referral");
  must((await heading(me)) === "Referral received", `after sending: ${await heading(me)}`);
  await look(me, "sent");
  const received = await text(me);
  const reference = received.match(/SG-\d{4}-\d+[A-Z]/)?.[0];
  must(/Manchester/.test(received) && /Ring 0161 496/.test(received), "the confirmation says who holds the child and whom to ring");

  // Back and sent again: the same referral, not a second one.
  await page.goBack();
  if ((await heading(me)).startsWith("Check the answers")) await press(me, "Send referral");
  must((await text(me)).includes(reference), "sent again it is the same referral");
  await page.goto("/referrals");
  await look(me, "referrals");
  must((await page.locator("tbody th a").count()) === me.sent + 1, "there is one referral more, not two");
  return reference;
}

async function decides(me, reference) {
  const { page } = me;
  await until("the referral is in Manchester's queue", me, "/desk", async () => (await text(me)).includes(reference));
  await look(me, "desk");
  await press(me, reference, "link");
  must((await text(me)).includes("<script>alert(1)</script>"), "markup in a concern is text");
  await look(me, "referral");
  const address = new URL(page.url()).pathname;
  await press(me, "Read the history and decide");
  await look(me, "decide");
  await press(me, "Record the decision");
  must((await text(me)).includes("Select what happens next"), "a decision has an outcome");
  await look(me, "decide-error");
  await check(me, "Immediate protection");
  await fill(me, "Reason", "A fresh injury that the account does not explain.", { exact: true });
  const prompt = page.getByLabel("Why this is right although");
  if (await prompt.count()) await fill(me, "Why this is right although", "Each contact adds to the same picture.");
  await press(me, "Record the decision");
  must((await text(me)).includes("Your decision is recorded"), `after deciding: ${await heading(me)}`);
  await look(me, "referral-decided");
  await fill(me, "What you told", "We act tonight; the child stays on the ward.");
  await press(me, "Record that the referrer was told");
  return address;
}

async function offers(me, address) {
  const { page } = me;
  await until("Manchester holds the duty", me, `${address}/offer`, async () => (await page.getByRole("button", { name: "Offer the transfer" }).count()) > 0);
  must((await page.getByLabel("The child’s own words").inputValue()) === "I don't want to go home.", "the sheet has the child's words");
  must((await page.getByLabel("Which borough do you ask").inputValue()) === "E08000006", "the home borough is suggested");
  await look(me, "offer");
  await fill(me, "Family: carers", "Mother with her. An older brother is at home.");
  await fill(me, "Where the child is now", "Ward 3");
  await press(me, "Offer the transfer");
  must((await text(me)).includes("You are still responsible"), "the giver is told that it is still responsible");
  await look(me, "transfer-offered");
  return new URL(page.url()).pathname;
}

async function asksAndAccepts(giver, taker, address) {
  await until("the offer is in Salford's queue", taker, "/desk", async () => (await taker.page.locator(`a[href="${address}"]`).count()) > 0);
  await look(taker, "desk-offered");
  await activate(taker, taker.page.locator(`a[href="${address}"]`));
  must(!(await text(taker)).includes("Scald on the left arm"), "nobody reads the sheet before it is opened");
  await look(taker, "transfer-in");
  await press(taker, "Open the handover sheet");
  const sheet = await text(taker);
  must(sheet.indexOf("I don't want to go home.") < sheet.indexOf("Scald on the left arm"), "the child's words stand first");
  await look(taker, "transfer-sheet");
  await press(taker, "Decline");
  must((await text(taker)).includes("Select why you decline"), "a no has a reason");
  await look(taker, "transfer-error");
  await fill(taker, "What you need to know", "Who is the man?");
  await press(taker, "Ask");
  await giver.page.goto(address);
  must((await text(giver)).includes("Who is the man?"), "the giver reads the question");
  await look(giver, "transfer-query");
  await fill(giver, "Your answer", "Not known.");
  await press(giver, "Answer");

  // Decided on the page of before: refused, and nothing happens.
  await press(taker, "Accept responsibility");
  must(/Somebody was quicker|There is a problem/.test(await text(taker)), "what was decided on an older page is refused");
  await look(taker, "transfer-stale");
  await taker.page.goto(address);
  await press(taker, "Accept responsibility");
  must((await text(taker)).includes("You are responsible."), "the taker is responsible");
  await look(taker, "transfer-accepted");
  await giver.page.goto(address);
  must((await text(giver)).includes("Still yours, awaiting receipt"), "the giver still holds it until the receipt");
  await look(giver, "transfer-awaiting");
  await press(taker, "Confirm: our desk has it");
  await giver.page.goto(address);
  must((await text(giver)).includes("Salford is responsible."), "the giver is released by the receipt");
}

async function speaks(me, address, readBack) {
  await me.page.goto(`${address}/handover`);
  await look(me, readBack ? "handover-taker" : "handover");
  await press(me, "Record the handover");
  must((await text(me)).includes("There is a problem"), "a handover without its time is not recorded");
  await fill(me, "Who gave it", "Manchester night duty worker");
  await fill(me, "Who took it", "Salford night duty worker");
  await fill(me, "Day", "1/11/2026");
  await fill(me, "Time", "02:14");
  if (readBack) await fill(me, "What you understood", readBack);
  await press(me, "Record the handover");
  must((await text(me)).includes("What you said is recorded"), `after the handover: ${await text(me)}`);
  await look(me, "transfer-spoken");
}

async function looksBack(me) {
  await press(me, "Who holds this child", "link");
  await look(me, "child");
  must((await text(me)).includes("Salford holds"), "Salford holds the child now");
  await fill(me, "Day", "yesterday");
  await press(me, "Look");
  must((await text(me)).includes("Enter a day like"), "a time that cannot be read is named");
  await look(me, "child-error");
  await fill(me, "Day", "1/1/2026");
  await fill(me, "Time", "10:00");
  await press(me, "Look");
  must((await text(me)).includes("On 1 January 2026 at 10:00am"), "an instant of the past is answered");
  await look(me, "child-then");
}

/// What a desk records about the child besides who holds it; every form once without its answers.
async function records(me) {
  const child = new URL(me.page.url()).pathname;
  const opens = async (page) => {
    await me.page.goto(child);
    await press(me, `Read or record ${page}`, "link");
  };
  await opens("whether the child is missing");
  await look(me, "missing");
  await press(me, "Report this child missing");
  must((await text(me)).includes("Reported missing since"), `after reporting: ${await text(me)}`);
  await look(me, "missing-reported");
  await press(me, "The child was found");
  must((await text(me)).includes("Not reported missing"), "a child who was found is not missing");
  await legalPowers(me, opens);
  await opens("a plan");
  await press(me, "Record the plan");
  must((await text(me)).includes("Select what kind of plan"), "a plan has a kind");
  await check(me, "Child protection plan");
  await press(me, "Record the plan");
  must((await text(me)).includes("Child protection plan of Salford, since"), `after recording the plan: ${await text(me)}`);
  await look(me, "plan");
  await me.page.goto(child);
  await look(me, "child-known");
  await opens("a plan");
  await fill(me, "Why does it end", "It was another child.");
  await press(me, "Record that the plan has ended");
  must((await text(me)).includes("It is recorded that the plan has ended"), `after ending the plan: ${await text(me)}`);
  await opens("notices");
  await press(me, "Give the notice");
  must((await text(me)).includes("Select until when, or that it is not known"), "an end is given, or said not to be known");
  await look(me, "notices-error");
  await choose(me, "In which borough", "Wigan");
  await check(me, "Not known");
  await fill(me, "What should they know", "With her aunt <b>until</b> Friday.");
  await press(me, "Give the notice");
  const given = await text(me);
  must(given.includes("Salford to Wigan") && given.includes("With her aunt <b>until</b> Friday."), `after the notice: ${given}`);
  must(given.includes("It was another child."), "why the plan ended stands there too");
  await look(me, "notices");
}

async function legalPowers(me, opens) {
  const begun = new Date(Date.now() - 3_600_000).toLocaleString("en-GB", { timeZone: "Europe/London" }).split(", ");
  await opens("legal powers");
  await press(me, "Record the power");
  must((await text(me)).includes("Enter when it was used or made"), "a power has a beginning");
  await look(me, "powers-error");
  await check(me, "Police protection");
  await fill(me, "Day", begun[0]);
  await fill(me, "Time", begun[1].slice(0, 5));
  await check(me, "Not known");
  await press(me, "Record the power");
  must(/Police protection runs[^]*\(in 2 days\)/.test(await text(me)), `by law it ends after 72 hours: ${await text(me)}`);
  await look(me, "powers");
  await press(me, "Record that it has ended");
  must((await text(me)).includes("Tick this if you know that it has ended"), "no protection is lifted by a slip");
  await look(me, "powers-end-error");
  await check(me, "I know that it has ended");
  await press(me, "Record that it has ended");
  must((await text(me)).includes("The hub knows of no legal power"), `after its end: ${await text(me)}`);
}

async function audits(me, address) {
  await until("the board has the handover", me, "/board", async () => (await me.page.locator(`a[href="${address}"]`).count()) > 0);
  await look(me, "board");
  await activate(me, me.page.locator(`a[href="${address}"]`));
  must(!(await text(me)).includes("Scald"), "the board reads no words of a case");
  await look(me, "board-transfer");
  await until("the chronology has the receipt", me, address, async () => {
    await press(me, "Chronology of child 1", "link");
    return /received/i.test(await text(me));
  });
  await look(me, "chronology");
}

async function reads(me) {
  await press(me, "Procedures", "link");
  await look(me, "procedures");
  await fill(me, "Search the procedures", "s47");
  await press(me, "Search");
  must(/[1-9]\d* found/.test(await text(me)), "a short form finds something");
  await look(me, "search");
  await activate(me, me.page.locator("main ul a").first());
  await look(me, "procedure");
  // Once a person and version: the second night finds it read.
  if (await me.page.getByRole("button", { name: "I have read" }).count()) await press(me, "I have read and understood this");
  else return;
  must((await text(me)).includes("It is recorded that you have read this"), "a receipt is recorded");
  await look(me, "procedure-read");
  await press(me, "Telephone numbers", "link");
  await look(me, "contacts");
  for (const still of ["accessibility", "cookies"]) {
    await me.page.goto(`/${still}`);
    await look(me, still);
  }
  const gone = await me.page.goto("/no/such/page");
  must(gone.status() === 404 && (await heading(me)) === "Page not found", "what is not there says so");
  await look(me, "not-found");
}

async function night(how, sent) {
  const nurse = await person("north-manchester-nurse", how);
  nurse.sent = sent;
  const reference = await refers(nurse);
  const manchester = await person("manchester-night", how);
  const referral = await decides(manchester, reference);
  const transfer = await offers(manchester, referral);
  await nurse.page.goto(referral);
  await look(nurse, "follow");
  must((await text(nurse)).includes("We act tonight"), "the referrer reads what was told");
  await press(nurse, "Follow or escalate", "link");
  must(!(await text(nurse)).includes("Scald"), "who follows does not read the sheet");
  await look(nurse, "follow-transfer");
  await press(nurse, "Escalate");
  must(/Called:/.test(await text(nurse)), "an escalation names who was called");
  const salford = await person("salford-night", how);
  await asksAndAccepts(manchester, salford, transfer);
  await speaks(salford, transfer, "I understand that she stays on the ward.");
  await speaks(manchester, transfer, null);
  must((await text(manchester)).includes("Handed over"), "both have spoken");
  await looksBack(salford);
  await records(salford);
  const auditor = await person("board-auditor", how);
  await audits(auditor, transfer);
  await reads(manchester);
  await manchester.page.goto("/desk");
  await press(manchester, "Sign out");
  await manchester.page.goto("/desk");
  must(new URL(manchester.page.url()).pathname === "/sign-in", "who has signed out is signed out");
  for (const one of [nurse, manchester, salford, auditor]) await one.context.close();
}

try {
  const sent = Number(process.env.SENT ?? 0); // by the nurse, before
  await night({ width: 1280 }, sent);
  await night({ width: 320, script: false, looked: false }, sent + 1);
  await night({ keys: true, looked: false }, sent + 2);
} catch (error) {
  fault(error.stack ?? String(error));
}
await end();
