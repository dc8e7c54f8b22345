import { spawn } from "node:child_process";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { holderOf, lockCheckpoint } from "../../src/cli/tail-lock.ts";
import { newFolder } from "../tail/support.ts";

/** Another process that holds the checkpoint until it is killed. */
async function startHolder(checkpointFile: string) {
  const module = JSON.stringify(resolve("src/cli/tail-lock.ts"));
  const code = `
    const { lockCheckpoint } = await import(${module});
    console.log((await lockCheckpoint(${JSON.stringify(checkpointFile)})).ok);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code]);
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  expect(String(said)).toBe("true\n");
  return child;
}

it("a checkpoint has one holder, and names it", async () => {
  const file = join(newFolder(), "state", "tail.json");
  const holder = await startHolder(file);
  expect(await lockCheckpoint(file)).toEqual({ ok: false, pid: holder.pid });
  expect(await holderOf(file)).toEqual({ pid: holder.pid });
  const other = await lockCheckpoint(`${file}.2`);
  expect(other.ok).toBe(true);
  if (other.ok) other.release();
});

it("another path to the same file is the same checkpoint", async () => {
  const folder = newFolder();
  const holder = await startHolder(join(folder, "state", "tail.json"));
  symlinkSync(join(folder, "state"), join(folder, "link"));
  expect(await lockCheckpoint(join(folder, "link", "tail.json"))).toMatchObject({
    pid: holder.pid,
  });
});

it("of a process that was killed nothing is left", async () => {
  const file = join(newFolder(), "tail.json");
  const holder = await startHolder(file);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(await holderOf(file)).toBeUndefined();
  const lock = await lockCheckpoint(file);
  expect(lock.ok).toBe(true);
  if (lock.ok) lock.release();
});

it("a holder that is stopped holds it nevertheless", async () => {
  const file = join(newFolder(), "tail.json");
  const holder = await startHolder(file);
  holder.kill("SIGSTOP");
  expect(await lockCheckpoint(file)).toEqual({ ok: false, pid: undefined });
});

it("nobody holds a checkpoint whose folder is not there", async () => {
  expect(await holderOf("/no/such/folder/tail.json")).toBeUndefined();
});

it("of many that come at once, one gets it", async () => {
  const file = join(newFolder(), "tail.json");
  const locks = await Promise.all(Array.from({ length: 20 }, () => lockCheckpoint(file)));
  expect(locks.filter(({ ok }) => ok)).toHaveLength(1);
  for (const lock of locks) if (lock.ok) lock.release();
});
