// `baton tail` by itself: BATON_URL and BATON_API_KEY say where the API is.
import { Command, CommanderError } from "commander";
import { registerTail } from "./tail.ts";
import { EXIT_USAGE } from "./tail-constants.ts";

const { env, stdout, stderr } = process;
const program = new Command("baton").exitOverride();
registerTail(program, {
  resolveApi: async () => ({ url: env.BATON_URL ?? "", key: env.BATON_API_KEY ?? "" }),
  language: env.BATON_LANG === "ko" ? "ko" : "en",
  stdout,
  stderr,
});
for (const command of program.commands) command.exitOverride();
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
}
