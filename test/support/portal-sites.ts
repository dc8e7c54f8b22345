import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type PortalSite, type SiteOptions, startPortalSite } from "../portal-site/index.ts";

/**
 * For tests that run inside workerd: each `POST` with `{accounts?, settings?}` starts a portal of its own and gives
 * `{url}`; it is controlled below `<url>/__control`.
 */
export async function startPortalSites() {
  const sites: PortalSite[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const options = JSON.parse(Buffer.concat(chunks).toString() || "{}") as SiteOptions;
      startPortalSite(options).then(
        (site) => {
          sites.push(site);
          response.end(JSON.stringify({ url: site.url }));
        },
        (error: unknown) => response.writeHead(400).end(String(error)),
      );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      server.closeAllConnections();
      await Promise.all([
        new Promise((resolve) => server.close(resolve)),
        ...sites.map((site) => site.close()),
      ]);
    },
  };
}
