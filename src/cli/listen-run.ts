import type { Call } from "./call.ts";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";
import { ListenApi } from "./listen-api.ts";
import { LISTEN_STOP_MS } from "./listen-constants.ts";
import { type OpenPlace, openPlaces } from "./listen-places.ts";
import type { ListenRequest } from "./listen-request.ts";
import { Listener } from "./listener.ts";

type Run = {
  call: Call;
  request: ListenRequest;
  /** Aborted by Ctrl-C. */
  stop: AbortSignal;
  /** Ends the calls of the API: at once before there is anything to lose, after a while when there is. */
  last: AbortController;
};

const SAVE_EVERY_MS = 1_000;

/** Listens until it is stopped, or with `--once` until the first try. */
export async function runListen(run: Run): Promise<void> {
  const { call, request, stop, last } = run;
  const api = new ListenApi(call, request);
  const endStart = () => last.abort();
  stop.addEventListener("abort", endStart);
  const destination = await api.findDestination();
  const places = await openPlaces(call, request, api);
  stop.removeEventListener("abort", endStart);
  try {
    await listen(run, api, destination.id, places);
  } finally {
    for (const place of places) place.release();
  }
}

async function listen(
  { call, request, stop, last }: Run,
  api: ListenApi,
  destinationId: string,
  places: OpenPlace[],
): Promise<void> {
  const { listen: say } = call.say;
  const tell = (text: string) => void call.cli.stderr.write(`baton: ${text}\n`);
  const slugs = places.map(({ source }) => source.slug).join(", ");
  tell(say.listening(slugs, request.forward.href, request.name));
  if (places.some(({ isKnown }) => isKnown)) tell(say.goesOn);
  const end = new AbortController();
  const onStop = () => {
    tell(say.stopping);
    end.abort();
  };
  if (stop.aborted) end.abort();
  stop.addEventListener("abort", onStop, { once: true });
  const { timeoutSeconds } = request;
  let isLate = false;
  const timer =
    timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => {
          isLate = true;
          end.abort();
        }, timeoutSeconds * 1000);
  const saving = setInterval(() => places.forEach((place) => place.save()), SAVE_EVERY_MS);
  const listener = new Listener({
    call,
    request,
    api,
    destinationId,
    places,
    end,
    last: last.signal,
  });
  // What is under way at the end has its time, and no more.
  let grace: ReturnType<typeof setTimeout> | undefined;
  let cutOff = 0;
  end.signal.addEventListener("abort", () => {
    grace = setTimeout(() => {
      cutOff = listener.underWay;
      last.abort();
    }, LISTEN_STOP_MS);
  });
  try {
    await listener.run();
  } finally {
    for (const one of [timer, grace, saving]) clearTimeout(one);
    stop.removeEventListener("abort", onStop);
    for (const place of places) place.save();
  }
  if (cutOff > 0) tell(say.cutOff(cutOff));
  if (listener.fault) throw listener.fault;
  if (request.once && listener.first === "succeeded") return;
  if (request.once && listener.first === "failed") throw new CliError(say.onceFailed, EXIT.refused);
  if (isLate) throw new CliError(say.noneInTime(timeoutSeconds ?? 0), EXIT.refused);
  tell(say.stopped);
  throw new CliError("", EXIT.interrupted);
}
