// Follows `app*.log` of a folder and posts to a source, until SIGTERM: <folder> <url> [cooldownMs]
import { join } from "node:path";
import { postAlerts, tailFiles } from "../../src/tail/index.ts";

const [folder = "", url = "", cooldownMs = "0"] = process.argv.slice(2);
const stopping = new AbortController();
process.on("SIGTERM", () => stopping.abort());
const status = await tailFiles(
  {
    patterns: [join(folder, "app*.log")],
    checkpointFile: join(folder, "state", "checkpoint.json"),
    match: (text) => text.includes("ERROR"),
    start: "beginning",
    cooldownMs: Number(cooldownMs),
    pollMs: 20,
    statusMs: 20,
  },
  {
    deliver: postAlerts({ url, random: () => 0 }),
    onStatus: (now) => process.stdout.write(`${JSON.stringify(now)} ERROR\n`),
    onWarning: (notice) => process.stderr.write(`${JSON.stringify(notice)}\n`),
    signal: stopping.signal,
  },
);
process.stdout.write(`${JSON.stringify(status)}\n`);
