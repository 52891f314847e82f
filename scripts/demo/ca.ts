import { Agent, get } from "node:https";
import { rootCertificates } from "node:tls";
import { systemCaBundle } from "../../rig/index.ts";

/**
 * The CA bundle that the download step must be handed: this system's, when TLS to the module proxy is re-signed on
 * the way by a CA that is not publicly trusted. Undefined when it is not, or the proxy cannot be reached.
 */
export async function caBundle(host = "proxy.golang.org", milliseconds = 4000): Promise<string | undefined> {
  const bundle = systemCaBundle();
  if (bundle === undefined) return undefined;
  const agent = new Agent({ proxyEnv: process.env, ca: [...rootCertificates] });
  const code = await new Promise<string | undefined>((resolve) => {
    const request = get(
      `https://${host}/`,
      { agent, signal: AbortSignal.timeout(milliseconds) },
      (response) => {
        response.resume();
        resolve(undefined);
      },
    );
    request.on("error", (error) => resolve("code" in error ? String(error.code) : ""));
  });
  agent.destroy();
  // OpenSSL's words for a chain that ends at no root we know.
  return code !== undefined && /^(SELF_SIGNED|UNABLE_TO|DEPTH_ZERO|CERT_UNTRUSTED)/.test(code)
    ? bundle
    : undefined;
}
