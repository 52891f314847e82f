import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../frontend-image/files.ts";
import { type Example, readExample } from "./example.ts";
import { type ColdTime, readRecord, type Row, type ServicesRecord } from "./record.ts";
import type { Service } from "./service.ts";
import { services } from "./subjects/index.ts";

/** Writes docs/services.md from the record and the list of services. */
export function writeDocument(): void {
  writeFileSync(join(repository, "docs", "services.md"), servicesDocument(services, readRecord()));
}

/**
 * The document: a table of all services, and what was seen of each.
 *
 * @param record rows of those that were built; the others stand in it with the reason why not
 */
export function servicesDocument(all: readonly Service[], record: ServicesRecord): string {
  const parts = all.map((service) => ({
    service,
    example: readExample(service.name),
    row: record[service.name],
  }));
  return `${[
    "<!-- Made by npm run services from scripts/services and docs/services.json: do not edit. -->",
    "",
    "# Public services, described and built",
    "",
    ...INTRODUCTION,
    "",
    ...table(parts),
    "",
    ...parts.flatMap((part) => [...section(part), ""]),
  ]
    .join("\n")
    .trimEnd()}\n`;
}

interface Part {
  readonly service: Service;
  readonly example: Example;
  readonly row: Row | undefined;
}

const INTRODUCTION = [
  "`npm run services` builds each of these from the zips of its modules, at a version, as the Go module proxy has them, and a description in",
  "[examples/services](../examples/services), with the packaged frontend on a real BuildKit. It then pulls the image back, runs its programs for their versions, starts the service from the",
  "image's files (its own user, read-only, a memory file system at /tmp, a network of its own), and asks it. `npm run services -- NAME` does one, and writes its row anew.",
  "",
  "- Lines are those of the description that say something, the `# syntax=` line included. Other files of the example are named beside it.",
  "- Sizes are of linux/amd64: the layers compressed, as they are pulled, and the files unpacked. Official images could not be pulled where this was written: their sizes are unknown here.",
  "- A cold time is of a build in which nothing of the service had been downloaded or compiled before. The toolchain, our program for build steps, the C tools and the standard library were there, unless the",
  "  row says so. The machine had other work: the load stands beside each time.",
  "- Images of Docker Hub (golang, node) were [stand-ins](rig.md#stand-ins).",
  "- A row that is not built has a description that `check` takes for its source; nobody has built it yet.",
  "- A module's zip has no git: where a description asks for the commit, the program says `unknown`.",
] as const;

const cells = (values: readonly string[]): string => `| ${values.join(" | ")} |`;

const table = (parts: readonly Part[]): readonly string[] => [
  cells(["service", "lines", "image, MB (unpacked)", "official image, MB", "version", "health", "cold, s"]),
  "| --- | ---: | ---: | ---: | --- | --- | ---: |",
  ...parts.map(({ service, example, row }) =>
    cells([
      `[${service.title}](#${anchor(service)})`,
      String(example.lines),
      row === undefined ? "–" : `${megabytes(row.image.compressed)} (${megabytes(row.image.unpacked)})`,
      "unknown",
      row === undefined ? "not built yet" : version(service),
      health(service, row),
      row?.cold === undefined ? "–" : row.cold.seconds.toFixed(0),
    ]),
  ),
];

const version = ({ modules: [first] }: Service): string =>
  first.version.replace(/-0\.(\d{8})\d+-/, " of $1, ");

const health = ({ serving }: Service, row: Row | undefined): string =>
  row?.health !== undefined ? "answers" : typeof serving === "string" ? "not asked" : "–";

const anchor = ({ title }: Service): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, "")
    .replaceAll(" ", "-");

function section({ service, example, row }: Part): readonly string[] {
  const others = Object.entries(example.otherFiles).map(([file, lines]) => `, ${file} (${lines})`);
  const { official, serving } = service;
  return [
    `## ${service.title}`,
    "",
    `[service.yaml](../examples/services/${service.name}/service.yaml) (${example.lines} lines)${others.join("")}. Source: ${source(service)}.` +
      (service.note === undefined ? "" : ` ${sentence(service.note)}`) +
      (service.vendored === undefined ? "" : ` \`go mod vendor\` fills it first: ${service.vendored}.`),
    "",
    ...(row === undefined ? ["Not built yet.", ""] : [...seen(row, serving), ""]),
    `Official image: ${official.image} (${official.source}).`,
    "",
    `- In: ${official.has.join("; ")}.`,
    ...(official.lacks.length === 0
      ? ["- Out: nothing."]
      : official.lacks.map(({ what, why }) => `- Out: ${what}. ${sentence(why)}`)),
  ];
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function source({ modules: [first, ...others] }: Service): string {
  const also = others.map(({ path }) => path);
  return `${first.path}@${first.version}${also.length === 0 ? "" : `, and at the same version ${also.join(", ")}`}`;
}

const seen = (row: Row, serving: Service["serving"]): readonly string[] => [
  "```console",
  ...row.told.flatMap(({ command, output }) => [`$ ${command}`, ...output]),
  "```",
  "",
  `- Health: ${healthWords(row, serving)}.`,
  `- Image: ${megabytes(row.image.compressed)} MB compressed, ${megabytes(row.image.unpacked)} MB unpacked, ${row.image.layers} layers, user ${row.image.user}, Go ${row.goVersion}; built on ${row.day}.`,
  `- Cold: ${row.cold === undefined ? "not measured" : coldWords(row.cold)}.`,
];

function healthWords({ health }: Row, serving: Service["serving"]): string {
  if (health === undefined) {
    return `not asked: ${typeof serving === "string" ? serving : "it was not started"}`;
  }
  return health.map(({ question, answer }) => `${question} → \`${answer}\``).join("; ");
}

function coldWords({ seconds, steps, standardLibrary, load, processors }: ColdTime): string {
  const longest = Object.entries(steps).map(([kind, value]) => `${kind} ${value.toFixed(1)}`);
  const std = standardLibrary ? ", with the standard library" : "";
  return `${seconds.toFixed(0)} s${std} (longest step of each kind: ${longest.join(", ")}), load ${load[0]} to ${load[1]} on ${processors} processors`;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
