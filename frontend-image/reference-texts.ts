import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/**
 * Leaves out of a bundle what only the reference and the editor's help say of a key: 24 KB of sentences, which V8 would also
 * store with the compiled code. Messages take a key's words and its example, which stay.
 *
 * @throws Error, in esbuild's messages, where a text is not found as it is written today
 */
export const withoutReferenceTexts: Plugin = {
  name: "without reference texts",
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]description[\\/]schema(?:-\w+)?\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = source.replaceAll(referenceText, "");
      const left = /^ *description:.*$/m.exec(contents);
      return left === null
        ? { contents, loader: "ts" }
        : {
            errors: [
              { text: `the text of a key is no literal: ${left[0].trim()}`, location: { file: path } },
            ],
          };
    });
  },
};

/** A property of a key's documentation with its text, as the formatter writes them. */
const referenceText =
  /\b(?:description|fallback):\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`),?/g;
