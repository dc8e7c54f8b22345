/** What calls a source: it decides how a request is read, and how it is answered. */
export const SOURCE_PRESETS = ["generic", "phone", "slack", "sens_v1", "kakao", "chat"] as const;
export type SourcePreset = (typeof SOURCE_PRESETS)[number];

/** What messages and transforms tell of an event's source. */
export type SourceFacts = { slug: string; name: string; preset: SourcePreset };

/** Of a source that was deleted meanwhile. */
export const NO_SOURCE: SourceFacts = { slug: "", name: "", preset: "generic" };
