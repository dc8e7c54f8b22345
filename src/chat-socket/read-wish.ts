import { ChatError } from "../chat/index.ts";
import { SHAPES } from "./frames.ts";

export type ResumeWish = { after?: number; epoch?: string };
/** What the address of a version-2 socket asks. `faults`: what cannot be done; told when the socket is open. */
export type Wish = { resume: ResumeWish | null; faults: ChatError[] };

const KNOWN = ["Authorization", "v", "after", "epoch"];

export function readWish(query: URLSearchParams): Wish {
  const faults = [...new Set(query.keys())]
    .filter((name) => !KNOWN.includes(name))
    .map((name) => {
      const shown = name.slice(0, 100);
      return new ChatError("unknown_field", `'${shown}' is no parameter here; remove it.`);
    });
  const [after, epoch] = [query.get("after"), query.get("epoch")];
  if (after === null && epoch === null) return { resume: null, faults };
  const asked = {
    after: /^\d{1,15}$/.test(after ?? "") ? Number(after) : Number.NaN,
    ...(epoch !== null && { epoch }),
  };
  const read = SHAPES[2].resume.safeParse(asked);
  if (read.success) return { resume: read.data as ResumeWish, faults };
  const name = String(read.error.issues[0]?.path[0] ?? "after");
  const message = `'${name}' must be one of \`ready\` or a push; resume by a frame.`;
  return { resume: null, faults: [...faults, new ChatError("invalid_field", message)] };
}
