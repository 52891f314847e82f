import * as z from "zod/mini";
import * as imageRules from "./image-values.ts";
import { dirs, files, links, stopSignal, volumes } from "./schema-content.ts";
import { document, INTERPOLATED, key, list, map, read, text } from "./schema-keys.ts";
import { plainText } from "./rule.ts";
import { envName } from "./values.ts";

const numberOrText = () => z.union([z.number(), z.string()]);

const port = read(numberOrText(), imageRules.exposedPort);
document(port, {
  description: "A port.",
  words: "a number, or text like 53/udp",
  example: "8080",
  fallback: "",
});

/** How an image is made and run. */
export const image = z.strictObject({
  base: key(text(imageRules.baseImage), {
    description:
      "What the image starts from. `static` holds CA roots, time zones and a user list. The frontend makes it, so nothing is pulled. `scratch` is empty. Everything else is an image reference.",
    words: "static, scratch or an image reference",
    example: "base: debian:bookworm-slim",
    fallback: "`static`",
  }),
  user: key(read(numberOrText(), imageRules.userSetting), {
    description:
      "Who runs the service: a user id, `uid:gid`, or a user name of the base image; `static` knows root, nobody and nonroot; `scratch` knows no names. Kubernetes can check only numbers (`runAsNonRoot`).",
    words: "a number, or text like 1000:1000",
    example: "user: 65532",
    fallback: "`65532`; on an image as base its own user, unless that is root",
  }),
  ports: key(list(port, 64), {
    description:
      "Ports the service listens on: numbers, or text with a protocol. They are information for people and tools; nothing is opened.",
    words: "a list of numbers",
    example: "ports: [8080, 53/udp]",
    fallback: "none",
  }),
  env: key(map(envName), {
    description: `Environment variables of the running service. They never reach the compiler. ${INTERPOLATED}`,
    words: "a map of names to text",
    example: "env: { LOG_LEVEL: info }",
    fallback: "none",
  }),
  path: key(list(text(imageRules.searchedFolder), 16), {
    description:
      "Folders in which programs are looked for before those of `PATH`: the base's, or the one that `env` says.",
    words: "a list of absolute paths",
    example: "path: [/opt/orders/bin]",
    fallback: "none",
  }),
  entrypoint: key(list(text(plainText), 64), {
    description:
      "The command that runs, as a list: there is no shell that would split text. The service's binary is `/usr/local/bin/NAME`, where NAME is the service's name, unless `binaries` says otherwise. A program may also be a file that `files` puts into the image, such as a script, which needs its interpreter there. With `[]` an image has no entrypoint: `args` begin with the program, and `docker run IMAGE PROGRAM` runs another one.",
    words: "a list of text",
    example: "entrypoint: [/usr/local/bin/orders, serve]",
    fallback: "the service's binary",
  }),
  args: key(list(text(plainText), 256), {
    description: `Arguments after the entrypoint, which \`docker run IMAGE ARG…\` replaces (OCI's \`Cmd\`). ${INTERPOLATED}`,
    words: "a list of text",
    example: "args: [--config, /etc/orders.toml]",
    fallback: "none",
  }),
  labels: key(map(imageRules.labelKey), {
    description: `Labels of the image. ${INTERPOLATED}`,
    words: "a map of keys to text",
    example: 'labels: { org.opencontainers.image.vendor: "Acme" }',
    fallback:
      "of OCI's names (`org.opencontainers.image.…`) `title`, the service's name; `licenses`, where the file LICENSE in the root of the build context is the text of Apache-2.0, BSD-2-Clause, BSD-3-Clause, ISC, MIT or MPL-2.0 and nothing else; `revision` and `source`, where the client or the builder tells them; `version`, where the commit's tag is known; `created`, with `SOURCE_DATE_EPOCH`; `base.name` and `base.digest`, on an image as base",
  }),
  workdir: key(text(imageRules.workdirPath), {
    description: "The directory the service starts in, absolute.",
    words: "an absolute path",
    example: "workdir: /var/lib/orders",
    fallback: "the base's, else `/`",
  }),
  dirs,
  files,
  links,
  volumes,
  stopSignal,
});
