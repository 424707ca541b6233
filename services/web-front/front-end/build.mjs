// Makes the assets of the pages: node build.mjs <directory of node_modules> <where they go>
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const [modules, out] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const sass = createRequire(join(modules, "x.js"))("sass");
mkdirSync(out, { recursive: true });

const names = {};
function put(name, ending, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  names[`${name}.${ending}`] = `${name}-${hash}.${ending}`;
  writeFileSync(join(out, names[`${name}.${ending}`]), content);
  writeFileSync(join(out, `${names[`${name}.${ending}`]}.gz`), gzipSync(content, { level: 9 }));
}

const made = sass.compile(join(here, "hub.scss"), { style: "compressed", loadPaths: [modules], quietDeps: true });
// One rule for chosen options of old browsers has the colour written out.
const css = made.css.replaceAll("#1d70b8", "#0b4f4a");
for (const foreign of ["GDS Transport", "govuk-crest", "#1d70b8"]) {
  if (css.includes(foreign)) throw new Error(`the style sheet has ${foreign}`);
}
put("hub", "css", css);
const govuk = readFileSync(join(modules, "govuk-frontend/dist/govuk/govuk-frontend.min.js"), "utf8");
put("govuk", "js", govuk.replace(/\/\/# sourceMappingURL=.*/, ""));
put("hub", "js", readFileSync(join(here, "hub.js"), "utf8").replace("./GOVUK", `./${names["govuk.js"]}`));
const icon = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#0b4f4a"/><path d="M9 16l5 5 9-10" fill="none" stroke="#fff" stroke-width="4"/></svg>';
put("icon", "svg", icon);
put("licences", "txt", readFileSync(join(here, "licences.txt"), "utf8"));
writeFileSync(join(out, "names.json"), JSON.stringify(names));
