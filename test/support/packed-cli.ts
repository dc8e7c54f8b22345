import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join, sep } from "node:path";
import { promisify } from "node:util";
import { newStateFolder, ROOT } from "./run-program.ts";

const run = promisify(execFile);

/**
 * Packs the command, installs it in a folder of its own without network, and gives where it is and the system's Node,
 * which knows nothing of the project.
 */
export async function installPacked() {
  const folder = newStateFolder();
  const pack = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: ROOT });
  // What `prepack` prints may stand before it.
  const packed = JSON.parse(pack.stdout.slice(pack.stdout.search(/^[[{]/m))) as unknown;
  const [{ filename, files }] = Object.values(packed as object) as [
    { filename: string; files: { path: string }[] },
  ];
  const install = [
    "install",
    "--offline",
    "--no-audit",
    "--prefix",
    folder,
    join(folder, filename),
  ];
  await run("npm", install, { cwd: folder });
  return {
    folder,
    files: files.map(({ path }) => path),
    program: realpathSync(join(folder, "node_modules/.bin/baton")),
    modules: join(folder, "node_modules"),
    node: systemNode(),
  };
}

/** The first Node of the path that is not the project's; where there is no other, this one. */
export function systemNode(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = folders
    .filter((folder) => !folder.includes(`node_modules${sep}`))
    .map((folder) => join(folder, "node"))
    .find((path) => existsSync(path));
  return found ?? process.execPath;
}
