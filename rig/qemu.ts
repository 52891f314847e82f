import type { DebianPackage } from "./debian-packages.ts";
import { fetchPrograms } from "./debian-programs.ts";
import type { Log } from "./text.ts";

type Emulator = "qemu-aarch64-static" | "qemu-x86_64-static";

/** QEMU of Debian 12: static, so it runs on any Linux. */
const qemu: DebianPackage<Emulator> = {
  path: "pool/main/q/qemu/qemu-user-static_7.2+dfsg-7+deb12u18+b3_",
  sha256: {
    amd64: "c3e3ba2bd87f8c5b9a5da5ef21b5a3b82d7c63b89dd448d9ddaa4eabc5b6e402",
    arm64: "e420c417c12b42ca774795b62888d5388da0e08c1ef263dea1490e5ce4e32a0b",
  },
  programs: {
    "qemu-aarch64-static": "usr/bin/qemu-aarch64-static",
    "qemu-x86_64-static": "usr/bin/qemu-x86_64-static",
  },
};

/**
 * An emulator that runs executables of an architecture when it is called with them: the kernel needs to know of none.
 *
 * @throws Error when the package cannot be had
 */
export async function ensureEmulator(architecture: "amd64" | "arm64", log: Log): Promise<string> {
  const name: Emulator = architecture === "arm64" ? "qemu-aarch64-static" : "qemu-x86_64-static";
  return (await fetchPrograms([qemu], [name], log))[name];
}
