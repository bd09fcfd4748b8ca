// Serves the requests on the management link of an entity: everything except plain sending,
// receiving and settling.

import type { Entity, Mailbox } from '../entities.ts';
import { BrokerError, sessionLockLost } from '../broker-error.ts';
import type { BrokerContext } from '../broker-context.ts';
import { encodeForReceiver, readMessage } from '../message.ts';
import { peek, renewLock, settle, takeDeferred, type HeldSession, type Settlement } from '../receiving.ts';
import { cancelScheduled, schedule, requireSendTarget } from '../sending.ts';
import {
  listSessions,
  requireSessionLock,
  renewSession,
  sessionState,
  setSessionState,
} from '../sessions.ts';
import { ARRAY_OF, asBuffer, codec, toPlainMap, type PlainMap } from './codec.ts';
import { encodeRules, readRule } from './rule-encoding.ts';
import type { WireMessage } from './rhea-internals.ts';
import type { Verb } from './fault-runner.ts';

export interface ManagementRequest {
  readonly broker: BrokerContext;
  readonly entity: Entity;
  readonly body: PlainMap;
  /** The client's sessions on this connection. */
  readonly sessions: readonly HeldSession[];
}

export interface ManagementOperation {
  readonly verb: Verb;
  /** Returns the body of the answer, or undefined for an answer without content (status 204). */
  readonly run: (request: ManagementRequest) => PlainMap | undefined;
}

const EMPTY_BODY: PlainMap = {};
/** A client that wants the sessions with messages asks for changes after the end of time. */
const END_OF_TIME = Date.parse('9999-12-31T00:00:00Z');

const OPERATIONS: Readonly<Record<string, ManagementOperation>> = {
  'com.microsoft:schedule-message': { verb: 'SCHEDULE', run: scheduleMessages },
  'com.microsoft:cancel-scheduled-message': {
    verb: 'CANCEL',
    run({ broker, entity, body }) {
      cancelScheduled(broker, requireSendTarget(entity), toNumbers(body['sequence-numbers']));
      return EMPTY_BODY;
    },
  },
  'com.microsoft:peek-message': { verb: 'PEEK', run: peekMessages },
  'com.microsoft:receive-by-sequence-number': { verb: 'RECEIVEDEFERRED', run: receiveDeferred },
  'com.microsoft:renew-lock': {
    verb: 'RENEWLOCK',
    run: ({ broker, entity, body }) => ({
      expirations: codec.wrap_array(
        locksOf(body).map((lock) => renewLock(broker, requireMailbox(entity), lock)),
        ARRAY_OF.timestamp,
        undefined,
      ),
    }),
  },
  'com.microsoft:renew-session-lock': {
    verb: 'RENEWSESSION',
    run: (request) => ({
      expiration: codec.wrap_timestamp(
        renewSession(request.broker, requireMailbox(request.entity), requireHeldSession(request)),
      ),
    }),
  },
  'com.microsoft:get-session-state': {
    verb: 'GETSTATE',
    run(request) {
      const state = sessionState(request.broker, requireMailbox(request.entity), requireHeldSession(request));
      return { 'session-state': state === null ? null : asBuffer(state) };
    },
  },
  'com.microsoft:set-session-state': {
    verb: 'SETSTATE',
    run(request) {
      const state = request.body['session-state'];
      setSessionState(
        request.broker,
        requireMailbox(request.entity),
        requireHeldSession(request),
        Buffer.isBuffer(state) ? state : null,
      );
      return EMPTY_BODY;
    },
  },
  'com.microsoft:get-message-sessions': { verb: 'LISTSESSIONS', run: listMessageSessions },
  'com.microsoft:add-rule': {
    verb: 'ADDRULE',
    run({ broker, entity, body }) {
      broker.rules.add(
        requireSubscription(entity),
        readRule(String(body['rule-name']), toPlainMap(body['rule-description'])),
      );
      return EMPTY_BODY;
    },
  },
  'com.microsoft:remove-rule': {
    verb: 'REMOVERULE',
    run({ broker, entity, body }) {
      broker.rules.remove(requireSubscription(entity), String(body['rule-name']));
      return EMPTY_BODY;
    },
  },
  'com.microsoft:enumerate-rules': {
    verb: 'LISTRULES',
    run({ broker, entity, body }) {
      const skip = Number(body['skip'] ?? 0);
      const rules = broker.rules
        .list(requireSubscription(entity))
        .slice(skip, skip + Number(body['top'] ?? Infinity));
      return rules.length === 0 ? undefined : { rules: encodeRules(rules) };
    },
  },
  'com.microsoft:update-disposition': { verb: 'COMPLETE', run: updateDisposition },
};

const DISPOSITION_VERBS: Readonly<Record<string, Verb>> = {
  completed: 'COMPLETE',
  abandoned: 'ABANDON',
  defered: 'DEFER',
  suspended: 'DEADLETTER',
};

export function findOperation(message: WireMessage): ManagementOperation {
  const name = String(message.application_properties?.['operation']);
  const operation = OPERATIONS[name];
  if (operation === undefined)
    throw new BrokerError('amqp:not-implemented', `The operation '${name}' is not known here.`);
  const settling =
    operation.run === updateDisposition
      ? DISPOSITION_VERBS[String(toPlainMap(message.body)['disposition-status'])]
      : undefined;
  return settling === undefined ? operation : { ...operation, verb: settling };
}

function scheduleMessages({ broker, entity, body }: ManagementRequest): PlainMap {
  const messages = (Array.isArray(body['messages']) ? body['messages'] : []).map((entry) =>
    readMessage(toPlainMap(entry)['message'] as Buffer),
  );
  return {
    'sequence-numbers': codec.wrap_array(
      schedule(broker, requireSendTarget(entity), messages),
      ARRAY_OF.long,
      undefined,
    ),
  };
}

function peekMessages({ broker, entity, body }: ManagementRequest): PlainMap | undefined {
  const session = body['session-id'];
  const rows = peek(
    broker,
    entity.number,
    toNumber(body['from-sequence-number']),
    toNumber(body['message-count']),
    typeof session === 'string' ? session : undefined,
  );
  return rows.length === 0
    ? undefined
    : { messages: rows.map((row) => ({ message: encodeForReceiver(row, row.lockedUntil) })) };
}

function receiveDeferred(request: ManagementRequest): PlainMap {
  const { broker, body } = request;
  const mailbox = requireMailbox(request.entity);
  const session = mailbox.requiresSession ? requireHeldSession(request) : undefined;
  if (session !== undefined) requireSessionLock(broker, mailbox, session);
  const mode = Number(body['receiver-settle-mode']) === 0 ? 'receiveAndDelete' : 'peekLock';
  return {
    messages: takeDeferred(broker, mailbox, toNumbers(body['sequence-numbers']), mode, session).map(
      ({ row, lock, lockedUntil }) => ({
        message: encodeForReceiver(row, lockedUntil),
        ...(lock !== undefined && { 'lock-token': codec.wrap_uuid(lock) }),
      }),
    ),
  };
}

function listMessageSessions({ broker, entity, body }: ManagementRequest): PlainMap | undefined {
  const after = body['last-updated-time'] instanceof Date ? body['last-updated-time'].getTime() : END_OF_TIME;
  const [skip, top] = [Number(body['skip'] ?? 0), Number(body['top'] ?? 100)];
  const ids = listSessions(
    broker,
    requireMailbox(entity),
    after >= END_OF_TIME ? undefined : after,
    skip,
    top,
  );
  return ids.length === 0 ? undefined : { skip: codec.wrap_int(skip + ids.length), 'sessions-ids': ids };
}

function updateDisposition({ broker, entity, body }: ManagementRequest): PlainMap {
  const outcome = readSettlement(body);
  for (const lock of locksOf(body)) settle(broker, requireMailbox(entity), lock, outcome);
  return EMPTY_BODY;
}

function readSettlement(body: PlainMap): Settlement {
  const properties = toPlainMap(body['properties-to-modify']);
  const status = String(body['disposition-status']);
  switch (status) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', properties };
    case 'defered':
      return { kind: 'defer', properties };
    case 'suspended': {
      const [reason, description] = [body['deadletter-reason'], body['deadletter-description']];
      return {
        kind: 'deadLetter',
        properties: {
          ...properties,
          ...(reason !== undefined && { DeadLetterReason: reason }),
          ...(description !== undefined && { DeadLetterErrorDescription: description }),
        },
      };
    }
    default:
      throw new BrokerError('com.microsoft:argument-error', `'${status}' is no disposition.`);
  }
}

function requireMailbox(entity: Entity): Mailbox {
  if (entity.kind === 'topic')
    throw new BrokerError(
      'amqp:not-allowed',
      `'${entity.address}' is a topic: messages are received from its subscriptions.`,
    );
  return entity;
}

function requireSubscription(entity: Entity): Mailbox {
  if (entity.kind !== 'subscription')
    throw new BrokerError('amqp:not-allowed', `'${entity.address}' is no subscription and has no rules.`);
  return entity;
}

function requireHeldSession({ body, sessions }: ManagementRequest): HeldSession {
  const id = body['session-id'];
  const session = sessions.find((candidate) => candidate.id === id);
  if (session === undefined) throw sessionLockLost(String(id));
  return session;
}

/** AMQP's reader returns large numbers as bytes. */
const toNumber = (value: unknown): number =>
  Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value);

const toNumbers = (values: unknown): number[] => (Array.isArray(values) ? values.map(toNumber) : []);

const locksOf = (body: PlainMap): Buffer[] =>
  Array.isArray(body['lock-tokens']) ? body['lock-tokens'].filter((lock) => Buffer.isBuffer(lock)) : [];
