import { join } from "node:path";
import { expect, test } from "vitest";
import { imagesOf, planOf } from "../../scripts/demo/plan.ts";
import { repository } from "../../frontend-image/files.ts";

async function imagesFor(example: string): Promise<readonly (readonly string[])[]> {
  const folder = join(repository, "examples", example);
  const plan = await planOf({ folder, file: join(folder, "service.yaml") }, ["linux/arm64"], undefined);
  return imagesOf(plan).map(({ references }) => references);
}

test.each([
  ["hello", ["golang:1.26-alpine"]],
  ["steps", ["golang:1.26-alpine", "node:24"]],
  ["cgo", ["golang:1.26-alpine", "debian:bookworm-slim"]],
])(
  "the images that a build of examples/%s pulls: Go, C compilers, those of its steps",
  async (name, images) => {
    expect(await imagesFor(name)).toEqual([images, []]);
  },
);
