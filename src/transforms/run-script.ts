import { ByteBuffer } from "../byte-buffer.ts";
import { sha256Hex } from "../crypto.ts";
import { exceedsDepth } from "../json-depth.ts";
import {
  MAX_DISCARDED_ISOLATES,
  MAX_OUTPUT_BYTES,
  MAX_OUTPUT_DEPTH,
  SCRIPT_CPU_MS,
  SCRIPT_GRACE_MS,
  SCRIPT_TIMEOUT_MS,
} from "./constants.ts";
import { StepFailure } from "./failure.ts";
import { assertTextSize } from "./plain-json.ts";
import type { StepOf } from "./schemas.ts";
import { MAIN_MODULE, SCRIPT_MODULE, scriptModules } from "./script-modules.ts";
import type { StepOutput } from "./step-output.ts";
import type { View } from "./view.ts";

/** What scripts run with. */
export type ScriptHost = {
  loader: WorkerLoader;
  /** Part of an isolate's name: no two organizations share one, whatever their code. */
  organizationId: string;
};

/** JSON escapes a character into six at most, and the text stands in JSON once more. */
const MAX_ANSWER_BYTES = 12 * MAX_OUTPUT_BYTES + 1024;

/** Runs a script in an isolate of its own: without network and bindings, for a limited time. */
export async function runScript(
  { code }: StepOf<"script">,
  view: View,
  host: ScriptHost,
): Promise<StepOutput> {
  const answer = await callIsolate(host, code, { view, timeoutMs: SCRIPT_TIMEOUT_MS });
  const { text, json } = readAnswer(answer);
  if (typeof text === "string") return { kind: "text", text, contentType: null };
  if (typeof json !== "string") throw new StepFailure("gave no output");
  assertTextSize(json);
  if (exceedsDepth(json, MAX_OUTPUT_DEPTH)) {
    throw new StepFailure(`gives JSON that is nested deeper than ${MAX_OUTPUT_DEPTH} levels`);
  }
  return { kind: "json", json: parse(json), contentType: null };
}

/** Loads a script without running its function. Throws StepFailure when it cannot be loaded. */
export async function loadScript(code: string, host: ScriptHost): Promise<void> {
  await callIsolate(host, code, { isCheck: true });
}

/** Generations of isolates by name: one that hung or failed to start is left, and the next run gets a fresh one. */
const discarded = new Map<string, number>();

async function callIsolate(host: ScriptHost, code: string, input: unknown): Promise<Uint8Array> {
  const name = `${host.organizationId}:${await sha256Hex(code)}`;
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new StepFailure(`did not end within ${SCRIPT_TIMEOUT_MS / 1000} s`));
      controller.abort();
    }, SCRIPT_TIMEOUT_MS + SCRIPT_GRACE_MS);
  });
  const isolate = host.loader.get(`${name}:${discarded.get(name) ?? 0}`, () => workerOf(code));
  try {
    return await Promise.race([ask(isolate, input, controller.signal), late]);
  } catch (error) {
    discard(name);
    throw error instanceof StepFailure ? error : new StepFailure(startMessage(error));
  } finally {
    clearTimeout(timer);
  }
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

function readAnswer(bytes: Uint8Array): { text?: unknown; json?: unknown } {
  const answer = parse(new TextDecoder().decode(bytes));
  if (typeof answer !== "object" || answer === null) throw new StepFailure("gave no output");
  if ("failed" in answer) throw new StepFailure(String(answer.failed));
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

/** The loader's message: `Failed to start Worker:\nUncaught SyntaxError: …\n  at script.js:3:9`. */
function startMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const uncaught = /Uncaught (.*)/.exec(message)?.[1];
  if (uncaught === undefined) return `failed: ${message}`;
  const line = message.match(new RegExp(`${SCRIPT_MODULE.replace(".", "\\.")}:(\\d+)`))?.[1];
  return `cannot be loaded: ${uncaught}${line ? ` (line ${line})` : ""}`;
}
