import type { pb } from "../proto/index.ts";

/** An LLB graph as the wire has it. Decoded ones keep the bytes of every op as they came. */
export type WireDefinition = pb.Definition.$Properties;

/** What can be solved: a definition of `go-frontend/llb`, the message, or its encoded bytes. */
export type DefinitionInput = WireDefinition | Uint8Array | { toPB(): WireDefinition };
