import { problemResponse } from "../http-error.ts";
import type { Intake } from "./intake.ts";

/** Any caller: 202 with the event's id, problem documents for what is refused. */
export const GENERIC: Intake = {
  answer: ({ id }) =>
    new Response(JSON.stringify({ id }), {
      status: 202,
      headers: { "content-type": "application/json" },
    }),
  refuse: problemResponse,
};
