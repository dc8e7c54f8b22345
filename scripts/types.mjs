// Generates workers/<name>/env.d.ts from the wrangler configs, and the client library that the page loads.
import { spawn } from "node:child_process";
import "./build-client.ts";

/** Each Worker's config first, then those of the Workers it binds, so that RPC stubs are typed. */
const WORKERS = {
  edge: ["wrangler.toml"],
  app: ["app", "consumer", "objects", "browser"],
  consumer: ["consumer", "objects", "browser"],
  objects: ["objects"],
  browser: ["browser"],
};

function generate([name, configs]) {
  const envInterface = `${name[0].toUpperCase()}${name.slice(1)}Env`;
  const paths = configs.map((c) => (c.endsWith(".toml") ? c : `workers/${c}/wrangler.toml`));
  const args = ["types", `workers/${name}/env.d.ts`, ...paths.flatMap((path) => ["-c", path])];
  args.push("--env-interface", envInterface, "--include-runtime=false", "--strict-vars=false");
  return new Promise((resolve) => {
    const env = { ...process.env, WRANGLER_SEND_METRICS: "false" };
    const child = spawn("wrangler", args, { env });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("close", (code) => resolve({ name, code, output }));
  });
}

const results = await Promise.all(Object.entries(WORKERS).map(generate));
for (const { name, code, output } of results) {
  if (code === 0) continue;
  console.error(`workers/${name}/env.d.ts could not be generated\n${output}`);
  process.exitCode = 1;
}
