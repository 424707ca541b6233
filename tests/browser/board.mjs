// The board's work in a browser: reports and what is behind a figure, a dip sample, who looked, the learning log, who vouches for the record.
import { base, check, end, fault, fill, heading, look, must, person, press, text, until } from "./lib.mjs";

const child = process.argv[5];
const HARM = "Two posters <img src=x onerror=alert(1)> at one door";

/// What a link of the page leads to, as a file.
async function file(me, name) {
  const href = await me.page.getByRole("link", { name }).first().getAttribute("href");
  const answer = await me.page.request.get(href);
  must(answer.status() === 200, `${href}: ${answer.status()}`);
  must(/^attachment/.test(answer.headers()["content-disposition"] ?? ""), `${href} is kept as a file`);
  return answer.body();
}

async function reports(me) {
  const { page } = me;
  await press(me, "Reports", "link");
  await look(me, "reports");
  await press(me, "Handovers by pair of boroughs", "link");
  await look(me, "report");
  const drawn = await page.locator("img.hub-chart").evaluate((chart) => chart.complete && chart.naturalWidth);
  must(drawn > 0, "the chart is drawn");
  must((await text(me)).includes("Manchester"), "the table has Manchester's handover");
  must((await file(me, "as CSV")).toString().startsWith("from,to,from_name"), "the report as CSV");
  must((await file(me, "spreadsheet")).subarray(0, 2).toString() === "PK", "the report as a spreadsheet");
  await page.getByLabel("From", { exact: true }).fill("yesterday");
  await press(me, "Show");
  must((await text(me)).includes("Enter a day like") && (await page.title()).startsWith("Error: "), "a day that cannot be read is named");
  await look(me, "report-error");
  await page.getByLabel("From", { exact: true }).fill("1/1/2020");
  await page.getByLabel("Borough").selectOption({ label: "Wigan" });
  await press(me, "Show");
  must((await text(me)).includes("There was nothing of this kind"), "Wigan had no handover");
  await page.getByLabel("Borough").selectOption({ label: "Salford" });
  await press(me, "Show");
  must((await text(me)).includes("What concerns Salford"), "one borough alone");
  await page.locator("td a").first().click();
  must((await heading(me)) === "The events that this figure counts", `behind a figure: ${await heading(me)}`);
  await look(me, "report-events");
  await press(me, "Chronology of child 1", "link");
  must((await heading(me)).startsWith("Everything about one child"), "a figure leads to a child's chronology");
  must((await file(me, "one page for paper")).toString().includes("<h1"), "the chronology for paper");
  await press(me, "Who looked at this child", "link");
  await look(me, "looks");
  must((await text(me)).includes("Safeguarding board"), "the board's own look is on the record");
}

async function samples(me) {
  const { page } = me;
  await page.goto("/samples");
  await press(me, "Draw the sample");
  must((await text(me)).includes("Enter a number from 1 to 100"), "a sample has a size");
  await look(me, "samples-error");
  await page.getByLabel("Referrals from").fill("1/1/2020");
  await page.getByLabel("To", { exact: true }).fill("31/12/2026");
  await page.getByLabel("How many children").fill("3");
  await page.getByLabel("Seed").fill("november2026");
  await press(me, "Draw the sample");
  must((await text(me)).includes("The sample is drawn"), `after drawing: ${await text(me)}`);
  await look(me, "sample");
  await press(me, "Case 1", "link");
  must(!/chd_|ref_|trf_/.test(await page.content()), "a masked case names nobody");
  await look(me, "case");
  await press(me, "Show me who it is");
  must((await text(me)).includes("Enter why you must know"), "nobody is unmasked without a reason");
  await look(me, "case-error");
  await page.getByLabel("Why you must know").fill("The case shows a delay that must be looked into.");
  await press(me, "Show me who it is");
  must((await text(me)).includes("This child is case 1 of the sample"), `after unmasking: ${await text(me)}`);
  must(new URL(page.url()).pathname.startsWith("/children/chd_"), "the reason leads to the child");
  await look(me, "unmasked");
  await page.goto("/samples");
  await look(me, "samples");
}

async function learns(nurse, me) {
  await press(nurse, "Learning log", "link");
  must(!(await text(nurse)).includes("The log\n"), "who tells does not read what others told");
  await press(nurse, "Tell it");
  must((await text(nurse)).includes("Select whether it nearly went wrong"), "an item says what it was");
  await look(nurse, "learning-error");
  await nurse.page.getByLabel("It nearly went wrong").check();
  await nurse.page.getByLabel("What happened?").fill(HARM);
  await nurse.page.getByLabel("What made it easy").fill("Posters are not on the list of what changes when a number does.");
  await press(nurse, "Tell it");
  must((await text(nurse)).includes("What you have told"), "who told reads it again");
  await look(nurse, "learning-told");
  await me.page.goto("/learning");
  const log = await text(me);
  must(log.includes(HARM) && !/nurse/i.test(log), "the board reads it as text, and not who told");
  await me.page.getByLabel("Which procedure is it about?", { exact: true }).first().selectOption({ index: 0 });
  await press(me, "Link them");
  must((await text(me)).includes("The item is linked"), "an item is linked to a procedure");
  must((await me.page.locator("article a[href^='/procedures/']").count()) > 0, "and leads to it");
  await look(me, "learning-linked");
}

async function vouches(me) {
  await until("every log is cosigned", me, "/proofs", async () => {
    const told = await text(me);
    return (told.match(/cosigned by [23] of 3 at \d\d:\d\d/g) ?? []).length >= 4;
  });
  await look(me, "proofs");
}

/// Another borough's desk opens the child's record in an emergency, by keyboard alone: reads the case, and ends it.
async function emergency() {
  const desk = await person("wigan-duty", { keys: true });
  await desk.page.goto(`/children/${child}`);
  await press(desk, "Open this child’s record in an emergency", "link");
  must((await text(desk)).includes("It is open for 3 hours") && (await text(desk)).includes("within 72 hours"), "how long it is open stands in the edition");
  await look(desk, "glass-ask");
  await fill(desk, "Why must you see", "<b>x</b>");
  await press(desk, "Open the record");
  must((await text(desk)).includes("Say in at least 10 characters"), "a reason says something");
  must((await desk.page.getByLabel("Why must you see").inputValue()) === "<b>x</b>", "what was typed stays");
  await look(desk, "glass-ask-error");
  await fill(desk, "Why must you see", "The child is at our <b>station</b>; nobody answers.");
  await press(desk, "Open the record");
  must(/Open to you until .* \(in 2 hours\)/.test(await text(desk)), `the time that is left: ${await text(desk)}`);
  await look(desk, "glass-open");
  const opened = new URL(desk.page.url()).pathname;
  await press(desk, "Everything that happened", "link");
  await press(desk, "Referral of", "link");
  must((await heading(desk)).startsWith("Referral ") && (await text(desk)).includes("to read and nothing else"), `the referral is open: ${await text(desk)}`);
  must((await desk.page.getByRole("button", { name: "Offer to another borough" }).count()) === 0, "and nothing can be done with it");
  await look(desk, "glass-referral");
  const referral = desk.page.url();
  await press(desk, "What happened before", "link");
  must((await desk.page.getByRole("button", { name: "Record the decision" }).count()) === 0, "nor decided");
  await desk.page.goto(`/children/${child}`);
  must((await text(desk)).includes("You have this child’s record open in an emergency"), "the child's page says so");
  return { desk, opened, referral };
}

/// The child's own desk is told in its queue, and says that it has read of it; the board reads and reviews it.
async function reviewed(me, { desk, opened, referral }) {
  const salford = await person("salford-duty");
  await salford.page.goto("/desk");
  must((await text(salford)).includes("Wigan opened a child’s record"), `the child's desk is told: ${await text(salford)}`);
  await look(salford, "desk-opened");
  await press(salford, "Wigan opened a child’s record", "link");
  must((await text(salford)).includes("our <b>station</b>"), "and reads the reason, as text");
  await press(salford, "I have read it");
  must(/Salford, duty worker, \d/.test(await text(salford)) && (await text(salford)).includes("until two people have"), `who has read it: ${await text(salford)}`);
  must((await salford.page.getByRole("button", { name: "I have read it" }).count()) === 0, "once is enough");
  await salford.context.close();
  await me.page.goto(opened);
  must((await text(me)).includes("It can be reviewed when it is closed"), "nobody reviews what is still open");
  await desk.page.goto("/break-glass");
  await look(desk, "glasses");
  await press(desk, "a record open until", "link");
  await press(desk, "End it: I need it no longer");
  must((await text(desk)).includes("The record is closed to you"), "it is ended");
  must((await desk.page.goto(referral)).status() === 404, "and closed");
  await desk.context.close();
  await me.page.goto("/reports");
  await press(me, "Emergency openings", "link");
  must(/One person has read it/.test(await text(me)), "the board sees who has not read it");
  await look(me, "glasses-board");
  await press(me, /^\d+ \w+ \d{4} at/, "link");
  must(/The referral\s+GET \/api\/intake\/referrals\/\{id\}/.test(await text(me)), "and what was looked at");
  await press(me, "Record the review");
  must((await text(me)).includes("Select whether the record had to be opened"), "a review says what it came to");
  await look(me, "glass-review-error");
  await check(me, "Yes");
  await fill(me, "Why?", "Nobody else was awake.", { exact: true });
  await press(me, "Record the review");
  must((await text(me)).includes("The record had to be opened."), `after the review: ${await text(me)}`);
  await look(me, "glass-reviewed");
}

async function narrow() {
  const me = await person("salford-manager", { width: 320, script: false, looked: false });
  await me.page.goto("/reports/pairs?borough=E08000003");
  must((await text(me)).includes("What concerns Salford"), "a manager is shown their own borough, whatever is asked");
  await look(me, "report-narrow");
  await me.page.locator("td a").first().click();
  must(!(await me.page.content()).includes("chd_"), "a manager is told how many, not who");
  for (const path of ["/reports", `/children/${child}/looks`, "/learning"]) {
    await me.page.goto(path);
    await look(me, `narrow ${path}`);
  }
  for (const path of ["/samples", "/proofs", "/board"]) {
    const answer = await me.page.goto(path);
    must(answer.status() === 403, `${path} is the board's: ${answer.status()}`);
  }
  await me.context.close();
}

try {
  must(base.startsWith("http") && /^chd_/.test(child), "the script is told where the hub is, and of which child");
  const [me, nurse] = [await person("board-auditor"), await person("north-manchester-nurse")];
  await reports(me);
  await samples(me);
  await learns(nurse, me);
  await vouches(me);
  await reviewed(me, await emergency());
  await narrow();
} catch (error) {
  fault(error.stack ?? String(error));
}
await end();
