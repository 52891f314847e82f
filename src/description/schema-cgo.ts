import * as z from "zod/mini";
import * as rules from "./cgo-values.ts";
import { document, key, list, obey, text } from "./schema-keys.ts";

const settings = z
  .strictObject({
    libc: key(z.enum(["glibc", "musl"]), {
      description:
        "The C library. Debian has no C++ library and no other library for `musl`: there a service brings all of its C, and has no C++.",
      words: "glibc or musl",
      example: "libc: musl",
      fallback: "`glibc`",
    }),
    link: key(z.enum(["static", "dynamic"]), {
      description:
        "How C libraries reach the binary. `static` puts all of them into it, and it then runs on every base. Names of hosts and users are looked up by Go itself, as without cgo (the tags `netgo` and `osusergo`): glibc would load libraries for that. With `dynamic` the loader and the shared libraries that the binary needs are put beside it, on `static` and `scratch`; an image as base has to have them, which is checked before the image is made.",
      words: "static or dynamic",
      example: "link: dynamic",
      fallback: "`static`",
    }),
    packages: key(list(text(rules.debianPackage), 64), {
      description:
        "Packages of Debian 12 with the C libraries that the service needs, most often those that end in `-dev`. They are installed for the target platform; `NAME:native` is a program for the build, such as `swig:native`.",
      words: "a list of Debian packages",
      example: "packages: [libsqlite3-dev]",
      fallback: "none: the C and C++ compilers with their own libraries, and pkg-config",
    }),
  })
  .check(obey(rules.cgoSettings));
document(settings, {
  description: "How C is compiled and linked.",
  words: "a map with libc, link and packages",
  example: "{ link: dynamic }",
  fallback: "",
});

/** `build.cgo`. */
export const cgo = z.union([z.boolean(), settings]);
