// How an edition comes about, and what people say of the one in force: an author, a borough's head, the board's approver, a nurse.
import { base, end, fault, heading, look, must, person, press, stranger, text } from "./lib.mjs";

const BOROUGHS = ["bolton", "bury", "manchester", "oldham", "rochdale", "stockport", "tameside", "trafford", "wigan"];
const HARM = "<script>alert(1)</script> Ring first.";

function plus(hours) {
  const at = new Date(Date.now() + hours * 3_600_000);
  const [day, time] = at.toLocaleString("en-GB", { timeZone: "Europe/London" }).split(", ");
  return { day, time: time.slice(0, 5) };
}

async function reads(nurse) {
  await press(nurse, "Procedures", "link");
  await press(nurse, "What differs tonight", "link");
  await look(nurse, "variations");
  const differs = await text(nurse);
  must(/Salford[\s\S]*Ring <i>both<\/i> desks[\s\S]*Other boroughs[\s\S]*Nothing differs elsewhere/.test(differs), `what differs here stands first: ${differs}`);
  await nurse.page.goto("/procedures/police-protection");
  await nurse.page.getByLabel("Is something not clear?").fill("Who rings at night? <b>me</b>");
  await press(nurse, "I have read and understood this");
  await nurse.page.goto("/procedures/receipts");
  must((await text(nurse)).includes("Who rings at night? <b>me</b>"), "who asked reads the question as it was typed");
  must((await text(nurse)).includes("The authors have not answered yet"), "and that it waits");
}

/// A head of service does something otherwise for ten days; everybody reads that, and that it ends.
async function varies(head, nurse) {
  const { page } = head;
  await page.goto("/procedures/variations");
  await page.getByLabel("What is done otherwise?").fill("Ring <b>the midwife</b> first.");
  await press(head, "Do it otherwise");
  must((await text(head)).includes("Select the procedure") && (await text(head)).includes("Enter when it ends"), "what is missing is said");
  must((await page.getByLabel("What is done otherwise?").inputValue()) === "Ring <b>the midwife</b> first.", "what was typed stays");
  await look(head, "variations-error");
  await page.getByLabel("Which procedure?").selectOption("unborn-child");
  await page.getByLabel("Why?", { exact: true }).fill("The ward moves.");
  await page.getByLabel("Which post answers for it?").fill("Head of the front door");
  const far = plus(400 * 24);
  await page.getByLabel("Last day").fill(far.day);
  await page.getByLabel("Until", { exact: true }).fill(far.time);
  await press(head, "Do it otherwise");
  must((await text(head)).includes("at most 6 months"), `longer than half a year is refused: ${await text(head)}`);
  must((await page.getByLabel("Why?", { exact: true }).inputValue()) === "The ward moves.", "and nothing typed is lost");
  const near = plus(240);
  await page.getByLabel("Last day").fill(near.day);
  await press(head, "Do it otherwise");
  must((await text(head)).includes("It is made."), `after making it: ${await text(head)}`);
  const ending = /It ends on [^.]* unless it is put to the set\./;
  must(ending.test(await text(head)), "its coming end is said in the list");
  await look(head, "variations-made");
  await nurse.page.goto("/procedures/unborn-child");
  must(/Ring <b>the midwife<\/b> first\./.test(await text(nurse)) && ending.test(await text(nurse)), "and beside the procedure");
  await look(nurse, "procedure-varied");
  await nurse.page.goto("/procedures/variations");
  must((await nurse.page.getByRole("button", { name: "Do it otherwise" }).count()) === 0, "nobody else makes one");
}

async function answers(author, nurse) {
  await author.page.goto("/procedures");
  await press(author, "Questions that wait", "link");
  await press(author, "Answer");
  must((await text(author)).includes("Enter the answer"), "an empty answer is none");
  await look(author, "questions-error");
  await author.page.getByLabel("Answer", { exact: true }).first().fill("The desk that is on shift.");
  await press(author, "Answer");
  must((await text(author)).includes("The answer is with whoever asked"), `after answering: ${await text(author)}`);
  await look(author, "questions");
  await nurse.page.goto("/procedures/receipts");
  must((await text(nurse)).includes("The desk that is on shift."), "the answer is with whoever asked");
  await look(nurse, "reading-answered");
}

async function bins(nurse, board) {
  await nurse.page.goto("/procedures/fields");
  await nurse.page.locator("tbody th a").nth(4).click();
  const field = new URL(nurse.page.url()).pathname;
  await press(nurse, "Put it in the bin");
  must((await text(nurse)).includes("Enter why nobody needs this field"), "a nomination has a reason");
  await look(nurse, "field-error");
  await nurse.page.getByLabel("Why does nobody need it?").fill("Nobody ever reads it.");
  await press(nurse, "Put it in the bin");
  must((await text(nurse)).includes("The field is in the bin"), `after nominating: ${await text(nurse)}`);
  await look(nurse, "field");
  await board.page.goto(field);
  await press(board, "Answer");
  must((await text(board)).includes("Select whether the field stays"), "the board says whether it stays");
  await look(board, "field-board-error");
  await board.page.getByLabel("Yes, it stays").check();
  await board.page.getByLabel("Why", { exact: true }).fill("The desk rings by it.");
  await press(board, "Answer");
  must((await text(board)).includes("Your answer is with whoever put"), `after the board's answer: ${await text(board)}`);
  await nurse.page.goto("/procedures/fields");
  must((await text(nurse)).includes("The board keeps it: The desk rings by it."), "the board's answer is shown to who asked");
  await look(nurse, "fields-answered");
}

async function writes(author) {
  const { page } = author;
  await page.goto("/procedures/drafts");
  await press(author, "Begin");
  must((await text(author)).includes("Enter a title"), "a draft has a title");
  await look(author, "drafts-error");
  await page.getByLabel("Title").fill("Second edition");
  await press(author, "Begin");
  must((await heading(author)) === "Draft: Second edition", `after beginning: ${await heading(author)}`);
  const draft = new URL(page.url()).pathname;
  await look(author, "draft");
  await page.goto(`${draft}/texts/police-protection`);
  await look(author, "draft-text");
  await press(author, "Change this text", "link");
  await look(author, "draft-edit");
  const before = await page.getByLabel("In full").inputValue();
  await page.getByLabel("In full").fill(`${before}\n\n## By day\n\n${HARM}`);
  await press(author, "Preview");
  must((await page.locator("#preview h3").last().innerText()) === "By day", "the preview shows what was typed");
  must((await page.locator("#preview").innerText()).includes(HARM), "HTML in a text is text");
  await look(author, "draft-preview");
  // Emptied, it is saved, since a draft may hold faults until it is submitted; then every fault is listed at once.
  await page.getByLabel("At 3 a.m.").fill("");
  await page.getByLabel("What this version changes").fill("");
  await press(author, "Save in the draft");
  must((await text(author)).includes("The text is saved in the draft"), `after saving: ${await text(author)}`);
  await page.goto(draft);
  await press(author, "Submit for approval");
  must((await text(author)).includes("The boroughs are asked before this"), `without asking: ${await text(author)}`);
  await look(author, "draft-unconsulted");
  await page.getByLabel("Why can it not wait").fill(`${HARM} The law changes on Monday.`);
  await press(author, "Submit for approval");
  const listed = await page.locator(".govuk-error-summary li").count();
  must(listed >= 2, `a draft with faults is refused with every one of them: ${listed}`);
  await look(author, "draft-faults");
  await page.locator("#wrong ~ ul a").first().click();
  must(new URL(page.url()).pathname === `${draft}/texts/police-protection/edit`, "a fault leads to where it is mended");

  // Meanwhile somebody else has changed the draft: nothing typed is lost.
  const other = await author.context.newPage();
  await other.goto(`${draft}/texts/police-protection/edit`);
  await other.getByLabel("At 3 a.m.").fill("1. Ring.");
  await other.getByRole("button", { name: "Save in the draft" }).click();
  await other.waitForURL(/done=saved/);
  await other.close();
  await page.getByLabel("At 3 a.m.").fill("1. Ring the duty desk.");
  await page.getByLabel("What this version changes").fill("Says what to do by day.");
  await press(author, "Save in the draft");
  must((await text(author)).includes("Somebody changed this draft"), `on an older draft: ${await text(author)}`);
  must((await page.getByLabel("At 3 a.m.").inputValue()) === "1. Ring the duty desk.", "nothing typed is lost");
  await look(author, "draft-stale");
  await press(author, "Save in the draft");
  must((await text(author)).includes("The text is saved in the draft"), "whoever was told may write over it");
  return draft;
}

async function consults(author, nurse) {
  const { page } = author;
  await page.goto("/procedures/drafts");
  await page.getByLabel("Title").fill("Third edition");
  await press(author, "Begin");
  const draft = new URL(page.url()).pathname;
  must((await nurse.page.goto(draft)).status() === 404, "nobody reads a draft before they are asked");
  await press(author, "Open the consultation");
  must((await text(author)).includes("Enter a day like"), "a consultation has an end");
  await look(author, "draft-consult-error");
  const end = plus(2);
  await page.getByLabel("Day", { exact: true }).fill(end.day);
  await page.getByLabel("Time", { exact: true }).fill(end.time);
  await press(author, "Open the consultation");
  must((await text(author)).includes("Everybody of the area can read"), `after asking: ${await text(author)}`);
  await nurse.page.goto("/procedures/drafts");
  await press(nurse, "Third edition", "link");
  await nurse.page.getByLabel("Your comment").fill(HARM);
  await press(nurse, "Comment");
  must((await text(nurse)).includes("Your comment is with the authors"), `after commenting: ${await text(nurse)}`);
  await look(nurse, "draft-comment");
  await page.goto(draft);
  await page.getByLabel("Answer", { exact: true }).fill("It does now.");
  await press(author, "Answer the comment");
  must((await text(author)).includes("The answer stands beside the comment"), `after answering: ${await text(author)}`);
}

/// Somebody approves without being looked at: the page is asked for, and its form is sent.
async function approvesUnseen(who, draft) {
  const { page, context } = await stranger();
  const send = (path, form) => page.request.post(path, { form, headers: { origin: base } });
  await send("/sign-in", { who, next: "/" });
  const shown = await (await page.request.get(draft)).text();
  const [, form] = shown.split(`action="${draft}/approval"`);
  const value = (name) => form.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
  const answer = await send(`${draft}/approval`, { key: value("key"), version: value("version"), hash: value("hash") });
  must((await answer.text()).includes("Your approval is recorded"), `${who} approves: ${answer.status()}`);
  await context.close();
}

async function approves(author, head, board, draft) {
  await author.page.goto(draft);
  await author.page.getByLabel("Why can it not wait").fill(`${HARM} The law changes on Monday.`);
  await press(author, "Submit for approval");
  must((await text(author)).includes("Before its approvers"), `after submitting: ${await text(author)}`);
  must((await text(author)).includes("The law changes on Monday."), "whoever approves reads why nobody was asked");
  must((await head.page.goto(draft)).status() === 200, "an approver reads the draft");
  await press(head, "What it would change", "link");
  const changed = await text(head);
  must(changed.includes("A child is in police protection") && changed.includes("1. Ring the duty desk."), "an approver reads what changes");
  await look(head, "draft-difference");
  await head.page.goto(draft);
  await look(head, "draft-head");
  await board.page.goto(draft);
  const instant = plus(30);
  await board.page.getByLabel("Day", { exact: true }).fill(instant.day);
  await board.page.getByLabel("Time", { exact: true }).fill(instant.time);
  await press(board, "Schedule");
  must((await text(board)).includes("Approvals are missing"), "nothing is scheduled without the quorum");
  must((await board.page.getByLabel("Time", { exact: true }).inputValue()) === instant.time, "the instant is kept");
  await look(board, "draft-quorum-missing");
  await press(head, "Approve this content");
  must((await text(head)).includes("Your approval is recorded"), `after approving: ${await text(head)}`);
  for (const borough of BOROUGHS) await approvesUnseen(`${borough}-head`, draft);
  await board.page.goto(draft);
  await press(board, "Approve this content");
  must((await text(board)).includes("The quorum is there"), `after the board's approval: ${await text(board)}`);
  must((await text(board)).includes("Salford, head of service"), "who approved is named");
  await board.page.getByLabel("Day", { exact: true }).fill(instant.day);
  await board.page.getByLabel("Time", { exact: true }).fill(instant.time);
  await press(board, "Schedule");
  must((await text(board)).includes("The edition has its number"), `after scheduling: ${await text(board)}`);
  await look(board, "draft-scheduled");
}

async function compares(me) {
  const { page } = me;
  await page.goto("/procedures/editions");
  await press(me, "Compare");
  must((await text(me)).includes("Select the edition that comes after"), "two editions are compared");
  await look(me, "editions-error");
  await page.getByLabel("Before").selectOption("1");
  await page.getByLabel("After").selectOption("2");
  await press(me, "Compare");
  must((await heading(me)) === "What edition 2 changes in edition 1", `comparing: ${await heading(me)}`);
  must((await page.locator("ins").allInnerTexts()).some((line) => line.includes(HARM)), "what is new is marked, as text");
  const [left, right] = [await page.locator(".hub-side").first().boundingBox(), await page.locator(".hub-side").nth(1).boundingBox()];
  must(left.y === right.y && left.x < right.x, "both stand side by side");
  await look(me, "compared");
  await page.setViewportSize({ width: 320, height: 900 });
  const [above, below] = [await page.locator(".hub-side").first().boundingBox(), await page.locator(".hub-side").nth(1).boundingBox()];
  must(above.x === below.x && above.y < below.y, "as one column where there is no room");
  await page.setViewportSize({ width: me.width, height: 900 });
}

async function narrow(draft) {
  const me = await person("board-approver", { width: 320, script: false, looked: false });
  for (const path of ["/procedures/editions/compare?before=1&after=2", "/procedures/variations", "/procedures/fields", "/procedures/drafts", "/procedures/receipts", draft]) {
    const answer = await me.page.goto(path);
    must(answer.status() === 200, `${path}: ${answer.status()}`);
    await look(me, `narrow ${path}`);
  }
  await me.page.getByLabel("Why it is taken back").fill("A word is missing.");
  await press(me, "Take it back");
  must((await text(me)).includes("The draft is taken back"), `after the withdrawal: ${await text(me)}`);
  await look(me, "narrow withdrawn");
  await me.context.close();
}

try {
  const [nurse, author] = [await person("salford-royal-nurse"), await person("salford-author")];
  const [head, board] = [await person("salford-head"), await person("board-approver")];
  await reads(nurse);
  await varies(head, nurse);
  await answers(author, nurse);
  await bins(nurse, board);
  const draft = await writes(author);
  await approves(author, head, board, draft);
  await compares(nurse);
  await consults(author, nurse);
  await narrow(draft);
} catch (error) {
  fault(error.stack ?? String(error));
}
await end();
