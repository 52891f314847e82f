import { hash } from "node:crypto";

/** The digest by which ops refer to each other. */
export const sha256 = (bytes: Uint8Array): string => `sha256:${hash("sha256", bytes, "hex")}`;
