import type { Command } from "commander";
import type { ShownEvidence } from "../portal-sessions/schemas.ts";
import { type Call, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { portalPath } from "./portal-resource.ts";
import { saveBody } from "./save-body.ts";

/** `evidence`: what was kept of a login that failed, and its picture as a file. */
export function registerPortalEvidence(portals: Command, cli: Cli): void {
  const { portals: say } = cli.say;
  const evidence = portals
    .command("evidence <portal> <id>")
    .description(say.evidence)
    .option("--screenshot <file>", say.screenshot);
  onCall<{ screenshot?: string }>(
    cli,
    evidence,
    async (call, { screenshot }, reference = "", id = "") => {
      const portal = await portalPath(call, reference);
      const path = `${portal}/session-pair/evidence/${encodeURIComponent(id)}`;
      // One value of JSON, or a picture, is all that a program gets.
      const isAlone = screenshot !== undefined && (call.print.json || screenshot === "-");
      if (!isAlone) printEvidence(call, await call.api.get<ShownEvidence>(path, "reason"));
      if (screenshot !== undefined) await saveBody(call, `${path}/screenshot`, screenshot);
    },
  );
}

function printEvidence({ print, say: { portals: say } }: Call, evidence: ShownEvidence): void {
  if (print.json) return print.value(evidence);
  const { at, reason, text, url, steps, screenshotUrl } = evidence;
  print.line(`${at}  ${reason} (${text})`);
  if (url !== "") print.line(url);
  if (screenshotUrl === null) print.line(say.noScreenshot);
  print.list(steps, [
    { title: say.columns.step, of: ({ step }) => step },
    { title: say.columns.ms, of: ({ ms }) => ms },
    { title: say.columns.done, of: ({ ok }) => ok },
  ]);
}
