/** How often to look whether our parent is still there. */
const PARENT_CHECK_MS = 500;

/** Aborted when somebody wants the session to stop: Ctrl-C, SIGTERM, a closed terminal, or the end of its parent. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => controller.abort());
  }
  // A parent that is killed passes nothing on; then we get another one. Outside npm that is no reason to stop:
  // a shell may start the session and leave.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) {
    const timer = setInterval(() => process.ppid !== parent && controller.abort(), PARENT_CHECK_MS);
    timer.unref();
  }
  return controller.signal;
}
