/** When a reader of an event stream comes back after a cut, in ms: spread, so that a deploy's readers do not come at once. */
export function retryDelayMs(): number {
  return 1000 + Math.floor(Math.random() * 2000);
}
