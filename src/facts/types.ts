import type { Platform } from "../oci/index.ts";
import type { GoModFile, GoSum, GoWorkFile, VendorList } from "./modfile/types.ts";

/** A place in a file of the source tree; both numbers start at 1, columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Codes of the description room's registry that are about the source tree. */
export type FactsCode =
  | "GF001" // not package main
  | "GF002" // no such directory
  | "GF003" // outside the context
  | "GF004" // excluded by .dockerignore
  | "GF005" // several main packages, none chosen
  | "GF006" // no main package
  | "GF007" // main belongs to another module of the tree
  | "GF008" // an import that nothing provides
  | "GF009" // a pattern of go:embed selects nothing, or generated code is not there
  | "GF010" // no go.mod
  | "GF011" // go.sum missing
  | "GF012" // go.sum incomplete
  | "GF013" // replace (or go.work use) leads to no module of the context
  | "GF016" // go.mod, go.work or go.sum cannot be used
  | "GF017" // vendor directory does not match
  | "GF018" // a link that leads to nothing in the context
  | "GF019" // a limit of the scanner was reached
  | "GF060" // cgo is needed
  | "GF061" // a package that Go refuses
  | "GF046"; // a file that the description names is not there

/** A finding as plain data. `file` is a path in the context; without it the finding belongs to the description's `main`. */
export type FactsDiagnostic = {
  readonly severity: "error" | "warning";
  readonly code: FactsCode;
  readonly message: string;
  /** One line with the literal fix. */
  readonly help: string;
} & (
  | { readonly file: string; readonly position: Position }
  /** What the description names, or does not: whoever asked knows the place. */
  | { readonly file?: undefined; readonly position?: undefined }
);

/** A module whose sources stand in the context: the main module, a workspace member or a local `replace` target. */
export interface LocalModule {
  readonly kind: "main" | "member" | "replaced";
  /** The path by which it is imported (for a replaced module: the left side of `replace`). */
  readonly path: string;
  /** Directory in the context (`"."` = root). */
  readonly dir: string;
  readonly goMod: GoModFile | undefined;
  /** `go.sum` beside its go.mod, when there is one. */
  readonly goSum: string | undefined;
}

export interface AbsentModule {
  readonly path: string;
  readonly finding: FactsDiagnostic;
}

export interface GoModule {
  /** Module path, e.g. `github.com/acme/orders`. */
  readonly path: string;
  /** Directory of go.mod in the context; where `go build` runs. */
  readonly dir: string;
  readonly goMod: GoModFile;
  /** The go line of go.mod (or of go.work when it is higher), e.g. `1.24.0`; undefined: none, so Go assumes 1.16. */
  readonly go: string | undefined;
  /** The toolchain line without its `go` prefix, e.g. `1.25.1`. */
  readonly toolchain: string | undefined;
  /** Set when a go.work at or above `dir` lists this module. `dir` is where it stands. */
  readonly workspace: { readonly dir: string; readonly file: GoWorkFile } | undefined;
  /** A go.work stands at or above `dir` and does not list this module: Go has to be told not to look for it. */
  readonly isUnlisted: boolean;
  /** Set when Go would build with `-mod=vendor` by default (go line ≥ 1.14). */
  readonly vendor: { readonly dir: string; readonly list: VendorList } | undefined;
  /** All modules with sources in the context that the build can see, this one first. */
  readonly local: readonly LocalModule[];
  /** Required modules whose `replace` leads to no module of the context, and what to say when a package of one is imported. */
  readonly absent: readonly AbsentModule[];
  readonly sums: GoSum;
  /**
   * What the download vertex needs and no more, sorted: go.mod, go.sum, go.work, go.work.sum and those of local members
   * and replace targets. All of these exist.
   */
  readonly modFiles: readonly string[];
}

/** What is asked of a scan: one service. */
export interface ServiceQuery {
  readonly module: GoModule;
  /** Directory of the main package in the context (`"."` = root). */
  readonly main: string;
  readonly platforms: readonly Platform[];
  /** Build tags of `-tags`. */
  readonly tags?: readonly string[] | undefined;
  readonly cgo?: boolean | undefined;
  /** The toolchain that will compile, e.g. `1.26.8` or `1.26`: decides the release tags. Default: the newest known. */
  readonly goVersion?: string | undefined;
  /** GOEXPERIMENT values, e.g. `jsonv2`. */
  readonly experiments?: readonly string[] | undefined;
  /**
   * The image that compiles is not known; `goVersion` is then the oldest release that it can hold. Files whose place
   * in the build it decides count, and what they import leads nowhere without being an error.
   */
  readonly unknownToolchain?: boolean | undefined;
  /**
   * Import paths of in-module packages that outside packages import (a plugin that requires the service it plugs into).
   * The tree alone cannot tell; the go command does, once the modules are there. Their closure is added to the service's.
   */
  readonly importedBack?: readonly string[] | undefined;
}

export interface ServiceFacts {
  /** Import path of the main package. */
  readonly importPath: string;
  /** Its directory in the context. */
  readonly main: string;
  /** One per asked platform, in that order. */
  readonly platforms: readonly PlatformFacts[];
  /** Union over the platforms, sorted: exactly what `go build` reads below the context (modFiles included, vendor not). */
  readonly files: readonly string[];
  /** Symlinks in the context that lead to some of `files`; they have to be sent too. Sorted. */
  readonly links: readonly string[];
  /** Outside packages imported directly, union over the platforms, sorted: what the dependency stub imports. */
  readonly outside: readonly string[];
  /** Where each of them is imported first. */
  readonly outsideAt: Readonly<Record<string, { readonly file: string; readonly position: Position }>>;
  /** Standard library packages imported directly, union, sorted. */
  readonly std: readonly string[];
  /** Imports that no module provides as far as go.mod says; not among `outside`. Go will report them, in its words. */
  readonly missing: readonly string[];
  /** `default.pgo` beside main, which `-pgo=auto` uses; among `files` too. */
  readonly profile: string | undefined;
  /** Directory to send whole when the build uses vendor. */
  readonly vendor: string | undefined;
  /** Where the vendor directory is a link, or modules in it are: what stands where. Empty for a plain one. */
  readonly vendorLinks: readonly VendorLink[];
  /** False when a limit was reached: `files` is then not to be trusted, the modules of the tree are sent instead. */
  readonly complete: boolean;
  readonly diagnostics: readonly FactsDiagnostic[];
}

/** A directory of the context that stands somewhere in the vendor directory by way of a link. */
export interface VendorLink {
  /** Below the vendor directory; `"."`: it is the vendor directory itself. */
  readonly at: string;
  /** Where it really is in the context. */
  readonly from: string;
}

export interface PlatformFacts {
  readonly platform: Platform;
  /** In-module packages of the import closure, sorted by import path (main among them). */
  readonly packages: readonly PackageFacts[];
  readonly files: readonly string[];
  /** Files that outside packages need to compile, because they import in-module packages: empty without `importedBack`. */
  readonly importedBackFiles: readonly string[];
  readonly outside: readonly string[];
  readonly std: readonly string[];
  readonly missing: readonly string[];
}

/** File names are base names, sorted, as in `go list -json`; `embedFiles` are relative to `dir`. */
export interface PackageFacts {
  readonly importPath: string;
  /** In the context, symlinks resolved. */
  readonly dir: string;
  /** Package name; empty when no Go file matches. */
  readonly name: string;
  readonly goFiles: readonly string[];
  readonly cgoFiles: readonly string[];
  readonly cFiles: readonly string[];
  readonly cxxFiles: readonly string[];
  readonly mFiles: readonly string[];
  readonly hFiles: readonly string[];
  readonly fFiles: readonly string[];
  readonly sFiles: readonly string[];
  readonly swigFiles: readonly string[];
  readonly swigCxxFiles: readonly string[];
  readonly sysoFiles: readonly string[];
  readonly embedFiles: readonly string[];
  /** Files that Go itself will complain about (bad constraint, NUL byte): sent, so that the error is Go's. */
  readonly invalidFiles: readonly string[];
  /** Files reached by `#include`, `#cgo -I`/`-L`/`${SRCDIR}` outside the lists above: paths in the context. */
  readonly includes: readonly string[];
  /**
   * Compiling may open files that Go's cache key of the package leaves out: it holds the lists above `includes` and no
   * other file (golang/go:src/cmd/go/internal/work/exec.go, buildActionID).
   */
  readonly opensUnlisted: boolean;
  /** All of them as paths in the context, sorted. */
  readonly files: readonly string[];
  /** Import paths of in-module packages. */
  readonly imports: readonly string[];
  readonly outside: readonly string[];
  readonly std: readonly string[];
}

export interface MainPackage {
  readonly dir: string;
  readonly importPath: string;
}

export interface Mains {
  /** The one to build when the description names none: the only one, or the one in the module's root. */
  readonly chosen: MainPackage | undefined;
  /** All found, root first, then `cmd/…`, then by path. */
  readonly all: readonly MainPackage[];
  /** The bounded walk did not see everything. */
  readonly truncated: boolean;
  readonly diagnostics: readonly FactsDiagnostic[];
}

export type Detected =
  | { readonly ok: true; readonly module: GoModule; readonly diagnostics: readonly FactsDiagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly FactsDiagnostic[] };

export type ResolvedMain =
  | { readonly ok: true; readonly main: MainPackage; readonly diagnostics: readonly FactsDiagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly FactsDiagnostic[] };
