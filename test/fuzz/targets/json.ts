import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { recordStages } from "../../../src/cli/record.ts";
import { readImageConfig } from "../../../src/frontend/images/image-config.ts";
import { explainChanges, savedPlan, stagesOf } from "../../../src/plan/index.ts";
import { platform as onPlatform } from "../../../src/llb/index.ts";
import { buildOf, graphOf, planFiles, tool } from "../../plan/support.ts";
import { textInputs, textOf } from "../inputs.ts";
import type { Target } from "../target.ts";

const planned = await planFiles({
  ...tool,
  "service.yaml": "# syntax=org/go-frontend\nimage: { base: debian }\n",
});
const build = buildOf(planned);
const planText = JSON.stringify(build, (key, value: unknown) =>
  // The source of our program says nothing of a plan.
  key === "text" && typeof value === "string" ? value.slice(0, 100) : value,
);

const records = join(import.meta.dirname, "..", "..", "golden", "records");
const recordTexts = readdirSync(records)
  .map((file) => readFileSync(join(records, file), "utf8"))
  .filter((text) => text.length < 32_000);

const values = ["null", "0", '""', "[]", "{}", "true", "1e999", '"x"', "[null]", '{"a":1}', "[[]]"];

/** Names that both kinds have. */
const planWords = [...new Set([...planText.matchAll(/"(\w+)":/g)].map(([word]) => word))];

const before = stagesOf(build);

/** What `why` reads: a saved plan, a build record, or any other JSON. */
export const planJson: Target = {
  name: "plan-json",
  inputs: textInputs(
    "plan-json",
    [...planWords, ...values, "{", "}", ",", ":"],
    [planText, ...recordTexts, "{}"],
  ),
  run: (bytes) => {
    let json: unknown;
    try {
      json = JSON.parse(textOf(bytes));
    } catch {
      return;
    }
    const saved = savedPlan(json);
    if (saved !== undefined) explainChanges(before, stagesOf(saved.build, saved.contents));
    try {
      const stages = recordStages(json);
      if (stages !== undefined) explainChanges(before, stages);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("this record does not hold"))) throw error;
    }
  },
};

const fields = [
  "architecture",
  "os",
  "variant",
  "os.version",
  "os.features",
  "created",
  "author",
  "config",
  "User",
  "Env",
  "Entrypoint",
  "Cmd",
  "Volumes",
  "WorkingDir",
  "Labels",
  "StopSignal",
  "ExposedPorts",
  "history",
  "created_by",
  "empty_layer",
  "rootfs",
].map((name) => `"${name}":`);

const configs = [
  '{"architecture":"amd64","os":"linux","config":{"User":"1000","Env":["PATH=/usr/bin","A=b",""],"Entrypoint":["/x"],"Cmd":null,"Volumes":{"/v":{}},"WorkingDir":"/w","Labels":{"a":"b"},"ExposedPorts":{"80/tcp":{}},"StopSignal":"SIGTERM"},"history":[{"created":"2020-01-01T00:00:00Z","created_by":"x","empty_layer":true}],"rootfs":{"type":"layers","diff_ids":[]}}',
  '{"config":null,"history":null}',
];

/** The configuration of a base or toolchain image: read, and made part of a graph and of an image's configuration. */
export const imageConfig: Target = {
  name: "image-config",
  inputs: textInputs(
    "image-config",
    [...fields, ...values, "{", "}", "[", "]", ",", '"A=b"', '"=x"', '"PATH=/usr/local/go/bin"'],
    configs,
  ),
  run: (bytes) => {
    const read = readImageConfig(bytes);
    if (!read.ok) return;
    const { config } = read;
    const graph = graphOf(planned, {}, planned.plan, config, config);
    for (const { state, platform, config: made } of graph.platforms) {
      JSON.stringify(made);
      if (bytes.length % 8 === 0) state.marshal(onPlatform(platform));
    }
  },
};
