import { z } from "@hono/zod-openapi";
import { requires } from "./auth.ts";

const PORTALS = { tags: ["Portals"], security: [{ apiKey: [] }] };

/** What a route about portals has, by what its caller may do. */
export const portalReading = { ...PORTALS, middleware: requires("read") };
export const portalWriting = { ...PORTALS, middleware: requires("write") };
export const byPortal = z.object({ id: z.string() });
