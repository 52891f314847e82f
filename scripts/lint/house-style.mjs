// The part of the house style (CONTRIBUTING.md, "Style") that no rule of oxlint knows, as a plugin of oxlint.
// Every rule mends what it finds: `npx oxlint --fix`.

/** The declarations at the top level of a file, exported or not, each with the statement it stands in. */
function topLevel(program) {
  return program.body.flatMap((statement) => {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    return declaration === null || declaration === undefined ? [] : [declaration];
  });
}

/** `const name = …` of one name, as [id, init]. */
function constantsOf(program) {
  return topLevel(program).flatMap((declaration) =>
    declaration.type === "VariableDeclaration" &&
    declaration.kind === "const" &&
    declaration.declarations.length === 1
      ? [{ declaration, ...declaration.declarations[0] }]
      : [],
  );
}

/** A function with a body is a declaration; an arrow is for one expression, or where the type has a name. */
const functionDeclaration = {
  meta: { type: "suggestion", fixable: "code" },
  create: (context) => ({
    Program(program) {
      for (const { declaration, id, init } of constantsOf(program)) {
        const isTyped = id.typeAnnotation !== null && id.typeAnnotation !== undefined;
        if (init?.type !== "ArrowFunctionExpression" || init.body.type !== "BlockStatement" || isTyped) {
          continue;
        }
        context.report({
          node: id,
          message: `${id.name} has a body: write it as a function declaration`,
          fix(fixer) {
            const text = context.sourceCode.text;
            const head = text.slice(init.range[0], init.body.range[0]).replace(/^async\s*/, "");
            const signature = head.slice(0, head.lastIndexOf("=>")).trimEnd();
            const name = `${init.async ? "async " : ""}function ${id.name}`;
            const body = text.slice(...init.body.range);
            return fixer.replaceTextRange(declaration.range, `${name}${signature} ${body}`);
          },
        });
      }
    },
  }),
};

/** An object's type is an interface with readonly members; `type` is for unions, tuples, functions and what is derived. */
const objectInterface = {
  meta: { type: "suggestion", fixable: "code" },
  create: (context) => ({
    TSTypeAliasDeclaration(alias) {
      const named = alias.typeAnnotation;
      const isReadonly = named.type === "TSTypeReference" && named.typeName.name === "Readonly";
      const literal = isReadonly ? named.typeArguments?.params[0] : named;
      if (literal?.type !== "TSTypeLiteral") return;
      context.report({
        node: alias.id,
        message: `${alias.id.name} is an object: write it as an interface`,
        fix(fixer) {
          const text = context.sourceCode.text;
          let body = text.slice(...literal.range);
          if (isReadonly) {
            for (const member of literal.members.toReversed()) {
              if (member.type !== "TSPropertySignature" || member.readonly) continue;
              const at = member.range[0] - literal.range[0];
              body = `${body.slice(0, at)}readonly ${body.slice(at)}`;
            }
          }
          const end = alias.typeParameters?.range[1] ?? alias.id.range[1];
          const name = text.slice(alias.id.range[0], end);
          return fixer.replaceTextRange(alias.range, `interface ${name} ${body}`);
        },
      });
    },
  }),
};

/** An optional member may be given as undefined, so that nobody has to build objects by spreading what is there. */
const optionalUndefined = {
  meta: { type: "suggestion", fixable: "code" },
  create: (context) => ({
    TSPropertySignature(member) {
      const type = member.typeAnnotation?.typeAnnotation;
      if (member.optional !== true || type === undefined) return;
      const types = type.type === "TSUnionType" ? type.types : [type];
      if (types.some(({ type: kind }) => kind === "TSUndefinedKeyword" || kind === "TSUnknownKeyword")) {
        return;
      }
      context.report({
        node: member,
        message: "an optional member takes undefined too: `?: T | undefined`",
        fix(fixer) {
          const text = context.sourceCode.text.slice(...type.range);
          const isOpen = ["TSFunctionType", "TSConstructorType", "TSConditionalType"].includes(type.type);
          return fixer.replaceText(type, `${isOpen ? `(${text})` : text} | undefined`);
        },
      });
    },
  }),
};

/** A number or text that a whole file may use is UPPER_CASE. */
const constantCase = {
  meta: { type: "suggestion" },
  create: (context) => ({
    Program(program) {
      for (const { id, init } of constantsOf(program)) {
        if (init === null || !isPrimitive(init) || /^[A-Z][A-Z0-9_]*$/.test(id.name)) continue;
        context.report({ node: id, message: `${id.name} is a constant ${typeof init.value}: UPPER_CASE` });
      }
    },
  }),
};

/** A number, a text, or what is calculated of numbers alone. */
function isPrimitive(node) {
  switch (node.type) {
    case "Literal":
      return typeof node.value === "number" || typeof node.value === "string";
    case "BinaryExpression":
      return isPrimitive(node.left) && isPrimitive(node.right);
    default:
      return false;
  }
}

/** Words that stand for a thing without naming it. */
const UNNAMED = new Set(["each", "one", "own", "kept"]);

/** A variable, parameter, function or member says what it holds. Only what our code declares counts: a text that stands in a file or on the wire is no name. */
const namedThing = {
  meta: { type: "suggestion" },
  create: (context) => {
    const refuse = (node) => {
      if (node?.type !== "Identifier" || !UNNAMED.has(node.name)) return;
      context.report({ node, message: `${node.name} does not say what it is: name the thing` });
    };
    const refuseBound = (pattern) => boundNames(pattern).forEach(refuse);
    const refuseFunction = (declaration) => {
      refuse(declaration.id);
      declaration.params.forEach(refuseBound);
    };
    return {
      VariableDeclarator: (declarator) => refuseBound(declarator.id),
      FunctionDeclaration: refuseFunction,
      FunctionExpression: refuseFunction,
      ArrowFunctionExpression: (arrow) => arrow.params.forEach(refuseBound),
      CatchClause: (clause) => refuseBound(clause.param),
      TSFunctionType: (type) => type.params.forEach(refuseBound),
      TSMethodSignature: (method) => [method.key, ...method.params].forEach(refuse),
      TSPropertySignature: (member) => refuse(member.key),
      PropertyDefinition: (member) => refuse(member.key),
      MethodDefinition: (member) => refuse(member.key),
    };
  },
};

/** The identifiers that a pattern (`name`, `{ a, b: [c] }`, `...rest`, `x = 1`) binds. */
function boundNames(pattern) {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern];
    case "ObjectPattern":
      return pattern.properties.flatMap((property) => boundNames(property.value ?? property.argument));
    case "ArrayPattern":
      return pattern.elements.flatMap(boundNames);
    case "AssignmentPattern":
      return boundNames(pattern.left);
    case "RestElement":
      return boundNames(pattern.argument);
    case "TSParameterProperty":
      return boundNames(pattern.parameter);
    default:
      return [];
  }
}

const plugin = {
  meta: { name: "house-style" },
  rules: {
    "function-declaration": functionDeclaration,
    "object-interface": objectInterface,
    "optional-undefined": optionalUndefined,
    "constant-case": constantCase,
    "named-thing": namedThing,
  },
};

// oxlint takes a plugin as a default export.
// oxlint-disable-next-line import/no-default-export
export default plugin;
