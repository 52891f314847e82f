// The bare executable of --target binary is named as `go build` names it.
import { expect, test } from "vitest";
import { graphOf, planFiles, tool, verticesOf } from "../plan/support.ts";

async function executableOf(os: string, name: string): Promise<readonly string[]> {
  const files = { ...tool, "service.yaml": `# syntax=org/go-frontend\nname: ${name}\n` };
  const planned = await planFiles(files, { target: "binary", platforms: [{ os, architecture: "amd64" }] });
  const last = verticesOf(graphOf(planned)).at(-1);
  return last?.op.file?.actions?.flatMap(({ copy }) => copy?.dest ?? []) ?? [];
}

test.each([
  ["linux", "tool", "/tool"],
  ["darwin", "tool", "/tool"],
  ["windows", "tool", "/tool.exe"],
  ["windows", "tool.exe", "/tool.exe"],
  ["windows", "tool.v2", "/tool.v2.exe"],
])("%s %s", async (os, name, expected) => {
  expect(await executableOf(os, name)).toEqual([expected]);
});
