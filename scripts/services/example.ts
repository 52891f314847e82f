import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../frontend-image/files.ts";
import { sayingLines } from "./lines.ts";

/** The folder of the descriptions, each in a folder of its own. */
export const examplesFolder = join(repository, "examples", "services");

/** What is written by hand to build a service. */
export interface Example {
  /** Of the description. */
  readonly lines: number;
  /** Of the other files beside it: an ignore file, a go.work. */
  readonly otherFiles: Readonly<Record<string, number>>;
  /** A hash of all that says something in them: comments may change. */
  readonly digest: string;
}

const beside = ["service.yaml.dockerignore", "go.work"] as const;

/**
 * Reads the example of a service.
 *
 * @throws Error when it has no service.yaml
 */
export function readExample(name: string): Example {
  const read = (file: string): readonly string[] =>
    sayingLines(readFileSync(join(examplesFolder, name, file), "utf8"));
  const description = read("service.yaml");
  const others = beside
    .filter((file) => existsSync(join(examplesFolder, name, file)))
    .map((file) => [file, read(file)] as const);
  return {
    lines: description.length,
    otherFiles: Object.fromEntries(others.map(([file, lines]) => [file, lines.length])),
    digest: createHash("sha256")
      .update(JSON.stringify([description, others]))
      .digest("hex"),
  };
}
