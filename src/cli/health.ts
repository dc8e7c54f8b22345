import type { Command } from "commander";
import type { DeepHealth } from "../admin/schemas.ts";
import { type Call, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { API_TIMEOUT_MS } from "./constants.ts";
import { EXIT } from "./exit-codes.ts";
import { fetchFrom, readText } from "./fetch-from.ts";
import { refusalOf } from "./refusal.ts";

/** `health`: whether all parts work. It needs no key. */
export function registerHealth(program: Command, cli: Cli): void {
  const health = program.command("health").description(cli.say.commands.health);
  onCall(cli, health, async (call) => {
    const { api, say, print } = call;
    const limits = { say, signal: cli.signal, timeoutMs: API_TIMEOUT_MS };
    const response = await fetchFrom(`${api.origin}/health?deep=1`, {}, limits);
    const report = await readReport(call, response);
    print.one(report);
    if (report.status === "ok") return;
    const failed = Object.entries(report.parts).filter(([, state]) => state !== "ok");
    const names = failed.map(([name]) => name).join(", ");
    throw new CliError(say.errors.unwell(names), EXIT.unavailable);
  });
}

async function readReport({ api, say }: Call, response: Response): Promise<DeepHealth> {
  const isReport = response.headers.get("content-type")?.startsWith("application/json");
  if (!isReport || (!response.ok && response.status !== 503)) {
    throw await refusalOf(response, api.origin, say);
  }
  const report = parse(await readText(response, say));
  if (report?.parts && report.status) return report;
  throw new CliError(say.errors.notBaton(api.origin), EXIT.unavailable);
}

function parse(text: string): DeepHealth | null {
  try {
    return JSON.parse(text) as DeepHealth | null;
  } catch {
    return null;
  }
}
