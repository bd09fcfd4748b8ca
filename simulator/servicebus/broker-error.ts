// The broker's refusals, in the words of Service Bus. The SDK maps the condition to its own code;
// the description is for people.

/** Each condition with its status in the answer of a management link. */
const STATUS_BY_CONDITION = {
  'amqp:unauthorized-access': 401,
  'amqp:not-found': 404,
  'com.microsoft:message-not-found': 404,
  'amqp:not-allowed': 400,
  'com.microsoft:argument-error': 400,
  'amqp:decode-error': 400,
  'amqp:not-implemented': 501,
  'amqp:internal-error': 500,
  'com.microsoft:server-busy': 503,
  'com.microsoft:timeout': 408,
  'com.microsoft:entity-already-exists': 409,
  'com.microsoft:message-lock-lost': 410,
  'com.microsoft:session-lock-lost': 410,
  'com.microsoft:session-cannot-be-locked': 410,
  'amqp:link:message-size-exceeded': 403,
  'amqp:resource-limit-exceeded': 403,
} as const;

export type AmqpCondition = keyof typeof STATUS_BY_CONDITION;

/** A refusal of the broker, with its AMQP condition. */
export class BrokerError extends Error {
  readonly condition: AmqpCondition;
  readonly status: number;

  constructor(condition: AmqpCondition, description: string) {
    super(description);
    this.condition = condition;
    this.status = STATUS_BY_CONDITION[condition];
  }
}

/** Returns the condition for an HTTP status. Ordered faults carry an HTTP status. */
export function conditionFor(status: number): AmqpCondition {
  const known = Object.entries(STATUS_BY_CONDITION).find(([, of]) => of === status);
  return known === undefined ? 'amqp:internal-error' : (known[0] as AmqpCondition);
}

export const lockLost = (): BrokerError =>
  new BrokerError(
    'com.microsoft:message-lock-lost',
    'The lock supplied is invalid. Either the lock expired, or the message has already been ' +
      'removed from the queue.',
  );

export const sessionLockLost = (session: string): BrokerError =>
  new BrokerError(
    'com.microsoft:session-lock-lost',
    `The session lock has expired on the session '${session}'. Accept the session again.`,
  );

export const messageNotFound = (sequences: readonly number[]): BrokerError =>
  new BrokerError(
    'com.microsoft:message-not-found',
    `There is no such message here with the sequence number ${sequences.join(', ')}.`,
  );

export const entityNotFound = (address: string): BrokerError =>
  new BrokerError(
    'amqp:not-found',
    `The messaging entity '${address}' could not be found. To know more visit ` +
      'https://aka.ms/sbResourceMgrExceptions.',
  );
