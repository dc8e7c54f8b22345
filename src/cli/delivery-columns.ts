import type { DeliverySummary, FailureGroups } from "../deliveries/schemas.ts";
import type { Column } from "./table.ts";
import type { Texts } from "./texts.ts";

export const deliveryColumns = ({ columns }: Texts): Column<DeliverySummary>[] => [
  { title: columns.id, of: ({ id }) => id },
  { title: columns.createdAt, of: ({ createdAt }) => createdAt },
  { title: columns.status, of: ({ status }) => status },
  { title: columns.tries, of: ({ attemptCount }) => attemptCount },
  { title: columns.answer, of: ({ responseStatus }) => responseStatus },
  { title: columns.reason, of: ({ reason }) => reason },
  { title: columns.destination, of: ({ destinationId }) => destinationId },
  { title: columns.event, of: ({ eventId }) => eventId },
];

export const failureColumns = ({ columns }: Texts): Column<FailureGroups["groups"][number]>[] => [
  { title: columns.count, of: ({ count }) => count },
  { title: columns.reason, of: ({ reason }) => reason },
  { title: columns.destination, of: ({ destinationId }) => destinationId },
  { title: columns.lastAt, of: ({ lastAt }) => lastAt },
  { title: columns.example, of: ({ exampleDeliveryId }) => exampleDeliveryId },
];
