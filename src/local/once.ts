import { DEMO, ONCE_DEADLINE_MS, POLL_MS, SAMPLE_BODY } from "./constants.ts";
import type { LocalApi } from "./local-api.ts";
import { LocalError } from "./local-error.ts";
import type { ReceivedRequest } from "./receiver.ts";
import type { Run, Session } from "./session.ts";
import { waitUntil } from "./wait-until.ts";

type Delivery = { id: string; status: string; ruleId?: string | null; destinationId: string };

const ENDED = ["succeeded", "failed", "cancelled"];

/**
 * Sends one real request and follows it: host → stored → queue → rule → receiver, a line for each step.
 * Throws one line unless the delivery arrives.
 */
export async function deliverOnce(run: Run, session: Session | undefined): Promise<void> {
  const { say } = run;
  if (!session) throw new LocalError(say.once.interrupted);
  if (session.demoFault) throw new LocalError(session.demoFault);
  try {
    await follow(run, session);
  } catch (error) {
    if (error instanceof LocalError) throw error;
    // The session went away under our hands, by Ctrl-C or by itself.
    throw new LocalError(`${say.once.interrupted} (${(error as Error).message})`);
  }
}

async function follow({ settings, say, print, signal }: Run, session: Session): Promise<void> {
  const startedAt = performance.now();
  const elapsed = () => Math.round(performance.now() - startedAt);
  const url = `${settings.appUrl}/in/${DEMO.slug}/once?run=${Date.now()}`;
  print(say.once.sending(url));
  const sent = await send(url, signal);
  if (!sent.eventId) throw new LocalError(say.once.notStored(sent.status));
  print(say.once.stored(new URL(url).host, sent.eventId, elapsed()));

  const delivery = await waitForDelivery(session.api, sent.eventId, signal);
  if (delivery?.status !== "succeeded") {
    const seen = delivery?.status ?? say.once.noDelivery;
    const seconds = Math.round(elapsed() / 1000);
    throw new LocalError(say.once.notDelivered(seconds, seen, session.logPath));
  }
  const { rule, destination } = await namesOf(session.api, delivery);
  print(say.once.delivered(rule, destination, say.status.succeeded, elapsed()));

  const record = await findReceived(settings.receiverUrl, sent.eventId, signal);
  if (!record) throw new LocalError(say.once.notReceived);
  print(say.once.received(record.method, record.url, record.status, elapsed()));
  print(say.once.done(elapsed()));
}

/** `eventId` is missing when the request was not stored. */
async function send(
  url: string,
  signal: AbortSignal,
): Promise<{ status: number; eventId?: string }> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: SAMPLE_BODY, signal });
  await answer.body?.cancel();
  const eventId = answer.headers.get("x-baton-event-id");
  return { status: answer.status, eventId: (answer.ok && eventId) || undefined };
}

/** The event's delivery once it has ended, or as it stands at the deadline; undefined when there is none. */
async function waitForDelivery(
  api: LocalApi,
  eventId: string,
  signal: AbortSignal,
): Promise<Delivery | undefined> {
  let seen: Delivery | undefined;
  const look = async () => {
    const { data } = await api.get<{ data: Delivery[] }>(`/deliveries?eventId=${eventId}`);
    seen = data[0];
    return data.find(({ status }) => ENDED.includes(status));
  };
  return (await waitUntil(look, ONCE_DEADLINE_MS, POLL_MS, signal)) ?? seen;
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
  receiverUrl: string,
  eventId: string,
  signal: AbortSignal,
): Promise<ReceivedRequest | undefined> {
  const answer = await fetch(`${receiverUrl}/__received`, { signal });
  const received = (await answer.json()) as ReceivedRequest[];
  return received.find(({ headers }) => headers["x-baton-event-id"] === eventId);
}
