/** How often to look whether npm is still there. */
const PARENT_CHECK_MS = 500;

/** Aborted when somebody wants the session to stop: Ctrl-C, SIGTERM, a closed terminal, or npm's own end. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => controller.abort());
  }
  // npm that is killed hard passes nothing on; then we get another parent.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) {
    const timer = setInterval(() => process.ppid !== parent && controller.abort(), PARENT_CHECK_MS);
    timer.unref();
  }
  return controller.signal;
}
