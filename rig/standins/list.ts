import type { ImageConfig } from "./oci.ts";

/** Which layers an image is made of, the lowest first. */
export type LayerName = "slim" | "forGo" | "alpine" | "go" | "busybox" | "static" | "debug";

/** One image that the rig makes itself, under the names users write. */
export interface StandIn {
  readonly host: "docker.io" | "gcr.io" | "ghcr.io";
  readonly repository: string;
  readonly tags: readonly string[];
  readonly layers: readonly LayerName[];
  /** For the layer `go`. */
  readonly go?: string;
  readonly config: ImageConfig;
  readonly madeOf: string;
}

/** The Go versions of the golang stand-ins; the newest gets the short tags. */
export const goVersions: readonly string[] = ["1.26.8", "1.25.14"];

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface GoTags {
  readonly debian: readonly string[];
  readonly alpine: readonly string[];
}

/** Every tag of upstream's images that means this version, given the versions there are. */
export function goTags(version: string, versions: readonly string[]): GoTags {
  const parts = (text: string): readonly number[] => text.split(".").map(Number);
  const order = (a: string, b: string): number => {
    const [left, right] = [parts(a), parts(b)];
    return (
      (left[0] ?? 0) - (right[0] ?? 0) || (left[1] ?? 0) - (right[1] ?? 0) || (left[2] ?? 0) - (right[2] ?? 0)
    );
  };
  const minor = (text: string): string => text.split(".").slice(0, 2).join(".");
  const newest = (among: readonly string[]): string | undefined => among.toSorted(order).at(-1);
  const short = [
    ...(newest(versions.filter((other) => minor(other) === minor(version))) === version
      ? [minor(version)]
      : []),
    ...(newest(versions) === version ? ["1"] : []),
  ];
  const isNewest = newest(versions) === version;
  return {
    debian: [
      ...[version, ...short].flatMap((tag) => [`${tag}-bookworm`, tag]),
      ...(isNewest ? ["bookworm", "latest"] : []),
    ],
    alpine: [...[version, ...short].map((tag) => `${tag}-alpine`), ...(isNewest ? ["alpine"] : [])],
  };
}

/** `golang:<version>` and `golang:<version>-alpine`, with upstream's environment. */
export function golang(version: string, tags: GoTags): readonly StandIn[] {
  const variant = (of: keyof GoTags, layers: readonly LayerName[], shell: string, on: string): StandIn => ({
    host: "docker.io",
    repository: "library/golang",
    tags: tags[of],
    layers,
    go: version,
    config: {
      Env: [
        `PATH=/go/bin:/usr/local/go/bin:${systemPath}`,
        `GOLANG_VERSION=${version}`,
        "GOTOOLCHAIN=local",
        "GOPATH=/go",
      ],
      Cmd: [shell],
      WorkingDir: "/go",
    },
    madeOf: `Go ${version} from the Go module proxy on ${on}`,
  });
  return [
    variant("debian", ["slim", "forGo", "go"], "bash", "Debian packages"),
    variant("alpine", ["alpine", "go"], "/bin/sh", "Debian's busybox-static and CA roots"),
  ];
}

const distroless = (tag: string, user: string, debug: boolean): StandIn => ({
  host: "gcr.io",
  repository: "distroless/static-debian12",
  tags: [tag],
  layers: debug ? ["static", "debug"] : ["static"],
  config: {
    User: user,
    Env: [
      `PATH=${systemPath}${debug ? ":/busybox" : ""}`,
      "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    ],
    WorkingDir: user === "0" ? "/" : "/home/nonroot",
    ...(debug ? { Entrypoint: ["/busybox/sh"] } : {}),
  },
  madeOf: `Debian packages${debug ? " and busybox" : ""}`,
});

/** All stand-ins for these Go versions. */
export const standIns = (versions: readonly string[]): readonly StandIn[] => [
  ...versions.flatMap((version) => golang(version, goTags(version, versions))),
  {
    host: "docker.io",
    repository: "library/busybox",
    tags: ["latest", "1", "1.35", "musl", "uclibc"],
    layers: ["busybox"],
    config: { Env: [`PATH=${systemPath}`], Cmd: ["sh"] },
    madeOf: "Debian's busybox-static",
  },
  {
    host: "docker.io",
    repository: "library/debian",
    tags: ["bookworm-slim", "bookworm", "12-slim", "12", "latest"],
    layers: ["slim"],
    config: { Env: [`PATH=${systemPath}`], Cmd: ["bash"] },
    madeOf: "Debian packages",
  },
  distroless("latest", "0", false),
  distroless("nonroot", "65532", false),
  distroless("debug", "0", true),
  distroless("debug-nonroot", "65532", true),
];
