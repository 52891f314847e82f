export { named } from "./name.ts";
export { includedPaths } from "./patterns.ts";
export { allowOpsOf, allowOwnOps } from "./allow.ts";
export { buildGraph, type Graph, type PlatformGraph } from "./graph.ts";
export { type Inputs, render, STEP_ID } from "./render.ts";
export { missingCapabilities } from "./missing.ts";
