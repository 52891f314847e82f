// Descriptions of public services, the record of what was built, and the document made of both: they say the same.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repository } from "../../frontend-image/files.ts";
import type { StepTime } from "../../scripts/demo/progress.ts";
import { coldTime } from "../../scripts/services/cold.ts";
import { changedEnvironment } from "../../scripts/services/environment.ts";
import { servicesDocument } from "../../scripts/services/document.ts";
import { examplesFolder, readExample } from "../../scripts/services/example.ts";
import { sayingLines } from "../../scripts/services/lines.ts";
import { readRecord } from "../../scripts/services/record.ts";
import { services } from "../../scripts/services/subjects/index.ts";
import { parseDescription, servicesOf } from "../../src/description/index.ts";

const record = readRecord();
const names = services.map(({ name }) => name).toSorted();

describe("the services", () => {
  test("have a description, and each description is a service's", () => {
    expect(readdirSync(examplesFolder).toSorted()).toEqual(names);
  });

  test("are the only ones in the record", () => {
    expect(names).toEqual(expect.arrayContaining(Object.keys(record)));
  });

  test("are said in the document as in the record", () => {
    const document = readFileSync(join(repository, "docs", "services.md"), "utf8");
    expect(document).toBe(servicesDocument(services, record));
  });
});

describe.each(services)("$name", (service) => {
  const filename = "service.yaml";
  const bytes = readFileSync(join(examplesFolder, service.name, filename));

  test("has a description without a mistake, whose programs are those that are asked", () => {
    const parsed = parseDescription({ filename, bytes });
    expect(parsed).toMatchObject({ ok: true, warnings: [] });
    if (!parsed.ok) return;
    const [described, ...others] = servicesOf(parsed.located);
    expect(others).toEqual([]);
    const placed = described?.binaries.map(
      ({ name, path }) => path ?? `/usr/local/bin/${name ?? described.name ?? ""}`,
    );
    expect(service.versions.map(({ program }) => program)).toEqual(placed);
  });

  test("was built from this description and these modules, and its programs said what is asked for", () => {
    const row = record[service.name];
    if (row === undefined) return; // the document says that it is not built
    expect(row.example).toBe(readExample(service.name).digest);
    expect(row.modules).toEqual(service.modules.map(({ path, version }) => `${path}@${version}`));
    expect(row.told).toHaveLength(service.versions.length);
    for (const [index, { says }] of service.versions.entries()) {
      expect(row.told[index]?.output.join("\n")).toMatch(says);
    }
    expect(row.health === undefined).toBe(typeof service.serving === "string");
  });
});

describe("lines of a description", () => {
  test("are those that say something, with the syntax line", () => {
    const text =
      "# syntax=org/go-frontend\n\n# a comment\nname: x\n  # another\nimage: # behind\n  ports: [1]\n";
    expect(sayingLines(text)).toEqual([
      "# syntax=org/go-frontend",
      "name: x",
      "image: # behind",
      "  ports: [1]",
    ]);
  });

  test("have a syntax line at the top alone", () => {
    expect(sayingLines("name: x\n# syntax=org/go-frontend\n")).toEqual(["name: x"]);
  });

  test("are counted in the document, with the other files of the example", () => {
    const example = readExample("prometheus");
    const text = readFileSync(join(examplesFolder, "prometheus", "service.yaml"), "utf8");
    expect(example.lines).toBe(text.split("\n").filter((line) => line.trim() !== "").length);
    expect(existsSync(join(examplesFolder, "prometheus", "service.yaml.dockerignore"))).toBe(true);
    expect(example.otherFiles).toEqual({ "service.yaml.dockerignore": 1 });
    expect(servicesDocument(services, {})).toContain(
      `(../examples/services/prometheus/service.yaml) (${example.lines} lines), service.yaml.dockerignore (1).`,
    );
  });
});

describe("variables that a service is started with", () => {
  test("take the place of the image's: there are never two of one name", () => {
    const image = ["PATH=/bin", "HOME=/var/x", "HOMES=1"];
    expect(changedEnvironment(image, { HOME: "/tmp", MORE: "a=b" })).toEqual([
      "PATH=/bin",
      "HOMES=1",
      "HOME=/tmp",
      "MORE=a=b",
    ]);
  });
});

describe("a cold time", () => {
  const step = (name: string, seconds: number, cached = false): StepTime => ({
    name,
    seconds,
    cached,
    start: 0,
  });
  const service = [
    step("[helper] go run", 40, true),
    step("[modules 1] go mod download", 2),
    step("[modules 2] go mod download", 5),
    step("[deps] go list (packages of other modules)", 1),
    step("[deps linux/amd64] go build 53 packages: a and 52 more", 86.24),
    step("[own 1 linux/amd64] go build 9 packages: b and 8 more", 7),
    step("[x linux/amd64] go build ./cmd/x", 8),
    step("[x linux/amd64] image", 1),
  ];

  test("has the longest step of each kind that ran, in the order of a build", () => {
    const cold = coldTime(
      [step("[std linux/amd64] go build (75 packages of the standard library)", 55), ...service],
      199.96,
      [13.61, 9],
    );
    expect(cold).toMatchObject({ seconds: 200, standardLibrary: true, load: [13.6, 9] });
    expect(Object.entries(cold?.steps ?? {})).toEqual([
      ["standard library", 55],
      ["modules", 5],
      ["imports", 86.2],
      ["own packages", 7],
      ["compile and link", 8],
    ]);
  });

  test("is one where the standard library was there, and says so", () => {
    const cold = coldTime([step("[std linux/amd64] go build", 0, true), ...service], 100, [1, 1]);
    expect(cold).toMatchObject({ seconds: 100, standardLibrary: false });
  });

  test("has the C tools of a build with cgo, which services share", () => {
    const tools = "[tools linux/amd64] apt-get install gcc g++";
    expect(coldTime([step(tools, 61.04), ...service], 100, [1, 1])?.steps).toMatchObject({ "C tools": 61 });
    const shared = coldTime([step(tools, 0, true), ...service], 100, [1, 1]);
    expect(shared?.steps).toEqual(coldTime(service, 100, [1, 1])?.steps);
  });

  test.each([1, 4, 5, 6])("is none where step %i of the service was in the cache", (index) => {
    const steps = service.map((whole, at) => (at === index ? { ...whole, cached: true } : whole));
    expect(coldTime(steps, 10, [1, 1])).toBeUndefined();
  });
});
