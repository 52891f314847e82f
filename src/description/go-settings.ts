// Settings of a build that Go has names for: what it measures, its FIPS module, what its GODEBUG begins with.
import { parsed, refused } from "../oci/index.ts";
import { quote } from "./visible.ts";
import type { Rule } from "./rule.ts";

/** What `go build -coverpkg` takes, as far as its meaning does not depend on a directory: import paths, with `...` for any text. */
export const coverPattern: Rule<string> = (value) =>
  /^[A-Za-z0-9_][A-Za-z0-9._~/+-]*$/.test(value) && value.length <= 512 && !value.split("/").includes("..")
    ? parsed(value)
    : refused({
        message: `holds ${quote(value)}, which is not a pattern of import paths`,
        help: "write import paths, like `example.com/shop/...` or `github.com/acme/money`, one an item; `cover: true` is for all packages of the module",
      });

/** The values of GOFIPS140 (golang/go:src/cmd/go/internal/cfg/cfg.go); which versions there are the release says. */
export const fipsVersion: Rule<string> = (value) =>
  /^(?:off|latest|inprocess|certified|v1\.[0-9]{1,4}\.[0-9]{1,4}(?:-[0-9a-f]{8})?)$/.test(value)
    ? parsed(value)
    : refused({
        message: `is not a version of Go's FIPS 140-3 module (${quote(value)})`,
        help: "write `latest`, `certified`, `inprocess`, a version like `v1.0.0`, or `off`",
      });

/** The name of a GODEBUG setting; which there are the Go release says. */
export const godebugName: Rule<string> = (value) =>
  /^[a-z][a-z0-9]{0,63}$/.test(value)
    ? parsed(value)
    : refused({
        message: `names ${quote(value)}, which is not the name of a GODEBUG setting`,
        help: "names are lower case letters and digits, like `http2client`; they are listed at https://go.dev/doc/godebug",
      });

/** As Go takes them in a line of go.mod (golang/go:src/cmd/go/internal/modload/init.go, CheckGodebug). */
export const godebugValues: Rule<Readonly<Record<string, string>>> = (entries) => {
  const wrong = Object.entries(entries).find(([, value]) => !/^[A-Za-z0-9._:+-]{1,64}$/.test(value));
  if (wrong === undefined) return parsed(entries);
  const [name, value] = wrong;
  return refused({
    message: `holds ${quote(value)} for ${name}, which is not a value of a GODEBUG setting`,
    help: `values are short words and numbers in quotes, like \`${name}: "0"\``,
  });
};
