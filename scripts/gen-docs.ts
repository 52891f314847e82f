// Writes what is made from the description's schema and the table of codes: schema/service.schema.json,
// docs/description.md and docs/errors.md. All three are kept in git; test/description/docs.test.ts holds them to the sources.
//
//   node scripts/gen-docs.ts
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  BUILTINS,
  CODES,
  freeName,
  jsonSchema,
  keyReference,
  type KeyEntry,
} from "../src/description/index.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The generated files of this moment: path in the repository → text. */
export function generatedDocs(): ReadonlyMap<string, string> {
  return new Map([
    ["schema/service.schema.json", `${JSON.stringify(jsonSchema(), null, 2)}\n`],
    ["docs/description.md", descriptionReference()],
    ["docs/errors.md", errorReference()],
  ]);
}

function descriptionReference(): string {
  const keys = keyReference();
  const sections = [
    `<!-- Made from src/description/schema.ts by scripts/gen-docs.ts: do not edit. -->

# The description

A YAML file says what a service is. Its first line chooses the frontend, and every key is optional. So the smallest description is

\`\`\`yaml
# syntax=org/go-frontend
\`\`\`

It builds a module with a single main package: static, stripped, reproducible, run by a user that is not root. The file can have any name: \`docker buildx build -f service.yaml .\` names it.
A file called \`Dockerfile\` needs no \`-f\`.

For completion and hover help in editors, name the schema (a path or a URL of [service.schema.json](../schema/service.schema.json)) in the second line:

\`\`\`yaml
# syntax=org/go-frontend
# yaml-language-server: $schema=./service.schema.json
\`\`\`

## All keys

${keyTable(keys)}

## How values are read

- Unknown keys, keys that stand twice and values of the wrong type are errors at their line. All errors of a file are shown at once. [errors.md](errors.md) lists every code.
- Where a key takes text, an unquoted number or boolean counts as it is written: \`RATE: 1.20\` is the text \`1.20\`. Only \`go\` insists on quotes.
- Paths are relative, use \`/\` and stay inside the build context.
- No value becomes part of a command line that is parsed again. There is no shell anywhere, and you need no quotes for one.
- The file is UTF-8 and YAML 1.2. It holds a single document, without anchors, aliases, tags and merge keys, and has at most 256 KiB, 32 levels and 10,000 values.

## Variables

Values of \`build.vars\`, \`image.env\`, \`image.labels\` and items of \`image.args\` can hold \`\${name}\`. A name is a key of \`args:\` or a name of the table below. The value of a key of \`args:\` is its default, unless
\`--build-arg\` gives another:

| name | stands for |
| --- | --- |
${Object.entries(BUILTINS)
  .map(([name, meaning]) => `| \`\${${name}}\` | ${meaning} |`)
  .join("\n")}

A dollar sign is written \`$$\`. The value of a variable is put in as it is, and is not read again. An unknown name is an error.`,
    ...keys.map(section),
  ];
  return `${sections.join("\n\n")}\n`;
}

function keyTable(keys: readonly KeyEntry[]): string {
  const rows = keys.map((key) => {
    const indent = "&nbsp;&nbsp;".repeat(key.path.length - 1);
    return `| ${indent}[\`${title(key.path).split(".").at(-1) ?? ""}\`](#${anchor(key.path)}) | ${key.doc.words} | ${key.doc.fallback} |`;
  });
  return `| key | is | default |\n| --- | --- | --- |\n${rows.join("\n")}`;
}

function section(key: KeyEntry): string {
  const heading = key.path.length === 1 ? "##" : "###";
  return `${heading} ${title(key.path)}

${key.doc.description}

Default: ${key.doc.fallback}.

\`\`\`yaml
${exampleOf(key)}
\`\`\``;
}

function title(path: readonly string[]): string {
  return path.map((step, at) => (step === "*" ? freeName(path[at - 1]) : step)).join(".");
}

/** GitHub's anchor of a heading. */
function anchor(path: readonly string[]): string {
  return title(path)
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, "");
}

/** Names in the place of free keys. */
export const exampleNames: Readonly<Record<string, string>> = {
  auth: "git.acme.example",
  binaries: "promtool",
  services: "twin",
  steps: "web",
};

/** What stands beside the map that a key is in. */
const neighbours: Readonly<Record<string, string>> = { extends: "orders: { main: ./cmd/orders }" };

/** Keys that mean something only beside another one. */
const companions: Readonly<Record<string, readonly string[]>> = {
  ssh: ["knownHosts"],
  knownHosts: ["ssh"],
  user: ["token"],
  port: ["ssh", "knownHosts"],
};

/** What a key needs beside it, with other words than that key's own example. */
const needed: Readonly<Record<string, string>> = { race: "cgo: true", asan: "cgo: { link: dynamic }" };

/** Keys that every step has. */
const stepKeys: readonly string[] = ["image", "run", "outputs"];

/** The key's example below its parents: a description that is valid as it stands. */
export function exampleOf(key: KeyEntry): string {
  const parents = key.path.slice(0, -1);
  const lines = parents.map(
    (parent, depth) =>
      `${"  ".repeat(depth)}${parent === "*" ? (exampleNames[parents[depth - 1] ?? ""] ?? "") : parent}:`,
  );
  const indent = "  ".repeat(parents.length);
  const neighbour = neighbours[key.path.at(-1) ?? ""];
  if (neighbour !== undefined) lines.splice(-1, 0, `${"  ".repeat(parents.length - 1)}${neighbour}`);
  lines.push(`${indent}${key.doc.example}`);
  const need = needed[key.path.at(-1) ?? ""];
  if (need !== undefined) lines.push(`${indent}${need}`);
  if (parents.includes("*")) {
    const isStep = parents[0] === "steps";
    const beside = isStep
      ? stepKeys.filter((name) => name !== key.path.at(-1))
      : (companions[key.path.at(-1) ?? ""] ?? []);
    const all = keyReference();
    for (const name of beside) {
      const other = all.find((key) => key.path.join() === [...parents, name].join());
      if (other !== undefined) lines.push(`${indent}${other.doc.example}`);
    }
  }
  const joined = lines.join("\n");
  // known_hosts names a server with its port when that is not 22.
  const text =
    key.path.at(-1) === "port" ? joined.replace('"git.acme.example ', '"[git.acme.example]:2222 ') : joined;
  return text.includes("${version}") ? `args: { version: dev }\n${text}` : text;
}

function errorReference(): string {
  const entries = Object.entries(CODES).map(
    ([code, { title: words, explanation }]) => `## ${code}\n\n**${words}.** ${explanation}`,
  );
  return `<!-- Made from src/description/codes.ts by scripts/gen-docs.ts: do not edit. -->

# Errors and warnings

A message starts with its place, then a code that keeps its meaning from release to release:

\`\`\`text
service.yaml:7:9: GF003 main points outside the build context (../../cmd)
7 |   main: ../../cmd
  |         ^^^^^^^^^
help: paths start at the module's directory; run the build from the repository root and set \`module:\`
\`\`\`

| code | what it is |
| --- | --- |
${Object.entries(CODES)
  .map(([code, { title: words }]) => `| [${code}](#${code.toLowerCase()}) | ${words} |`)
  .join("\n")}

${entries.join("\n\n")}
`;
}

if (import.meta.main) {
  for (const [path, text] of generatedDocs()) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.error(`wrote ${path}`);
  }
}
