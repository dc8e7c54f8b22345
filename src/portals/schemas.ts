import { z } from "zod";
import { nameOf } from "../name.ts";
import { pageOf } from "../pagination.ts";
import { strict } from "../strict.ts";
import {
  MAX_DEFINITION_NAME_CHARS,
  MAX_EXTRA_FIELDS,
  MAX_PORTAL_NAME_CHARS,
  MAX_SECRET_CHARS,
  MAX_URL_CHARS,
} from "./constants.ts";
import { PortalDefinition } from "./definition.ts";

export { PortalDefinition } from "./definition.ts";
export type { Looks, Marker, SessionValue, Step } from "./definition-parts.ts";

const Name = nameOf(MAX_PORTAL_NAME_CHARS);
export const DefinitionName = z
  .string()
  .max(MAX_DEFINITION_NAME_CHARS)
  .regex(/^[a-z][a-z0-9-]*$/, "use small letters, digits and hyphens, a letter first");
const BaseUrl = z
  .string()
  .max(MAX_URL_CHARS)
  .meta({ description: "Where the site is, e.g. `https://partner.example.com`" });
const OnDeploy = z.enum(["keep", "logout"]).meta({
  description:
    "What a new version of Baton does with the sessions: keep them, or log out and in again",
});

export const CreatePortal = strict({
  name: Name,
  definition: DefinitionName.meta({
    description: "Name of a shipped definition, or of one of the organization's own",
  }),
  baseUrl: BaseUrl,
  enabled: z.boolean().default(true),
  onDeploy: OnDeploy.default("keep"),
  isDefault: z.boolean().optional().meta({
    description: "The one behind `/relay/dual-session`; the first portal is, when left out",
  }),
}).meta({ id: "CreatePortal" });
export type CreatePortal = z.infer<typeof CreatePortal>;

const Secret = z.string().min(1).max(MAX_SECRET_CHARS);
export const Credentials = strict({
  username: Secret,
  password: Secret,
  phone: z
    .string()
    .max(20)
    .regex(/^[+\d][\d\s-]{7,}$/, "is no phone number; write e.g. 010-1234-5678")
    .nullish()
    .meta({ description: "Whose SMS the codes come to" }),
  extra: z
    .record(z.string().regex(/^[a-z][A-Za-z0-9_]{0,39}$/), Secret)
    .refine(
      (extra) => Object.keys(extra).length <= MAX_EXTRA_FIELDS,
      `has more than ${MAX_EXTRA_FIELDS} fields`,
    )
    .optional(),
}).meta({ id: "PortalCredentials" });
export type Credentials = z.infer<typeof Credentials>;

export const PatchPortal = strict({
  name: Name.optional(),
  definition: DefinitionName.optional(),
  baseUrl: BaseUrl.optional(),
  enabled: z.boolean().optional(),
  onDeploy: OnDeploy.optional(),
  isDefault: z.boolean().optional(),
}).meta({ id: "PatchPortal" });
export type PatchPortal = z.infer<typeof PatchPortal>;

/** Credentials as they are shown: enough to tell accounts apart. */
export const MaskedCredentials = z
  .object({
    username: z.string(),
    password: z.string(),
    phone: z.string().nullable(),
    extra: z.record(z.string(), z.string()),
  })
  .meta({ id: "MaskedPortalCredentials" });
export type MaskedCredentials = z.infer<typeof MaskedCredentials>;

export const Portal = z
  .object({
    id: z.string(),
    name: z.string(),
    definition: z.string(),
    baseUrl: z.string(),
    enabled: z.boolean(),
    onDeploy: OnDeploy,
    isDefault: z.boolean(),
    credentials: MaskedCredentials.nullable().meta({
      description: "Masked. Null: none are set, or they cannot be opened",
    }),
    credentialsState: z.enum(["set", "missing", "unreadable", "elsewhere"]).meta({
      description:
        "`elsewhere`: they were set for other origins than the portal now has, and are not used there; set them again. `unreadable`: they were sealed with a master key that is lost; set them again. The operator's default portal without any takes `PORTAL_USERNAME`, `PORTAL_PASSWORD` and `PORTAL_PHONE`",
    }),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "Portal" });
export type Portal = z.infer<typeof Portal>;

export const StoredDefinition = z
  .object({
    name: z.string(),
    shipped: z.boolean().meta({ description: "True: it comes with Baton, and cannot be changed" }),
    definition: PortalDefinition.nullable().meta({
      description: "Null: this release cannot read it; put it again",
    }),
    createdAt: z.string().nullable(),
    updatedAt: z.string().nullable(),
  })
  .meta({ id: "StoredPortalDefinition" });
export type StoredDefinition = z.infer<typeof StoredDefinition>;

export const StoredDefinitions = pageOf(StoredDefinition);
