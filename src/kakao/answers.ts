/** One line of JSON, as the relay's clients know it. */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** `{"error": "…"}`. */
export function plainError(
  status: number,
  error: string,
  headers: Record<string, string> = {},
): Response {
  return jsonAnswer(status, { error }, headers);
}

/** Of the session calls: plugins show what `message` says there. */
export function sessionError(
  status: number,
  error: string,
  headers: Record<string, string> = {},
): Response {
  return jsonAnswer(status, { error, message: error }, headers);
}

/** Of `/openclaw/reply`: `{"error": "…", "code": "…"}`. */
export function codedError(status: number, code: string, error: string): Response {
  return jsonAnswer(status, { error, code });
}

/** As the relay's router answers a path that it does not have. */
export function noSuchPath(): Response {
  return new Response("404 page not found\n", {
    status: 404,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/** As it answers a wrong method. */
export function wrongMethod(allowed: string): Response {
  return new Response(null, { status: 405, headers: { allow: allowed } });
}
