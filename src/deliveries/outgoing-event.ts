import type { OutgoingEvent } from "../destinations/index.ts";
import type { ConsumerDeps } from "./deps.ts";
import { inlineBody } from "./load-events.ts";
import type { ClaimedDelivery } from "./run-claimed.ts";

/** The event of a delivery as it is sent, with a replay's edits. */
export function outgoingEvent(
  deps: Pick<ConsumerDeps, "bodies">,
  delivery: ClaimedDelivery,
): OutgoingEvent {
  const { event, source, row, editBody } = delivery;
  const inline = editBody ?? inlineBody(event);
  return {
    ...event,
    headers: editHeaders(event.headers, row.editHeaders),
    size: editBody ? editBody.byteLength : event.size,
    source,
    openBody: async () => {
      if (inline) return inline;
      if (!event.bodyKey) return new Uint8Array();
      return (await deps.bodies.get(event.bodyKey))?.body ?? null;
    },
  };
}

/** A replay's header changes: a name that is there is replaced, a new one is added. */
export function editHeaders(
  captured: [string, string][],
  edit: Record<string, string> | null | undefined,
): [string, string][] {
  if (!edit) return captured;
  const changes = new Map(Object.entries(edit).map(([name, value]) => [name.toLowerCase(), value]));
  return [...captured.filter(([name]) => !changes.has(name.toLowerCase())), ...changes];
}
