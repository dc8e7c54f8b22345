import { OpenAPIHono } from "@hono/zod-openapi";
import { getPath } from "hono/utils/url";
import { apiKeyRoutes } from "../api-keys/routes.ts";
import { channelRoutes } from "../channels/routes.ts";
import { chatAuthRoutes } from "../chat-auth/routes.ts";
import { chatPageRoutes } from "../chat-page/routes.ts";
import { readChatPath } from "../chat-rest/chat-path.ts";
import { chatRoutes } from "../chat-rest/routes.ts";
import { deliveryRoutes } from "../deliveries/routes.ts";
import { destinationRoutes, signingKeyRoutes } from "../destinations/routes.ts";
import { eventRoutes } from "../events/routes.ts";
import { alertRoutes } from "../health/routes.ts";
import { problemResponse } from "../http-error.ts";
import { jobRoutes } from "../jobs/routes.ts";
import { readRelayPath } from "../kakao/relay-path.ts";
import { kakaoRoutes } from "../kakao/routes.ts";
import { kakaoDashboardRoutes } from "../kakao-dashboard/routes.ts";
import { ledgerRoutes } from "../ledger/routes.ts";
import { liveRoutes } from "../live/routes.ts";
import { organizationRoutes } from "../organizations/routes.ts";
import { pageRoutes } from "../page/routes.ts";
import { dualSessionRoutes, portalSessionRoutes } from "../portal-sessions/routes.ts";
import { definitionRoutes } from "../portals/definition-routes.ts";
import { portalRoutes } from "../portals/routes.ts";
import { ruleRoutes } from "../rules/routes.ts";
import { senderRoutes } from "../senders/routes.ts";
import { sourceRoutes } from "../sources/routes.ts";
import { strayRoutes } from "../strays/routes.ts";
import { tokenRoutes } from "../tokens/routes.ts";
import { answerHeaders } from "./answer-headers.ts";
import { authenticate } from "./auth.ts";
import { readJsonBody } from "./body.ts";
import { describeChat } from "./chat-paths.ts";
import { applyCors, checkOrigin } from "./cors.ts";
import { createDocsRoutes } from "./docs-routes.ts";
import { buildDocument } from "./document.ts";
import { createHealthRoutes } from "./health-routes.ts";
import { describeIngest } from "./ingest-paths.ts";
import { asBatonError, noSuchRoute } from "./problems.ts";
import { refuseUndeclared } from "./refuse-undeclared.ts";
import { describeRelay } from "./relay-paths.ts";
import { type AdminEnv, createRouter } from "./router.ts";

/** The app host: every feature's routes, mounted once. */
export function createAdmin() {
  const app = new OpenAPIHono<AdminEnv>({
    getPath: (request) => readChatPath(readRelayPath(getPath(request)).path).path,
  });
  // The document is made from the finished app, when it is first asked for.
  let document: ReturnType<typeof buildDocument> | undefined;
  const describe = () => (document ??= buildDocument(app));

  app.onError((error) => problemResponse(asBatonError(error)));
  app.notFound((c) => problemResponse(noSuchRoute(describe(), c.req.method, c.req.path)));
  app.use("*", answerHeaders);
  app.route("/", createHealthRoutes());
  app.route("/", createDocsRoutes(describe));
  app.route("/", pageRoutes);
  app.route("/", signingKeyRoutes);
  app.route("/", kakaoRoutes);
  app.route("/", chatPageRoutes);
  app.route("/", chatRoutes);
  app.use("/api/v1/channels/*", applyCors);
  app.use("/api/v1/*", authenticate, checkOrigin, readJsonBody, refuseUndeclared(describe));
  app.route("/api/v1", apiRoutes());
  app.use("/dashboard/api/*", authenticate, checkOrigin, readJsonBody, refuseUndeclared(describe));
  app.route("/dashboard/api", kakaoDashboardRoutes);
  app.use("/relay/*", authenticate, checkOrigin, readJsonBody, refuseUndeclared(describe));
  app.route("/relay/dual-session", dualSessionRoutes);
  describeIngest(app);
  describeRelay(app);
  describeChat(app);
  return app;
}

function apiRoutes() {
  return createRouter()
    .route("/", sourceRoutes)
    .route("/", senderRoutes)
    .route("/", destinationRoutes)
    .route("/", ruleRoutes)
    .route("/", eventRoutes)
    .route("/", deliveryRoutes)
    .route("/", liveRoutes)
    .route("/", ledgerRoutes)
    .route("/", channelRoutes)
    .route("/", strayRoutes)
    .route("/", alertRoutes)
    .route("/", jobRoutes)
    .route("/", apiKeyRoutes)
    .route("/", organizationRoutes)
    .route("/", definitionRoutes)
    .route("/", portalRoutes)
    .route("/", portalSessionRoutes)
    .route("/", tokenRoutes)
    .route("/", chatAuthRoutes);
}

/** The routes' types, for clients: `hc<AdminApi>(url)`. */
export type AdminApi = ReturnType<typeof apiRoutes>;
