import * as z from "zod/mini";
import { imageReference } from "./image-values.ts";
import { secretId } from "./module-values.ts";
import { plainText } from "./rule.ts";
import { document, key, list, map, obey, text } from "./schema-keys.ts";
import * as stepRules from "./step-values.ts";
import * as rules from "./values.ts";

const command = list(text(plainText), 256).check(obey(stepRules.programName));
document(command, {
  description: "A program with its arguments, which it gets as they are written.",
  words: "a list of text, the program and its arguments",
  example: "[npm, run, build]",
  fallback: "",
});

const step = z.strictObject({
  image: key(text(imageReference), {
    description:
      "The image that the step runs in, for the builder's platform, as root and with the environment that the image sets. What a step changes outside of the tree is seen by its next command, and by nothing else.",
    words: "an image reference",
    example: "image: node:24",
    fallback: "required",
  }),
  run: key(list(command, 64).check(obey(stepRules.filled)), {
    description:
      "The commands, in the order in which they run. A command is a list: the program and its arguments. There is no shell; where a shell is wanted, name it as the program: `[sh, -c, …]`. The error of a command is shown at its line.",
    words: "a list of commands, which are lists of text",
    example: "run: [[npm, ci], [npm, run, build]]",
    fallback: "required",
  }),
  inputs: key(list(text(stepRules.inputPath), 256), {
    description:
      "What the step sees of the source tree, relative to the build context: files, directories with all that is in them, and patterns of files (`proto/**/*.proto`). The step runs again when any of them changes, and for no other file. What another step writes is a part of the tree: a step that names it, or a directory that holds it, waits for that step. What the step itself writes is no input, unless it is named. So a step can install packages from a lock file (`outputs: [web/node_modules]`), and another can build with them (`inputs: [web]`): an edit of a source file installs nothing.",
    words: "a list of paths",
    example: "inputs: [web]",
    fallback: "nothing of the tree",
  }),
  outputs: key(list(text(stepRules.outputPath), 64).check(obey(stepRules.filled)), {
    description:
      "What the step writes, as paths of the source tree, relative to the build context: files, and directories with all that is in them. They take the place of whatever the build context has there, so that `//go:embed` and imports find them. The directory that a path is in is there where an input is in it; else the program makes it. go.mod, go.sum, go.work and vendor directories are not written by steps.",
    words: "a list of paths",
    example: "outputs: [web/dist]",
    fallback: "required",
  }),
  workdir: key(text(rules.insidePath), {
    description:
      "The directory of the source tree that the commands start in, relative to the build context.",
    words: "a directory",
    example: "workdir: web",
    fallback: "`.`",
  }),
  env: key(map(rules.envName), {
    description:
      "Environment variables of the commands, over those of the image. Values are taken as they are: `${name}` stands for nothing here.",
    words: "a map of names to text",
    example: "env: { NODE_ENV: production }",
    fallback: "none",
  }),
  caches: key(list(text(stepRules.cachePath), 8), {
    description:
      "Directories that the step finds as its last run on this builder left them, for what programs keep between runs, such as npm's downloads: absolute paths of the image, or paths of the tree. What is in one of them is in no cache key, and may be gone. So it must not change what the step writes: use them for programs that check what they find (npm, Go and Cargo do, by hashes), and take care of the rest; the outputs are as reproducible as the step makes them. A directory belongs to one step of one module within a client's `BUILDKIT_CACHE_MOUNT_NS`, and so does the step's result.",
    words: "a list of directories",
    example: "caches: [/root/.npm]",
    fallback: "none",
  }),
  secrets: key(list(text(secretId), 16), {
    description:
      "The ids of secrets, which the commands find as files `/run/secrets/ID`. The client gives a secret with `--secret id=ID,…`. What it holds is in no cache key and no layer, unless a command writes it there: take care that none does.",
    words: "a list of ids",
    example: "secrets: [npmrc]",
    fallback: "none",
  }),
  ssh: key(text(secretId), {
    description:
      "The id of an ssh agent that the client forwards (`--ssh default`), for the commands to log in with: `SSH_AUTH_SOCK` names its socket.",
    words: "the id of an ssh agent",
    example: "ssh: default",
    fallback: "none",
  }),
  network: key(z.boolean(), {
    description:
      "Whether the commands reach the network. Nobody checks what they fetch: name versions and hashes with the tool that fetches (`npm ci`).",
    words: "true or false",
    example: "network: true",
    fallback: "`false`",
  }),
});
document(step, {
  description: "A step, by its name.",
  words: "a map",
  example: "web: { image: node:24, run: [[npm, run, build]], inputs: [web], outputs: [web/dist] }",
  fallback: "",
});

/** Programs that run before the compiler, by name. */
export const steps = z.record(z.string().check(obey(stepRules.stepName)), step);
