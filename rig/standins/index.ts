import type { Log } from "../text.ts";
import type { Tools } from "../tools.ts";

export const ensureStandIns = async (
  _options: Readonly<{ registry: string; mirrored: readonly string[]; tools: Tools; log: Log }>,
): Promise<void> => undefined;
