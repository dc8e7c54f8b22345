/** What became of what a destination has taken on, as its service tells it. */
export type Receipt = {
  /** `none`: nothing was taken on. */
  status: "none" | "pending" | "delivered" | "partly_delivered" | "failed" | "unknown";
  requestIds: string[];
  messages: {
    /** Masked. */
    to: string;
    requestId: string;
    status: "pending" | "delivered" | "failed" | "unknown";
    statusCode: string | null;
    statusName: string | null;
    statusMessage: string | null;
    /** As the service writes it, or null. */
    completedAt: string | null;
  }[];
  /** When the service was asked last, in milliseconds UTC. */
  checkedAt: number | null;
  /** Why nothing was sent, in words. */
  problem: string | null;
};
