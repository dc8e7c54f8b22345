import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listProcesses } from "./processes.ts";

/** The browsers that a session's browser binding has started: their first processes. None on a machine without /proc. */
export function browsersOf({ state }: { state: string }): number[] {
  const { wranglerPid } = JSON.parse(readFileSync(join(state, "processes.json"), "utf8")) as {
    wranglerPid: number;
  };
  return listProcesses()
    .filter((each) => each.parent === wranglerPid && each.state !== "Z")
    .map(({ pid }) => pid)
    .filter((pid) => commandOf(pid).includes("--remote-debugging-port"));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
