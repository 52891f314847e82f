import { readFileSync } from "node:fs";
import { formatDiagnostics, parseDescription } from "../../../src/description/index.ts";
import { allKeys } from "../../../src/description/schema-walk.ts";
import { exampleDescriptions } from "../../plan/support.ts";
import { textInputs } from "../inputs.ts";
import type { Target } from "../target.ts";

const keys = [...new Set(allKeys().flat())].filter((key) => key !== "*");

/** The description: bytes to a checked description, or diagnostics that can be shown. */
export const description: Target = {
  name: "description",
  inputs: textInputs(
    "description",
    [
      ...keys.map((key) => `${key}: `),
      ...keys.map((key) => `\n  ${key}:`),
      "\n",
      "\n  ",
      "\n    ",
      "- ",
      "# syntax=org/go-frontend\n",
      "{ ",
      " }",
      "[",
      "]",
      ", ",
      "&a ",
      "*a",
      "!!binary ",
      "|\n",
      ">-\n",
      '"',
      "'",
      "? ",
      ": ",
      "---\n",
      "...\n",
      "%YAML 1.2\n",
      "<<: ",
      "linux/arm64",
      "github.com",
      "1.26",
      "8080/tcp",
      "${version}",
      "$$",
      "true",
      "~",
      "0x1f",
      "1_000",
      ".inf",
      "2001-01-01",
    ],
    exampleDescriptions().map(({ folder, file }) => readFileSync(`${folder}/${file}`, "utf8")),
  ),
  run: (bytes) => {
    const parsed = parseDescription({ filename: "service.yaml", bytes });
    if (!parsed.ok) formatDiagnostics(parsed.diagnostics, [parsed.source]);
  },
};
