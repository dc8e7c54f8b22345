import type { Settings } from "../context.ts";
import { type DestinationKind, type OutgoingEvent, readersOf } from "../destinations/index.ts";
import { toRfc3339 } from "../time.ts";
import type { AlertRow } from "./finding.ts";

/** An alert as a destination's driver takes it: JSON for machines, one text for people. It holds no secret. */
export function alertEvent(
  settings: Pick<Settings, "appUrl">,
  kind: DestinationKind,
  alert: AlertRow,
): OutgoingEvent {
  const link = settings.appUrl + alert.link;
  const fields = {
    type: "baton.alert",
    id: alert.id,
    kind: alert.kind,
    check: alert.check,
    summary: alert.summary,
    link,
    at: toRfc3339(alert.createdAt),
  };
  const isJson = readersOf(kind) === "machines";
  const text = isJson ? JSON.stringify(fields) : `${alert.summary}\n${link}`;
  const contentType = isJson ? "application/json" : "text/plain; charset=utf-8";
  const body = new Uint8Array(new TextEncoder().encode(text));
  return {
    id: alert.id,
    method: "POST",
    host: new URL(settings.appUrl).host,
    path: "/",
    query: "",
    headers: [["content-type", contentType]],
    contentType,
    size: body.byteLength,
    receivedAt: alert.createdAt,
    hops: 0,
    senderId: null,
    senderName: "Baton",
    source: { slug: "alerts", name: "Baton alert", preset: "generic" },
    openBody: async () => body,
  };
}
