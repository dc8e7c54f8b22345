export { getSourceInOrganization } from "./load-sources.ts";
export { phoneSources } from "./phone-sources.ts";
