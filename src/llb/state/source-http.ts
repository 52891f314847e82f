// Files of the web (moby/buildkit:client/llb/source.go, HTTP), and the options they share with blobs.
import { emptyConstraints, type HasConstraints } from "../graph/constraints.ts";
import { checksumFault, finishSource, sourceDraft, type Fault, type SourceDraft } from "./source.ts";
import type { State } from "./state.ts";

/** How a downloaded file is stored. */
export interface FileInfo {
  readonly filename: string;
  readonly perm: number;
  readonly uid: number;
  readonly gid: number;
}

/** An option of http, imageBlob and ociLayoutBlob. */
export type FileInfoOption = (info: { file: FileInfo }) => void;

/** The name of the file; default the last part of the URL. */
export const filename =
  (name: string): FileInfoOption =>
  (info) => {
    info.file = { ...info.file, filename: name };
  };

/** The permissions of the file; only the lowest nine bits count, 0 means unset. */
export const chmod =
  (mode: number): FileInfoOption =>
  (info) => {
    info.file = { ...info.file, perm: mode & 0o777 };
  };

/** The owner of the file. */
export const chown =
  (uid: number, gid: number): FileInfoOption =>
  (info) => {
    info.file = { ...info.file, uid, gid };
  };

/** Writes the attributes of a file; with `caps` the capabilities that http needs for them. */
export function setFileInfo(
  draft: SourceDraft,
  file: FileInfo,
  caps?: { readonly perm: string; readonly owner: string },
): Fault {
  const id = (value: number): string => (value === 0 ? "" : String(value));
  draft.set("http.filename", file.filename);
  draft.set("http.perm", file.perm === 0 ? "" : `0${file.perm.toString(8)}`, caps?.perm);
  draft.set("http.uid", id(file.uid), caps?.owner);
  draft.set("http.gid", id(file.gid), caps?.owner);
  const ok = [file.uid, file.gid].every(
    (value) => Number.isSafeInteger(value) && value >= 0 && value < 2 ** 32,
  );
  return ok
    ? undefined
    : { option: "chown", message: `${file.uid}:${file.gid} are not a user and a group id` };
}

export interface HTTPHeader {
  readonly accept?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** An armored OpenPGP signature and the keys to check it with. */
export interface HTTPSignatureInfo {
  readonly pubKey: string;
  readonly signature: string;
}

/** What http options fill in. */
export interface HTTPInfo extends HasConstraints {
  file: FileInfo;
  httpChecksum: string;
  authHeaderSecret: string;
  authExplicit: boolean;
  httpHeader: HTTPHeader | undefined;
  httpSignature: HTTPSignatureInfo | undefined;
}

/** An option of http. Constraint options are http options too. */
export type HTTPOption = (info: HTTPInfo) => void;

/** The digest that the file must have. */
export const checksum =
  (digest: string): HTTPOption =>
  (info) => {
    info.httpChecksum = digest;
  };

/** The two request headers that BuildKit lets a graph set. */
export const header =
  (value: HTTPHeader): HTTPOption =>
  (info) => {
    info.httpHeader = value;
  };

/** Checks the file against a detached OpenPGP signature. */
export const verifyPGPSignature =
  (info: HTTPSignatureInfo): HTTPOption =>
  (target) => {
    target.httpSignature = { ...info };
  };

/** The secret with the Authorization header; for http and git. */
export const authHeaderSecret =
  (secretName: string) =>
  (info: { authHeaderSecret: string; authExplicit: boolean }): void => {
    info.authHeaderSecret = secretName;
    info.authExplicit = true;
  };

/** A file of the web. */
export function http(url: string, ...options: readonly HTTPOption[]): State {
  const info: HTTPInfo = {
    constraints: emptyConstraints,
    file: { filename: "", perm: 0, uid: 0, gid: 0 },
    httpChecksum: "",
    authHeaderSecret: "",
    authExplicit: false,
    httpHeader: undefined,
    httpSignature: undefined,
  };
  for (const option of options) option(info);
  const draft = sourceDraft("source.http");
  draft.set("http.checksum", info.httpChecksum, "source.http.checksum");
  // The name of the capability is misspelt upstream and must stay so.
  const fault = setFileInfo(draft, info.file, { perm: "source.http.perm", owner: "soruce.http.uidgid" });
  draft.set("http.authheadersecret", info.authHeaderSecret, "source.http.auth");
  if (info.httpHeader !== undefined) {
    draft.set("http.header.accept", info.httpHeader.accept ?? "");
    draft.set("http.header.user-agent", info.httpHeader.userAgent ?? "");
    draft.caps.add("source.http.header");
  }
  if (info.httpSignature !== undefined) {
    draft.set("http.sig.pubkey", info.httpSignature.pubKey);
    draft.set("http.sig.signature", info.httpSignature.signature);
    draft.caps.add("source.http.signatureverify");
  }
  return finishSource(
    url,
    draft,
    info.constraints,
    urlFault(url) ?? checksumFault("checksum", info.httpChecksum) ?? signatureFault(info) ?? fault,
  );
}

const urlFault = (url: string): Fault =>
  /^https?:\/\/[^/?#]/.test(url)
    ? undefined
    : { option: "", message: `${JSON.stringify(url)} is not an http or https URL` };

const signatureFault = ({ httpSignature }: HTTPInfo): Fault =>
  httpSignature === undefined || (httpSignature.pubKey !== "" && httpSignature.signature !== "")
    ? undefined
    : { option: "verifyPGPSignature", message: "needs both a public key and a signature" };
