import { ByteBuffer } from "../byte-buffer.ts";
import type { ScriptLoader } from "../context.ts";
import { sha256Hex } from "../crypto.ts";
import {
  MAX_DISCARDED_ISOLATES,
  MAX_OUTPUT_BYTES,
  SCRIPT_CPU_MS,
  SCRIPT_GRACE_MS,
  SCRIPT_TIMEOUT_MS,
} from "./constants.ts";
import { StepFailure } from "./failure.ts";
import { MAIN_MODULE, SCRIPT_MODULE, scriptModules } from "./script-modules.ts";

/** What scripts run with. */
export type ScriptHost = {
  scripts: ScriptLoader;
  /** Part of an isolate's name: no two organizations share one, whatever their code. */
  organizationId: string;
};

/** JSON escapes a character into six at most, and the text stands in JSON once more. */
const MAX_ANSWER_BYTES = 12 * MAX_OUTPUT_BYTES + 1024;

/** Generations of isolates by name: one that hung or failed to start is left, and the next run gets a fresh one. */
const discarded = new Map<string, number>();

/**
 * Hands an input to the isolate of a script and returns what it answers. Throws StepFailure when it cannot be loaded,
 * fails or does not end.
 */
export async function callIsolate(
  host: ScriptHost,
  code: string,
  input: unknown,
  timeoutMs: number,
): Promise<Answer> {
  const { loader, worker } = host.scripts;
  const name = `${worker}:${host.organizationId}:${await sha256Hex(code)}`;
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(tooLong());
      controller.abort();
    }, timeoutMs + SCRIPT_GRACE_MS);
  });
  const isolate = loader.get(`${name}:${discarded.get(name) ?? 0}`, () => workerOf(code));
  let answer: Answer;
  try {
    answer = readAnswer(await Promise.race([ask(isolate, input, controller.signal), late]));
    if (answer.late) throw tooLong();
  } catch (error) {
    discard(name);
    throw error instanceof StepFailure ? error : new StepFailure(startMessage(error));
  } finally {
    clearTimeout(timer);
  }
  if (typeof answer.failed === "string") throw new StepFailure(answer.failed);
  return answer;
}

function workerOf(code: string): WorkerLoaderWorkerCode {
  return {
    compatibilityDate: "2026-10-01",
    mainModule: MAIN_MODULE,
    modules: scriptModules(code),
    env: {},
    globalOutbound: null,
    limits: { cpuMs: SCRIPT_CPU_MS, subRequests: 0 },
  };
}

async function ask(isolate: WorkerStub, input: unknown, signal: AbortSignal) {
  const body = JSON.stringify(input);
  const request = new Request("http://transform/", { method: "POST", body, signal });
  const { body: answer } = await isolate.getEntrypoint().fetch(request);
  return answer ? readAll(answer) : new Uint8Array();
}

/** What comes from an isolate is what a stranger has made of it: no more of it is read than can be right. */
async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const bytes = new ByteBuffer();
  for await (const chunk of stream) {
    bytes.push(chunk);
    if (bytes.size > MAX_ANSWER_BYTES) {
      throw new StepFailure(
        `gives more than ${MAX_OUTPUT_BYTES / 1024} KiB, the most there can be`,
      );
    }
  }
  return bytes.take();
}

/** What came back, whoever wrote it. */
type Answer = { text?: unknown; json?: unknown; failed?: unknown; late?: unknown };

function readAnswer(bytes: Uint8Array): Answer {
  const answer = parse(new TextDecoder().decode(bytes));
  if (typeof answer !== "object" || answer === null) throw new StepFailure("gave no output");
  return answer;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StepFailure("gave no output that can be read");
  }
}

function discard(name: string): void {
  if (discarded.size >= MAX_DISCARDED_ISOLATES) discarded.clear();
  discarded.set(name, (discarded.get(name) ?? 0) + 1);
}

/** The failure of a script whose time is over. */
export function tooLong(): StepFailure {
  return new StepFailure(
    `did not end: the scripts of a transform have ${SCRIPT_TIMEOUT_MS / 1000} s together`,
  );
}

/** The loader's message: `Failed to start Worker:\nUncaught SyntaxError: …\n  at script.js:3:9`. */
function startMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const uncaught = /Uncaught (.*)/.exec(message)?.[1];
  if (uncaught === undefined) return `failed: ${message}`;
  const line = message.match(new RegExp(`${SCRIPT_MODULE.replace(".", "\\.")}:(\\d+)`))?.[1];
  return `cannot be loaded: ${uncaught}${line ? ` (line ${line})` : ""}`;
}
