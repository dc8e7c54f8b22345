/** What ends a subscription or a publish, or what it waits for. `status`: of the HTTP answer; 0 when there was none. */
export class ClientError extends Error {
  readonly status: number;

  constructor(message: string, status = 0, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "BatonClientError";
    this.status = status;
  }
}
