import { EXIT_LEFT } from "./tail-constants.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Aborts at the first signal, and ends the process at the second: the checkpoint is good at any moment. */
export function stopOnSignal(say: (isSecond: boolean) => void) {
  const stopping = new AbortController();
  const onSignal = () => {
    say(stopping.signal.aborted);
    if (stopping.signal.aborted) process.exit(EXIT_LEFT);
    stopping.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: stopping.signal,
    dispose() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
