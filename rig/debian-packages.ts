/** A package of Debian, pinned, and the programs that are taken out of it. */
export interface DebianPackage<Program extends string = string> {
  /** The path below a mirror, without `ARCHITECTURE.deb`. */
  readonly path: string;
  readonly sha256: Readonly<Record<"amd64" | "arm64", string>>;
  readonly programs: Readonly<Partial<Record<Program, string>>>;
}

type ContainerdProgram = "containerd" | "containerd-shim-runc-v2";

/** A package of containerd: its programs lie at the same places in all suites. */
export const containerdPackage = (
  path: string,
  amd64: string,
  arm64: string,
): DebianPackage<ContainerdProgram> => ({
  path,
  sha256: { amd64, arm64 },
  programs: {
    containerd: "usr/bin/containerd",
    "containerd-shim-runc-v2": "usr/bin/containerd-shim-runc-v2",
  },
});

/** Docker Engine 28.5 of the suite sid on 28 November 2026: the demo runs it, and the tests try it. */
export const engine28: Readonly<{
  dockerd: DebianPackage<"dockerd">;
  containerd: DebianPackage<ContainerdProgram>;
}> = {
  dockerd: {
    path: "pool/main/d/docker.io/docker.io_28.5.2+dfsg4-5_",
    sha256: {
      amd64: "69a59cc77a1fb8ee9ad6859abc2e6de5d76b70887405595c2b1307818fecf682",
      arm64: "7da4fd6e52c4810b06925d98e216812d2260152f1f34bb1e30cfd69395b1e459",
    },
    programs: { dockerd: "usr/sbin/dockerd" },
  },
  containerd: containerdPackage(
    "pool/main/c/containerd/containerd_2.1.9+ds1-5_",
    "2dda86ce7033fd612fc50e136679d8174ccad680eb29cd4611e0d2a1b84cf591",
    "43426c2af51f051e86374143d34031830ee5d0ff16bc23f35c6f498f27f8389d",
  ),
};
