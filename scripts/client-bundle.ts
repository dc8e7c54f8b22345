import { build } from "esbuild";

/** The client library as the page loads it. Kept in the repository: what bundles the app Worker takes it as it is. */
export const PAGE_CLIENT = "src/page/client/generated/baton-client.js.txt";

/** The client library in one file, for browsers and Node 20 and newer. */
export async function buildClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ["src/client/index.ts"],
    bundle: true,
    write: false,
    platform: "neutral",
    format: "esm",
    target: "es2022",
    charset: "utf8",
    banner: { js: "// Built from src/client by `npm run types`; do not edit." },
  });
  return outputFiles[0]?.text ?? "";
}
