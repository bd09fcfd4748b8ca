// The person or service that asks for something.

export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly door: 'rest' | 'queue' | 'schedule' | 'webhook';
}
