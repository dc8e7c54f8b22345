/**
 * `npm run crash -- [--kills 50] [--seed 1]`: SIGKILL under load. `npm run crash -- --trust [--events 5000]`: a
 * destination that fails, hangs and goes away, also with `--rate 60` calls a second. Exit 1 when anything was lost or is not on record.
 */
import { parseArgs } from "node:util";
import { crashAndCheck } from "./harness.ts";
import { deliverToUnreliable } from "./trust.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    events: { type: "string", default: "5000" },
    trust: { type: "boolean", default: false },
    rate: { type: "string" },
  },
});
const seed = Number(values.seed);
const print = (line: string) => console.log(line);

const isSound = values.trust ? await trust() : await crash();
console.log(isSound ? "sound" : "NOT SOUND");
process.exit(isSound ? 0 : 1);

async function crash(): Promise<boolean> {
  const report = await crashAndCheck({ kills: Number(values.kills), seed, print });
  console.log(report);
  return report.lost.length + report.unrecorded.length + report.doubled + report.unfinished === 0;
}

async function trust(): Promise<boolean> {
  const perSecond = values.rate === undefined ? undefined : Number(values.rate);
  const report = await deliverToUnreliable({
    events: Number(values.events),
    seed,
    downAfterMs: 20_000,
    downForMs: 60_000,
    deadlineMs: 360_000,
    ...(perSecond !== undefined && { perSecond }),
    print,
  });
  console.log(report);
  const isTooFast = perSecond !== undefined && report.busiestSecond > perSecond;
  return (
    report.missing + report.unrecorded + report.doubled + report.unexplained === 0 && !isTooFast
  );
}
