// What the pages can do besides where scripts run. Everything works without it.
import { initAll } from "./GOVUK";

initAll();

const summary = document.querySelector(".govuk-error-summary");
if (summary) summary.focus();

// A form is sent once, however often the button is pressed.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A session that nobody uses ends; two minutes before that the page asks. Without scripts nothing is lost either: drafts are kept.
const idle = document.getElementById("idle");
if (idle) {
  const TWO_MINUTES = 120;
  let timer;
  const wait = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      idle.showModal();
      timer = setTimeout(() => window.location.reload(), TWO_MINUTES * 1000);
    }, Math.max(seconds - TWO_MINUTES, 1) * 1000);
  };
  wait(Number(document.body.dataset.idle));
  idle.querySelector("button").addEventListener("click", async () => {
    const answer = await fetch("/still-here", { method: "POST" });
    if (!answer.ok || answer.redirected) return window.location.reload();
    idle.close();
    wait(Number(await answer.text()));
  });
}

// The queue says that something changed; it never moves a row by itself.
const live = document.querySelector("#live p");
if (live) {
  const since = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  let changes = 0;
  let noise;
  const show = (text) => {
    live.querySelector("span").textContent = text;
    live.hidden = false;
  };
  const source = new EventSource("/desk/events");
  source.addEventListener("changed", () => {
    changes += 1;
    show(`${changes} ${changes === 1 ? "change" : "changes"} since ${since}.`);
    if (noise) beep(noise);
  });
  // While the line was down something may have happened.
  source.addEventListener("error", () => show("The live line is broken. This list may be older than it looks."));
  const sound = document.getElementById("sound");
  const button = sound.querySelector("button");
  sound.hidden = false;
  button.addEventListener("click", () => {
    noise = noise ? undefined : new AudioContext();
    button.setAttribute("aria-pressed", String(Boolean(noise)));
    button.textContent = noise ? "Sound is on: switch it off" : "Sound when something is new";
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
