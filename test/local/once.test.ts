import { expect, test } from "vitest";
import { isGroupAlive } from "../support/processes.ts";
import { runProgram } from "../support/run-program.ts";

const once = (env: Record<string, string> = {}) =>
  runProgram("src/local/start.ts", { args: ["--once"], env });

test("--once makes one request, prints every step, stops everything, and exits with 0", async () => {
  const program = await once();
  const code = await program.exited;
  const steps = program.output();
  expect(steps).toMatch(/1\. POST http:\/\/localhost:\d+\/in\/demo\/once\?run=\d+/);
  expect(steps).toMatch(/2\. localhost:\d+ stored it as evt_\w+ \(\d+ ms\)/);
  expect(steps).toMatch(/3\. queue → rule everything → destination receiver: succeeded \(\d+ ms\)/);
  expect(steps).toMatch(/4\. the receiver got POST \/once\?run=\d+ and answered 200 \(\d+ ms\)/);
  expect(code).toBe(0);
  expect(isGroupAlive(program.child.pid ?? 0)).toBe(false);
});

test("--once exits with 1 when the delivery does not arrive", async () => {
  // With this variable the consumer refuses to call the receiver.
  const program = await once({ BATON_VAR_ALLOW_LOOPBACK: "false" });
  expect(await program.exited).toBe(1);
  expect(program.output()).toMatch(
    /The delivery did not arrive within \d+ s \(\w+\); see .*wrangler\.log/,
  );
});
