import type { Call } from "./call.ts";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";
import { readAll } from "./read-pages.ts";
import type { Column } from "./table.ts";
import type { Texts } from "./texts.ts";

export type ResourceName =
  | "sources"
  | "senders"
  | "rules"
  | "destinations"
  | "keys"
  | "issuers"
  | "portals";

/** What the commands of a resource know about it. */
export type Resource<T extends { id: string } = { id: string }> = {
  name: ResourceName;
  /** Path of the list; a sender's begins with its source. */
  path: (ownerId: string) => string;
  idPrefix: string;
  /** What its argument is called; completion knows whose names to offer by it. */
  one: string;
  /** Names a person may write instead of the id, the surest first. */
  names: (item: T) => string[];
  columns: (say: Texts) => Column<T>[];
  /** The API lists these, but has no call for a single one. */
  isListOnly?: boolean;
};

/** The id that somebody means by an id, a slug or a name. Throws when nothing or more than one thing has that name. */
export async function resolveId<T extends { id: string }>(
  call: Call,
  resource: Resource<T>,
  reference: string,
  ownerId = "",
): Promise<string> {
  if (isId(resource, reference)) return reference;
  return (await findByName(call, resource, reference, ownerId)).id;
}

/** The id that an option names; undefined when it is not given. */
export async function resolveGiven<T extends { id: string }>(
  call: Call,
  resource: Resource<T>,
  reference: string | undefined,
): Promise<string | undefined> {
  return reference === undefined ? undefined : resolveId(call, resource, reference);
}

/** An id's form is enough: the server knows whether there is such a thing. */
function isId(resource: { idPrefix: string }, reference: string): boolean {
  return new RegExp(`^${resource.idPrefix}_[0-9a-z]{26}$`).test(reference);
}

/** The thing itself, from the list: by its id, slug or name. */
export async function findByName<T extends { id: string }>(
  call: Call,
  resource: Resource<T>,
  reference: string,
  ownerId = "",
): Promise<T> {
  const { say } = call;
  // A variable of a script that is not set.
  if (reference === "") throw new CliError(say.errors.nothingNamed(resource.name));
  const items = await readAll<T>(
    call.api,
    resource.path(ownerId),
    {},
    {
      on: call.progress,
      text: say.progress.looking,
    },
  );
  const found = match(items, resource, reference);
  const [only, ...others] = found;
  if (!only) {
    throw new CliError(say.errors.noSuch(resource.name, reference), EXIT.refused);
  }
  if (others.length > 0) {
    const ids = found.map(({ id }) => id);
    throw new CliError(say.errors.ambiguous(resource.name, reference, ids), EXIT.usage);
  }
  return only;
}

/** Those whose id, or else whose surest name, is the reference. */
export function match<T extends { id: string }>(
  items: readonly T[],
  { names }: Pick<Resource<T>, "names">,
  reference: string,
): T[] {
  const known = items.map((item) => ({ item, keys: [item.id, ...names(item)] }));
  const depth = Math.max(0, ...known.map(({ keys }) => keys.length));
  for (let i = 0; i < depth; i++) {
    const found = known.filter(({ keys }) => keys[i] === reference);
    if (found.length > 0) return found.map(({ item }) => item);
  }
  return [];
}
