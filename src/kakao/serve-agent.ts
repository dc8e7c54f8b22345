import { noSuchPath } from "./answers.ts";
import type { KakaoDeps } from "./deps.ts";

/**
 * What agents call: `GET /v1/events` and `POST /openclaw/reply`. `path` is the one below the relay's own address. The
 * token is asked for first, so that a path that does not exist answers 401 without one.
 */
export async function serveAgent(
  _ctx: KakaoDeps,
  _request: Request,
  _path: string,
): Promise<Response> {
  return noSuchPath();
}
