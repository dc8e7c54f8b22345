import { expect, it } from "vitest";
import { browsersOf } from "../support/browsers-of.ts";
import { listProcesses } from "../support/processes.ts";
import { startSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";

/** What a login looks like in the terminal, in this order; the code masked. */
const LINES = [
  "Portal → session A → login begins",
  "Portal → session A → browser opened",
  "Portal → session A → user name and password typed",
  "portal's site: sends a code by SMS",
  "portal's site: the phone forwards SMS ••••",
  "Portal → session A → SMS is there, code taken",
  "Portal → session A → code typed",
  "portal's site: code right",
  "Portal → session A → ready in",
];

it("`npm start -- --with-portal` shows a login line by line, and leaves no browser behind, also in its middle", async () => {
  const session = await startSession({ args: ["--with-portal"] });
  await shown(session, "→ ready in");
  const output = session.output();
  const places = LINES.map((line) => output.indexOf(line));
  expect(LINES.filter((_, i) => places[i] === -1)).toEqual([]);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(output).not.toMatch(/(?<![\w.])\d{6}(?!\w)/);
  expect(output).not.toContain("login failed");
  expect(await session.stop("SIGINT")).toBe(0);
  expect(session.output()).not.toContain("could not be set up");

  // The site has another port with each start: its sessions are of no use, and a login begins.
  const again = await startSession({ args: ["--with-portal"], env: session.env });
  await shown(again, "→ browser opened");
  const [browser] = browsersOf(again);
  expect(browser).toBeDefined();
  const family = () =>
    listProcesses().filter(({ group, state }) => group === browser && state !== "Z");
  expect(family().length).toBeGreaterThan(0);
  expect(await again.stop("SIGINT")).toBe(0);
  await waitFor(() => family().length === 0, { what: "the browser to end" });
}, 120_000);

function shown({ output }: { output: () => string }, line: string) {
  return waitFor(() => output().includes(line), {
    what: `"${line}"`,
    deadlineMs: 60_000,
    explain: output,
  });
}
