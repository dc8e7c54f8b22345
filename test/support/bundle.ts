import { build } from "esbuild";

/** A Worker of the deployment as one module of JavaScript. */
export async function bundle(name: string): Promise<string> {
  const result = await build({
    entryPoints: [`workers/${name}/index.ts`],
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
