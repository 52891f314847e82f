import { quote, short } from "../../description/index.ts";
import type { ModBlock, ModLine, Token } from "./lines.ts";
import type { ModuleProblem } from "./module-path.ts";
import type { Located, ModParseError } from "./types.ts";

/**
 * What directives of go.mod and go.work have in common; what is wrong with some is added to `errors`.
 * Rules: golang.org/x/mod/modfile/rule.go (File.add, WorkFile.add, parseString), work.go.
 */
export interface DirectiveReader {
  /** The argument of a directive that a file has at most once. */
  readonly single: (verb: SingleVerb) => Located<string> | undefined;
  /** The argument of each directive of a kind of which there may be many. */
  readonly many: (verb: string, argument: string) => readonly Located<string>[];
  readonly godebug: () => readonly Located<string>[];
  /** The first place of each directive, known or not. */
  readonly directives: readonly Located<string>[];
}

export type SingleVerb = keyof typeof singles;

/** Reads directives; `inBlocks` are those that may be written as a block. */
export function directiveReader(
  { lines, blocks }: { readonly lines: readonly ModLine[]; readonly blocks: readonly ModBlock[] },
  inBlocks: ReadonlySet<string>,
  errors: ModParseError[],
): DirectiveReader {
  for (const { words, at } of blocks) {
    const name = words.map(({ raw }) => raw).join(" ");
    // What no release may know is judged when the release is known.
    if (words.length > 1 || (Object.hasOwn(singles, name) && !inBlocks.has(name))) {
      errors.push({
        message: `${quote(name)} cannot be a block`,
        help: "write each directive into a line of its own",
        at,
      });
    }
  }
  const of = (verb: string): readonly ModLine[] => lines.filter((line) => line.verb === verb);
  return {
    single: (verb) => {
      const [line, second] = of(verb);
      if (line === undefined) return undefined;
      const { help, isValid, invalid } = singles[verb];
      if (second !== undefined) {
        errors.push({
          message: `a second ${verb} directive`,
          help: `remove it, or the one in line ${line.at.line}`,
          at: second.at,
        });
      }
      const [token, extra] = line.args;
      if (token === undefined) errors.push({ message: `${verb} needs an argument`, help, at: line.at });
      else if (extra !== undefined) {
        errors.push({ message: `${verb} takes one argument`, help, at: extra.at });
      } else if (!isValid(token)) {
        errors.push({ message: invalid(token), help, at: token.at });
      }
      return token === undefined ? undefined : { value: token.text, at: token.at };
    },
    many: (verb, argument) =>
      of(verb).flatMap((line) => {
        const [token, extra] = line.args;
        if (token === undefined || extra !== undefined) {
          const help = "write one of them in each line; one with a space in it has quotes around it";
          errors.push({ message: `usage: ${verb} ${argument}`, help, at: (extra ?? line).at });
          return [];
        }
        addQuoteProblem(token, errors);
        return [{ value: token.text, at: token.at }];
      }),
    godebug: () =>
      of("godebug").flatMap((line) => {
        const [token, extra] = line.args;
        if (token === undefined || extra !== undefined || !/^[^"`',=]*=[^"`',]*$/.test(token.raw)) {
          const help = "write one setting in each line, like `godebug panicnil=1`, without spaces";
          errors.push({ message: "usage: godebug key=value", help, at: line.at });
          return [];
        }
        return [{ value: token.text, at: token.at }];
      }),
    directives: firstOfEach([
      ...lines.map(({ verb, at }) => ({ value: verb, at })),
      ...blocks.flatMap(({ words, at }) => words.slice(0, 1).map(({ raw }) => ({ value: raw, at }))),
    ]),
  };
}

/** A quote in a word that is not quoted as a whole, in double quotes. */
function quoteProblem({ raw }: Token): ModuleProblem | undefined {
  return raw.startsWith('"') || !/["'`]/.test(raw)
    ? undefined
    : {
        message: `${short(raw)} has a quote in it`,
        help: "leave the quotes out, or put the whole word in double quotes",
      };
}

/** Adds what {@link quoteProblem} says; answers whether it said something. */
export function addQuoteProblem(token: Token, errors: ModParseError[]): boolean {
  const problem = quoteProblem(token);
  if (problem !== undefined) errors.push({ ...problem, at: token.at });
  return problem !== undefined;
}

const GO_HELP = "write the Go release, like `go 1.26` or `go 1.26.3`";

const singles = {
  module: {
    help: "write `module example.com/name`",
    isValid: (token: Token) => quoteProblem(token) === undefined,
    invalid: ({ raw }: Token) => `${short(raw)} has a quote in it`,
  },
  go: {
    help: GO_HELP,
    isValid: ({ raw }: Token) =>
      /^[1-9][0-9]*\.(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))?([a-z]+[0-9]+)?$/.test(raw),
    invalid: ({ raw }: Token) => `invalid go version '${short(raw)}': must match format 1.23`,
  },
  toolchain: {
    help: "write `toolchain go1.26.3`, or leave the line out",
    isValid: ({ raw }: Token) => /^(?:default$|go1(?:$|\.))/.test(raw),
    invalid: ({ raw }: Token) => `invalid toolchain '${short(raw)}': must match format go1.23.0`,
  },
} as const;

function firstOfEach(all: readonly Located<string>[]): readonly Located<string>[] {
  const first = new Map<string, Located<string>>();
  for (const found of all.toSorted((a, b) => a.at.line - b.at.line)) {
    if (!first.has(found.value)) first.set(found.value, found);
  }
  return [...first.values()];
}
