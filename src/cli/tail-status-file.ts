import { renameSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { z } from "zod";
import { readNotice, type Status } from "../tail/index.ts";
import { MAX_STATUS_BYTES } from "./tail-constants.ts";
import { type NoticeTexts, sayNotice } from "./tail-notice-texts.ts";
import { statusDraftOf, statusFileOf } from "./tail-paths.ts";
import { statusFields } from "./tail-say-status.ts";

/** Who writes the status, for whom. Times in ms since 1970. */
export type Agent = { pid: number; host: string; source: string; startedAt: number };

const Time = z.iso.datetime();
const Count = z.number().int().min(0);

const StatusFile = z.object({
  pid: Count,
  host: z.string(),
  source: z.string(),
  startedAt: Time,
  updatedAt: Time,
  state: z.enum(["running", "stopped"]),
  files: Count,
  lagBytes: Count,
  heldBytes: Count,
  seen: Count,
  matched: Count,
  sent: Count,
  alerts: Count,
  cut: Count,
  tooOld: Count,
  rewritten: Count,
  rotated: Count,
  queued: Count,
  waitingFor: z.array(z.string()),
  // Of another version there may be codes that this one does not know; their message is English.
  problems: z.array(z.looseObject({ code: z.string(), message: z.string() })),
  lastLineAt: Time.nullable(),
  lastAcknowledgedAt: Time.nullable(),
});
export type StatusFile = z.infer<typeof StatusFile>;

/** Writes the status beside the checkpoint, at once: a reader sees the old text or the new one. */
export function writeStatusFile(
  checkpointFile: string,
  agent: Agent,
  state: StatusFile["state"],
  status: Status,
  now: number,
): void {
  const file = {
    ...agent,
    startedAt: new Date(agent.startedAt).toISOString(),
    updatedAt: new Date(now).toISOString(),
    state,
    ...statusFields(status),
  } satisfies StatusFile;
  const draft = statusDraftOf(checkpointFile);
  writeFileSync(draft, `${JSON.stringify(file)}\n`, { mode: 0o600 });
  renameSync(draft, statusFileOf(checkpointFile));
}

/** What an agent last wrote; undefined when there is nothing of ours. Throws when it may not be read. */
export async function readStatusFile(checkpointFile: string): Promise<StatusFile | undefined> {
  const file = await open(statusFileOf(checkpointFile)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    if ((await file.stat()).size > MAX_STATUS_BYTES) return undefined;
    return StatusFile.safeParse(JSON.parse(await file.readFile("utf8"))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

/** What is wrong, in the reader's language, whatever the agent's is. */
export function problemsOf({ problems }: StatusFile, texts: NoticeTexts): string[] {
  return problems.map((problem) => {
    const notice = readNotice(problem);
    return notice ? sayNotice(notice, texts) : problem.message;
  });
}

/** The engine's own form of the figures. */
export function toStatus(file: StatusFile): Omit<Status, "problems"> {
  const { lastLineAt, lastAcknowledgedAt, problems: _problems, ...rest } = file;
  return {
    ...rest,
    ...(lastLineAt && { lastLineAt: Date.parse(lastLineAt) }),
    ...(lastAcknowledgedAt && { lastAcknowledgedAt: Date.parse(lastAcknowledgedAt) }),
  };
}
