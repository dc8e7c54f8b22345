/**
 * Preloaded into processes that the session starts: when the session is gone, even by SIGKILL, its channel closes,
 * and the whole group goes too. Otherwise wrangler and its runtime would live on and hold the ports.
 */
process.on("disconnect", () => process.kill(-process.pid, "SIGKILL"));
// The channel alone must not keep a script alive that has done its work.
process.channel?.unref();
