// What `build.cgo` may say.
import { parsed, refused } from "../oci/index.ts";
import { type Rule, shaped } from "./rule.ts";

/**
 * The name of a package (https://www.debian.org/doc/debian-policy/ch-controlfields.html#source), with `:native` as in
 * build dependencies. apt would remove a package whose name ends in `-`.
 */
export const debianPackage: Rule<string> = shaped(
  /^[a-z0-9][a-z0-9+.-]*[a-z0-9+](?::native)?$/,
  "the name of a Debian package",
  "write names as on packages.debian.org, such as libsqlite3-dev, without a version",
  128,
);

/** Libraries of Debian are made for glibc. */
export const cgoSettings: Rule<{
  readonly libc?: "glibc" | "musl" | undefined;
  readonly packages?: readonly string[] | undefined;
}> = (value) => {
  const library =
    value.libc === "musl" ? value.packages?.find((name) => !name.endsWith(":native")) : undefined;
  return library === undefined
    ? parsed(value)
    : refused({
        message: `has the package ${library} beside \`libc: musl\`, and libraries of Debian are made for glibc`,
        help: "leave `libc` out, or bring the library's C files with a Go package that has them",
      });
};
