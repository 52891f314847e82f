import { expect } from "vitest";
import {
  formatDiagnostics,
  type LocatedDescription,
  parseDescription,
  type ParseResult,
} from "../../src/description/index.ts";

/** What the user sees for a description with mistakes. */
export function complaint(text: string | Uint8Array, filename = "service.yaml"): string {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const result = parseDescription({ filename, bytes });
  if (result.ok) throw new Error(`the description was accepted: ${JSON.stringify(text).slice(0, 200)}`);
  return `\n${formatDiagnostics(result.diagnostics, [result.source])}\n`;
}

/** Reads a description that is at hand as a string. */
export function parseText(text: string): ParseResult {
  return parseDescription({ filename: "service.yaml", bytes: new TextEncoder().encode(text) });
}

/** A description that must be good. */
export function good(text: string): LocatedDescription {
  const result = parseText(text);
  if (!result.ok) expect.fail(formatDiagnostics(result.diagnostics, [result.source]));
  return result.located;
}

/** First lines of what is said about a description, without the place. */
export function messages(text: string): readonly string[] {
  const result = parseText(text);
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  return diagnostics.map((one) => `${one.code} ${one.message}`);
}
