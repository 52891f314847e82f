import type { Platform } from "../oci/index.ts";

/** pb.Platform of an OCI platform. */
export function platformMessage({
  os,
  architecture,
  variant = "",
  osVersion = "",
  osFeatures = [],
}: Platform) {
  return {
    OS: os,
    Architecture: architecture,
    Variant: variant,
    OSVersion: osVersion,
    OSFeatures: [...osFeatures],
  };
}
