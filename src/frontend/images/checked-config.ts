import type { ImageConfig } from "../../plan/index.ts";
import { readImageConfig } from "./image-config.ts";
import { badConfig } from "./image-errors.ts";
import type { ImageRequest } from "./image-request.ts";

/**
 * The configuration of an image; an image without one has an empty one.
 *
 * @param reference as errors call the image
 * @throws GF070 or GF071 that names the field, where a configuration is not what the OCI specification says
 */
export function checkedConfig(
  request: ImageRequest,
  reference: string,
  bytes: Uint8Array | undefined,
): ImageConfig {
  if (bytes === undefined || bytes.length === 0) return {};
  const read = readImageConfig(bytes);
  if (read.ok) return read.config;
  throw badConfig(request, reference, read.problem);
}
