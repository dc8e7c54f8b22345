export { getSourceInOrganization } from "./load-sources.ts";
export { phoneSources } from "./phone-sources.ts";
export { sourcesOfPreset } from "./sources-of-preset.ts";
