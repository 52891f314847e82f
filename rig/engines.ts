import { containerdPackage, type DebianPackage, engine28 } from "./debian-packages.ts";
import { fetchPrograms } from "./debian-programs.ts";
import type { EnginePrograms } from "./engine.ts";
import { ensureRunc } from "./runc.ts";
import type { Log } from "./text.ts";

/** The releases of Docker Engine that Debian's suites have: bookworm, trixie and sid. */
export type EngineRelease = "20.10" | "26.1" | "28.5";

type EngineProgram = "dockerd" | "containerd" | "containerd-shim-runc-v2" | "docker";

type EnginePackage = DebianPackage<EngineProgram>;

const packages: Readonly<Record<EngineRelease, readonly EnginePackage[]>> = {
  "20.10": [
    {
      path: "pool/main/d/docker.io/docker.io_20.10.24+dfsg1-1+deb12u1+b6_",
      sha256: {
        amd64: "daf8ff8f7aa53e8533d38e386fcc2a11e8f3891210776fb78a84b98feb4eea0e",
        arm64: "6db2efc4b346ad726c90bdecb630f02a4df884840c4a7e8fd44d92df313ae26c",
      },
      programs: { dockerd: "usr/sbin/dockerd", docker: "usr/bin/docker" },
    },
    containerdPackage(
      "pool/main/c/containerd/containerd_1.6.20~ds1-1+deb12u3_",
      "8669d264eeb0fcdb4a0b1ba436ab88ec5dafde4a66e1278ec279d830db4c2216",
      "b946c7da94211c925fe8ed26fc0df4db045a976d7c8266c2ac107475a4ebee0f",
    ),
  ],
  "26.1": [
    {
      path: "pool/main/d/docker.io/docker.io_26.1.5+dfsg1-9+deb13u1+b1_",
      sha256: {
        amd64: "53ae1a99f15113f0a0d2226808ec0d24ee31b3b87b87ab8ec35be09a1a2ee13b",
        arm64: "09e682d520363b0478356d5befdb36d0833ec1f07fc335401b7d0d4ac81db8fe",
      },
      programs: { dockerd: "usr/sbin/dockerd" },
    },
    {
      path: "pool/main/d/docker.io/docker-cli_26.1.5+dfsg1-9+deb13u1+b1_",
      sha256: {
        amd64: "596647bc4ffaaaf2e2321116b8a10f6a6086ada797c17a7117798cb391a72776",
        arm64: "85b59a59e76bd1dfcd21d5f811a532823f649b6665c8e698d91de270d1f58377",
      },
      programs: { docker: "usr/bin/docker" },
    },
    containerdPackage(
      "pool/main/c/containerd/containerd_1.7.24~ds1-6+deb13u1_",
      "ed708deb96fe476a3bce4efa5c0538dfbcf717ab9a7c7944ba7260342c25899c",
      "4af6b5a85498cc590eaf48d34c5c6c952ddabadae0afd6a9d2931d6a05782bc9",
    ),
  ],
  "28.5": [
    engine28.dockerd,
    {
      path: "pool/main/d/docker.io/docker-cli_28.5.2+dfsg4-5_",
      sha256: {
        amd64: "8ea2428acdda666f41263f5a0d3a85681a696491361574eb7bd721a1194939b9",
        arm64: "0d8ca54ff94caf1df61df03320c3fda2254841651a223f8d272c905f84ae3205",
      },
      programs: { docker: "usr/bin/docker" },
    },
    engine28.containerd,
  ],
};

/** The programs of a Docker Engine, and the docker command of the same release. */
export interface EngineKit {
  readonly programs: EnginePrograms;
  readonly docker: string;
}

/**
 * A release of Docker Engine from Debian's packages, unpacked aside.
 *
 * @param registry the registry program to run beside it
 * @throws Error when a package cannot be had, or does not run here
 */
export async function ensureEngine(release: EngineRelease, registry: string, log: Log): Promise<EngineKit> {
  const names = ["dockerd", "containerd", "containerd-shim-runc-v2", "docker"] as const;
  const [{ docker, ...programs }, runc] = await Promise.all([
    fetchPrograms(packages[release], names, log),
    ensureRunc(log),
  ]);
  return { programs: { ...programs, runc, registry }, docker };
}

/**
 * The docker command of a release alone, from Debian's package.
 *
 * @throws Error when the package cannot be had, or does not run here
 */
export const ensureDockerCommand = async (release: EngineRelease, log: Log): Promise<string> =>
  (await fetchPrograms(packages[release], ["docker"] as const, log)).docker;
