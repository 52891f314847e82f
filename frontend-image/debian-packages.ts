import type { Architecture } from "./layout.ts";

/** One archive of Debian 12, pinned by its hash. */
export interface DebianPackage {
  readonly name: string;
  readonly architecture: Architecture;
  readonly version: string;
  /** Below a mirror's `/debian`. */
  readonly path: string;
  readonly sha256: string;
}

/**
 * What Node's binary links to: glibc, libgcc, libstdc++ and libatomic (gcc-12-base holds the licence of
 * the last three). A newer version is taken over by changing
 * version, path and SHA-256 here, from `apt-cache show NAME`.
 */
export const debianPackages: readonly DebianPackage[] = [
  {
    name: "libc6",
    architecture: "amd64",
    version: "2.36-9+deb12u14",
    path: "pool/main/g/glibc/libc6_2.36-9+deb12u14_amd64.deb",
    sha256: "ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf",
  },
  {
    name: "gcc-12-base",
    architecture: "amd64",
    version: "12.2.0-14+deb12u1",
    path: "pool/main/g/gcc-12/gcc-12-base_12.2.0-14+deb12u1_amd64.deb",
    sha256: "1896a2aacf4ad681ff5eacc24a5b0ca4d5d9c9b9c9e4b6de5197bc1e116ea619",
  },
  {
    name: "libgcc-s1",
    architecture: "amd64",
    version: "12.2.0-14+deb12u1",
    path: "pool/main/g/gcc-12/libgcc-s1_12.2.0-14+deb12u1_amd64.deb",
    sha256: "3016e62cb4b7cd8038822870601f5ed131befe942774d0f745622cc77d8a88f7",
  },
  {
    name: "libstdc++6",
    architecture: "amd64",
    version: "12.2.0-14+deb12u1",
    path: "pool/main/g/gcc-12/libstdc++6_12.2.0-14+deb12u1_amd64.deb",
    sha256: "5cd3171216d4ab0fc911cfe9c35509bf2dd8f47761c43b7f6a4296701551a24d",
  },
  {
    name: "libatomic1",
    architecture: "amd64",
    version: "12.2.0-14+deb12u1",
    path: "pool/main/g/gcc-12/libatomic1_12.2.0-14+deb12u1_amd64.deb",
    sha256: "fbd4e154a6b444229ea002cc209df099209c0adc09102e5fd21239a3d2b55e2d",
  },
  {
    name: "libc6",
    architecture: "arm64",
    version: "2.36-9+deb12u14",
    path: "pool/main/g/glibc/libc6_2.36-9+deb12u14_arm64.deb",
    sha256: "01f4330719fd4f65580e16ea5a0527f372fca750e8f588d26deaf09f2d3b1cf4",
  },
  {
    name: "gcc-12-base",
    architecture: "arm64",
    version: "12.2.0-14+deb12u1",
    path: "pool/main/g/gcc-12/gcc-12-base_12.2.0-14+deb12u1_arm64.deb",
    sha256: "674cf6cba6d432bd200c45fe866c1652c7a53523cc2e7a613e05bc4abf7b5440",
  },
  {
    name: "libgcc-s1",
    architecture: "arm64",
    version: "12.2.0-14+deb12u1",
    path: "pool/main/g/gcc-12/libgcc-s1_12.2.0-14+deb12u1_arm64.deb",
    sha256: "576926b283613db80168ddf76380a3bd877602778cf0d226caa7bfbfa71eacf3",
  },
  {
    name: "libstdc++6",
    architecture: "arm64",
    version: "12.2.0-14+deb12u1",
    path: "pool/main/g/gcc-12/libstdc++6_12.2.0-14+deb12u1_arm64.deb",
    sha256: "26e138c677a985775331373828a6c286c551ff397cb735d00e2383cb273d1cb2",
  },
  {
    name: "libatomic1",
    architecture: "arm64",
    version: "12.2.0-14+deb12u1",
    path: "pool/main/g/gcc-12/libatomic1_12.2.0-14+deb12u1_arm64.deb",
    sha256: "1693aa13ce2b30d061a519fc28b77b9bab8c8e45804ced5969d99821e1bc2159",
  },
];
