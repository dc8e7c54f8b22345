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
  run: Run,
  api: ListenApi,
  destinationId: string,
  places: OpenPlace[],
): Promise<void> {
  const { call, request, last } = run;
  const end = new AbortController();
  const deps = { call, request, api, destinationId, places, end, last: last.signal };
  const listener = new Listener(deps);
  sayHello(run, places);
  const limits = limit(run, end, listener);
  const saving = setInterval(() => places.forEach((place) => place.save()), SAVE_EVERY_MS);
  try {
    await listener.run();
  } finally {
    limits.clear();
    clearInterval(saving);
    for (const place of places) place.save();
  }
  conclude(run, listener, limits);
}

function sayHello({ call, request }: Run, places: OpenPlace[]): void {
  const { listen: say } = call.say;
  const slugs = places.map(({ source }) => source.slug).join(", ");
  tell(call, say.listening(slugs, request.forward.href, request.name));
  if (places.some(({ isKnown }) => isKnown)) tell(call, say.goesOn);
}

type Limits = {
  /** The time of `--once` was over. */
  isLate: boolean;
  /** Calls that did not end in time. */
  cutOff: number;
  clear(): void;
};

/** Ends it by Ctrl-C or when its time is over; what is under way at the end has its time, and no more. */
function limit({ call, request, stop, last }: Run, end: AbortController, of: Listener): Limits {
  const onStop = () => {
    tell(call, call.say.listen.stopping);
    end.abort();
  };
  stop.addEventListener("abort", onStop, { once: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let grace: ReturnType<typeof setTimeout> | undefined;
  const limits: Limits = {
    isLate: false,
    cutOff: 0,
    clear: () => {
      clearTimeout(timer);
      clearTimeout(grace);
      stop.removeEventListener("abort", onStop);
    },
  };
  end.signal.addEventListener("abort", () => {
    grace = setTimeout(() => {
      limits.cutOff = of.underWay;
      last.abort();
    }, LISTEN_STOP_MS);
  });
  if (request.timeoutSeconds !== undefined) {
    timer = setTimeout(() => {
      limits.isLate = true;
      end.abort();
    }, request.timeoutSeconds * 1000);
  }
  if (stop.aborted) end.abort();
  return limits;
}

/** Returns when the first event of `--once` was taken with 2xx; throws what it ends with otherwise. */
function conclude({ call, request }: Run, { first, fault }: Listener, limits: Limits): void {
  const { listen: say } = call.say;
  if (limits.cutOff > 0) tell(call, say.cutOff(limits.cutOff));
  if (fault) throw fault;
  if (request.once && first === "succeeded") return;
  if (request.once && first === "failed") throw new CliError(say.onceFailed, EXIT.refused);
  if (limits.isLate) {
    throw new CliError(say.noneInTime(request.timeoutSeconds ?? 0), EXIT.refused);
  }
  tell(call, say.stopped);
  throw new CliError("", EXIT.interrupted);
}

function tell({ cli }: Call, text: string): void {
  cli.stderr.write(`baton: ${text}\n`);
}
