// What is said of trees that the go command refuses; that it does is seen in test/facts/verdicts.process.ts.
import { describe, expect, test } from "vitest";
import { verdictTrees } from "../facts/verdict-trees.ts";
import { complaintOf, planFiles } from "./support.ts";

async function refusals(): Promise<string> {
  const said = await Promise.all(
    verdictTrees.map(async ({ name, files, module }) => {
      const description = `# syntax=org/go-frontend\n${module === undefined ? "" : `module: ./${module}\n`}`;
      const planning = planFiles({ ...files, "service.yaml": description });
      const isTaken = await planning.then(
        () => true,
        () => false,
      );
      return isTaken ? [] : [`${name}\n${await complaintOf(planning)}`];
    }),
  );
  return said.flat().join("\n");
}

test("each is told at its place, with what to do", async () => {
  expect(await refusals()).toMatchInlineSnapshot(`
    "an unknown verb
    go.mod:5:1: GF016 unknown directive "requires"
    help: did you mean \`require\`?
    an unknown block
    go.mod:5:1: GF016 unknown directive "requires"
    help: did you mean \`require\`?
    a conflict
    go.mod:5:1: GF016 git has left a conflict here
    help: finish the merge: keep what is right of both sides, and remove the lines of \`<\`, \`=\` and \`>\`
    a conflict in a block
    go.mod:6:1: GF016 git has left a conflict here
    help: finish the merge: keep what is right of both sides, and remove the lines of \`<\`, \`=\` and \`>\`
    a conflict in go.work
    go.work:4:1: GF016 git has left a conflict here
    help: finish the merge: keep what is right of both sides, and remove the lines of \`<\`, \`=\` and \`>\`
    an empty unknown block
    go.mod:5:1: GF016 unknown directive "requires"
    help: did you mean \`require\`?
    a block of two words
    go.mod:5:1: GF016 "require x.test/y" cannot be a block
    help: write each directive into a line of its own
    an empty block of two words
    go.mod:5:1: GF016 "require x.test/y" cannot be a block
    help: write each directive into a line of its own
    a go block
    go.mod:5:1: GF016 "toolchain" cannot be a block
    help: write each directive into a line of its own
    a verb of go.work
    go.mod:5:1: GF016 unknown directive "use"
    help: it belongs into go.work
    a verb in capitals
    go.mod:5:1: GF016 unknown directive "Require"
    help: did you mean \`require\`?
    two go lines
    go.mod:5:1: GF016 a second go directive
    help: remove it, or the one in line 3
    go with two arguments
    go.mod:3:9: GF016 go takes one argument
    help: write the Go release, like \`go 1.26\` or \`go 1.26.3\`
    go in quotes
    go.mod:3:4: GF016 invalid go version '"1.24"': must match format 1.23
    help: write the Go release, like \`go 1.26\` or \`go 1.26.3\`
    module in backquotes
    go.mod:1:8: GF016 \`example.com/a\` has a quote in it
    help: write \`module example.com/name\`
    module with two arguments
    go.mod:1:22: GF016 module takes one argument
    help: write \`module example.com/name\`
    module in single quotes
    go.mod:1:8: GF016 'example.com/a' has a quote in it
    help: write \`module example.com/name\`

    go.mod:1:8: GF016 malformed module path "'example.com/a'": invalid element "'example.com"
    help: paths are written like \`example.com/team/module\`: letters, digits, \`-\`, \`.\`, \`_\` and \`~\` between single slashes
    a byte order mark
    go.mod:1:1: GF016 a byte order mark
    help: save the file without it
    a space that does not break
    go.mod:1:7: GF016 unexpected character U+00A0
    help: remove it, or put a plain space in its place
    a space of no width
    go.mod:5:17: GF016 unexpected character U+200B
    help: remove it, or put a plain space in its place
    a comment inside a word
    go.mod:5:24: GF016 mod files must use // comments (not /* */ comments)
    help: begin each line of the comment with \`//\`
    two modules
    go.mod:5:1: GF016 a second module directive
    help: remove it, or the one in line 1
    two toolchain lines
    go.mod:6:1: GF016 a second toolchain directive
    help: remove it, or the one in line 5
    toolchain without go
    go.mod:5:11: GF016 invalid toolchain '1.26.0': must match format go1.23.0
    help: write \`toolchain go1.26.3\`, or leave the line out
    toolchain of two words
    go.mod:5:20: GF016 toolchain takes one argument
    help: write \`toolchain go1.26.3\`, or leave the line out
    toolchain in quotes
    go.mod:5:11: GF016 invalid toolchain '"go1.26.0"': must match format go1.23.0
    help: write \`toolchain go1.26.3\`, or leave the line out
    toolchain without argument
    go.mod:5:1: GF016 toolchain needs an argument
    help: write \`toolchain go1.26.3\`, or leave the line out
    godebug without value
    go.mod:5:1: GF016 usage: godebug key=value
    help: write one setting in each line, like \`godebug panicnil=1\`, without spaces
    godebug of two words
    go.mod:5:1: GF016 usage: godebug key=value
    help: write one setting in each line, like \`godebug panicnil=1\`, without spaces
    godebug default of no release
    go.mod:5:9: GF016 godebug default=1.23 names no Go release
    help: write it like \`godebug default=go1.24\`
    godebug with a comma
    go.mod:5:1: GF016 usage: godebug key=value
    help: write one setting in each line, like \`godebug panicnil=1\`, without spaces
    ignore of two words
    go.mod:5:12: GF016 usage: ignore ./directory
    help: write one of them in each line; one with a space in it has quotes around it
    tool of two words
    go.mod:5:15: GF016 usage: tool module/path/of/command
    help: write one of them in each line; one with a space in it has quotes around it
    tool with a bad path
    go.mod:5:6: GF016 malformed module path "x.test/y!": invalid element "y!"
    help: paths are written like \`example.com/team/module\`: letters, digits, \`-\`, \`.\`, \`_\` and \`~\` between single slashes
    ignore with a quote inside
    go.mod:5:8: GF016 ./it's has a quote in it
    help: leave the quotes out, or put the whole word in double quotes
    require of three words
    go.mod:5:1: GF016 usage: require module/path v1.2.3
    help: write the path and the version, with a space between them
    exclude of three words
    go.mod:5:1: GF016 usage: exclude module/path v1.2.3
    help: write the path and the version, with a space between them
    exclude without a version
    go.mod:5:1: GF016 usage: exclude module/path v1.2.3
    help: write the path and the version, with a space between them
    exclude of a wrong major version
    go.mod:5:9: GF016 the version "v2.0.0" of x.test/y should be v0 or v1, not v2
    help: write \`x.test/y/v2 v2.0.0\`, or \`v2.0.0+incompatible\` where the repository has no go.mod
    exclude of a wrong path
    go.mod:5:9: GF016 malformed module path "x.test/y/v1": invalid major version
    help: a path ends in \`/v2\`, \`/v3\` … for major versions from 2 on, and in none for 0 and 1
    exclude of a short version
    go.mod:5:9: GF016 the version "v1" of x.test/y is not of the form v1.2.3
    help: run \`go mod tidy\`, which writes the version that this stands for
    exclude of a branch
    go.mod:5:9: GF016 the version "main" of x.test/y is not of the form v1.2.3
    help: run \`go mod tidy\`, which writes the version that this stands for
    a quote inside a word
    go.mod:5:9: GF016 x.test/y" has a quote in it
    help: leave the quotes out, or put the whole word in double quotes
    a string that does not end
    go.mod:5:9: GF016 invalid quoted string
    help: close it in its line, or leave the quotes out
    retract of nothing
    go.mod:5:1: GF016 usage: retract v1.2.3 (or [v1.2.3, v1.3.0])
    help: write one version, or the first and the last of an interval in square brackets
    retract of an empty interval
    go.mod:5:1: GF016 usage: retract v1.2.3 (or [v1.2.3, v1.3.0])
    help: write one version, or the first and the last of an interval in square brackets
    retract of an interval without a comma
    go.mod:5:1: GF016 usage: retract v1.2.3 (or [v1.2.3, v1.3.0])
    help: write one version, or the first and the last of an interval in square brackets
    retract of an open interval
    go.mod:5:1: GF016 usage: retract v1.2.3 (or [v1.2.3, v1.3.0])
    help: write one version, or the first and the last of an interval in square brackets
    retract of two versions
    go.mod:5:1: GF016 usage: retract v1.2.3 (or [v1.2.3, v1.3.0])
    help: write one version, or the first and the last of an interval in square brackets
    retract of a short version
    go.mod:5:9: GF016 the version "v1" of example.com/a is not of the form v1.2.3
    help: run \`go mod tidy\`, which writes the version that this stands for
    retract of a wrong major version
    go.mod:5:9: GF016 the version "v2.0.0" of example.com/a should be v0 or v1, not v2
    help: write \`example.com/a/v2 v2.0.0\`, or \`v2.0.0+incompatible\` where the repository has no go.mod
    something behind a block
    go.mod:7:3: GF016 something stands behind the closing bracket of a block
    help: write it into a line of its own
    a bracket alone
    go.mod:5:1: GF016 unknown directive ")"
    help: the directives are module, go, toolchain, require, exclude, replace, retract, godebug, tool, ignore
    a block in a block
    go.mod:6:2: GF016 the version "(" of x.test/y is not of the form v1.2.3
    help: run \`go mod tidy\`, which writes the version that this stands for

    go.mod:7:3: GF016 usage: exclude module/path v1.2.3
    help: write the path and the version, with a space between them
    two replacements, not alike
    go.mod:9:21: GF016 x.test/y is replaced twice: by ./y1 in line 7, and by ./y2
    help: remove one of the two lines
    two replacements, one folder
    go.mod:9:21: GF016 x.test/y is replaced twice: by ./y1 in line 7, and by ./y1/
    help: remove one of the two lines
    two replacements of one version
    go.mod:9:21: GF016 x.test/y v1.0.0 is replaced twice: by ./y1 in line 8, and by x.test/y v1.1.0
    help: remove one of the two lines
    two replacements of what nobody requires
    go.mod:6:21: GF016 x.test/y is replaced twice: by ./y1 in line 5, and by ./y2
    help: remove one of the two lines
    a replacement without a version
    go.mod:5:1: GF016 "x.test/z" is neither a directory nor a module with a version
    help: a directory begins with \`./\`, \`../\` or \`/\`; a module has its version behind it, after a space
    a replacement with an at sign
    go.mod:5:1: GF016 "x.test/z@v1.0.0" is neither a directory nor a module with a version
    help: write \`x.test/z v1.0.0\`
    a replacement with backslashes
    go.mod:5:1: GF016 ".\\y1" is a path of Windows
    help: write the directory with slashes
    a replacement by a folder with a version
    go.mod:5:1: GF016 a directory that replaces a module has no version
    help: leave the version out
    a replacement of two versions
    go.mod:5:1: GF016 usage: replace module/path [v1.2.3] => other/module v1.4 (or => ../local/directory)
    help: name the module, \`=>\`, and a module with a version, or a directory that begins with \`./\`, \`../\` or \`/\`
    a replacement without an arrow
    go.mod:5:1: GF016 usage: replace module/path [v1.2.3] => other/module v1.4 (or => ../local/directory)
    help: name the module, \`=>\`, and a module with a version, or a directory that begins with \`./\`, \`../\` or \`/\`
    a replacement by nothing
    go.mod:5:1: GF016 usage: replace module/path [v1.2.3] => other/module v1.4 (or => ../local/directory)
    help: name the module, \`=>\`, and a module with a version, or a directory that begins with \`./\`, \`../\` or \`/\`
    two requirements, not alike
    go.mod:6:9: GF016 go.mod requires two versions of x.test/y: v1.0.0 in line 5, and v1.1.0
    help: remove the older one, or run \`go mod tidy\`
    two requirements, the newer one first
    go.mod:6:9: GF016 go.mod requires two versions of x.test/y: v1.1.0 in line 5, and v1.0.0
    help: remove the older one, or run \`go mod tidy\`
    two requirements that differ, of what is not imported
    go.mod:6:9: GF016 go.mod requires two versions of x.test/y: v1.0.0 in line 5, and v1.1.0
    help: remove the older one, or run \`go mod tidy\`
    two requirements, replaced
    go.mod:6:9: GF016 go.mod requires two versions of x.test/y: v1.0.0 in line 5, and v1.1.0
    help: remove the older one, or run \`go mod tidy\`
    two requirements that differ, before Go 1.17
    go.mod:6:9: GF016 go.mod requires two versions of x.test/y: v1.0.0 in line 5, and v1.1.0
    help: remove the older one, or run \`go mod tidy\`
    an excluded requirement
    go.mod:5:9: GF016 go.mod requires x.test/y v1.0.0 and excludes it in line 6
    help: run \`go mod tidy\`, or remove one of the two lines
    an excluded requirement of what is not imported
    go.mod:5:9: GF016 go.mod requires x.test/y v1.0.0 and excludes it in line 6
    help: run \`go mod tidy\`, or remove one of the two lines
    an excluded requirement, replaced
    go.mod:5:9: GF016 go.mod requires x.test/y v1.0.0 and excludes it in line 6
    help: run \`go mod tidy\`, or remove one of the two lines
    an excluded requirement beside another
    go.mod:5:9: GF016 go.mod requires x.test/y v1.0.0 and excludes it in line 7
    help: run \`go mod tidy\`, or remove one of the two lines

    go.mod:6:9: GF016 go.mod requires two versions of x.test/y: v1.0.0 in line 5, and v1.1.0
    help: remove the older one, or run \`go mod tidy\`
    an excluded requirement that another module requires
    go.mod:7:2: GF016 go.mod requires x.test/y v1.1.0 and excludes it in line 9
    help: run \`go mod tidy\`, or remove one of the two lines
    an excluded requirement before Go 1.17
    go.mod:5:9: GF016 go.mod requires x.test/y v1.0.0 and excludes it in line 6
    help: run \`go mod tidy\`, or remove one of the two lines
    go.sum without the module's line
    go.mod:5:9: GF012 go.sum has no entry for x.test/y v1.0.0
    help: run \`go mod download x.test/y\` or \`go mod tidy\` and commit go.sum
    go.sum without the line of the module's go.mod
    go.mod:5:9: GF012 go.sum has no entry for the go.mod of x.test/y v1.0.0
    help: run \`go mod download x.test/y\` or \`go mod tidy\` and commit go.sum
    go.sum without the go.mod of a module that imports another
    go.mod:6:2: GF012 go.sum has no entry for the go.mod of x.test/above v1.0.0
    help: run \`go mod download x.test/above\` or \`go mod tidy\` and commit go.sum
    go.sum without the go.mod of a replacement
    go.mod:5:9: GF012 go.sum has no entry for the go.mod of x.test/y v1.1.0
    help: run \`go mod download x.test/y\` or \`go mod tidy\` and commit go.sum
    go.sum with a line of two words
    go.sum:7:1: GF016 a line of go.sum has 2 words; a module, its version and a hash are expected
    help: remove the line (of a merge that was left half done?), then run \`go mod tidy\` and commit the result
    go.sum with a line of four words
    go.sum:7:1: GF016 a line of go.sum has 4 words; a module, its version and a hash are expected
    help: remove the line (of a merge that was left half done?), then run \`go mod tidy\` and commit the result
    go.sum with a conflict marker
    go.sum:1:1: GF016 a line of go.sum has 2 words; a module, its version and a hash are expected
    help: remove the line (of a merge that was left half done?), then run \`go mod tidy\` and commit the result
    go.sum with an unknown kind of hash
    go.mod:5:9: GF012 go.sum has no entry for x.test/y v1.0.0
    help: run \`go mod download x.test/y\` or \`go mod tidy\` and commit go.sum
    vendor, and two requirements, not alike
    go.mod:6:9: GF016 go.mod requires two versions of x.test/y: v1.0.0 in line 5, and v1.1.0
    help: remove the older one, or run \`go mod tidy\`
    vendor, and two requirements of which the newer is vendored
    go.mod:6:9: GF016 go.mod requires two versions of x.test/y: v1.0.0 in line 5, and v1.1.0
    help: remove the older one, or run \`go mod tidy\`

    go.mod:5:9: GF017 go.mod requires x.test/y v1.0.0 but vendor/modules.txt has v1.1.0
    help: run \`go mod vendor\` and commit the result, or remove the folder
    vendor, and an excluded requirement
    go.mod:5:9: GF016 go.mod requires x.test/y v1.0.0 and excludes it in line 6
    help: run \`go mod tidy\`, or remove one of the two lines
    vendor, and two replacements
    go.mod:7:21: GF016 x.test/y is replaced twice: by ./y1 in line 6, and by ./y2
    help: remove one of the two lines
    vendor, and an unknown verb
    go.mod:6:1: GF016 unknown directive "requires"
    help: did you mean \`require\`?
    vendor, and an excluded branch
    go.mod:6:9: GF016 the version "main" of x.test/y is not of the form v1.2.3
    help: run \`go mod tidy\`, which writes the version that this stands for
    vendor, and a short excluded version
    go.mod:6:9: GF016 the version "v1" of x.test/y is not of the form v1.2.3
    help: run \`go mod tidy\`, which writes the version that this stands for
    vendor, and a short retracted version
    go.mod:6:9: GF016 the version "v1" of example.com/a is not of the form v1.2.3
    help: run \`go mod tidy\`, which writes the version that this stands for
    vendor, and a short required version
    go.mod:5:9: GF016 the version "v1.0" of x.test/y is not of the form v1.2.3
    help: run \`go mod tidy\`, which writes the version that this stands for
    go.work with an unknown verb
    go.work:8:1: GF016 unknown directive "require"
    help: it belongs into go.mod
    go.work with an unknown block
    go.work:8:1: GF016 unknown directive "uses"
    help: did you mean \`use\`?
    go.work with two go lines
    go.work:8:1: GF016 a second go directive
    help: remove it, or the one in line 1
    go.work with a go line of no release
    go.work:1:4: GF016 invalid go version '1.x': must match format 1.23
    help: write the Go release, like \`go 1.26\` or \`go 1.26.3\`
    go.work with use of two words
    go.work:3:9: GF016 usage: use ./directory
    help: write one of them in each line; one with a space in it has quotes around it
    go.work with use of nothing
    go.work:4:1: GF016 usage: use ./directory
    help: write one of them in each line; one with a space in it has quotes around it
    go.work with a bad toolchain
    go.work:2:11: GF016 invalid toolchain '1.26': must match format go1.23.0
    help: write \`toolchain go1.26.3\`, or leave the line out
    go.work with an unknown godebug
    go.work:2:9: GF016 godebug default=x names no Go release
    help: write it like \`godebug default=go1.24\`
    go.work with a branch
    go.work:5:1: GF016 the version "main" of x.test/y is not of the form v1.2.3
    help: run \`go mod tidy\`, which writes the version that this stands for
    two modules of one path
    go.work:5:2: GF016 two modules of the workspace have the path example.com/a: a/go.mod and b/go.mod
    help: give one of them another path, or remove it from go.work
    two other modules of one path
    go.work:6:2: GF016 two modules of the workspace have the path example.com/b: b/go.mod and c/go.mod
    help: give one of them another path, or remove it from go.work
    go.work replaces a member
    go.work:8:26: GF016 go.work replaces all versions of example.com/b, which is a module of the workspace
    help: remove the line
    members replace differently
    b/go.mod:5:21: GF016 modules of the workspace replace x.test/y differently: a/go.mod line 5 by y1, this by y2
    help: name one of them in a \`replace\` of go.work, which then counts for all
    members replace differently, by modules
    b/go.mod:5:21: GF016 modules of the workspace replace x.test/y differently: a/go.mod line 5 by x.test/z v1.0.0, this by x.test/z v1.1.0
    help: name one of them in a \`replace\` of go.work, which then counts for all
    go.work replaces twice
    go.work:9:21: GF016 x.test/y is replaced twice: by ./y1 in line 8, and by ./y2
    help: remove one of the two lines
    one member replaces twice
    b/go.mod:6:21: GF016 x.test/y is replaced twice: by ../y1 in line 5, and by ../y2
    help: remove one of the two lines
    one member replaces twice, and go.work as well
    b/go.mod:6:21: GF016 x.test/y is replaced twice: by ../y1 in line 5, and by ../y2
    help: remove one of the two lines
    a member with an unknown verb
    b/go.mod:5:1: GF016 unknown directive "requires"
    help: did you mean \`require\`?
    a member without a module line
    b/go.mod:1:1: GF016 b/go.mod has no module line
    help: add \`module example.com/name\` as its first line
    a member with a bad path
    b/go.mod:1:8: GF016 malformed module path "example.com/b!": invalid element "b!"
    help: paths are written like \`example.com/team/module\`: letters, digits, \`-\`, \`.\`, \`_\` and \`~\` between single slashes
    a member's go.sum with a line of two words
    b/go.sum:7:1: GF016 a line of b/go.sum has 2 words; a module, its version and a hash are expected
    help: remove the line (of a merge that was left half done?), then run \`go mod tidy\` and commit the result
    go.work.sum with a line of two words
    go.work.sum:1:1: GF016 a line of go.work.sum has 2 words; a module, its version and a hash are expected
    help: remove the line (of a merge that was left half done?), then run \`go mod tidy\` and commit the result
    two packages in a folder
    p/b.go:1:9: GF061 two packages in ./p: p (a.go) and q (b.go)
    help: give the files one package name, or move one of them into a folder of its own
    a package and main
    p/b.go:1:9: GF061 two packages in ./p: p (a.go) and main (b.go)
    help: move one of the files into a folder of its own; what \`go run\` alone uses begins with \`//go:build ignore\`
    a package and a file with cgo
    p/b.go:1:9: GF061 two packages in ./p: p (a.go) and q (b.go)
    help: give the files one package name, or move one of them into a folder of its own
    a package named like a test of it
    p/b.go:1:9: GF061 two packages in ./p: p (a.go) and p_test (b.go)
    help: give the files one package name, or move one of them into a folder of its own
    main and another package
    main.go:1:9: GF061 two packages in one folder: b (b.go) and main (main.go)
    help: move one of the files into a folder of its own; what \`go run\` alone uses begins with \`//go:build ignore\`
    another package before main
    main.go:1:9: GF061 two packages in one folder: a (a.go) and main (main.go)
    help: move one of the files into a folder of its own; what \`go run\` alone uses begins with \`//go:build ignore\`
    three packages in a folder
    p/b.go:1:9: GF061 two packages in ./p: a (a.go) and b (b.go)
    help: give the files one package name, or move one of them into a folder of its own
    two packages in a folder of a replaced module
    y1/z.go:1:9: GF061 two packages in ./y1: y (y.go) and z (z.go)
    help: give the files one package name, or move one of them into a folder of its own
    a program is imported
    main.go:4:4: GF061 example.com/a/p is a program (package main), which cannot be imported
    help: move what is used into a package of its own, and import that
    an internal package of another module
    main.go:4:4: GF061 x.test/y/internal/z is internal: only packages below x.test/y may import it
    help: import a package that is not internal, or move this one
    an internal package of another folder
    main.go:4:4: GF061 example.com/a/p/internal/z is internal: only packages below example.com/a/p may import it
    help: import a package that is not internal, or move this one
    a circle of imports
    q/q.go:3:10: GF061 packages import each other in a circle: example.com/a/p → example.com/a/q → example.com/a/p
    help: move what both need into a package that imports neither, or leave the import out (./q)
    a package that imports itself
    p/p.go:3:10: GF061 packages import each other in a circle: example.com/a/p → example.com/a/p
    help: move what both need into a package that imports neither, or leave the import out (./p)
    a package with letters that are not of ASCII
    p/b.go:1:9: GF061 two packages in ./p: pä (a.go) and pa (b.go)
    help: give the files one package name, or move one of them into a folder of its own
    an internal package below another
    p/p.go:3:10: GF061 example.com/a/p/q/internal/z is internal: only packages below example.com/a/p/q may import it
    help: import a package that is not internal, or move this one
    an internal package of a module of the same beginning
    main.go:4:4: GF061 example.com/ab/internal/z is internal: only packages below example.com/ab may import it
    help: import a package that is not internal, or move this one
    an internal package of the standard library
    main.go:4:4: GF061 internal/abi is internal: only the standard library may import it
    help: import a package that is not internal
    an internal package of a module from elsewhere
    main.go:4:4: GF061 x.test/y/internal/z is internal: only packages below x.test/y may import it
    help: import a package that is not internal, or move this one
    the main package is imported
    p/p.go:3:10: GF061 example.com/a is a program (package main), which cannot be imported
    help: move what is used into a package of its own, and import that

    p/p.go:3:10: GF061 packages import each other in a circle: example.com/a → example.com/a/p → example.com/a
    help: move what both need into a package that imports neither, or leave the import out (./p)
    a relative import
    main.go:4:4: GF008 "./p" is a relative import, which a module cannot have
    help: import the package by the module's path, and its folder behind it"
  `);
});

test("of packages in which steps may write nothing is said until they have", async () => {
  const files = {
    "go.mod": "module example.com/a\n\ngo 1.26\n",
    "main.go": 'package main\n\nimport _ "example.com/a/p"\n\nfunc main() {}\n',
    "p/a.go": "package p\n",
    "p/b.go": "package q\n",
  };
  const steps = "steps:\n  gen:\n    image: alpine:3.22\n    run: [[sh, -c, gen]]\n    outputs: [p/b.go]\n";
  expect(await complaintOf(planFiles(files))).toContain("p/b.go:1:9: GF061");
  const { inspected } = await planFiles({ ...files, "service.yaml": steps });
  expect(inspected.warnings.map(({ code }) => code)).toEqual(["GF057"]);
});

describe("directives and releases", () => {
  const tree = (lines: string): Readonly<Record<string, string>> => ({
    "go.mod": `module example.com/a\n\ngo 1.22\n\n${lines}\n`,
    "main.go": "package main\n\nfunc main() {}\n",
  });

  test("one that came after the release that compiles", async () => {
    expect(await complaintOf(planFiles(tree("tool example.com/a")))).toMatchInlineSnapshot(`
      "go.mod:5:1: GF016 Go 1.22 does not know the directive tool, which came with Go 1.24
      help: write \`go: "1.24"\` in the description, or \`go 1.24\` in go.mod"
    `);
  });

  test("the description may choose the release that knows it", async () => {
    const files = { ...tree("tool example.com/a"), "service.yaml": 'go: "1.24"\n' };
    expect((await planFiles(files)).plan.toolchain.goVersion).toBe("1.24");
  });

  test("nothing is said of releases that are not known, and of an image that may hold any", async () => {
    const unknown = tree("brandnew thing");
    for (const description of ['go: "1.99"\n', "toolchain: example.com/go:1\n"]) {
      await planFiles({ ...unknown, "service.yaml": description });
    }
    expect(await complaintOf(planFiles(unknown))).toContain('GF016 unknown directive "brandnew"');
  });
});
