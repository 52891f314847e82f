import type { InlineFile } from "./inline-file.ts";
import type { Place } from "./place.ts";

/** The download step of a module: the only one with a network and with credentials. */
export interface ModulesPlan {
  /** As of {@link VariantPlan.label}, without what flags tell apart. */
  readonly label: string;
  /** go.mod, go.sum, go.work … of every module of the tree that takes part. */
  readonly files: readonly InlineFile[];
  /** Working directory below the context root. */
  readonly dir: string;
  readonly private: readonly string[];
  /** GOPROXY list; absent: Go's own default. */
  readonly proxy: string | undefined;
  /** GOSUMDB and GONOSUMDB style settings that the client passed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly auth: readonly AuthPlan[];
  /** Whether modules may come from repositories: the step then sees the whole toolchain image, with git and ssh. */
  readonly git: boolean;
  /** Present where many modules are downloaded in parts; see downloads.ts. */
  readonly parts?: readonly DownloadPart[] | undefined;
  /** Present where less is fetched than `go mod download` would; see downloads.ts. */
  readonly imports?: ImportedModules | undefined;
  /** Folder of go.work, where there is one: what go adds to go.work.sum is read by the steps that compile. */
  readonly workspace?: string | undefined;
  readonly at: Place;
}

/** What is fetched: as much as loading one package takes. */
export interface ImportedModules {
  /** The package, relative to the working directory, and the files that stand for the source tree. */
  readonly stub: string;
  readonly files: readonly InlineFile[];
  /** Paths of the modules of the source tree. */
  readonly modules: readonly string[];
  readonly tags: readonly string[];
  readonly platforms: readonly { readonly id: string; readonly env: Readonly<Record<string, string>> }[];
}

/** Some of what is downloaded, apart from the rest. */
export interface DownloadPart {
  /** The same for the same modules. */
  readonly name: string;
  /** The module files it reads, and the working directory below the context root. */
  readonly files: readonly InlineFile[];
  readonly dir: string;
  /** The go command that fetches. */
  readonly command: readonly string[];
}

/** A login of a host. */
export type AuthPlan =
  | { readonly kind: "netrc"; readonly secret: string; readonly at: Place }
  | {
      readonly kind: "token";
      readonly host: string;
      readonly user: string;
      readonly secret: string;
      readonly at: Place;
    }
  | {
      readonly kind: "ssh";
      readonly host: string;
      readonly user: string;
      readonly port: number;
      readonly agent: string;
      readonly knownHosts: readonly string[];
      readonly at: Place;
    };
