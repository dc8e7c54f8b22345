import type { TestProject } from "vitest/node";
import { startPortalSites } from "../support/portal-sites.ts";

/**
 * `npm run year` lives the whole year, which takes minutes; else it is a month of it, at the same rates.
 * `BATON_YEAR_SEED=7` lives another one.
 */
export default async function setup(project: TestProject) {
  const portals = await startPortalSites();
  project.provide("portalSites", portals.url);
  project.provide("yearSeed", Number(process.env.BATON_YEAR_SEED ?? 122_364));
  project.provide("yearDays", Number(process.env.BATON_YEAR_DAYS ?? 30));
  return () => portals.close();
}
