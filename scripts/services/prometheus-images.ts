import type { Missing } from "./service.ts";

/** What all images of the Prometheus project stand on. */
export const busybox: Missing = {
  what: "busybox below it",
  why: "a base of one's choice is `image.base`; none is needed to run, and the project has a distroless variant too",
};
