import type { Target } from "../target.ts";
import { assembly } from "./assembly.ts";
import { description } from "./description.ts";
import { gateway, hpack } from "./gateway.ts";
import { goFile } from "./go-file.ts";
import { imageConfig, planJson } from "./json.ts";
import { llb } from "./llb.ts";
import { goMod, goSum, goWork } from "./mod-files.ts";
import { glob, ignore } from "./patterns.ts";

/** All that is tried, by the names that `npm run fuzz` takes. */
export const TARGETS: readonly Target[] = [
  description,
  goFile,
  assembly,
  goMod,
  goSum,
  goWork,
  ignore,
  glob,
  gateway,
  hpack,
  llb,
  planJson,
  imageConfig,
];
