// What the pages can do besides where scripts run. Everything works without it.
import { initAll } from "./GOVUK";

initAll();

const summary = document.querySelector(".govuk-error-summary");
if (summary) summary.focus();

// A form is sent once, however often the button is pressed, and after what is still on its way of it has been kept.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent || saving) event.preventDefault();
    if (saving && !form.dataset.waits) {
      form.dataset.waits = "1";
      saving.finally(() => form.requestSubmit(event.submitter));
    } else if (!saving) {
      form.dataset.sent = "1";
    }
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form")) {
    delete form.dataset.sent;
    delete form.dataset.waits;
  }
});

// A session that nobody uses ends; two minutes before that the page asks. Without scripts nothing is lost either.
const idle = document.getElementById("idle");
const TWO_MINUTES = 120;
let timer;
function wait(seconds) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    idle.showModal();
    timer = setTimeout(signIn, TWO_MINUTES * 1000);
  }, Math.max(seconds - TWO_MINUTES, 1) * 1000);
}
function signIn() {
  const page = document.body.dataset.page ?? window.location.pathname;
  window.location.assign(`/sign-in?next=${encodeURIComponent(page)}`);
}
if (idle) {
  wait(Number(document.body.dataset.idle));
  idle.querySelector("button").addEventListener("click", async () => {
    const answer = await fetch("/still-here", { method: "POST" }).catch(() => undefined);
    if (!answer?.ok || answer.redirected) return signIn();
    idle.close();
    wait(Number(await answer.text()));
  });
}

// What is typed is kept within three seconds, so that a closed browser or a dead machine costs little.
const KEPT_AFTER = 3000;
let saving;
const unsaved = new Map();
function typed(form) {
  const fields = new URLSearchParams();
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.type === "submit") continue;
    if (["checkbox", "radio"].includes(field.type)) {
      if (field.checked) fields.append(field.name, field.value);
      else if (![...form.querySelectorAll(`[name="${field.name}"]`)].some((other) => other.checked)) fields.set(field.name, "");
    } else fields.append(field.name, field.value);
  }
  return fields;
}
function keep(form) {
  clearTimeout(unsaved.get(form));
  unsaved.delete(form);
  if (form.dataset.sent) return;
  const line = form.querySelector(".hub-kept");
  const again = (text) => {
    line.textContent = text;
    line.setAttribute("role", "alert");
    later(form);
  };
  const request = { method: "POST", body: typed(form), keepalive: true, signal: AbortSignal.timeout(4000) };
  saving = fetch(`/keep${document.body.dataset.page}`, request)
    .then(async (answer) => {
      if (answer.redirected) return again("You are signed out. What you typed is kept: sign in again to go on.");
      if (!answer.ok) return again("What you typed last is not kept yet. Do not close this page.");
      wait(Number(await answer.text()));
      line.removeAttribute("role");
      line.textContent = `Kept at ${new Date().toLocaleTimeString("en-GB")}`;
    })
    .catch(() => again("What you typed last is not kept: there is no line. Do not close this page."))
    .finally(() => (saving = undefined));
}
function later(form) {
  if (!unsaved.has(form)) unsaved.set(form, setTimeout(() => (saving ? saving.finally(() => keep(form)) : keep(form)), KEPT_AFTER));
}
if (document.body.dataset.page) {
  for (const form of document.querySelectorAll("main form[method=post]:has(textarea, select, input:not([type=hidden]))")) {
    const line = document.createElement("p");
    line.className = "govuk-hint hub-kept";
    form.append(line);
    form.addEventListener("input", () => later(form));
  }
  // Whoever goes to another window may not come back.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") for (const form of [...unsaved.keys()]) keep(form);
  });
}

// How long each question of a referral takes, for the report on the form, which is told it without a name.
if (document.body.dataset.page?.startsWith("/refer/")) {
  for (const form of document.querySelectorAll("main form[method=post]")) {
    const spent = {};
    let at;
    const leave = () => {
      if (at) spent[at.name] = (spent[at.name] ?? 0) + performance.now() - at.since;
      at = undefined;
    };
    form.addEventListener("focusin", ({ target }) => {
      leave();
      if (target.name) at = { name: target.name, since: performance.now() };
    });
    form.addEventListener("focusout", leave);
    document.addEventListener("visibilitychange", leave);
    form.addEventListener("formdata", ({ formData }) => {
      leave();
      const seconds = Object.entries(spent).map(([name, time]) => [name, Math.round(time / 1000)]);
      if (seconds.length > 0) formData.set("spent", JSON.stringify(Object.fromEntries(seconds)));
    });
  }
}

// The queue says that something changed; it never moves a row by itself. The line goes on where it broke, so nothing is missed.
const queue = document.getElementById("live");
if (queue) {
  const line = queue.querySelector("p");
  const since = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const title = document.title;
  let changes = 0;
  let last = queue.dataset.after;
  let noise;
  const show = (broken) => {
    const count = `${changes} ${changes === 1 ? "change" : "changes"} since ${since}.`;
    line.querySelector("span").textContent = broken ? "The live line is broken. This list may be older than it looks." : count;
    line.hidden = !broken && changes === 0;
    document.title = changes === 0 ? title : `(${changes}) ${title}`;
  };
  const open = () => {
    const source = new EventSource(`/desk/events?after=${encodeURIComponent(last)}`);
    source.addEventListener("open", () => show(false));
    source.addEventListener("changed", (event) => {
      last = event.lastEventId;
      changes += 1;
      show(false);
      if (noise) beep(noise);
    });
    source.addEventListener("error", () => {
      show(true);
      // The browser comes back by itself after a broken line, not after an answer that was none.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 5000);
    });
  };
  open();
  const sound = document.getElementById("sound");
  const button = sound.querySelector("button");
  const set = (on) => {
    noise = on ? new AudioContext() : undefined;
    sessionStorage.setItem("sound", on ? "on" : "");
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "Sound is on: switch it off" : "Sound when something is new";
  };
  sound.hidden = false;
  // Chosen on the page before: the browser lets it sound again from the first key or click on.
  if (sessionStorage.getItem("sound")) set(true);
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => noise?.resume());
  button.addEventListener("click", () => {
    set(!noise);
    if (noise) beep(noise);
  });
}

function beep(context) {
  const tone = context.createOscillator();
  tone.frequency.value = 660;
  tone.connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.2);
}
