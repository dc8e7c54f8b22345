/** Builds `dist/baton.mjs`: the `baton` command in one file, for Node 20 and newer without anything installed. */
import { build } from "esbuild";

await build({
  entryPoints: ["src/cli/main.ts"],
  outfile: "dist/baton.mjs",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  minifySyntax: true,
  legalComments: "inline",
});
