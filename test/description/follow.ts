// Does what a help line says, word by word, as someone would who knows nothing else of descriptions.
import { type Document, isMap, isPair, isScalar, isSeq, parse, parseDocument } from "yaml";
import type { Diagnostic } from "../../src/description/index.ts";

type Path = readonly (string | number)[];

/** The text after the help was followed; several where it leaves a choice; none when it says nothing that can be done. */
export function follow(text: string, found: Diagnostic): readonly string[] {
  const help = (found.help ?? "").replace(/[.?]? Allowed here: .*$/, "");
  const { start, end } = found.range ?? { start: { offset: 0 }, end: { offset: text.length } };
  const replaced = (by: string): readonly string[] => [
    text.slice(0, start.offset) + by + text.slice(end.offset),
  ];
  const edit = (change: (document: Document, path: Path) => void): readonly string[] => {
    const document = parseDocument(text);
    const path = pathAt(document, start.offset);
    if (path === undefined) return [];
    change(document, path);
    return [document.toString()];
  };
  const rename = (to: string): readonly string[] => moveTo(to, undefined);
  const moveTo = (name: string, place: Path | undefined): readonly string[] =>
    edit((document, path) => {
      const value = document.getIn(path, true);
      document.deleteIn(path);
      if (place !== undefined) for (const [, at] of parents(place)) ensureMap(document, at);
      document.setIn([...(place ?? path.slice(0, -1)), name], value);
    });
  const setPair = (example: string): readonly string[] =>
    edit((document, path) => {
      const [[name, value] = ["", undefined]] = Object.entries(parse(example) as object);
      // The key that is named, or the list or map around the place.
      const depth = path.lastIndexOf(name);
      // Another key stands in its place.
      if (depth < 0) document.deleteIn(path);
      document.setIn(depth < 0 ? [...path.slice(0, -1), name] : path.slice(0, depth + 1), value);
    });

  let match: RegExpExecArray | null;
  const says = (pattern: RegExp): boolean => (match = pattern.exec(help)) !== null;
  const word = (at: number): string => match?.[at] ?? "";

  if (says(/\bleave (?:it|`\w+`|the key) out\b|^remove (?:it|`\w+:`)/)) {
    return edit((document, path) => void document.deleteIn(path));
  }
  if (says(/^did you mean `(\w+)`$|^did you mean `(\w+)`\?$|^choose another name, like `([\w-]+)`/)) {
    return rename(word(1) || word(2) || word(3));
  }
  if (says(/\bset (`\w+: [^`]+`(?: and `\w+: [^`]+`)*)/)) {
    const pairs = [...word(1).matchAll(/`(\w+): ([^`]+)`/g)];
    const document = parseDocument(text);
    const path = found.range === undefined ? [] : (pathAt(document, start.offset) ?? []);
    const service = path[0] === "services" && path.length > 1 ? path.slice(0, 2) : [];
    for (const [, key = "", value = ""] of pairs) {
      if (service.length > 0) ensureMap(document, service);
      document.setIn([...service, key], parse(value));
    }
    return [document.toString()];
  }
  if (says(/^did you mean `?(\.\/[\w./-]+)`?\?|packages (?:found|of this module): (\.[\w./-]*)/)) {
    return replaced(word(1) || word(2));
  }
  if (says(/^did you mean `([\w./-]+\.\w+)`|^write `(main\.\w+)`/)) return rename(word(1) || word(2));
  if (says(/^did you mean `(\w+)`, (at the top of the file|under `[\w.]+:`)/)) {
    return moveTo(word(1), placeOf(word(2)));
  }
  if (says(/^`([\w.]+)` stands (.*)$/)) {
    const name = word(1);
    return [...word(2).matchAll(/at the top of the file|under `[^`]+:`/g)].flatMap(([place]) =>
      moveTo(name, placeOf(place)),
    );
  }
  if (says(/`args: \{ (\w+): "([^"]*)" \}`/)) {
    const name = word(1);
    const [written = ""] = help.includes(`\`\${${name}}\``) ? replaced(`\${${name}}`) : [text];
    const declared = parseDocument(written);
    // Quotes may be missing now, as the next line of help will say.
    if (declared.errors.length > 0) return [`args: { ${name}: ${word(2)} }\n${written}`];
    ensureMap(declared, ["args"]);
    declared.setIn(["args", name], word(2));
    return [declared.toString()];
  }
  if (says(/^did you mean `(\$\{[\w.]+\})`|^write `(\$[^`]*)`|^use `([^`]+)`|^write `(\$)`/)) {
    return replaced(word(1) || word(2) || word(3) || word(4));
  }
  if (says(/^name one each: `(\[.*\])`|^write `(\[.*\])`$/)) {
    const list = parse(word(1) || word(2)) as unknown;
    return edit((document, path) => {
      document.setIn(path.slice(0, -1), list);
    });
  }
  if (says(/^name the architecture too: `([^`]+)`|^write `([^`]+)`, with a space/)) {
    return replaced(word(1) || word(2));
  }
  if (says(/^write `"([^"`]+)"` if the|^write `\[([^\]`]+)\]`, or start/)) {
    // The place is where it begins.
    const value = word(1) === "" ? `- ${word(2)}` : word(1);
    const by = word(1) === "" ? `[${word(2)}]` : `"${word(1)}"`;
    return [text.slice(0, start.offset) + by + text.slice(start.offset + value.length)];
  }
  if (says(/in quotes: `('([^`]+)')`/)) {
    return [text.slice(0, start.offset) + word(1) + text.slice(start.offset + word(2).length)];
  }
  if (says(/^put two spaces before it/)) {
    return [`${text.slice(0, start.offset)}  ${text.slice(start.offset)}`];
  }
  if (says(/^add the `(.)` that is missing before the `(.)`/)) {
    const at = text.indexOf(word(2), start.offset);
    return [text.slice(0, at) + word(1) + text.slice(at)];
  }
  if (says(/^(?:write|for example) `([\w.-]+: [^`]*)`/)) return setPair(word(1));
  if (says(/^write `([^`]*)`/)) return replaced(word(1));
  if (says(/(?:^write|value out:|if it is meant:) ("(?:[^"\\]|\\.)*")/)) {
    const value = parse(word(1)) as unknown;
    return edit((document, path) => {
      document.setIn(path, value);
    });
  }
  if (says(/like `([^`…]+)`/)) return replaced(word(1));
  if (says(/^add the `(.)` that is missing/)) return [`${text.trimEnd()}${word(1)}\n`];
  if (says(/^put (?:it|the (?:text|value)) in quotes/)) {
    return replaced(`"${text.slice(start.offset, end.offset)}"`);
  }
  if (says(/^use two spaces/)) return [text.replaceAll("\t", "  ")];
  // "Ports are `image: { ports: […] }`": the value goes where the example has its own.
  if (says(/`(\w+: [^`]*)`/)) {
    const place = leaf(parse(word(1).replaceAll("[…]", "X").replaceAll("…", "X")) as unknown);
    return moveTo(String(place.at(-1)), place.slice(0, -1));
  }
  return [];
}

function placeOf(words: string): Path {
  const path = /`([^`]+):`/.exec(words)?.[1];
  return path === undefined ? [] : path.split(".");
}

function leaf(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const [[name, inner] = ["", undefined]] = Object.entries(value);
  return [name, ...leaf(inner)];
}

function parents(path: Path): readonly (readonly [number, Path])[] {
  return path.map((_, index) => [index, path.slice(0, index + 1)] as const);
}

function ensureMap(document: Document, path: Path): void {
  if (!isMap(document.getIn(path, true))) document.setIn(path, document.createNode({}));
}

/** The innermost pair or item that an offset lies in. */
function pathAt(document: Document, offset: number): Path | undefined {
  const within = (node: unknown): boolean => {
    const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
    return (
      range !== null && range !== undefined && range[0] <= offset && offset < Math.max(range[1], range[0] + 1)
    );
  };
  const walk = (node: unknown, path: Path): Path | undefined => {
    if (isMap(node)) {
      for (const pair of node.items) {
        if (!isPair(pair) || !isScalar(pair.key)) continue;
        const here = [...path, String(pair.key.value)];
        if (within(pair.key)) return here;
        const below = within(pair.value) ? (walk(pair.value, here) ?? here) : undefined;
        if (below !== undefined) return below;
      }
    }
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        if (within(item)) return walk(item, [...path, index]) ?? [...path, index];
      }
    }
    return undefined;
  };
  return walk(document.contents, []);
}
