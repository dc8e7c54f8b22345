import { existsSync, readdirSync, readFileSync } from "node:fs";

/** `state` as in `ps`: R, S, Z (ended, not collected) … */
export type ProcessEntry = { pid: number; parent: number; group: number; state: string };

/** Every process of this machine, from /proc; empty where there is none. */
export function listProcesses(): ProcessEntry[] {
  if (!existsSync("/proc/self/stat")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`);
      // The name in parentheses may hold anything; what we need stands behind it.
      const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (!state) return [];
      return [{ pid: Number(name), parent: Number(parent), group: Number(group), state }];
    });
}

/** True while a process of the group runs. */
export function isGroupAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  const members = listProcesses().filter((entry) => entry.group === group);
  return members.length === 0 || members.some((entry) => entry.state !== "Z");
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
