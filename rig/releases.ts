import type { DefaultTool } from "./versions.ts";

/** By Go's and OCI's names. */
type Architecture = "amd64" | "arm64";

/** One file that a project publishes with a release, and what of it is used. */
export interface Release {
  readonly version: string;
  /** The path below https://github.com. */
  readonly path: (architecture: Architecture) => string;
  readonly sha256: Readonly<Record<Architecture, string>>;
  /** Where the programs stand in the archive; `.` when the file is the program. */
  readonly programs: Readonly<Partial<Record<DefaultTool | "runc", string>>>;
}

// The sums are those that others pin for the same files: containerd/nerdctl:Dockerfile.d/SHA256SUMS.d (buildkit),
// docker-library/docker (buildx), distribution/distribution-library-image (registry), and crane's checksums.txt.
// buildkit is the newest whose sum is known that way, one minor version before the one that the tests compile.
export const releases: readonly Release[] = [
  {
    version: "v0.33.1",
    path: (architecture) =>
      `moby/buildkit/releases/download/v0.33.1/buildkit-v0.33.1.linux-${architecture}.tar.gz`,
    sha256: {
      amd64: "4e044bcd62a0c0bbe6a8c94d73989de2bfe4c04dbc0f9d6021cf96b72cd1d965",
      arm64: "4e1ba91f139761f249a1fa6c71e632dfdbdafeda416176ecadefbb95225e56c4",
    },
    programs: { buildkitd: "bin/buildkitd", buildctl: "bin/buildctl", runc: "bin/buildkit-runc" },
  },
  {
    version: "v0.36.1",
    path: (architecture) => `docker/buildx/releases/download/v0.36.1/buildx-v0.36.1.linux-${architecture}`,
    sha256: {
      amd64: "48af8a397ebd60178778bf63611dbcebe5f5e7a9be90eb9147b24b9587455778",
      arm64: "5d0cafd9d16afe1a0f0d9529885344ace2cc99efdd531b6c783c5455a6001569",
    },
    programs: { buildx: "." },
  },
  {
    version: "v3.1.2",
    path: (architecture) =>
      `distribution/distribution/releases/download/v3.1.2/registry_3.1.2_linux_${architecture}.tar.gz`,
    sha256: {
      amd64: "40df2224d410f72ae425c3371873b078bbdbda3b8b612be9571f0e6751f3acc8",
      arm64: "09d26f88d2c0f161bd1b8bfc6c123571cc3d291dcca8af5477b3cacc4ec95e73",
    },
    programs: { registry: "registry" },
  },
  {
    version: "v0.22.1",
    path: (architecture) =>
      `google/go-containerregistry/releases/download/v0.22.1/go-containerregistry_Linux_${
        architecture === "amd64" ? "x86_64" : "arm64"
      }.tar.gz`,
    sha256: {
      amd64: "0ab7a1d6932a213aed964ce97666c3077fe691c8606413674a8b3e0b9ec4cda0",
      arm64: "898c0cff975f898a33e8c4580bdafb0e7c02c7faa33374e946762f97c4ab7110",
    },
    programs: { crane: "crane" },
  },
];
