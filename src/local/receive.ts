/** The receiver by itself: `node scripts/run.mjs src/local/receive.ts`. Its port is BATON_RECEIVER_PORT. */
import { languageOf } from "./language.ts";
import { LocalError } from "./local-error.ts";
import { messagesIn } from "./messages.ts";
import { describeReceived, startReceiver } from "./receiver.ts";
import { readSettings } from "./settings.ts";

const say = messagesIn(languageOf(process.env));
try {
  const { receiverPort, receiverUrl } = readSettings(process.env, say);
  await startReceiver(receiverPort, (request) =>
    console.log(`${say.received} ${describeReceived(request)}`),
  ).catch(() => {
    const remedy = `BATON_RECEIVER_PORT=${receiverPort + 10} node scripts/run.mjs src/local/receive.ts`;
    throw new LocalError(say.portInUse(receiverPort, remedy));
  });
  console.log(`${say.receiver}: ${receiverUrl}`);
} catch (error) {
  if (!(error instanceof LocalError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
