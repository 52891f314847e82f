import {
  command,
  copy,
  type Definition,
  local,
  localUniqueID,
  platform,
  scratch,
  type State,
  withCustomName,
} from "../src/llb/index.ts";
import { paths, type Architecture } from "./layout.ts";

/** Names of the client's directories that the graph takes files from. */
export const localNames = { rootfs: "rootfs", app: "app", bake: "bake", qemu: "qemu" } as const;

export interface GraphOptions {
  readonly architecture: Architecture;
  /** Where the compile cache is filled. Another one than `architecture` needs `qemu`; undefined: no compile cache. */
  readonly bakeOn: Architecture | undefined;
}

/** A static qemu for the other architecture stands under this name in the folder `qemu`. */
export const qemuName = "qemu-node";

/** What the image's history calls its layers. */
export const layerNames = (architecture: Architecture): readonly [below: string, above: string] => [
  `[${architecture}] Node and its libraries`,
  `[${architecture}] frontend and compile cache`,
];

/**
 * The frontend image's file system as a graph: one layer with Node and its libraries, which stays the same from
 * release to release, and one with the bundle and its compile cache. All times are the epoch, all owners root.
 */
export function frontendImageGraph({ architecture, bakeOn }: GraphOptions): Definition {
  const [below, above] = layerNames(architecture);
  const rootfs = scratch().file(everything(folder(localNames.rootfs), "/"), withCustomName(below));
  const app = folder(localNames.app);
  // The cache before what is around it: an action that makes something in a folder leaves the folder with the
  // time of the build, and the last one sets the times of all of the app's folders.
  const files =
    bakeOn === undefined
      ? everything(app, "/")
      : everything(
          bakedCache(rootfs.file(everything(app, "/")), architecture, bakeOn),
          paths.compileCache,
        ).copy(app, "/", "/", contents);
  // BuildKit asks for what differs from the last folder of that id: two architectures at once must not meet.
  const id = localUniqueID(`go-frontend-image-${architecture}`);
  return rootfs.file(files, withCustomName(above)).marshal(platform({ os: "linux", architecture }), id);
}

/** Root's, at the epoch; modes are the source's. */
const fixed = {
  chownOpt: { user: { uid: 0 }, group: { uid: 0 } },
  createdTime: 0n,
  createDestPath: true,
} as const;

const contents = { ...fixed, copyDirContentsOnly: true } as const;

const everything = (from: State, to: string) => copy(from, "/", to, contents);

const folder = (name: string): State => local(name, withCustomName(`files of ${name}`));

/** The compile cache that Node writes when the bundle has loaded all of itself; see bake.ts. */
function bakedCache(image: State, architecture: Architecture, bakeOn: Architecture): State {
  const launcher = bakeOn === architecture ? [] : [`/qemu/${qemuName}`];
  const bake = image.run(
    command({
      args: [
        ...launcher,
        paths.node,
        "--no-warnings",
        "/bake/bake.ts",
        paths.compileCache,
        paths.entry,
        ...launcher,
      ],
      platform: { os: "linux", architecture: bakeOn },
      network: "none",
      mounts: [
        { kind: "tree", at: "/bake", from: folder(localNames.bake), access: "read" },
        { kind: "memory", at: "/tmp" },
        { kind: "tree", at: paths.compileCache },
        ...(launcher.length === 0
          ? []
          : [{ kind: "tree", at: "/qemu", from: folder(localNames.qemu), access: "read" } as const]),
      ],
      name: `[${architecture}] fill the compile cache`,
    }),
  );
  return bake.getMount(paths.compileCache);
}
