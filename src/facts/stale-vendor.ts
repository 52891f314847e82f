import type { GoModFile, ModuleVersion, VendorList } from "./modfile/types.ts";
import type { FactsDiagnostic } from "./types.ts";

/** The most findings of one kind: they come from one change, and all have one answer. */
const MOST = 5;

/**
 * What vendor/modules.txt and the go.mod files say differently: Go refuses to build then, whatever is built.
 * Rules: golang/go:src/cmd/go/internal/modload/vendor.go (checkVendorConsistency), from Go 1.14 on. In a workspace the
 * replacements are not compared.
 *
 * @param goMods the main module's go.mod, and in a workspace those of all members
 */
export function staleVendor(
  goMods: readonly GoModFile[],
  list: VendorList,
  workspace: boolean,
): readonly FactsDiagnostic[] {
  const help = `run \`go ${workspace ? "work" : "mod"} vendor\` and commit the result, or remove the folder`;
  const error = { severity: "error", code: "GF017", help } as const;
  const explicit = new Set(list.modules.filter((module) => module.explicit).map(versioned));
  const required = new Set(goMods.flatMap((goMod) => goMod.require.map(versioned)));

  const lagging = goMods.flatMap((goMod) =>
    goMod.require
      .filter((require) => !explicit.has(versioned(require)))
      .map((require): FactsDiagnostic => {
        const vendored = list.modules.find(({ path }) => path === require.path);
        const has =
          vendored === undefined
            ? "does not have it"
            : vendored.version === require.version
              ? "does not mark it as explicit"
              : `has ${vendored.version}`;
        const message = `${goMod.file} requires ${versioned(require)} but ${list.file} ${has}`;
        return { ...error, message, file: goMod.file, position: require.at };
      }),
  );
  const left = list.modules
    .filter((module) => module.explicit && module.packages.length > 0 && !required.has(versioned(module)))
    // A requirement of another version has told it already.
    .filter(({ path }) => !goMods.some((goMod) => goMod.require.some((require) => require.path === path)))
    .map((module): FactsDiagnostic => {
      const message = `${list.file} has ${versioned(module)} but no go.mod requires it`;
      return { ...error, message, file: list.file, position: { line: module.line, column: 1 } };
    });
  return [
    ...lagging.slice(0, MOST),
    ...left.slice(0, MOST),
    ...(workspace ? [] : goMods.flatMap((goMod) => replacedOtherwise(goMod, list, error))).slice(0, MOST),
  ];
}

function replacedOtherwise(
  goMod: GoModFile,
  list: VendorList,
  error: Pick<FactsDiagnostic, "severity" | "code" | "help">,
): readonly FactsDiagnostic[] {
  const vendored = new Map(
    list.modules.flatMap(({ replace, ...module }) =>
      replace === undefined ? [] : [[versioned(module), { replace, line: module.line }] as const],
    ),
  );
  const declared = new Set(goMod.replace.map(({ old }) => versioned(old)));
  const wanting = goMod.replace.flatMap((replace): readonly FactsDiagnostic[] => {
    if (replace.old.path === goMod.module?.value) return [];
    const found = vendored.get(versioned(replace.old))?.replace;
    if (found !== undefined && versioned(found) === versioned(replace.new)) return [];
    const by = found === undefined ? "does not" : `by ${versioned(found)}`;
    const message = `${goMod.file} replaces ${versioned(replace.old)} by ${versioned(replace.new)} but ${list.file} ${by}`;
    return [{ ...error, message, file: goMod.file, position: replace.at }];
  });
  const left = [...vendored]
    .filter(([old]) => !declared.has(old) && !declared.has(old.replace(/ .*/, "")))
    .map(([old, { replace, line }]): FactsDiagnostic => {
      const message = `${list.file} replaces ${old} by ${versioned(replace)} but ${goMod.file} does not`;
      return { ...error, message, file: list.file, position: { line, column: 1 } };
    });
  return [...wanting, ...left];
}

function versioned({ path, version }: ModuleVersion): string {
  return version === "" ? path : `${path} ${version}`;
}
