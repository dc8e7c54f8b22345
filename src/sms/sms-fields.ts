/** A card was used, or could not be. Optional fields are there only when the message states them. */
export type CardSms = {
  kind: "card";
  event: "approved" | "cancelled" | "declined";
  issuer: string | null;
  /** Last digits or mask as written, e.g. `1234`, `8*1*`. */
  cardId: string | null;
  cardType: "check" | "corporate" | null;
  holder: string | null;
  /** A whole number of won; a decimal text in another currency. Never negative: `event` has the direction. */
  amount: number | string;
  currency: string;
  /** 0: paid at once; null: not stated. */
  installmentMonths: number | null;
  /** RFC 3339, on Seoul's clock. */
  occurredAt: string | null;
  merchant: string | null;
  cumulative: number | null;
  balance: number | null;
  overseas: boolean;
  code: null;
  partial?: true;
  pointsUsed?: number;
  estimatedKrw?: number;
  country?: string;
  dcc?: true;
  reason?: string;
};

/** Money came to an account or left it. */
export type BankSms = {
  kind: "bank";
  event: "deposit" | "withdrawal";
  bank: string | null;
  accountId: string | null;
  amount: number;
  currency: "KRW";
  occurredAt: string | null;
  counterparty: string | null;
  /** Negative on an overdrawn account. */
  balance: number | null;
  code: null;
  /** The code in the payer's name of a deposit of 1 won. */
  accountVerifyCode?: string;
};

/** A one-time code, without what groups its digits. */
export type OtpSms = {
  kind: "otp";
  code: string;
  service: string | null;
  validSeconds: number | null;
  rawCode?: string;
  domain?: string;
  amount?: number;
  cardId?: string;
  merchant?: string;
};

export type OtherKind =
  | "ad"
  | "appointment"
  | "delivery"
  | "emergency"
  | "locker"
  | "notice"
  | "points"
  | "statement"
  | "suspected_smishing";

/** Everything else. `subkind` is null for what nothing is known about. */
export type OtherSms = {
  kind: "other";
  subkind: OtherKind | null;
  code: null;
  amount?: number;
  trackingNo?: string;
  lockerCode?: string;
};

export type Sms = CardSms | BankSms | OtpSms | OtherSms;
