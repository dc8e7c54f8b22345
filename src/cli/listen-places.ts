import { firstIdAt } from "../ids.ts";
import type { Source } from "../sources/schemas.ts";
import type { Call } from "./call.ts";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";
import type { ListenApi } from "./listen-api.ts";
import { Cursor, type Position } from "./listen-cursor.ts";
import type { ListenRequest, Since } from "./listen-request.ts";
import { loadPosition, type Place, savePosition, stateFileOf } from "./listen-state.ts";
import { findByName } from "./resource.ts";
import { SOURCES } from "./sources.ts";
import { lockCheckpoint } from "./tail-lock.ts";

/** A source that is listened to, and how far. */
export type OpenPlace = {
  source: { id: string; slug: string };
  cursor: Cursor;
  /** It has been listened to before. */
  isKnown: boolean;
  /** Writes down how far it is, if it has moved. Never throws. */
  save(): void;
  release(): void;
};

/** Finds the sources and where each one stopped. Each is this process's until it is released. */
export async function openPlaces(
  call: Call,
  request: ListenRequest,
  api: ListenApi,
): Promise<OpenPlace[]> {
  const sources: Source[] = [];
  for (const reference of request.sources) {
    const source = await findByName(call, SOURCES, reference);
    if (sources.some(({ id }) => id === source.id)) {
      throw new CliError(call.say.listen.twice(reference));
    }
    sources.push(source);
  }
  const places: OpenPlace[] = [];
  try {
    for (const source of sources) places.push(await openPlace(call, request, api, source));
    return places;
  } catch (error) {
    for (const place of places) place.release();
    throw error;
  }
}

async function openPlace(
  call: Call,
  { name, since }: ListenRequest,
  api: ListenApi,
  { id, slug }: Source,
): Promise<OpenPlace> {
  const { cli, say } = call;
  const place: Place = { url: call.api.origin, name, sourceId: id };
  const file = stateFileOf(cli.env, place);
  const lock = await lockCheckpoint(file).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(say.listen.stateUnwritable(file, error.code ?? String(error)));
  });
  if (!lock.ok) throw new CliError(say.listen.locked(slug, name, String(lock.pid ?? "?")));
  try {
    const kept = since === undefined ? loadPosition(file) : undefined;
    if (kept === "broken") throw new CliError(say.listen.brokenState(file));
    const cursor = new Cursor(kept ?? (await begin(api, id, since)));
    const save = saver(call, file, place, cursor);
    // "From now" is from this moment, whenever it goes on.
    save();
    return {
      source: { id, slug },
      cursor,
      isKnown: kept !== undefined,
      save,
      release: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Where a first start begins. The server says what is new: clocks differ. */
async function begin(
  api: ListenApi,
  sourceId: string,
  since: Since | undefined,
): Promise<Position> {
  switch (since?.kind) {
    case "all":
      return { cursor: null, floor: null };
    case "event":
      return { cursor: null, floor: since.id };
    case "time":
      return { cursor: null, floor: firstIdAt("event", since.ms) };
    case "now":
    case undefined: {
      const newest = await api.newestEvent(sourceId);
      return { cursor: newest, floor: newest };
    }
  }
}

function saver({ cli, say }: Call, file: string, place: Place, cursor: Cursor): () => void {
  let saved = "";
  let isUnsaved = false;
  return () => {
    const { position } = cursor;
    const text = JSON.stringify(position);
    if (text === saved) return;
    try {
      savePosition(file, place, position);
      saved = text;
      isUnsaved = false;
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? String(error);
      if (saved === "") throw new CliError(say.listen.stateUnwritable(file, why), EXIT.usage);
      if (!isUnsaved) cli.stderr.write(`baton: ${say.listen.stateUnwritable(file, why)}\n`);
      isUnsaved = true;
    }
  };
}
