import type { TestProject } from "vitest/node";
import { startReceiver } from "./receiver.ts";

/** A real HTTP server for the tests that run inside workerd. */
export default async function setup(project: TestProject) {
  const receiver = await startReceiver();
  project.provide("receiverUrl", receiver.url);
  return () => receiver.close();
}
