import type { TestProject } from "vitest/node";
import { startPortalSites } from "../support/portal-sites.ts";

/** `BATON_YEAR_SEED=7 vitest run --project year` repeats a year. */
export default async function setup(project: TestProject) {
  const portals = await startPortalSites();
  project.provide("portalSites", portals.url);
  project.provide("yearSeed", Number(process.env.BATON_YEAR_SEED ?? Date.now() % 1_000_000));
  return () => portals.close();
}
