import { refused } from "../errors.ts";
import type { SourcePreset } from "../source-preset.ts";
import type { Verification } from "../verification/index.ts";

/** 422 when a source would answer as SENS v1 without the header pair that its callers must show. */
export function assertPairIsStored(preset: SourcePreset, verification: Verification | null): void {
  if (preset !== "sens_v1" || verification?.preset === "sens_v1") return;
  throw refused(
    "verification",
    'a source of preset `sens_v1` needs the header pair of its callers; send `{"preset":"sens_v1","secrets":["<X-NCP-service-secret>"],"authKey":"<X-NCP-auth-key>"}`',
  );
}
