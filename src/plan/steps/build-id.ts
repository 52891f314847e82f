// GNU build ids. The linker leaves room for one, and a step of its own writes it: a hash of the executable that ships, into
// that one and into the one with symbols. An id of the linker's would name what goes in, and differ between the two.
import { posix } from "node:path";
import { visible } from "../../description/index.ts";
import { goEnv } from "../flags.ts";
import { binaryPath } from "../image.ts";
import { stepName } from "../labels.ts";
import { PATHS } from "../paths.ts";
import type { Tree } from "../step.ts";
import type { LinkPlan } from "../types.ts";
import type { Shared } from "./compile.ts";
import { addLink } from "./link.ts";
import { addRun, inlineFiles, output, readOnly, type Site, throwAway } from "./site.ts";

/**
 * {@link addLink}, with a build id where the description asks for one.
 *
 * @returns as {@link addLink}
 */
export function addIdentified(site: Site, shared: Shared, link: LinkPlan, cooked: Tree): Tree {
  const { plan } = site;
  const { program, variant, buildIdOf } = link;
  if (buildIdOf === undefined) return addLink(site, shared, link, cooked);
  const isShipped = buildIdOf.join("\0") === link.argv.join("\0");
  const shipped = addLink(site, shared, { ...link, argv: buildIdOf }, cooked);
  const linked = isShipped ? shipped : addLink(site, shared, link, cooked, "with symbols");
  const id = stepName("build id of", visible(program.main), variant.id);
  const source = site.add({
    kind: "files",
    id: "program that writes build ids",
    title: "[internal] program that writes build ids",
    actions: inlineFiles([{ path: "id.go", text: PROGRAM }]),
  });
  const path = binaryPath(program.name);
  const { os, architecture } = plan.buildPlatform;
  const left = addRun(site, {
    id,
    stage: "build",
    title: `[${program.name} ${variant.id}] build id`,
    at: program.at,
    argv: ["go", "run", "-pgo=off", "id.go", `/shipped${path}`, `/linked${path}`, `${PATHS.output}${path}`],
    env: goEnv({ CGO_ENABLED: "0", GOOS: os, GOARCH: architecture }),
    dir: PATHS.source,
    mounts: [
      readOnly(PATHS.source, source),
      readOnly("/shipped", shipped),
      readOnly("/linked", linked),
      throwAway(site, PATHS.buildCache, shared.helper.buildCache),
      output(PATHS.output),
    ],
  });
  return site.add({
    kind: "files",
    id: `${id} at a fixed time`,
    title: `[internal] times of ${posix.basename(path)}`,
    actions: [
      {
        kind: "copy",
        from: left(PATHS.output),
        source: "/",
        dest: "/",
        contents: true,
        times: plan.epoch === 0 ? "epoch" : plan.epoch,
      },
    ],
  });
}

/** Its arguments: the executable that ships, the one to write, and where. An id has 20 bytes, as the linker's own have. */
const PROGRAM = `package main

import (
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	shipped, err := os.ReadFile(os.Args[1])
	check(err)
	linked, err := os.ReadFile(os.Args[2])
	check(err)
	file, err := elf.Open(os.Args[2])
	check(err)
	note := file.Section(".note.gnu.build-id")
	if note == nil || note.Size != 36 {
		check(fmt.Errorf("the linker has left no room for a build id"))
	}
	sum := sha256.Sum256(shipped)
	// Sizes of the name and of the id, the type, and the name GNU stand before the id.
	copy(linked[note.Offset+16:], sum[:20])
	check(os.MkdirAll(filepath.Dir(os.Args[3]), 0o755))
	check(os.WriteFile(os.Args[3], linked, 0o755))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`;
