// The caller: a person or service that sends a request, by any route.

/**
 * The identity of a caller. `door` names its way into Lifeboat: REST, a queue, a schedule or a
 * webhook.
 */
export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly door: 'rest' | 'queue' | 'schedule' | 'webhook';
}
