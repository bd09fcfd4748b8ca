// One connection of a client: its links, what it may open, and what it holds.

import type { Socket } from 'node:net';
import type { Receiver, Sender } from 'rhea';
import type { FaultBook } from '../../wire/faults.ts';
import type { Entity, Mailbox } from '../entities.ts';
import { entityNotFound, Failure } from '../failure.ts';
import type { Ground } from '../ground.ts';
import { MAXIMUM_SIZE, readBatch, readMessage, type Incoming } from '../message.ts';
import type { HeldSession, ReceiveMode } from '../receiving.ts';
import { checkToken, covers, pathOf, type CheckedToken, type Claim, type Key, type Right } from '../sas.ts';
import { send, targetOf } from '../sending.ts';
import type { AcceptedSession } from '../sessions.ts';
import { codec, plainMap, textOf, type Plain } from './codec.ts';
import type { Hub } from './hub.ts';
import { operationOf } from './management.ts';
import { ReceiverLink } from './receiver-link.ts';
import {
  addressOf,
  BATCH_FORMAT,
  concludeDelivery,
  decoded,
  describeLink,
  echoAddresses,
  encoded,
  forgetSource,
  holdAttach,
  newConnection,
  receiveAsBytes,
  sendSettled,
  type Happening,
  type Link,
  type Listened,
  type WireMessage,
} from './rhea-seam.ts';
import { requestSession } from './session-request.ts';
import { ticksOf } from './ticks.ts';
import { Worker } from './work.ts';

export interface House {
  readonly ground: Ground;
  readonly hub: Hub;
  readonly faults: FaultBook;
  readonly keys: readonly Key[];
  /**
   * Whose token of Entra ID this is, as far as he may use queues and topics; undefined unless it
   * can be trusted. Without it none is taken.
   */
  readonly entra?:
    | ((token: string) => { readonly rights: readonly Right[]; readonly expires: number } | undefined)
    | undefined;
}

const TOKENS = '$cbs';
const MANAGEMENT = '/$management';
const SESSION_FILTER = 'com.microsoft:session-filter';
const PATIENCE = 60_000;

/** What a link does once it is open. */
interface Role {
  message?(bytes: Buffer, happening: Happening): void;
  flow?(drain: boolean): void;
  settled?(happening: Happening, how: 'accepted' | 'modified' | 'rejected' | 'released'): void;
  close?(): void;
}

export function serveClient(house: House, socket: Socket): void {
  const connection = newConnection();
  const client = new Client(house, new Worker(house.faults, socket));
  client.listen(connection);
  socket.on('close', () => {
    connection.eof();
    client.gone();
  });
  connection.accept(socket);
}

class Client {
  private readonly house: House;
  private readonly worker: Worker;
  private readonly roles = new Map<Link, Role>();
  private claims: Claim[] = [];

  constructor(house: House, worker: Worker) {
    this.house = house;
    this.worker = worker;
  }

  listen(connection: Listened): void {
    const on = connection.on.bind(connection);
    on('session_open', ({ session }) => receiveAsBytes(session));
    on(
      'sender_open',
      ({ sender }) => sender !== undefined && this.attach(sender, () => this.clientReceives(sender)),
    );
    on(
      'receiver_open',
      ({ receiver }) => receiver !== undefined && this.attach(receiver, () => this.clientSends(receiver)),
    );
    on('message', (happening) =>
      this.roleOf(happening)?.message?.(happening.message ?? Buffer.alloc(0), happening),
    );
    on('sender_flow', (happening) => this.roleOf(happening)?.flow?.(false));
    on('sender_draining', (happening) => this.roleOf(happening)?.flow?.(true));
    for (const how of ['accepted', 'modified', 'rejected', 'released'] as const)
      on(how, (happening) => this.roleOf(happening)?.settled?.(happening, how));
    for (const end of ['sender_close', 'receiver_close'] as const)
      on(end, (happening) => this.detached(happening.sender ?? happening.receiver));
    on('session_close', ({ session }) => {
      for (const link of this.roles.keys()) if (link.session === session) this.detached(link);
    });
    on('disconnected', () => this.gone());
    // Their ends are told by the events above; what is wrong on the client's side is the client's to tell.
    for (const error of [
      'sender_error',
      'receiver_error',
      'session_error',
      'connection_error',
      'connection_close',
      'protocol_error',
      'error',
    ])
      on(error, () => undefined);
  }

  gone(): void {
    for (const link of this.roles.keys()) this.detached(link);
  }

  private roleOf({ sender, receiver }: Happening): Role | undefined {
    const link = sender ?? receiver;
    return link === undefined ? undefined : this.roles.get(link);
  }

  private detached(link: Link | undefined): void {
    if (link === undefined) return;
    this.roles.get(link)?.close?.();
    this.roles.delete(link);
  }

  /** A refusal is an attach that is answered and then taken back with the reason. */
  private attach(link: Link, open: () => Role): void {
    echoAddresses(link);
    try {
      this.roles.set(link, open());
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      link.close({ condition: error.condition, description: error.message });
    }
  }

  private clientSends(receiver: Receiver): Role {
    const address = addressOf(receiver.target);
    if (address === undefined)
      throw new Failure(
        'amqp:not-implemented',
        'A link to no entity, such as one to the coordinator of transactions, is not known here.',
      );
    if (address === TOKENS)
      return {
        message: (bytes, { delivery }) =>
          this.token(bytes, () => delivery !== undefined && concludeDelivery(delivery)),
      };
    const managed = managedBy(address);
    this.mustBeOpen(address, managed === undefined ? 'Send' : undefined);
    const entity = this.entityAt(managed ?? address);
    if (managed !== undefined)
      return {
        message: (bytes, { delivery }) =>
          this.managed(entity, address, bytes, () => delivery !== undefined && concludeDelivery(delivery)),
      };
    const target = targetOf(entity);
    describeLink(receiver, { max_message_size: MAXIMUM_SIZE });
    return {
      message: (bytes, { delivery, format }) =>
        this.worker.perform({
          verb: 'SEND',
          address: target.address,
          body: bytes,
          work: () => send(this.house.ground, target, readTransfer(bytes, format)),
          done: () => delivery !== undefined && concludeDelivery(delivery),
          refused: ({ condition, message }) =>
            delivery !== undefined && concludeDelivery(delivery, { condition, description: message }),
        }),
    };
  }

  private clientReceives(sender: Sender): Role {
    const address = addressOf(sender.source) ?? '';
    if (address === TOKENS) return {};
    const managed = managedBy(address);
    this.mustBeOpen(address, managed === undefined ? 'Listen' : undefined);
    const entity = this.entityAt(managed ?? address);
    if (managed !== undefined) return {};
    if (entity.kind === 'topic')
      throw new Failure(
        'amqp:not-allowed',
        `'${entity.address}' is a topic: messages are received from its subscriptions.`,
      );
    const filter = plainMap(sender.source.filter);
    const mode: ReceiveMode = sender.snd_settle_mode === 1 ? 'receiveAndDelete' : 'peekLock';
    if (SESSION_FILTER in filter) return this.sessionful(sender, entity, mode, filter[SESSION_FILTER]);
    if (entity.requiresSession)
      throw new Failure(
        'amqp:not-allowed',
        'It is not possible for an entity that requires sessions to create a non-sessionful ' +
          `message receiver: '${entity.address}'.`,
      );
    return this.receiving(sender, entity, mode);
  }

  private receiving(
    sender: Sender,
    mailbox: Mailbox,
    mode: ReceiveMode,
    session?: HeldSession,
  ): Role & { readonly link: ReceiverLink } {
    describeLink(sender, {
      snd_settle_mode: mode === 'peekLock' ? 0 : 1,
      rcv_settle_mode: mode === 'peekLock' ? 1 : 0,
    });
    const link = new ReceiverLink({ ...this.house, worker: this.worker }, sender, mailbox, mode, session);
    return {
      link,
      flow: (drain) => link.flow(drain),
      settled: ({ delivery }, how) => delivery !== undefined && link.settled(delivery, how),
      close: () => link.close(),
    };
  }

  private sessionful(sender: Sender, mailbox: Mailbox, mode: ReceiveMode, id: unknown): Role {
    if (!mailbox.requiresSession)
      throw new Failure(
        'amqp:not-allowed',
        'A sessionful message receiver cannot be created on an entity that does not require ' +
          `sessions: '${mailbox.address}'.`,
      );
    const accepted = (session: AcceptedSession): void => {
      describeLink(sender, {
        properties: { 'com.microsoft:locked-until-utc': codec.wrap_long(ticksOf(session.lockedUntil)) },
      });
      echoAddresses(sender, { [SESSION_FILTER]: session.id });
      this.roles.set(sender, this.receiving(sender, mailbox, mode, session));
      sender.open();
    };
    const refused = ({ condition, message }: Failure): void => {
      forgetSource(sender);
      sender.open();
      sender.close({ condition, description: message });
    };
    holdAttach(sender);
    const patience = Number(plainMap(sender.properties)['com.microsoft:timeout'] ?? PATIENCE);
    const stop = requestSession({
      ...this.house,
      mailbox,
      id: typeof id === 'string' ? id : undefined,
      patience,
      accepted,
      refused,
    });
    return stop === undefined ? (this.roles.get(sender) ?? {}) : { close: stop };
  }

  /**
   * A management link is open to everybody who may do anything there; what is asked on it needs its
   * own right.
   */
  private mustBeOpen(address: string, right: Right | undefined): void {
    const path = pathOf(address);
    const open = this.claims.filter((claim) => covers(claim, path, this.house.ground.now()));
    if (
      open.some((claim) => covers(claim, path, this.house.ground.now(), right) && claim.rights?.length !== 0)
    )
      return;
    throw new Failure(
      'amqp:unauthorized-access',
      open.length === 0
        ? `Unauthorized access: a token that opens '${path}' is required.`
        : `Unauthorized access. '${right ?? 'Send or Listen'}' claim(s) are required to perform ` +
            `this operation. Resource: '${path}'.`,
    );
  }

  private entityAt(address: string): Entity {
    const path = pathOf(address);
    const entity = this.house.ground.directory.find(path);
    if (entity === undefined) throw entityNotFound(path);
    return entity;
  }

  private token(bytes: Buffer, conclude: () => void): void {
    const message = decoded(bytes);
    const audience = textOf(message.application_properties?.['name']);
    this.worker.perform({
      verb: 'PUTTOKEN',
      address: pathOf(audience),
      body: Buffer.alloc(0),
      work: () => {
        const { ground } = this.house;
        const claim = this.checked(
          textOf(message.application_properties?.['type']),
          String(message.body),
          audience,
        );
        if ('refused' in claim) throw new Failure('amqp:unauthorized-access', claim.refused);
        this.claims = [
          ...this.claims.filter(({ path, expires }) => path !== claim.path && expires > ground.now()),
          claim,
        ];
        return undefined;
      },
      done: () => {
        conclude();
        this.reply(message, 202, 'Accepted', undefined);
      },
      refused: (failure) => {
        conclude();
        this.reply(message, failure.status, failure.message, undefined, failure.condition);
      },
    });
  }

  private checked(type: string, token: string, audience: string): CheckedToken {
    const { keys, ground, entra } = this.house;
    if (type !== 'jwt') return checkToken(token, audience, keys, ground.now());
    const holder = entra?.(token);
    return holder === undefined
      ? {
          refused:
            'InvalidToken: The token has an invalid signature, is expired, or was issued for another ' +
            'audience.',
        }
      : { path: pathOf(audience), ...holder };
  }

  private managed(entity: Entity, address: string, bytes: Buffer, conclude: () => void): void {
    const message = decoded(bytes);
    const refused = (failure: Failure): void => {
      conclude();
      this.reply(message, failure.status, failure.message, undefined, failure.condition);
    };
    try {
      const { verb, run } = operationOf(message);
      this.mustBeOpen(address, verb === 'SCHEDULE' || verb === 'CANCEL' ? 'Send' : 'Listen');
      this.worker.perform({
        verb,
        address: entity.address,
        body: bytes,
        work: () =>
          run({ ground: this.house.ground, entity, body: plainMap(message.body), sessions: this.sessions() }),
        done: (body) => {
          conclude();
          this.reply(message, body === undefined ? 204 : 200, body === undefined ? 'NoContent' : 'OK', body);
        },
        refused,
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      refused(error);
    }
  }

  private sessions(): HeldSession[] {
    return [...this.roles.values()].flatMap((role) =>
      'link' in role && role.link instanceof ReceiverLink && role.link.session !== undefined
        ? [role.link.session]
        : [],
    );
  }

  /** On the link that the request names. A client that has closed it wants no answer. */
  private reply(
    request: WireMessage,
    status: number,
    description: string,
    body: Plain | undefined,
    condition?: string,
  ): void {
    const link = [...this.roles.keys()].find(
      (candidate) =>
        candidate.is_sender() &&
        (candidate.name === request.reply_to || addressOf(candidate.target) === request.reply_to),
    );
    if (link?.is_open() !== true) return;
    const texts = {
      statusDescription: description,
      'status-description': description,
      ...(condition !== undefined && { errorCondition: condition, 'error-condition': condition }),
    };
    sendSettled(
      link as Sender,
      encoded({
        correlation_id: request.message_id,
        application_properties: {
          statusCode: codec.wrap_int(status),
          'status-code': codec.wrap_int(status),
          ...texts,
        },
        body: body ?? null,
      }),
    );
  }
}

function readTransfer(bytes: Buffer, format: number | undefined): Incoming[] {
  if (bytes.length > MAXIMUM_SIZE)
    throw new Failure(
      'amqp:link:message-size-exceeded',
      `The transfer has ${bytes.length} bytes and exceeds the maximum of ${MAXIMUM_SIZE}.`,
    );
  return format === BATCH_FORMAT ? readBatch(bytes) : [readMessage(bytes)];
}

const managedBy = (address: string): string | undefined =>
  address.toLowerCase().endsWith(MANAGEMENT) ? address.slice(0, -MANAGEMENT.length) : undefined;
