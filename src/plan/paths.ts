/** Paths inside a build step. Fixed, so that they never make two keys differ. */
export const PATHS = {
  source: "/src",
  moduleCache: "/gm",
  buildCache: "/gc",
  output: "/out",
  helper: "/helper",
  /** Our program, in a step that has {@link PATHS.helper} mounted. */
  program: "/helper/go-frontend",
  /** Where our program finds its arguments. */
  arguments: "/step/arguments.json",
  profile: "/profile/default.pgo",
  store: "/store",
  listing: "/listing",
  listedSources: "/kept",
  warm: "/warm",
  linked: "/linked",
  base: "/base",
  /** What the step that installs C tools says of them. */
  cTools: "/usr/share/go-frontend",
  secrets: "/run/secrets/go-frontend",
} as const;

/** Where an image with a debugger has it, and a shell. */
export const DEBUG_FOLDER = "/debug";
