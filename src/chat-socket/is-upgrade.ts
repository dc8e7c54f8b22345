export function isUpgrade(request: Request): boolean {
  return request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** For a request that is none. */
export function notAnUpgrade(): Response {
  return new Response("This address speaks WebSocket.", {
    status: 426,
    headers: { upgrade: "websocket", "content-type": "text/plain; charset=utf-8" },
  });
}
