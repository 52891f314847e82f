/** The description: its schema, how it is read with positions, and how everyone talks about what is wrong. */
export { authOf, type Auth } from "./auth.ts";
export { CODES, type Code, type CodeEntry } from "./codes.ts";
export { OWN_PATH } from "./container-path.ts";
export { contentPath, type Owner } from "./content-values.ts";
export { MAX_BYTES } from "./decode.ts";
export {
  diagnosticError,
  errorAt,
  isDiagnosticError,
  warningAt,
  type Diagnostic,
  type DiagnosticError,
} from "./diagnostic.ts";
export { levelVariable } from "./compiler-flags.ts";
export { BUILTINS, expand, FILE, type ExpandResult, type TemplateProblem, variablesIn } from "./expand.ts";
export { firstLine, formatDiagnostics } from "./format.ts";
export { compareGoVersions, goMinor, goVersion, NEWEST_GO_MINOR, type GoVersion } from "./go-version.ts";
export { referenceProblem, type ReferenceProblem } from "./image-reference.ts";
export { freeName } from "./hints.ts";
export { jsonSchema, type Json } from "./json-schema.ts";
export type { LocatedDescription } from "./located.ts";
export { parseDescription, type ParseInput, type ParseResult } from "./parse.ts";
export { formatPlatform, type Platform } from "../oci/index.ts";
export { goPlatform } from "./platform.ts";
export { buildkitRange, type Path, type Position, type Range, type Source } from "./position.ts";
export type { KeyDoc } from "./schema-keys.ts";
export { keyReference, type KeyEntry } from "./schema-walk.ts";
export type {
  BuildDescription,
  HostAuth,
  ImageDescription,
  ServiceEntry,
  ProfileEntry,
  StepDescription,
  Description,
} from "./schema.ts";
export {
  type BinaryDescription,
  type CgoSettings,
  type DirectoryDescription,
  type FileDescription,
  servicesOf,
  type ServiceDescription,
  type Template,
} from "./services.ts";
export { editDistance, suggest } from "./suggest.ts";
export type { Base } from "./image-values.ts";
export { serviceName, type Pgo } from "./values.ts";
export { printable, quote, short, visible, visibleJson, visibleText } from "./visible.ts";
