// Which packages of Go's standard library are compiled ahead. The list is fixed, not taken from the
// service: then the cache made from it has no project in its key, and every project on the same
// toolchain, platform and flags shares one layer.

/** What almost every service links: the closure of these is about 215 packages. */
const SERVICE = `
archive/zip bufio bytes cmp@21 compress/flate compress/gzip compress/zlib container/heap container/list context
crypto/ed25519 crypto/hmac crypto/md5 crypto/rand crypto/rsa crypto/sha1 crypto/sha256 crypto/sha512 crypto/tls
crypto/x509 database/sql embed encoding/base64 encoding/binary encoding/hex encoding/json encoding/pem errors expvar
flag fmt hash/crc32 hash/fnv hash/maphash html/template io/fs iter@23 log log/slog@21 maps@21 math/big math/rand
math/rand/v2@22 mime/multipart net net/http net/http/httptrace net/http/httputil net/http/pprof net/netip
net/textproto net/url os os/exec os/signal os/user path/filepath reflect regexp runtime/debug runtime/metrics
runtime/pprof runtime/trace slices@21 sort strconv strings sync sync/atomic text/tabwriter text/template time
unicode/utf16 unicode/utf8 unique@23`;

/** What a program without a network and without other modules needs at most. */
const SMALL = `
bufio bytes cmp@21 context encoding/base64 encoding/hex encoding/json errors flag fmt io io/fs log log/slog@21 maps@21
math math/rand math/rand/v2@22 os os/signal path path/filepath reflect regexp runtime runtime/debug slices@21 sort strconv
strings sync sync/atomic time unicode/utf8 unsafe`;

/** Public packages in the closure of SERVICE, beside those it names (checked with `go list -deps`). */
const SERVICE_CLOSURE = `
crypto crypto/aes crypto/cipher crypto/des crypto/dsa crypto/ecdh crypto/ecdsa crypto/elliptic crypto/fips140
crypto/hkdf crypto/rc4 crypto/sha3 crypto/subtle crypto/x509/pkix database/sql/driver encoding encoding/asn1 hash
hash/adler32 html io math math/bits mime mime/quotedprintable path regexp/syntax runtime syscall text/template/parse
unicode unsafe weak crypto/mlkem crypto/hpke`;

export interface StdSet {
  /** Part of ids and vertex names. */
  readonly name: "service" | "small";
  /** Import paths to hand to `go build`. */
  readonly packages: readonly string[];
  /** Whether a package comes with the set, named or by closure. */
  readonly has: (importPath: string) => boolean;
}

/**
 * The set for services that import `std` directly. The small one is used only where nothing outside
 * the source tree is imported and the program asks for no more, so that a small tool does not pay
 * for net/http. The choice depends on the source tree alone.
 *
 * @param goMinor minor release of the oldest toolchain it must build with: 21 for Go 1.21
 */
export function stdSet(std: readonly string[], hasModules: boolean, goMinor: number): StdSet {
  const small = packagesOf(SMALL, goMinor);
  if (!hasModules && std.every((path) => small.includes(path))) {
    return { name: "small", packages: small, has: (path) => small.includes(path) };
  }
  const packages = packagesOf(SERVICE, goMinor);
  const all = new Set([...packages, ...packagesOf(SERVICE_CLOSURE, goMinor)]);
  return { name: "service", packages, has: (path) => all.has(path) };
}

/** Parses a list; `path@22` means: since Go 1.22. */
function packagesOf(list: string, goMinor: number): readonly string[] {
  return list
    .trim()
    .split(/\s+/)
    .map((word) => word.split("@") as [string, string?])
    .filter(([, since]) => since === undefined || Number(since) <= goMinor)
    .map(([path]) => path)
    .toSorted();
}
