import type { TestProject } from "vitest/node";
import { startDoh } from "./doh.ts";
import { startReceiver } from "./receiver.ts";

/** Real HTTP servers for the tests that run inside workerd: a receiver and a resolver. */
export default async function setup(project: TestProject) {
  const [receiver, doh] = await Promise.all([startReceiver(), startDoh()]);
  project.provide("receiverUrl", receiver.url);
  project.provide("dohUrl", doh.url);
  return () => Promise.all([receiver.close(), doh.close()]);
}
