import type { Delivery } from "../deliveries/schemas.ts";
import type { Call } from "./call.ts";
import { cellOf } from "./table.ts";

/** A delivery for people: its fields, then a line for each try. */
export function printDelivery({ print, say }: Call, delivery: Delivery): void {
  const { attempts, ...fields } = delivery;
  print.one(fields);
  for (const attempt of attempts) {
    const { number, startedAt, durationMs, outcome, reason, detail, request, response } = attempt;
    const call = request ? `${request.method} ${request.url}` : "-";
    const answer = response ? String(response.status) : "-";
    const took = durationMs === null ? "" : ` (${durationMs} ms)`;
    const line = `${say.tryNumber(number)} ${startedAt} ${call} → ${answer}${took}`;
    const end = [outcome ?? say.underWay, reason, detail].filter(Boolean).join(" · ");
    const style = outcome === "succeeded" ? "green" : outcome === null ? "dim" : "red";
    print.line(`${cellOf(line, 400)}  ${print.paint(style, cellOf(end, 400))}`);
    if (response?.body) print.line(`  ${cellOf(response.body, 200)}`);
  }
}
