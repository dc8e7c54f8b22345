import { inject } from "vitest";
import type { Counts, PhoneSms, SettingsPatch } from "../portal-site/index.ts";

type Set = { arrived: PhoneSms[]; nextSmsAt: number | null };

/** The year's portal, which runs outside, by its control. */
export async function openYearSite(settings: SettingsPatch) {
  const started = await fetch(inject("portalSites"), {
    method: "POST",
    body: JSON.stringify({ settings }),
  });
  const { url } = (await started.json()) as { url: string };

  async function post<T>(verb: string, body: unknown): Promise<T> {
    const answer = await fetch(`${url}/__control/${verb}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as T;
  }

  return {
    url,
    /** Gives the SMS that have arrived since. */
    set: (patch: SettingsPatch & { now?: number }) => post<Set>("set", patch),
    expire: (count?: number) => post<{ ended: number }>("expire", { count }),
    async counts(): Promise<Counts> {
      const answer = await fetch(`${url}/__control`);
      return ((await answer.json()) as { counts: Counts }).counts;
    },
  };
}

export type YearSite = Awaited<ReturnType<typeof openYearSite>>;
