import { DEMO, ONCE_DEADLINE_MS, POLL_MS, SAMPLE_BODY } from "./constants.ts";
import type { LocalApi } from "./local-api.ts";
import { LocalError } from "./local-error.ts";
import type { Messages } from "./messages.ts";
import type { ReceivedRequest } from "./receiver.ts";
import type { Session } from "./session.ts";
import type { Settings } from "./settings.ts";
import { waitUntil } from "./wait-until.ts";

type Delivery = { id: string; status: string; ruleId?: string | null; destinationId: string };

const ENDED = ["succeeded", "failed", "cancelled"];

/**
 * Sends one real request and follows it: host → stored → queue → rule → receiver, a line for each step.
 * Throws one line when the delivery does not arrive in time.
 */
export async function deliverOnce(
  settings: Settings,
  { api, logPath }: Session,
  say: Messages,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const elapsed = () => Math.round(performance.now() - startedAt);
  const path = `/in/${DEMO.slug}/once?run=${Date.now()}`;
  print(say.once.sending(`${settings.appUrl}${path}`));
  const eventId = await send(`${settings.appUrl}${path}`, say, signal);
  print(say.once.stored(new URL(settings.appUrl).host, eventId, elapsed()));

  let seen = "no delivery";
  const delivery = await waitUntil(
    async () => {
      const { data } = await api.get<{ data: Delivery[] }>(`/deliveries?eventId=${eventId}`);
      const [last] = data;
      seen = last?.status ?? seen;
      return data.find(({ status }) => ENDED.includes(status));
    },
    ONCE_DEADLINE_MS,
    POLL_MS,
    signal,
  );
  if (delivery?.status !== "succeeded") {
    throw new LocalError(say.once.notDelivered(Math.round(elapsed() / 1000), seen, logPath));
  }
  const { rule, destination } = await namesOf(api, delivery);
  print(say.once.delivered(rule, destination, say.status.succeeded, elapsed()));

  const record = await findReceived(settings, eventId, signal);
  if (!record) throw new LocalError(say.once.notReceived);
  print(say.once.received(record.method, record.url, record.status, elapsed()));
  print(say.once.done(elapsed()));
}

async function send(url: string, say: Messages, signal: AbortSignal): Promise<string> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: SAMPLE_BODY,
    signal,
  });
  const eventId = answer.headers.get("x-baton-event-id");
  await answer.body?.cancel();
  if (!answer.ok || !eventId) throw new LocalError(say.once.notStored(String(answer.status)));
  return eventId;
}

async function namesOf(
  api: LocalApi,
  delivery: Delivery,
): Promise<{ rule: string; destination: string }> {
  type Named = { name: string };
  const destination = await api.get<Named>(`/destinations/${delivery.destinationId}`);
  const rule = delivery.ruleId ? await api.get<Named>(`/rules/${delivery.ruleId}`) : undefined;
  return { rule: rule?.name ?? "–", destination: destination.name };
}

async function findReceived(
  settings: Settings,
  eventId: string,
  signal: AbortSignal,
): Promise<ReceivedRequest | undefined> {
  const answer = await fetch(`${settings.receiverUrl}/__received`, { signal });
  const received = (await answer.json()) as ReceivedRequest[];
  return received.find(({ headers }) => headers["x-baton-event-id"] === eventId);
}
