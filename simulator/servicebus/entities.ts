// Defines the queues, topics and subscriptions. The definition is data, with the names and
// durations of the Bicep templates.

import * as z from 'zod';
import { parseDurationMs } from './duration.ts';

const duration = z.string().regex(/^P(?=.)/, 'is no ISO 8601 duration');

const correlationFilter = z.strictObject({
  correlationId: z.string().exactOptional(),
  messageId: z.string().exactOptional(),
  to: z.string().exactOptional(),
  replyTo: z.string().exactOptional(),
  label: z.string().exactOptional(),
  sessionId: z.string().exactOptional(),
  replyToSessionId: z.string().exactOptional(),
  contentType: z.string().exactOptional(),
  properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
});

const filter = z.discriminatedUnion('filterType', [
  z.strictObject({ filterType: z.literal('CorrelationFilter'), correlationFilter }),
  z.strictObject({
    filterType: z.literal('SqlFilter'),
    sqlFilter: z.strictObject({ sqlExpression: z.string() }),
  }),
]);

const receivingShape = {
  lockDuration: duration.exactOptional(),
  maxDeliveryCount: z.int().min(1).exactOptional(),
  requiresSession: z.boolean().exactOptional(),
  defaultMessageTimeToLive: duration.exactOptional(),
  deadLetteringOnMessageExpiration: z.boolean().exactOptional(),
};
const sendingShape = {
  requiresDuplicateDetection: z.boolean().exactOptional(),
  duplicateDetectionHistoryTimeWindow: duration.exactOptional(),
};
const name = z.string().regex(/^[A-Za-z0-9]([\w.\-/]*[A-Za-z0-9_])?$/);

const rule = z.intersection(z.object({ name: z.string().min(1) }), filter);
const subscription = z.strictObject({ name, ...receivingShape, rules: z.array(rule).exactOptional() });
const queue = z.strictObject({ name, ...receivingShape, ...sendingShape });
const topic = z.strictObject({
  name,
  ...sendingShape,
  defaultMessageTimeToLive: duration.exactOptional(),
  subscriptions: z.array(subscription).exactOptional(),
});
const entities = z.strictObject({
  queues: z.array(queue).exactOptional(),
  topics: z.array(topic).exactOptional(),
});

/** The definition of all queues and topics, as a file or a test gives it. */
export type Entities = z.infer<typeof entities>;
export type Filter = z.infer<typeof filter>;
export type CorrelationFilter = z.infer<typeof correlationFilter>;
export type Rule = Filter & { readonly name: string };

/** Validates the definition. The error explains in plain words every mistake. */
export function readEntities(value: unknown): Entities {
  const read = entities.safeParse(value);
  if (!read.success)
    throw new Error(`The queues and topics are not understood:\n${z.prettifyError(read.error)}`);
  return read.data;
}

/** A place for messages: a queue, a subscription, or the dead-letter queue of either. */
export interface Mailbox {
  readonly kind: 'queue' | 'subscription' | 'deadLetters';
  readonly address: string;
  readonly number: number;
  readonly lockDuration: number;
  readonly maxDeliveryCount: number;
  readonly requiresSession: boolean;
  readonly timeToLive: number;
  readonly deadLettersExpired: boolean;
  /** Undefined for a dead-letter queue: it has no dead-letter queue of its own. */
  readonly deadLetters: Mailbox | undefined;
  /** How long the broker remembers message ids to find duplicates. Undefined: it remembers none. */
  readonly duplicateWindow: number | undefined;
}

export interface Topic {
  readonly kind: 'topic';
  readonly address: string;
  /** The number of the topic, for its scheduled messages. */
  readonly number: number;
  readonly timeToLive: number;
  readonly duplicateWindow: number | undefined;
  readonly subscriptions: readonly {
    readonly mailbox: Mailbox;
    readonly firstRules: readonly Rule[] | undefined;
  }[];
}

export type Entity = Mailbox | Topic;

export interface EntityDirectory {
  /** Finds an entity by its address, in upper or lower case. */
  find(address: string): Entity | undefined;
  byNumber(number: number): Entity | undefined;
  readonly topics: readonly Topic[];
}

const DEFAULT_LOCK_MS = 60_000;
const DEFAULT_MAX_DELIVERIES = 10;
const DEFAULT_DUPLICATE_WINDOW_MS = 600_000;

type ReceivingDefinition = z.infer<typeof subscription> | z.infer<typeof queue>;
type SendingDefinition = z.infer<typeof topic> | z.infer<typeof queue>;

/** Creates the directory. `numberOf` returns the permanent number of an address. */
export function createEntityDirectory(
  definitions: Entities,
  numberOf: (address: string) => number,
): EntityDirectory {
  const byAddress = new Map<string, Entity>();
  const topics: Topic[] = [];
  const add = <E extends Entity>(entity: E): E => {
    if (byAddress.has(entity.address.toLowerCase()))
      throw new Error(`There are two entities named ${entity.address}.`);
    byAddress.set(entity.address.toLowerCase(), entity);
    return entity;
  };
  const mailbox = (
    kind: 'queue' | 'subscription',
    address: string,
    definition: ReceivingDefinition,
    duplicateWindow?: number,
  ): Mailbox => {
    const deadAddress = `${address}/$DeadLetterQueue`;
    const deadLetters = add<Mailbox>({
      ...receivingSettings(definition),
      kind: 'deadLetters',
      address: deadAddress,
      number: numberOf(deadAddress),
      maxDeliveryCount: Infinity,
      requiresSession: false,
      timeToLive: Infinity,
      deadLettersExpired: false,
      deadLetters: undefined,
      duplicateWindow: undefined,
    });
    return add<Mailbox>({
      ...receivingSettings(definition),
      kind,
      address,
      number: numberOf(address),
      deadLetters,
      duplicateWindow,
    });
  };
  for (const definition of definitions.queues ?? [])
    mailbox('queue', definition.name, definition, duplicateWindowOf(definition));
  for (const definition of definitions.topics ?? []) {
    const subscriptions = (definition.subscriptions ?? []).map((subscription) => ({
      mailbox: mailbox('subscription', `${definition.name}/Subscriptions/${subscription.name}`, subscription),
      firstRules: subscription.rules,
    }));
    topics.push(
      add<Topic>({
        kind: 'topic',
        address: definition.name,
        number: numberOf(definition.name),
        subscriptions,
        timeToLive: parseDurationMs(definition.defaultMessageTimeToLive, Infinity),
        duplicateWindow: duplicateWindowOf(definition),
      }),
    );
  }
  const byNumber = new Map([...byAddress.values()].map((entity) => [entity.number, entity]));
  return {
    find: (address) => byAddress.get(address.toLowerCase()),
    byNumber: (number) => byNumber.get(number),
    topics,
  };
}

const receivingSettings = (definition: ReceivingDefinition) => ({
  lockDuration: parseDurationMs(definition.lockDuration, DEFAULT_LOCK_MS),
  maxDeliveryCount: definition.maxDeliveryCount ?? DEFAULT_MAX_DELIVERIES,
  requiresSession: definition.requiresSession ?? false,
  timeToLive: parseDurationMs(definition.defaultMessageTimeToLive, Infinity),
  deadLettersExpired: definition.deadLetteringOnMessageExpiration ?? false,
});

const duplicateWindowOf = (definition: SendingDefinition): number | undefined =>
  definition.requiresDuplicateDetection === true
    ? parseDurationMs(definition.duplicateDetectionHistoryTimeWindow, DEFAULT_DUPLICATE_WINDOW_MS)
    : undefined;
