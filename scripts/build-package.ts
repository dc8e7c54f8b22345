/** Builds what a package holds: the command, and the client library with its types. */
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import "./build-cli.ts";
import { buildClient } from "./client-bundle.ts";

rmSync("dist/client", { recursive: true, force: true });
writeFileSync("dist/client.mjs", await buildClient());
const { status } = spawnSync("tsc", ["-p", "tsconfig.client.json"], { stdio: "inherit" });
process.exitCode = status ?? 1;
