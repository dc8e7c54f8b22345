import { createRoute, z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import { createRouter, jsonResponse, problems, requires } from "../admin/index.ts";
import { readLedger } from "./read-ledger.ts";
import { Ledger, ReadLedger } from "./schemas.ts";
import { toCsv } from "./to-csv.ts";

const CSV = "text/csv";
const MORE_DESCRIPTION = "When there is more: the time from which on it is complete";

const read = createRoute({
  tags: ["SMS"],
  security: [{ apiKey: [] }],
  method: "get",
  path: "/sms/ledger",
  summary: "What cards were used for, from the alerts that phones forward",
  description:
    "Read from the stored events at the time of asking: cards only, of all sources or one. `Accept: text/csv` gives the entries as CSV in UTF-8 with a byte order mark, times on Seoul's clock.",
  middleware: [requires("read")] as const,
  request: { query: ReadLedger },
  responses: {
    200: {
      ...jsonResponse(Ledger, "Entries and totals, or entries as CSV"),
      headers: z.object({
        "x-baton-since": z.string().optional().meta({ description: MORE_DESCRIPTION }),
      }),
      content: {
        ...jsonResponse(Ledger, "").content,
        [CSV]: { schema: z.string() },
      },
    },
    ...problems(),
  },
});

export const ledgerRoutes = createRouter().openapi(read, async (c) => {
  const ledger = await readLedger(c.get("ctx"), c.req.valid("query"));
  const type = accepts(c, {
    header: "Accept",
    supports: ["application/json", CSV],
    default: "application/json",
  });
  c.header("vary", "accept");
  if (type !== CSV) return c.json(ledger, 200);
  return c.body(toCsv(ledger.entries), 200, {
    "content-type": `${CSV}; charset=utf-8`,
    "content-disposition": 'attachment; filename="ledger.csv"',
    ...(ledger.since !== null && { "x-baton-since": ledger.since }),
  });
});
