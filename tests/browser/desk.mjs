// What else a desk does: sets its hours and rota, takes a case of the night, sends siblings together, agrees on conditions, hands back,
// asks another borough after a decline, settles a dispute.
import { activate, check, choose, end, fault, fill, heading, look, must, person, press, text, until } from "./lib.mjs";

const path = (me) => new URL(me.page.url()).pathname;

/// A manager closes the day desk for good, so that every case is one of the night, and puts somebody on the rota.
async function sets(me) {
  await press(me, "Desk hours and rota", "link");
  await look(me, "settings");
  for (let day = 1; day <= 7; day += 1) {
    for (const end of ["from", "to"]) await me.page.locator(`#${end}_${day}`).fill("");
  }
  await press(me, "Add another turn");
  const turn = (await me.page.getByLabel("Name to ask for").count()) - 1;
  const field = (label) => me.page.getByLabel(label).nth(turn);
  await field("Name to ask for").fill("Stand-in manager on call");
  await field("Telephone").fill("ring the office");
  await field("From day").fill("1/1/2027");
  await field("From time").fill("17.00");
  await press(me, "Set the desk");
  must((await text(me)).includes("This must be a telephone number"), `what is no telephone number is said at its field: ${await text(me)}`);
  must((await field("Name to ask for").inputValue()) === "Stand-in manager on call", "what was typed stays");
  must((await field("Telephone").getAttribute("aria-describedby"))?.includes("error"), "the fault stands beside its field");
  await look(me, "settings-error");
  await field("Telephone").fill("0161 496 0777");
  await press(me, "Set the desk");
  must((await text(me)).includes("The desk is set"), `after setting the desk: ${await text(me)}`);
  await look(me, "settings-set");
}

/// A colleague was quicker: what they set is shown above what was typed, and whoever has read it may write over it.
async function overtaken(me) {
  await me.page.goto("/desk/settings");
  const other = await me.context.newPage();
  await other.goto("/desk/settings");
  await other.getByLabel("Night and weekend").fill("0161 496 0778");
  await other.getByRole("button", { name: "Set the desk" }).click();
  await other.waitForURL(/done=set/);
  await other.close();
  await fill(me, "Day team", "0161 496 0779");
  await press(me, "Set the desk");
  const shown = await text(me);
  must(shown.includes("A colleague has set this desk since you opened it") && shown.includes("0161 496 0778"), `what they set is shown: ${shown}`);
  must((await me.page.getByLabel("Day team").inputValue()) === "0161 496 0779", "what was typed stays");
  must(/Night and weekend\s+Set now: 0161 496 0778\s+In your form: 0161 496 0051/.test(shown), "and what the form would write over is said");
  await look(me, "settings-overtaken");
  await press(me, "Set the desk");
  must((await text(me)).includes("The desk is set"), "whoever has read it writes over it");
}

async function readsTheRota(me) {
  await press(me, "Desk hours and rota", "link");
  const shown = await text(me);
  must(shown.includes("Stand-in manager on call") && !shown.includes("Set the desk"), "a worker reads the rota and does not set it");
  await look(me, "settings-read");
}

/// Two siblings, or one child, from a hospital.
async function refers(me, names) {
  await me.page.goto("/refer");
  await press(me, "Start now");
  await check(me, "Not sure, or not known");
  await press(me, "Continue");
  await check(me, "At Salford Royal");
  await fill(me, "Given names", names[0]);
  if (names.length > 1) {
    await press(me, "Add another child");
    await me.page.getByLabel("Given names").nth(1).fill(names[1]);
    await look(me, "place-siblings");
  }
  await press(me, "Continue");
  await fill(me, "What worries you", "Left alone since the morning.");
  await press(me, "Continue");
  await press(me, "Continue");
  await press(me, "Send referral");
  must((await heading(me)) === "Referral received", `after sending: ${await heading(me)}`);
  return path(me).replace(/\/sent$/, "");
}

async function decides(me, referral) {
  await me.page.goto(`${referral}/decide`);
  await check(me, "Immediate protection");
  await fill(me, "Reason", "Nobody is at home.", { exact: true });
  await press(me, "Record the decision");
  must((await text(me)).includes("Your decision is recorded"), `after deciding: ${await text(me)}`);
}

async function takesTheNight(me) {
  await until("the case is on the list of the night", me, "/night", async () => (await me.page.getByRole("button", { name: "Take this case" }).count()) > 0);
  await look(me, "night");
  await press(me, "Take this case");
  must((await text(me)).includes("The case is yours now") && (await text(me)).includes("Salford, duty worker"), "who takes a case stands on the list");
  await look(me, "night-taken");
}

async function offers(me, referral, to, names) {
  await until("the duty is held", me, `${referral}/offer`, async () => (await me.page.getByRole("button", { name: "Offer the transfer" }).count()) > 0);
  const boxes = me.page.locator("input[name=items]");
  const all = await text(me);
  must(names.every((name) => all.includes(`${name}: `)), `every child can be offered: ${all}`);
  must(await boxes.evaluateAll((every) => every.every((box) => box.checked)), "siblings go together unless one is left out");
  await choose(me, "Which borough do you ask", to);
  await check(me, "Tonight");
  await press(me, "Offer the transfer");
  must((await text(me)).includes("You are still responsible"), `after offering: ${await text(me)}`);
  return path(me);
}

/// The other desk's screen says by itself that something came, with a number in its title, and moves nothing.
async function isTold(me, transfer) {
  await me.page.getByText(/[1-9]\d* changes? since/).waitFor();
  must(/^\([1-9]/.test(await me.page.title()), "the title counts what is new");
  must((await me.page.locator(`a[href="${transfer}"]`).count()) === 0, "no row moves by itself");
  await look(me, "desk-live");
  await press(me, "Show what is new", "link");
  must((await me.page.locator(`a[href="${transfer}"]`).count()) === 1, "the offer is in the queue");
}

async function opens(me, transfer) {
  await me.page.goto(transfer);
  await press(me, "Open the handover sheet");
}

async function agreesOnConditions(giver, taker, transfer) {
  await press(taker, "Send the conditions");
  must((await text(taker)).includes("Enter the conditions"), "conditions are said in words");
  await fill(taker, "What must be so before you take", "A worker stays until we are there.");
  await press(taker, "Send the conditions");
  await giver.page.goto(transfer);
  must((await text(giver)).includes("A worker stays until we are there."), "the giver reads the conditions");
  await look(giver, "transfer-conditions");
  await press(giver, "Agree to the conditions");
  must((await text(giver)).includes("You have agreed to the conditions"), `after agreeing: ${await text(giver)}`);
}

async function saysByVoice(one, other, transfer) {
  await one.page.goto(transfer);
  await activate(one, one.page.getByText("Write down what you agreed by voice"));
  await press(one, "Record the agreement");
  must((await text(one)).includes("Enter who spoke for your borough"), "an agreement has two names");
  await look(one, "transfer-voice-error");
  await fill(one, "Who spoke for your borough", "Salford duty worker");
  await fill(one, "Who spoke for the other borough", "Bolton night duty worker");
  await fill(one, "Day", "1/11/2026");
  await fill(one, "Time", "02:14");
  await fill(one, "What you agreed", "They meet at the ward at three.");
  await press(one, "Record the agreement");
  must((await text(one)).includes("What you agreed by voice is recorded"), `after the agreement: ${await text(one)}`);
  await other.page.goto(transfer);
  await look(other, "transfer-voice");
  await press(other, "Confirm what was agreed");
  must((await text(other)).includes("You have confirmed what was agreed"), `after confirming: ${await text(other)}`);
}

async function speaks(me, transfer, readBack) {
  await me.page.goto(`${transfer}/handover`);
  await fill(me, "Who gave it", "Salford duty worker");
  await fill(me, "Who took it", "Bolton night duty worker");
  await fill(me, "Day", "1/11/2026");
  await fill(me, "Time", "03:00");
  if (readBack) await fill(me, "What you understood", readBack);
  await press(me, "Record the handover");
}

async function handsBack(giver, taker, transfer) {
  await taker.page.goto(transfer);
  await press(taker, "Accept responsibility");
  await press(taker, "Confirm: our desk has it");
  await speaks(taker, transfer, "I understand that both stay on the ward.");
  await speaks(giver, transfer, null);
  await activate(giver, giver.page.getByText("Correct something on the sheet"));
  await choose(giver, "What was wrong", "Family");
  await fill(giver, "What is right", "An aunt is on her way.");
  await press(giver, "Add the correction");
  must((await text(giver)).includes("An aunt is on her way."), "a correction stands in the history");
  await taker.page.goto(transfer);
  await press(taker, "Hand the child back", "button");
  await look(taker, "hand-back");
  must((await taker.page.getByLabel("Situation").inputValue()).includes("Left alone"), "the sheet is filled in");
  await fill(taker, "Situation", "The aunt lives in Salford and has them.");
  await press(taker, "Hand back");
  must((await text(taker)).includes("It is offered back. You are still responsible."), `after handing back: ${await text(taker)}`);
  await look(taker, "transfer-handed-back");
  const back = path(taker);
  await opens(giver, back);
  must((await text(giver)).includes("The aunt lives in Salford"), "the new sheet is read");
  await press(giver, "Accept responsibility");
  must((await text(giver)).includes("You are responsible."), "who took it back is responsible");
}

async function declines(me, transfer) {
  await opens(me, transfer);
  await check(me, "Below the threshold");
  await press(me, "Decline");
  must((await text(me)).includes("This reason must be told in words"), "what is missing for this reason is said");
  await fill(me, "In words", "The aunt is there and the school knows.");
  await press(me, "Decline");
  must((await text(me)).includes("You have declined"), `after declining: ${await text(me)}`);
}

async function disagrees(manager, giver, [bolton, bury, buryManager], transfer) {
  await declines(bolton, transfer);
  await giver.page.goto(transfer);
  await look(giver, "transfer-declined");
  await choose(giver, "Ask another borough instead", "Bury");
  await press(giver, "Redirect");
  must((await text(giver)).includes("Salford to Bury"), `after redirecting: ${await heading(giver)}`);
  const next = path(giver);
  await declines(bury, next);
  await manager.page.goto(next);
  if (await manager.page.getByRole("button", { name: "Open a dispute" }).count()) {
    await fill(manager, "How the child is kept safe", "On the ward until Monday.");
    await press(manager, "Open a dispute");
  }
  must((await text(manager)).includes("In dispute."), `after the second decline: ${await text(manager)}`);
  await look(manager, "transfer-dispute");
  if (await manager.page.getByText("Interim plan recorded").count() === 0) {
    await fill(manager, "How the child is kept safe until it is settled", "On the ward until Monday.");
    await press(manager, "Record the safety plan");
    must((await text(manager)).includes("The safety plan is recorded"), `after the safety plan: ${await text(manager)}`);
  }
  await press(manager, "Sign the settlement");
  must((await text(manager)).includes("Enter what was settled"), "a settlement has words");
  for (const one of [manager, buryManager]) {
    await one.page.goto(next);
    await fill(one, "What was settled", "Salford keeps the child; Bury sends a worker.");
    await press(one, "Sign the settlement");
    must((await text(one)).includes("Your signature is recorded"), `after signing: ${await text(one)}`);
  }
  must(!(await text(buryManager)).includes("In dispute."), "with both signatures it is settled");
  await look(buryManager, "transfer-settled");
}

try {
  const manager = await person("salford-manager");
  await sets(manager);
  await overtaken(manager);
  const salford = await person("salford-duty");
  await readsTheRota(salford);
  const nurse = await person("salford-royal-nurse");
  const siblings = await refers(nurse, ["Wren", "Robin"]);
  await decides(salford, siblings);
  await takesTheNight(salford);
  const bolton = await person("bolton-night");
  const transfer = await offers(salford, siblings, "Bolton", ["Wren", "Robin"]);
  await isTold(bolton, transfer);
  await opens(bolton, transfer);
  await agreesOnConditions(salford, bolton, transfer);
  await saysByVoice(salford, bolton, transfer);
  await handsBack(salford, bolton, transfer);
  const child = await refers(nurse, ["Martin"]);
  await decides(salford, child);
  const other = await offers(salford, child, "Bolton", ["Martin"]);
  const bury = [await person("bury-night"), await person("bury-manager")];
  await disagrees(manager, salford, [bolton, ...bury], other);
} catch (error) {
  fault(error.stack ?? String(error));
}
await end();
