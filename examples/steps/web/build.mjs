// Builds the page: assets get their content into their names, so that browsers may keep them.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

mkdirSync("dist", { recursive: true });
let page = readFileSync("src/index.html", "utf8");
for (const name of ["style.css", "page.js"]) {
  const content = readFileSync(`src/${name}`);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const hashed = name.replace(".", `.${hash}.`);
  writeFileSync(`dist/${hashed}`, content);
  page = page.replace(name, hashed);
}
writeFileSync("dist/index.html", page);
