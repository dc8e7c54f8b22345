/**
 * `npm run portal-site -- [--port 8805] [--app http://127.0.0.1:8787] [--key bts_…]`: the simulated portal on this
 * machine, whose SMS go to that Baton. Prints what happens, codes masked.
 */
import { parseArgs } from "node:util";
import { ACCOUNT, type Happening, startPortalSite } from "./index.ts";

const PORT = 8805;

const { values } = parseArgs({
  options: { port: { type: "string" }, app: { type: "string" }, key: { type: "string" } },
});
const port = Number(values.port ?? PORT);
const { app = null, key } = values;
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail("--port is 0 to 65535");

const keys: Record<string, string> = key === undefined ? {} : { [ACCOUNT.phone]: key };
const onHappening = ({ at, what, username, code, of }: Happening) =>
  console.log([new Date(at).toISOString(), what, username, code, of].filter(Boolean).join(" "));
const settings = { sms: { app, keys } };
const site = await startPortalSite({ port, settings, onHappening }).catch((error: unknown) =>
  fail(`Port ${port} cannot be used (${String(error)}). Try: --port 0`),
);
console.log(`Portal:   ${site.url}/login`);
console.log(`Account:  ${ACCOUNT.username} / ${ACCOUNT.password} / ${ACCOUNT.phone}`);
console.log(`Control:  curl ${site.url}/__control`);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
