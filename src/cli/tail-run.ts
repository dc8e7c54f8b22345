import { hostname } from "node:os";
import {
  type Deliver,
  type Notice,
  postAlerts,
  type Status,
  TailFault,
  tailFiles,
} from "../tail/index.ts";
import { EXIT_FAILED, EXIT_LEFT, EXIT_OK, STATUS_FILE_EVERY_MS } from "./tail-constants.ts";
import { deliverToSource } from "./tail-deliver.ts";
import type { TailCall } from "./tail-deps.ts";
import { TailDisplay } from "./tail-display.ts";
import { TailError } from "./tail-error.ts";
import { findSource, type Source } from "./tail-find-source.ts";
import { type Lock, lockCheckpoint } from "./tail-lock.ts";
import { sayNotice } from "./tail-notice-texts.ts";
import { statusFileOf } from "./tail-paths.ts";
import { statusJsonSeconds, type TailRequest } from "./tail-request.ts";
import { sourceWarnings } from "./tail-source-warnings.ts";
import { type Agent, type StatusFile, writeStatusFile } from "./tail-status-file.ts";
import { TAIL_TEXTS, type TailTexts } from "./tail-texts.ts";

/**
 * Follows files until a signal; gives the exit code. Throws a TailError when it cannot begin: another agent on the
 * checkpoint, a checkpoint that cannot be read or written, a source that is not there.
 */
export async function runTail(request: TailRequest, call: TailCall): Promise<number> {
  const texts = TAIL_TEXTS[call.language];
  const jsonSeconds = statusJsonSeconds(request, call.stderr.isTTY === true);
  const display = new TailDisplay(call.stderr, texts, jsonSeconds, performance.now());
  const lock = await lockOrThrow(request.options.checkpointFile, texts);
  const sayStopping = () => display.say(texts.stopping);
  call.signal.addEventListener("abort", sayStopping, { once: true });
  // Whoever read the status is gone (`| head`): alerts go on.
  call.stderr.on("error", ignore);
  try {
    const deliver = await delivererOf(request, call, display, texts);
    const status = await follow(request, deliver, call.signal, display, texts);
    if (jsonSeconds > 0) display.json(status);
    const { queued, sent } = status;
    const unread = Math.max(0, status.lagBytes - status.heldBytes);
    display.say(queued > 0 ? texts.left(queued, unread, sent) : texts.stopped(unread, sent));
    return queued > 0 ? EXIT_LEFT : EXIT_OK;
  } finally {
    call.signal.removeEventListener("abort", sayStopping);
    lock.release();
  }
}

function ignore(): void {}

async function lockOrThrow(checkpointFile: string, texts: TailTexts): Promise<Lock & { ok: true }> {
  let lock: Lock;
  try {
    lock = await lockCheckpoint(checkpointFile);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new TailError(texts.checkpointUnusable(checkpointFile, why), EXIT_FAILED);
  }
  if (!lock.ok) throw new TailError(texts.locked(checkpointFile, lock.pid), EXIT_FAILED);
  return lock;
}

async function delivererOf(
  request: TailRequest,
  call: TailCall,
  display: TailDisplay,
  texts: TailTexts,
): Promise<Deliver> {
  const { source, headers, hasSenderKey, options } = request;
  const { patterns, checkpointFile } = options;
  const sayStart = () =>
    display.say(texts.following(patterns.join(" "), nameOf(request), checkpointFile));
  if (source.kind === "url") {
    sayStart();
    return postAlerts({ url: source.url, headers });
  }
  const api = await call.resolveApi();
  const hooks = {
    onFound: ({ source: found }: { source: Source }) => {
      for (const warning of sourceWarnings(found, hasSenderKey, texts)) display.say(warning);
    },
    onWarning: (notice: Notice) => display.warn(notice),
  };
  const find = (signal: AbortSignal) => findSource(api, source.slug, signal);
  const deliver = await deliverToSource(find, headers, hooks, texts.notices, call.signal);
  if (!call.signal.aborted) sayStart();
  return deliver;
}

async function follow(
  request: TailRequest,
  deliver: Deliver,
  signal: AbortSignal,
  display: TailDisplay,
  texts: TailTexts,
): Promise<Status> {
  const { checkpointFile } = request.options;
  const agent: Agent = {
    pid: process.pid,
    host: hostname(),
    source: nameOf(request),
    startedAt: Date.now(),
  };
  let savedAt = -Infinity;
  let isUnsaved = false;
  const save = (state: StatusFile["state"], status: Status) => {
    savedAt = performance.now();
    try {
      writeStatusFile(checkpointFile, agent, state, status, Date.now());
      isUnsaved = false;
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? String(error);
      if (!isUnsaved) display.say(texts.statusUnwritable(statusFileOf(checkpointFile), why));
      isUnsaved = true;
    }
  };
  const onStatus = (status: Status) => {
    const now = performance.now();
    display.show(status, now);
    // A little early rather than a whole interval late.
    if (now - savedAt >= STATUS_FILE_EVERY_MS - 500) save("running", status);
  };
  const onWarning = (notice: Notice) => display.warn(notice);
  try {
    const hooks = { deliver, onStatus, onWarning, signal };
    const status = await tailFiles(request.options, hooks);
    save("stopped", status);
    return status;
  } catch (error) {
    if (!(error instanceof TailFault)) throw error;
    throw new TailError(sayNotice(error.notice, texts.notices), EXIT_FAILED);
  }
}

/** The source in words; a URL's path may hold a key. */
function nameOf({ source }: TailRequest): string {
  return source.kind === "slug" ? source.slug : new URL(source.url).origin;
}
