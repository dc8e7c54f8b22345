import type { Context } from "../context.ts";
import { getSourceInOrganization } from "./load-sources.ts";
import type { Source } from "./schemas.ts";
import { toSource } from "./to-source.ts";

export async function getSource(ctx: Context, id: string): Promise<Source> {
  return toSource(ctx.settings, await getSourceInOrganization(ctx, id));
}
