/** Paths inside a build step. Fixed, so that they never make two keys differ. */
export const PATHS = {
  source: "/src",
  moduleCache: "/gm",
  buildCache: "/gc",
  output: "/out",
  helper: "/helper",
  profile: "/profile/default.pgo",
  store: "/store",
  listing: "/listing",
  kept: "/kept",
  warm: "/warm",
} as const;
