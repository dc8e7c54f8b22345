import { build } from "esbuild";

/** A Worker of the deployment as one module of JavaScript; `entry` takes the place of its entry file. */
export async function bundle(name: string, entry = `workers/${name}/index.ts`): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    // As wrangler does with the page's parts.
    loader: { ".html": "text", ".css": "text" },
  });
  return result.outputFiles[0]?.text ?? "";
}
