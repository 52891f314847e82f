/** The names of a package's files, by what compiles them; as `go list -json` parts them. */
export type FileLists = Record<FileList, string[]>;

export type FileList =
  | "go"
  | "cgo"
  | "c"
  | "cxx"
  | "m"
  | "h"
  | "f"
  | "s"
  | "preprocessed"
  | "swig"
  | "swigCxx"
  | "syso";

/** Lists without a name. */
export function emptyLists(): FileLists {
  return {
    go: [],
    cgo: [],
    c: [],
    cxx: [],
    m: [],
    h: [],
    f: [],
    s: [],
    preprocessed: [],
    swig: [],
    swigCxx: [],
    syso: [],
  };
}

/** The list that files of an extension are on; Go files are on two. */
export function listOf(extension: string): FileList | undefined {
  return Object.hasOwn(listOfExtension, extension) ? listOfExtension[extension] : undefined;
}

const listOfExtension: Readonly<Record<string, FileList>> = {
  ".go": "go",
  ".c": "c",
  ".cc": "cxx",
  ".cpp": "cxx",
  ".cxx": "cxx",
  ".m": "m",
  ".h": "h",
  ".hh": "h",
  ".hpp": "h",
  ".hxx": "h",
  ".f": "f",
  ".F": "f",
  ".for": "f",
  ".f90": "f",
  ".s": "s",
  ".S": "preprocessed",
  ".sx": "preprocessed",
  ".swig": "swig",
  ".swigcxx": "swigCxx",
  ".syso": "syso",
};

/** Lists that Go drops with cgo off. */
export const needCgo: ReadonlySet<FileList> = new Set<FileList>([
  "c",
  "cxx",
  "m",
  "preprocessed",
  "swig",
  "swigCxx",
]);
