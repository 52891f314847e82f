/** Facts: what a source tree says, computed without Go, without a container. */
export type { Entry, FileRange, IgnoreRule, PackageListing, SourceTree } from "./source-tree.ts";
export { openTree, type OpenTree } from "./open-tree.ts";
export type {
  Detected,
  FactsCode,
  FactsDiagnostic,
  GoModule,
  LocalModule,
  MainPackage,
  Mains,
  PackageFacts,
  PlatformFacts,
  Position,
  ResolvedMain,
  ServiceFacts,
  ServiceQuery,
  VendorLink,
} from "./types.ts";
export type { GoModFile, GoSum, GoWorkFile, Replace, Require, VendorList } from "./modfile/types.ts";
export { BOUNDS } from "./bounds.ts";
export { folderTree } from "./folder-tree.ts";
export { ignoredBy, ignoreProblems, ignoring } from "./ignore.ts";
export { HEADER_BYTES, headerBytes, runsWithin, withinHeaders } from "./headers.ts";
export { ignoreFileProblem, ignoreRules, parseIgnoreFile } from "./ignore-file.ts";
export { escapePattern } from "./ignore-pattern.ts";
export { ancestors, baseName, childPath, isWithin, joinPath, relativeTo } from "./paths.ts";
export { overlaid, type Overlay } from "./overlay.ts";
export { treeAt, treeOfTexts } from "./placed-trees.ts";
export { outsideFolders, type OutsideFolder } from "./outside-folders.ts";
export { editLines } from "./modfile/edit-lines.ts";
export { editGoMod, type GoModEdit, NONE } from "./modfile/edit-go-mod.ts";
export { applyHunks, type FilePatch, type PatchProblem, type PatchWork, readPatch } from "./patch.ts";
export { parseGoSums } from "./modfile/go-sum.ts";
export { readModuleFile } from "./module-files.ts";
export { LICENSE_FILES, licenseOf } from "./license.ts";
export { matchFiles } from "./match-files.ts";
export { detectModule, readModFiles } from "./module.ts";
export { findMains } from "./find-mains.ts";
export { resolveMain } from "./resolve-main.ts";
export type { MainContext } from "./contexts.ts";
export { scanServices } from "./scan.ts";
export { type FileWords, findNamedFile } from "./named-file.ts";
export { findProfile } from "./profile.ts";
export { unknownDirectives } from "./unknown-directives.ts";
export { type LinkVariable, linkVariables } from "./link-variables.ts";
export { gitFiles, type GitFiles } from "./git/files.ts";
export { gitDirIn, openRepository, type GitPlace, type Repository } from "./git/repository.ts";
export { ALTERNATES, alternatesIn } from "./git/alternates.ts";
export { chosenTag } from "./git/main-version.ts";
export type { Described } from "./git/describe.ts";
export { parseCommit } from "./git/commit.ts";
export { lineOfFile } from "./line-file.ts";
export { minorOf } from "./go-line.ts";
export { outsideNeedsCgo, stubProblem } from "./cgo-needed.ts";
