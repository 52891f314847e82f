import type { LayerName, StandIn } from "./list.ts";
import { architectures, type Architecture } from "./oci.ts";

/** What a layer is made of, as far as it is known before anything is fetched. */
export interface LayerRecipe {
  /** Its number grows where the code makes something else of the same packages. */
  readonly kind: string;
  readonly packages: readonly string[];
}

export type LayerRecipes = Readonly<Record<LayerName, LayerRecipe>>;

const system = ["?essential", "apt", "usr-is-merged"];
const busybox = ["busybox-static"];

/** Layers are looked up by their recipe, and so are the images that are made of them: neither outlives it. */
export const layerRecipes: LayerRecipes = {
  slim: { kind: "slim 4", packages: system },
  forGo: {
    kind: "for go 4",
    packages: [...system, "ca-certificates", "gcc", "git", "libc6-dev", "openssh-client"],
  },
  alpine: { kind: "alpine 1", packages: ["ca-certificates", ...busybox] },
  go: { kind: "go 1", packages: [] },
  busybox: { kind: "busybox 1", packages: busybox },
  static: {
    kind: "distroless static 1",
    packages: ["ca-certificates", "netbase", "tzdata", "base-files"],
  },
  debug: { kind: "distroless debug 1", packages: busybox },
};

/** The name of an image in this machine's memory: what it is made of, and for which architectures. */
export const imageName = (
  standIn: StandIn,
  wanted: readonly Architecture[],
  recipes: LayerRecipes = layerRecipes,
): string =>
  JSON.stringify([
    standIn,
    standIn.layers.map((name) => recipes[name]),
    ...(wanted.length === architectures.length ? [] : [wanted]),
  ]);
