/**
 * `npm run emulator -- sens|slack|discord|telegram [--port 8801]`: a service on this machine, as strict as the real one.
 * Prints the destination that leads to it, and each message that it takes or refuses.
 */
import { parseArgs } from "node:util";
import { startDiscord } from "./discord.ts";
import { startSens } from "./sens.ts";
import { startSlack } from "./slack.ts";
import { CHATS, startTelegram } from "./telegram.ts";

/** What every emulator has by the time it runs. */
type Running = {
  config: Record<string, unknown>;
  /** Grows with each message. */
  taken: () => string[];
  refused: readonly { status: number; why: string }[];
};

/** How often it looks for what to print, and how long a message of SENS stays in each status, in milliseconds. */
const PRINT_MS = 100;
const ADVANCE_MS = 5_000;

const EMULATORS = {
  async sens(port: number): Promise<Running> {
    const sens = await startSens({ port, advanceMs: ADVANCE_MS });
    const { serviceId, accessKey, secretKey, from, baseUrl } = sens;
    return {
      config: { baseUrl, serviceId, accessKey, secretKey, from, to: ["01012345678"] },
      taken: () =>
        sens.requests.flatMap(({ payload, messages }) =>
          messages.map(({ to, content }) => `${String(payload.type)} to ${to}: ${content}`),
        ),
      refused: sens.refusals,
    };
  },
  async slack(port: number): Promise<Running> {
    const { url, messages, refusals } = await startSlack({ port });
    const taken = () => messages.map(({ payload }) => JSON.stringify(payload));
    return { config: { url }, taken, refused: refusals };
  },
  async discord(port: number): Promise<Running> {
    const { url, messages, refusals } = await startDiscord({ port });
    const taken = () => messages.map(({ payload }) => JSON.stringify(payload));
    return { config: { url }, taken, refused: refusals };
  },
  async telegram(port: number): Promise<Running> {
    const { baseUrl, token, messages, refusals } = await startTelegram({ port });
    const taken = () => messages.map(({ payload }) => JSON.stringify(payload));
    return { config: { token, chatId: CHATS.open, baseUrl }, taken, refused: refusals };
  },
};
type Name = keyof typeof EMULATORS;

const KINDS = { sens: "sens_sms", slack: "slack", discord: "discord", telegram: "telegram" };
const PORTS: Record<Name, number> = { sens: 8801, slack: 8802, discord: 8803, telegram: 8804 };

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function readName(word: string | undefined): Name {
  if (word !== undefined && Object.hasOwn(EMULATORS, word)) return word as Name;
  return fail(`Say which: npm run emulator -- ${Object.keys(EMULATORS).join("|")} [--port 8801]`);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string" } },
});
const name = readName(positionals[0]);
const port = Number(values.port ?? PORTS[name]);
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail("--port is 0 to 65535");
const running = await EMULATORS[name](port).catch((error: unknown) =>
  fail(`Port ${port} cannot be used (${String(error)}). Try: npm run emulator -- ${name} --port 0`),
);
const destination = { name: `${name} emulator`, kind: KINDS[name], config: running.config };
console.log(`${name} emulator. A destination that leads to it:\n${JSON.stringify(destination)}`);

let [seen, refused] = [0, 0];
setInterval(() => {
  const taken = running.taken();
  for (const line of taken.slice(seen)) console.log(`took    ${line}`);
  for (const { status, why } of running.refused.slice(refused)) {
    console.log(`refused ${status} ${why}`);
  }
  [seen, refused] = [taken.length, running.refused.length];
}, PRINT_MS);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
