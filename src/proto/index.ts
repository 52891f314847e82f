// The door of BuildKit's wire formats.
//
// `gateway`, `pb`, … are protobufjs namespaces, one per package of proto/: for a message M,
// `M.$Properties` is what may be given to `M.encode`, `M.$Shape` is what `M.decode` returns.
// Decoded 64-bit fields are Long: read them with toNumber or toBigInt. A generated encoder takes what toInt64 makes of a
// bigint, and would write the bigint as 0; encodeCanonical takes bigints.
export { apicaps, fsTypes, gateway, google, pb, rpc, sourcepolicy } from "./generated/index.js";
export { encodeCanonical, type CanonicalMessages, type Encodable } from "./canonical.ts";
export { compareUtf8 } from "./utf8-order.ts";
export { wireNumbers, wireWord } from "./enums.ts";
export { isLong, toBigInt, toInt64, toNumber } from "./int64.ts";
export { llbBridge, type Codec, type Method } from "./llb-bridge.ts";
