import * as z from "zod/mini";
import * as rules from "./content-values.ts";
import { document, fewEnough, INTERPOLATED, key, list, obey, read, text } from "./schema-keys.ts";
import { parsed } from "../oci/index.ts";

const mode = (example: string, fallback: string) =>
  key(text(rules.fileMode), {
    description: "Its permissions, in octal digits as they stand.",
    words: "octal digits, like 0755",
    example,
    fallback,
  });

const owner = (fallback: string) =>
  key(text(rules.ownerSetting), {
    description: "Who has it.",
    words: "a user id, or text like 65532:0",
    example: "owner: 65532:0",
    fallback,
  });

const directory = z.union([
  text(rules.contentPath),
  z.strictObject({
    path: key(text(rules.contentPath), {
      description: "Where the directory is.",
      words: "an absolute path",
      example: "path: /data",
      fallback: "required",
    }),
    mode: mode("mode: 1777", "`0755`"),
    owner: owner("the image's user"),
  }),
]);
document(directory, {
  description: "A directory: its path, or a map that says more.",
  words: "an absolute path, or a map with path, mode and owner",
  example: "/data",
  fallback: "none",
});

/** Directories of the image. */
export const dirs = key(list(directory, 64), {
  description:
    "Directories that the image has, such as those that the service writes to. A path alone is a directory of mode `0755` that the image's user has: `dirs: [/data]`. A map says more: `{ path: /cache, mode: 0775, owner: 65532:0 }` for a group that OpenShift gives every user, `{ path: /scratch, mode: 1777 }` for everybody. An owner is an id, or an id and a group's; without a group it is the group of the same number. `root` is one everywhere, `nobody` and `nonroot` are on `static`. Directories above are made where they are not there, with root as their owner. A directory that the base has gets the mode and the owner that are said here; what is in it stays as it is.",
  words: "a list of absolute paths",
  example: "dirs: [/var/lib/orders]",
  fallback: "none",
});

const file = z.strictObject({
  from: key(text(rules.sourcePath), {
    description: "What of the source tree it is.",
    words: "a path or a pattern of the build context",
    example: "from: etc/orders.toml",
    fallback: "required, or `text`",
  }),
  text: key(text(rules.fileText), {
    description: `What the file holds. ${INTERPOLATED}`,
    words: "text",
    example: "text: hello",
    fallback: "required, or `from`",
  }),
  to: key(text(rules.targetPath), {
    description: "Where it stands in the image.",
    words: "an absolute path",
    example: "to: /etc/orders.toml",
    fallback: "required",
  }),
  mode: mode("mode: 0600", "`0755` where the file of the tree is executable, else `0644`"),
  owner: owner("root"),
});
document(file, {
  description: "A file of the image, or several.",
  words: "a map with from or text, and to",
  example: "{ from: etc/orders.toml, to: /etc/orders.toml }",
  fallback: "none",
});

/** Files of the image. */
export const files = key(list(file, 32), {
  description:
    "Files that the image has beside its binaries. `from` is a path relative to the build context: a file, a folder, of which all is taken that lies in it, or a pattern with `*`, `?` and `**`. Outputs of `steps` are there, and what an ignore file leaves out is not. `text` is what the file itself holds, with variables as in `env`. `to` is the file's path in the image, or a folder where it ends with `/`; for folders and patterns it is a folder, in which files have the path that they have below the folder, or below the pattern's directories that have a plain name. `mode` is for every file; without it files are `0755` where those of the tree are executable, else `0644`. `owner` is as of `dirs`, and root where it is not said: a service has no business with its settings but to read them. Directories are made where they are not there. Every entry of the tree is a layer of its own, and texts are one together.",
  words: "a list of maps with from or text, and to",
  example: "files: [{ from: etc/orders.toml, to: /etc/orders/ }]",
  fallback: "none",
});

/** Links of the image. */
export const links = key(
  read(
    z
      .record(z.string().check(obey(rules.contentPath)), text(rules.linkTarget))
      .check(obey(fewEnough(64, "links", "leave some out"))),
    (entries) => parsed(Object.assign(Object.create(null) as Record<string, string>, entries)),
  ),
  {
    description:
      "Symbolic links, by their paths, and what they lead to: a path of the image, or one relative to the link's directory. A link takes the place of a file or of a link of the base. It takes BuildKit 0.19 or Docker Engine 28.",
    words: "a map of absolute paths to what they lead to",
    example: "links: { /usr/bin/orders: /usr/local/bin/orders }",
    fallback: "none",
  },
);

/** Volumes of the image. */
export const volumes = key(list(text(rules.contentPath), 64), {
  description:
    "Directories that hold data of the service beyond a container's life (OCI's `Volumes`). Docker makes a volume for each where the user names none. A directory that neither `dirs` nor the base has is made, and the image's user has it: a volume begins as a copy of it. Volumes of the base are kept.",
  words: "a list of absolute paths",
  example: "volumes: [/data]",
  fallback: "the base's",
});

/** The signal that ends the service. */
export const stopSignal = key(text(rules.stopSignal), {
  description: "The signal that ends the service, by name or number.",
  words: "a signal, like SIGINT",
  example: "stopSignal: SIGINT",
  fallback: "the base's, else the container engine's, which is `SIGTERM`",
});
