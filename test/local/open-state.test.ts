import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { messagesIn } from "../../src/local/messages.ts";
import { openState } from "../../src/local/open-state.ts";
import { readSettings } from "../../src/local/settings.ts";
import { pickPort } from "../support/pick-port.ts";
import { newStateFolder } from "../support/run-program.ts";

const say = messagesIn("en");

it.each([["a new state folder"], ["one that is there, open to others"]])(
  "%s is only its owner's",
  async (which) => {
    const state = join(newStateFolder(), "state");
    if (which !== "a new state folder") {
      mkdirSync(state);
      chmodSync(state, 0o755);
    }
    const [port, receiverPort] = [await pickPort(), await pickPort()];
    const env = {
      BATON_STATE: state,
      BATON_PORT: String(port),
      BATON_RECEIVER_PORT: String(receiverPort),
    };
    const lock = await openState(readSettings(env, say), say);
    lock.close();
    for (const folder of [state, join(state, "configs")]) {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    }
  },
);
