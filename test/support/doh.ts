import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

type Row = { type: number; data: string };

/** What names lead to; others do not exist. The first label decides, so that every test has names of its own. */
const ZONE: Record<string, Row[]> = {
  public: [
    { type: 5, data: "edge.example.net." },
    { type: 1, data: "1.1.1.1" },
    { type: 28, data: "2606:4700:4700::1111" },
  ],
  private: [
    { type: 1, data: "1.1.1.1" },
    { type: 1, data: "10.0.0.1" },
  ],
  loopback: [{ type: 28, data: "::1" }],
  mapped: [{ type: 28, data: "::ffff:169.254.169.254" }],
  // An address in a record of another type is none.
  text: [{ type: 16, data: "10.0.0.1" }],
};

/**
 * A resolver that speaks DNS over HTTPS in JSON. `silent` names get no answer, `broken` ones a 500, `garbled` ones no
 * JSON. `GET /__asked?name=<name>` tells how often a name was asked for.
 */
export async function startDoh() {
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
    const name = searchParams.get("name") ?? "";
    if (pathname === "/__asked") return void response.end(String(asked.get(name) ?? 0));
    asked.set(name, (asked.get(name) ?? 0) + 1);
    const label = name.split(".")[0] ?? "";
    if (label === "silent") return;
    response.statusCode = request.headers.accept === "application/dns-json" ? 200 : 415;
    if (label === "broken") response.statusCode = 500;
    if (label === "garbled") return void response.end("<html>");
    const type = { A: 1, AAAA: 28 }[searchParams.get("type") ?? ""];
    const rows = (ZONE[label] ?? []).filter(
      (row) => ![1, 28].includes(row.type) || row.type === type,
    );
    response.end(
      JSON.stringify({
        Status: rows.length > 0 ? 0 : 3,
        ...(rows.length > 0 && { Answer: rows.map((row) => ({ name, TTL: 60, ...row })) }),
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
