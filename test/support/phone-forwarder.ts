import type { TestSession } from "./session.ts";

/** A phone that forwards its SMS to a local session, as a macro does: a key of its own, and nothing in the body but the text. */
export async function makePhoneForwarder(
  session: Pick<TestSession, "api" | "env">,
  { slug, phone }: { slug: string; phone: string },
) {
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await session.api(path, { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const source = await post("/sources", { slug, preset: "phone" });
  const sender = await post(`/sources/${source.id}/senders`, { name: "phone", phone });
  const url = `http://127.0.0.1:${session.env.BATON_PORT}/webhook/sms/${sender.key}`;
  return {
    sourceId: String(source.id),
    url,
    /** The id of the stored event; `from`: the app says who sent it. */
    forward: async (message: string, from?: string): Promise<string> => {
      const body = JSON.stringify(from === undefined ? { message } : { message, from });
      const answer = await fetch(url, { method: "POST", body });
      const { id } = (await answer.json()) as { id?: string };
      if (!answer.ok || !id) throw new Error(`not stored: ${answer.status}`);
      return id;
    },
  };
}
