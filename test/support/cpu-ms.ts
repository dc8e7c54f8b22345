/** Time of the processor that this process has used, in milliseconds: it does not run while others do. */
export const cpuMs = (): number => process.cpuUsage().user / 1000;
