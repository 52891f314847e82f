// The profile that packages are compiled with: one of the tree, or several from wherever they come, merged. It is an
// input of all compile steps, by content: a profile that came another way compiles nothing.
import { posix } from "node:path";
import { visible } from "../../description/index.ts";
import { goEnv } from "../flags.ts";
import { hashOf } from "../hash.ts";
import { stepName } from "../labels.ts";
import { PATHS } from "../paths.ts";
import type { CopyAction, Tree, TreeMount } from "../step.ts";
import type { Place, ProfileSource, VariantPlan } from "../types.ts";
import { addContext } from "./context.ts";
import { generatedTree } from "./generators.ts";
import type { Helper } from "./helper.ts";
import { addRun, inlineFiles, output, readOnly, type Site, throwAway } from "./site.ts";

/** The profile re-keys every package. */
export function profileMounts(
  site: Site,
  { helper }: { readonly helper: Helper },
  variant: VariantPlan,
): readonly TreeMount[] {
  const { profile, profiles, std } = variant;
  if (profiles !== undefined) {
    return [readOnly(posix.dirname(PATHS.profile), addListed(site, helper, profiles))];
  }
  if (profile === undefined) return [];
  const id = stepName("profile", std.label);
  const only = site.add({
    kind: "files",
    id,
    title: "[internal] profile",
    actions: [copyOf(generatedTree(site, profile) ?? addContext(site, [profile], id), `/${profile}`, NAME)],
  });
  return [readOnly(posix.dirname(PATHS.profile), only)];
}

const NAME = posix.basename(PATHS.profile);

const copyOf = (from: Tree, source: string, name: string): CopyAction => ({
  kind: "copy",
  from,
  source,
  dest: `/${name}`,
  times: "epoch",
});

/** Profiles of a list, each by its number in a tree of its own; and what they come to together. */
function addListed(site: Site, helper: Helper, profiles: readonly ProfileSource[]): Tree {
  const single = profiles.length === 1;
  const trees = profiles.map((source, index) =>
    site.add({
      kind: "files",
      id: `profile ${index + 1}`,
      title: `[internal] profile ${visible(wordsOf(source))}`,
      actions: [copyOf(...takenFrom(site, source, index), single ? NAME : String(index + 1))],
      at: source.at,
    }),
  );
  const [first] = trees;
  const [at] = profiles.map((profile) => profile.at);
  if (first === undefined || at === undefined) throw new Error("a list of profiles is empty");
  return single ? first : addMerged(site, helper, trees, profiles, at);
}

function takenFrom(site: Site, source: ProfileSource, index: number): readonly [Tree, string] {
  switch (source.kind) {
    case "file": {
      const { path } = source;
      return [generatedTree(site, path) ?? addContext(site, [path], `profile-${index + 1}`), `/${path}`];
    }
    case "url": {
      const { url, checksum, at } = source;
      const id = `profile ${index + 1} from ${visible(url)}`;
      return [site.add({ kind: "url", id, title: `[profile] ${visible(url)}`, url, checksum, at }), "/file"];
    }
    case "image": {
      const { resolved, plan } = site;
      const found = resolved.profileImages?.[source.reference];
      const reference = found?.reference ?? source.reference;
      const image = site.add({
        kind: "image",
        id: `image of profiles ${reference}`,
        title: `[profile] ${reference}`,
        use: "profile",
        reference,
        platform: plan.buildPlatform,
        lookup: resolved.settings.resolveMode,
        ...(found?.replaced === true ? { replaced: true } : {}),
      });
      return [image, source.path];
    }
  }
}

/** Where a profile comes from, as the description says it. */
function wordsOf(source: ProfileSource): string {
  switch (source.kind) {
    case "file":
      return source.path;
    case "url":
      return source.url;
    case "image":
      return `${source.path} of ${source.reference}`;
  }
}

/**
 * Merges profiles with Go's package for them, which is internal to the standard library: so the program that calls it
 * is compiled as if it stood there. `go tool pprof -proto` would take a minute to compile, and passes over a profile
 * that it cannot read.
 */
function addMerged(
  site: Site,
  helper: Helper,
  trees: readonly Tree[],
  profiles: readonly ProfileSource[],
  at: Place,
): Tree {
  const { os, architecture } = site.plan.buildPlatform;
  const words = profiles.map(wordsOf);
  const id = `profiles merged ${hashOf(...words).slice(0, 12)}`;
  const source = site.add({
    kind: "files",
    id: `${id} program`,
    title: "[internal] program that merges profiles",
    actions: inlineFiles([
      { path: "run.go", text: RUN },
      { path: "merge.txt", text: MERGE },
    ]),
  });
  const mounted = trees.map((tree, index) => readOnly(`/profiles/${index + 1}`, tree));
  const named = words.flatMap((word, index) => [`/profiles/${index + 1}/${index + 1}`, visible(word)]);
  const left = addRun(site, {
    id,
    stage: "std",
    title: `[profile] merge ${profiles.length} profiles`,
    at,
    argv: ["go", "run", "-pgo=off", "run.go", "/src/merge.txt", `${PATHS.output}/${NAME}`, ...named],
    env: goEnv({ CGO_ENABLED: "0", GOOS: os, GOARCH: architecture }),
    dir: PATHS.source,
    mounts: [
      readOnly(PATHS.source, source),
      ...mounted,
      throwAway(site, PATHS.buildCache, helper.buildCache),
      output(PATHS.output),
    ],
  });
  return left(PATHS.output);
}

/** Compiles and runs the program in its first argument as a package of the standard library, with the others. */
const RUN = `package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	check(err)
	dir := filepath.Join(strings.TrimSpace(string(root)), "src", "gofrontend", "merge")
	overlay := map[string]map[string]string{"Replace": {filepath.Join(dir, "main.go"): os.Args[1]}}
	text, err := json.Marshal(overlay)
	check(err)
	check(os.WriteFile("/tmp/overlay.json", text, 0o600))
	args := append([]string{"run", "-pgo=off", "-overlay=/tmp/overlay.json", "gofrontend/merge"}, os.Args[2:]...)
	cmd := exec.Command("go", args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	check(cmd.Run())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`;

/** Its arguments: the file to write, then of each profile its file and what the description calls it. */
const MERGE = `package main

import (
	"fmt"
	"internal/profile"
	"os"
)

func main() {
	var all []*profile.Profile
	for rest := os.Args[2:]; len(rest) > 1; rest = rest[2:] {
		file, err := os.Open(rest[0])
		check(rest[1], err)
		parsed, err := profile.Parse(file)
		check(rest[1], err)
		all = append(all, parsed)
	}
	merged, err := profile.Merge(all)
	check("together", err)
	out, err := os.Create(os.Args[1])
	check(os.Args[1], err)
	check(os.Args[1], merged.Write(out))
	check(os.Args[1], out.Close())
}

func check(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "GF046 the profile %s cannot be used: %v\\nhelp: name CPU profiles of one kind, as pprof writes them\\n", what, err)
		os.Exit(1)
	}
}
`;
