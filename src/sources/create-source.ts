import type { Context } from "../context.ts";
import { sourceHostnames, sources } from "../db/schema/control.ts";
import { commitOnce } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { assertDedupFits, defaultDedup } from "./dedup.ts";
import { assertForeignHostnames } from "./hostname.ts";
import { assertNamesFree, releaseStatement, unlessReserved } from "./names.ts";
import { assertPairIsStored } from "./preset-needs.ts";
import type { CreateSource, Source } from "./schemas.ts";
import { toSource } from "./to-source.ts";
import { sealSettings } from "./verification.ts";

/** Makes a source. 409 when its slug or a hostname is taken or reserved: of several at once exactly one wins. */
export async function createSource(ctx: Context, input: CreateSource): Promise<Source> {
  const { slug, hostnames = [] } = input;
  assertForeignHostnames(ctx.settings, hostnames);
  const preset = input.preset ?? "generic";
  assertPairIsStored(preset, input.verification ?? null);
  const dedup = input.dedup === undefined ? defaultDedup(preset) : input.dedup;
  assertDedupFits(preset, dedup);
  const now = Date.now();
  const id = newId("source", now);
  const row = {
    id,
    slug,
    name: input.name ?? slug,
    shard: Math.floor(Math.random() * ctx.shards.length),
    enabled: input.enabled ?? true,
    response: input.response ?? null,
    verification: await sealSettings(ctx.settings, id, input.verification ?? null),
    dedup,
    preset,
    requireSender: input.requireSender ?? false,
    retentionDays: input.retentionDays ?? null,
    createdAt: now,
    updatedAt: now,
  };
  const { organizationId } = ctx;
  const insert = ctx.db
    .insert(sources)
    .values({ ...row, organizationId, slug: unlessReserved(ctx, "slug", slug) });
  const insertHostnames = hostnames.map((hostname) =>
    ctx.db
      .insert(sourceHostnames)
      .values({ hostname: unlessReserved(ctx, "hostname", hostname), sourceId: row.id }),
  );
  const release = [
    releaseStatement(ctx, "slug", [slug]),
    releaseStatement(ctx, "hostname", hostnames),
  ];
  const answer = await toSource(ctx.settings, { ...row, hostnames: hostnames.toSorted() });
  try {
    return await commitOnce(ctx, [insert, ...insertHostnames, ...release], answer);
  } catch (error) {
    // Asked only now: an earlier look would refuse the second of two requests with one `Idempotency-Key`.
    await assertNamesFree(ctx, { slug, hostnames });
    throw error;
  }
}
