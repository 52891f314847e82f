import { expect, test } from "vitest";
import { helperModuleText, withoutComments } from "../../scripts/gen-helper.ts";
import { HELPER_FILES } from "../../src/plan/generated/helper-files.ts";

test("is what the Go sources say", () => {
  expect(helperModuleText()).toContain(JSON.stringify(HELPER_FILES, undefined, 2));
});

test("holds a whole Go module, sorted, without its tests", () => {
  const paths = HELPER_FILES.map((file) => file.path);
  expect(paths).toContain("go.mod");
  expect(paths).toContain("main.go");
  expect(paths).toEqual(paths.toSorted());
  expect(paths.filter((path) => path.endsWith("_test.go"))).toEqual([]);
});

const go = `// Package p is documented.
package p

//go:embed "a//b"
var text string // of a file

/* several
lines */ var other = 1 /* inside */ + 2

func f() string { // why
	// alone

	return "// no comment" + \`raw // text

	/* kept */\` + string('"') + "\\"//" // after
}
`;

test("comments and empty lines go; strings and directives stay", () => {
  expect(withoutComments(go)).toBe(`package p
//go:embed "a//b"
var text string
 var other = 1   + 2
func f() string {
	return "// no comment" + \`raw // text

	/* kept */\` + string('"') + "\\"//"
}
`);
});

test("another comment gives the same text", () => {
  const reworded = go
    .replace("why", "for a better reason")
    .replace("// alone", "// alone,\n\t// on two lines");
  expect(reworded).not.toBe(go);
  expect(withoutComments(reworded)).toBe(withoutComments(go));
});
