// A plugin of Stryker's: texts for people are no rules. What an error says is compared letter by letter in
// test/description/mistakes.test.ts and others; a mutant of it tells nothing of what is accepted and refused.

/** Properties that hold texts for people. */
const properties = ["message", "help"];

/** The few members of Babel's nodes that are looked at here. */
interface Node {
  readonly type: string;
  readonly key?: { readonly name?: string };
  readonly value?: Node;
}

interface NodePath {
  readonly node: Node;
  readonly parent: Node | null;
}

const ignorer = {
  shouldIgnore: ({ node, parent }: NodePath): string | undefined => {
    const isText = node.type === "StringLiteral" || node.type === "TemplateLiteral";
    const isValue = parent?.type === "ObjectProperty" && parent.value === node;
    return isText && isValue && properties.includes(parent.key?.name ?? "") ? "a text for people" : undefined;
  },
};

// The name is Stryker's: what it loads from a plugin.
export const strykerPlugins = [{ kind: "Ignore", name: "words", value: ignorer }];
