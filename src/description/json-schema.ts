import * as z from "zod/mini";
import { parse } from "yaml";
import { keyDocs } from "./schema-keys.ts";
import { descriptionSchema } from "./schema.ts";

/** Plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * The JSON Schema (draft 7, which every editor knows) of descriptions, for completion and hover
 * help. It is looser than {@link parseDescription}, which checks what JSON Schema cannot say.
 */
export function jsonSchema(): { readonly [key: string]: Json } {
  const schema = z.toJSONSchema(descriptionSchema, {
    target: "draft-07",
    io: "input",
    override: ({ zodSchema, jsonSchema: json }) => {
      const doc = keyDocs.get(zodSchema);
      if (doc !== undefined) {
        const fallback = doc.fallback === "" ? "" : `\n\nDefault: ${doc.fallback}.`;
        json.description = `${doc.description}${fallback}`;
        // VS Code's YAML extension shows this one in its place.
        json["markdownDescription"] = `${doc.description}${fallback}\n\n\`${doc.example}\``;
        const example = exampleValue(doc.example);
        if (example !== undefined) json.examples = [example];
      }
      if (zodSchema._zod.def.type === "record" && zodSchema._zod.def.valueType._zod.def.type === "string") {
        // Text that YAML reads as a number or a boolean counts as it is written.
        json.additionalProperties = { type: ["string", "number", "boolean"] };
        delete json.propertyNames;
      }
      if (json.properties?.["knownHosts"] !== undefined) {
        json.oneOf = [{ required: ["token"] }, { required: ["ssh", "knownHosts"] }];
      }
    },
  });
  const { $schema, ...rest } = schema;
  const plain: unknown = JSON.parse(
    JSON.stringify({
      $schema,
      title: "go-frontend service description",
      description: "What `# syntax=org/go-frontend` builds: every key is optional.",
      ...rest,
    }),
  );
  return plain as { readonly [key: string]: Json };
}

function exampleValue(example: string): Json | undefined {
  const parsed: unknown = parse(example);
  const [value] =
    typeof parsed === "object" && parsed !== null ? Object.values(parsed as { [key: string]: Json }) : [];
  return value;
}
