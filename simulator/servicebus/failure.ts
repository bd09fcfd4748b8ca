// What the broker refuses, in the words of Service Bus: a condition that clients map to their own
// codes, and a description.

/** Each with the status that an answer of a management link carries for it. */
const STATUS = {
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

export type Condition = keyof typeof STATUS;

export class Failure extends Error {
  readonly condition: Condition;
  readonly status: number;

  constructor(condition: Condition, description: string) {
    super(description);
    this.condition = condition;
    this.status = STATUS[condition];
  }
}

/** The condition that stands for an HTTP status, as the faults of the simulator tell it. */
export function conditionFor(status: number): Condition {
  const known = Object.entries(STATUS).find(([, of]) => of === status);
  return known === undefined ? 'amqp:internal-error' : (known[0] as Condition);
}

export const lockLost = (): Failure =>
  new Failure(
    'com.microsoft:message-lock-lost',
    'The lock supplied is invalid. Either the lock expired, or the message has already been ' +
      'removed from the queue.',
  );

export const sessionLockLost = (session: string): Failure =>
  new Failure(
    'com.microsoft:session-lock-lost',
    `The session lock has expired on the session '${session}'. Accept the session again.`,
  );

export const messageNotFound = (sequences: readonly number[]): Failure =>
  new Failure(
    'com.microsoft:message-not-found',
    `There is no such message here with the sequence number ${sequences.join(', ')}.`,
  );

export const entityNotFound = (address: string): Failure =>
  new Failure(
    'amqp:not-found',
    `The messaging entity '${address}' could not be found. To know more visit ` +
      'https://aka.ms/sbResourceMgrExceptions.',
  );
