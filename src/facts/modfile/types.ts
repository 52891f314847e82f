/** Plain data of go.mod, go.work, go.sum and vendor/modules.txt, with the lines they stand on. */

export interface ModPosition {
  readonly line: number;
  readonly column: number;
}

export interface Located<T> {
  readonly value: T;
  readonly at: ModPosition;
}

export interface ModuleVersion {
  readonly path: string;
  /** Empty when a `replace` names none. */
  readonly version: string;
}

export interface Require extends ModuleVersion {
  readonly indirect: boolean;
  readonly at: ModPosition;
}

export interface Replace {
  readonly old: ModuleVersion;
  readonly new: ModuleVersion;
  /** The new side is a directory (`./x`, `../x`, `/x`). */
  readonly local: boolean;
  readonly at: ModPosition;
}

export interface Retract {
  readonly low: string;
  readonly high: string;
  readonly at: ModPosition;
}

export interface ModParseError {
  readonly message: string;
  /** One line with the fix. */
  readonly help: string;
  readonly at: ModPosition;
}

export interface GoModFile {
  /** Path in the context. */
  readonly file: string;
  readonly module: Located<string> | undefined;
  /** Without any prefix: `1.24.0`, `1.22`, `1.23rc1`. */
  readonly go: Located<string> | undefined;
  /** As written: `go1.25.1` or `default`. */
  readonly toolchain: Located<string> | undefined;
  readonly godebug: readonly Located<string>[];
  readonly require: readonly Require[];
  readonly replace: readonly Replace[];
  readonly exclude: readonly (ModuleVersion & { readonly at: ModPosition })[];
  readonly retract: readonly Retract[];
  readonly tool: readonly Located<string>[];
  readonly ignore: readonly Located<string>[];
  /** The first place of each directive, known or not. */
  readonly directives: readonly Located<string>[];
  readonly errors: readonly ModParseError[];
}

export interface GoWorkFile {
  readonly file: string;
  readonly go: Located<string> | undefined;
  readonly toolchain: Located<string> | undefined;
  readonly godebug: readonly Located<string>[];
  /** As written: `.`, `./svc`, `../other`. */
  readonly use: readonly Located<string>[];
  readonly replace: readonly Replace[];
  /** The first place of each directive, known or not. */
  readonly directives: readonly Located<string>[];
  readonly errors: readonly ModParseError[];
}

/** A line of go.sum that Go cannot read. */
export interface BrokenSum {
  readonly file: string;
  readonly line: number;
  /** How many words it has; Go wants three. */
  readonly words: number;
}

/** The union of go.sum and go.work.sum: `path@version` (a module) and `path@version/go.mod` (its go.mod) → hash, of the kind that Go knows. */
export interface GoSum {
  readonly files: readonly string[];
  readonly has: (path: string, version: string) => boolean;
  readonly hasGoMod: (path: string, version: string) => boolean;
  /** Some version of the module is there. */
  readonly knows: (path: string) => boolean;
  /** The first line of each file that has not three words: Go reads no further. */
  readonly broken: readonly BrokenSum[];
}

export interface VendoredModule extends ModuleVersion {
  readonly explicit: boolean;
  /** The module's go line, when modules.txt has it. */
  readonly go: string | undefined;
  readonly replace: ModuleVersion | undefined;
  readonly packages: readonly string[];
  /** The module's line in modules.txt. */
  readonly line: number;
}

export interface VendorList {
  readonly file: string;
  readonly workspace: boolean;
  readonly modules: readonly VendoredModule[];
}
