import { gateway } from "../proto/index.ts";
import type { Caps } from "./caps.ts";
import type { Reference } from "./reference.ts";
import { metadataMap, type Attestation, type Result } from "./result.ts";

type MakeReference = (ref: gateway.Ref.$Shape) => Reference;

/** The result of a Solve in each of the shapes that servers answer with (grpcclient/client.go, Solve). */
export function resultFromResponse(response: gateway.SolveResponse.$Shape, make: MakeReference): Result {
  const { result } = response;
  const orEmpty = (ref: gateway.Ref.$Shape | null | undefined): Reference | undefined =>
    ref?.id ? make(ref) : undefined;
  if (!result) {
    return { ref: orEmpty({ id: response.ref ?? "" }), metadata: new Map(), attestations: new Map() };
  }
  const rest = {
    metadata: new Map(Object.entries(result.metadata ?? {})),
    attestations: new Map(
      Object.entries(result.attestations ?? {}).map(([key, list]) => [
        key,
        (list.attestation ?? []).map((attestation) => fromAttestation(attestation, orEmpty)),
      ]),
    ),
  };
  switch (result.result) {
    case "ref":
      return { ref: orEmpty(result.ref), ...rest };
    case "refs":
      return {
        refs: new Map(Object.entries(result.refs.refs ?? {}).map(([key, ref]) => [key, orEmpty(ref)])),
        ...rest,
      };
    case "refDeprecated":
      return { ref: orEmpty({ id: result.refDeprecated }), ...rest };
    case "refsDeprecated":
      return {
        refs: new Map(
          Object.entries(result.refsDeprecated.refs ?? {}).map(([key, id]) => [key, orEmpty({ id })]),
        ),
        ...rest,
      };
    case undefined:
      return rest;
  }
}

/** Only the id of a reference matters in Return. */
export function returnRequest(result: Result, caps: Caps): gateway.ReturnRequest.$Properties {
  const id = (ref: Reference | undefined): string => ref?.id ?? "";
  const entries = [...(result.refs ?? [])];
  // The forms from before proto.refarray carry bare ids.
  const refs = caps.has("proto.refarray")
    ? result.refs === undefined
      ? { ref: { id: id(result.ref) } }
      : { refs: { refs: Object.fromEntries(entries.map(([key, ref]) => [key, { id: id(ref) }])) } }
    : result.refs === undefined
      ? { refDeprecated: id(result.ref) }
      : { refsDeprecated: { refs: Object.fromEntries(entries.map(([key, ref]) => [key, id(ref)])) } };
  return {
    result: {
      ...refs,
      metadata: Object.fromEntries(result.metadata),
      attestations: Object.fromEntries(
        [...result.attestations].map(([key, list]) => [key, { attestation: list.map(attestationMessage) }]),
      ),
    },
  };
}

function attestationMessage(attestation: Attestation): gateway.Attestation.$Properties {
  return {
    kind: attestation.kind === "bundle" ? gateway.AttestationKind.Bundle : gateway.AttestationKind.InToto,
    metadata: Object.fromEntries(metadataMap(attestation.metadata ?? {})),
    ref: { id: attestation.ref?.id ?? "" },
    path: attestation.path,
    inTotoPredicateType: attestation.predicateType,
    inTotoSubjects: (attestation.subjects ?? []).map(({ kind, name = "", digest = [] }) => ({
      kind: kind === "raw" ? gateway.InTotoSubjectKind.Raw : gateway.InTotoSubjectKind.Self,
      name,
      digest: [...digest],
    })),
  };
}

function fromAttestation(
  message: gateway.Attestation.$Shape,
  make: (ref: gateway.Ref.$Shape | null | undefined) => Reference | undefined,
): Attestation {
  return {
    kind: message.kind === gateway.AttestationKind.Bundle ? "bundle" : "in-toto",
    ref: make(message.ref),
    path: message.path ?? "",
    predicateType: message.inTotoPredicateType ?? "",
    subjects: (message.inTotoSubjects ?? []).map(({ kind, name = "", digest = [] }) => ({
      kind: kind === gateway.InTotoSubjectKind.Raw ? "raw" : "self",
      name,
      digest,
    })),
    metadata: { ...message.metadata },
  };
}
