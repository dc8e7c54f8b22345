export { getSourceInOrganization } from "./load-sources.ts";
