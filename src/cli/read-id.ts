import { printable } from "../local/printable.ts";
import { CliError } from "./cli-error.ts";
import type { Texts } from "./texts.ts";

/** The path of an event or a delivery. Anything but an id in it, as `..`, would be another call. */
export function pathOfId(list: "events" | "deliveries", id: string, say: Texts): string {
  if (!/^[\w-]+$/.test(id)) {
    throw new CliError(say.errors.noId(printable(id, 80), `baton ${list} ls`));
  }
  return `/${list}/${id}`;
}
