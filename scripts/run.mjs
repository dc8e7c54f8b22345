// Runs a script with the project's own Node (npm puts it first in PATH), or says in one line what is missing.
// Plain JavaScript for any Node ≥ 20: it must still speak when nothing is installed.
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const korean = process.env.BATON_LANG
  ? process.env.BATON_LANG === "ko"
  : (process.env.LANG ?? "").startsWith("ko");
const [major, minor] = process.versions.node.split(".").map(Number);

function fail(english, inKorean) {
  console.error(korean ? inKorean : english);
  process.exit(1);
}

if (!existsSync(resolve(root, "node_modules/wrangler"))) {
  fail(
    "Nothing is installed yet. Run: npm ci",
    "아직 설치되지 않았습니다. 먼저 실행하세요: npm ci",
  );
}
if (major < 22 || (major === 22 && minor < 12)) {
  fail(
    `Node ${process.versions.node} is too old here. Run this through npm (npm start, npm run …): it brings its own Node.`,
    `Node ${process.versions.node} 버전이 낮습니다. npm으로 실행하세요(npm start, npm run …). 프로젝트의 Node를 씁니다.`,
  );
}
const script = resolve(root, process.argv[2]);
process.argv.splice(1, 2, script);
await import(pathToFileURL(script).href);
