import { expect, test, vi } from "vitest";
import { isGroupAlive } from "../support/processes.ts";
import { runProgram } from "../support/run-program.ts";

vi.setConfig({ testTimeout: 180_000 });

const once = (env: Record<string, string> = {}) =>
  runProgram("src/local/start.ts", { args: ["--once"], env });

test("--once makes one request, prints every step, stops everything; its exit code says whether it arrived", async () => {
  const program = await once();
  const code = await program.exited;
  const steps = program.output();
  expect(steps).toMatch(/1\. POST http:\/\/localhost:\d+\/in\/demo\/once\?run=\d+/);
  expect(steps).toMatch(/2\. localhost:\d+ stored it as evt_\w+ \(\d+ ms\)/);
  expect(steps).toMatch(/3\. queue → rule everything → destination receiver: succeeded \(\d+ ms\)/);
  expect(steps).toMatch(/4\. the receiver got POST \/once\?run=\d+ and answered 200 \(\d+ ms\)/);
  expect(code).toBe(0);
  expect(isGroupAlive(program.child.pid ?? 0)).toBe(false);

  // With this variable the consumer refuses to call the receiver, so the second run cannot deliver.
  const refused = await once({ ...program.env, BATON_VAR_ALLOW_LOOPBACK: "false" });
  expect(await refused.exited).toBe(1);
  expect(refused.output()).toMatch(
    /The delivery did not arrive within \d+ s \(\w+\); see .*wrangler\.log/,
  );
});

test("--once that is stopped half way exits with 1", async () => {
  const program = await once();
  program.child.kill("SIGINT");
  expect(await program.exited).not.toBe(0);
});
