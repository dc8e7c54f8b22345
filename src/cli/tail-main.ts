// `baton tail` by itself: BATON_URL and BATON_API_KEY say where the API is.
import { Command, CommanderError } from "commander";
import { registerTail } from "./tail.ts";
import { EXIT_USAGE } from "./tail-constants.ts";

const EXIT_INTERRUPTED = 130;

const { env, stdout, stderr } = process;
const stopping = new AbortController();
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(EXIT_INTERRUPTED);
    stopping.abort();
  });
}
const program = new Command("baton").exitOverride();
registerTail(program, {
  resolveApi: async () => ({ url: env.BATON_URL ?? "", key: env.BATON_API_KEY ?? "" }),
  language: env.BATON_LANG === "ko" ? "ko" : "en",
  stdout,
  stderr,
  signal: stopping.signal,
  exit(code) {
    process.exitCode = code;
  },
}).exitOverride();
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
}
