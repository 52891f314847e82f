import * as z from "zod/mini";
import { imageReference, workdirPath } from "./image-values.ts";
import { document, key, list, text } from "./schema-keys.ts";
import * as rules from "./values.ts";

const profile = z.union([
  text(rules.inModulePath),
  z.strictObject({
    url: key(text(rules.fileUrl), {
      description: "The address that the profile is fetched from, with `checksum` beside it.",
      words: "a URL",
      example: "url: https://profiles.example.com/orders.pgo",
      fallback: "none",
    }),
    checksum: key(text(rules.sha256Checksum), {
      description: "What the fetched profile holds: another one is an error, and a new one a new key.",
      words: "sha256: and hexadecimal digits",
      example: "checksum: sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      fallback: "none",
    }),
    image: key(text(imageReference), {
      description:
        'An image that holds the profile, with `path` beside it. Another target, a folder or a repository takes its place by the client\'s `--build-context NAME=…`, in bake by `contexts: { NAME: "target:TARGET" }`.',
      words: "an image reference",
      example: "image: registry.example.com/profiles:latest",
      fallback: "none",
    }),
    path: key(text(workdirPath), {
      description: "Where in the image the profile is.",
      words: "an absolute path",
      example: "path: /orders.pgo",
      fallback: "none",
    }),
  }),
]);
document(profile, {
  description: "A CPU profile: a path relative to `module`, or a map that says where it comes from.",
  words: "a path, or a map with url and checksum, or with image and path",
  example: "./profiles/cpu.pgo",
  fallback: "none",
});

/** Profiles that are merged into one. */
export const profiles = list(profile, 16, 1);
