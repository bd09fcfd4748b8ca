// One AMQP connection of a client: its links, and the requests and messages on them.

import type { Socket } from 'node:net';
import type { Receiver, Sender } from 'rhea';
import type { FaultRegistry } from '../../wire/faults.ts';
import type { Entity, Mailbox } from '../entities.ts';
import { entityNotFound, BrokerError } from '../broker-error.ts';
import { MAX_MESSAGE_BYTES, readBatch, readMessage, type ReceivedMessage } from '../message.ts';
import type { HeldSession, ReceiveMode } from '../receiving.ts';
import { resourcePath } from '../sas.ts';
import { send, requireSendTarget } from '../sending.ts';
import type { AcceptedSession } from '../sessions.ts';
import { ClientAccess, type AccessServices } from './client-access.ts';
import { codec, toPlainMap, textOrEmpty, type PlainMap } from './codec.ts';
import type { MailboxHub } from './hub.ts';
import { findOperation } from './management.ts';
import { ReceiverLink } from './receiver-link.ts';
import {
  addressOf,
  BATCH_FORMAT,
  concludeDelivery,
  decodeMessage,
  describeLink,
  echoAddresses,
  encodeMessage,
  clearSource,
  holdAttach,
  newConnection,
  receiveAsBytes,
  sendSettled,
  type RheaEvent,
  type Link,
  type ServerConnection,
  type WireMessage,
} from './rhea-internals.ts';
import { requestSession } from './session-request.ts';
import { toTicks } from './ticks.ts';
import { FaultRunner } from './fault-runner.ts';

/** What a connection needs from the broker. */
export interface BrokerServices extends AccessServices {
  readonly hub: MailboxHub;
  readonly faults: FaultRegistry;
}

const TOKEN_ADDRESS = '$cbs';
const MANAGEMENT_SUFFIX = '/$management';
const SESSION_FILTER = 'com.microsoft:session-filter';
const DEFAULT_SESSION_WAIT_MS = 60_000;

/** The handlers of an open link. */
interface LinkHandler {
  message?(bytes: Buffer, happening: RheaEvent): void;
  flow?(drain: boolean): void;
  settled?(happening: RheaEvent, how: 'accepted' | 'modified' | 'rejected' | 'released'): void;
  close?(): void;
}

export function serveClient(services: BrokerServices, socket: Socket): void {
  const connection = newConnection();
  const client = new BrokerClient(services, new FaultRunner(services.faults, socket));
  client.listen(connection);
  socket.on('close', () => {
    connection.eof();
    client.closeAllLinks();
  });
  connection.accept(socket);
}

class BrokerClient {
  private readonly services: BrokerServices;
  private readonly faultRunner: FaultRunner;
  private readonly roles = new Map<Link, LinkHandler>();
  private readonly access: ClientAccess;

  constructor(services: BrokerServices, faultRunner: FaultRunner) {
    this.services = services;
    this.faultRunner = faultRunner;
    this.access = new ClientAccess(services);
  }

  listen(connection: ServerConnection): void {
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
      this.handlerOf(happening)?.message?.(happening.message ?? Buffer.alloc(0), happening),
    );
    on('sender_flow', (happening) => this.handlerOf(happening)?.flow?.(false));
    on('sender_draining', (happening) => this.handlerOf(happening)?.flow?.(true));
    for (const how of ['accepted', 'modified', 'rejected', 'released'] as const)
      on(how, (happening) => this.handlerOf(happening)?.settled?.(happening, how));
    for (const end of ['sender_close', 'receiver_close'] as const)
      on(end, (happening) => this.detached(happening.sender ?? happening.receiver));
    on('session_close', ({ session }) => {
      for (const link of this.roles.keys()) if (link.session === session) this.detached(link);
    });
    on('disconnected', () => this.closeAllLinks());
    // The events above report the end of links. Errors on the client's side are for the client to
    // report.
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

  closeAllLinks(): void {
    for (const link of this.roles.keys()) this.detached(link);
  }

  private handlerOf({ sender, receiver }: RheaEvent): LinkHandler | undefined {
    const link = sender ?? receiver;
    return link === undefined ? undefined : this.roles.get(link);
  }

  private detached(link: Link | undefined): void {
    if (link === undefined) return;
    this.roles.get(link)?.close?.();
    this.roles.delete(link);
  }

  /**
   * Opens a link. A refused link is first attached and then detached with the reason, as in AMQP.
   */
  private attach(link: Link, open: () => LinkHandler): void {
    echoAddresses(link);
    try {
      this.roles.set(link, open());
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      link.close({ condition: error.condition, description: error.message });
    }
  }

  private clientSends(receiver: Receiver): LinkHandler {
    const address = addressOf(receiver.target);
    if (address === undefined)
      throw new BrokerError(
        'amqp:not-implemented',
        'The simulator does not support a link without an entity, such as a link to the transaction coordinator.',
      );
    if (address === TOKEN_ADDRESS)
      return {
        message: (bytes, { delivery }) =>
          this.token(bytes, () => delivery !== undefined && concludeDelivery(delivery)),
      };
    const managed = managedAddress(address);
    this.access.require(address, managed === undefined ? 'Send' : undefined);
    const entity = this.entityAt(managed ?? address);
    if (managed !== undefined)
      return {
        message: (bytes, { delivery }) =>
          this.managed(entity, address, bytes, () => delivery !== undefined && concludeDelivery(delivery)),
      };
    const target = requireSendTarget(entity);
    describeLink(receiver, { max_message_size: MAX_MESSAGE_BYTES });
    return {
      message: (bytes, { delivery, format }) =>
        this.faultRunner.perform({
          verb: 'SEND',
          address: target.address,
          body: bytes,
          work: () => send(this.services.broker, target, readTransfer(bytes, format)),
          done: () => delivery !== undefined && concludeDelivery(delivery),
          refused: ({ condition, message }) =>
            delivery !== undefined && concludeDelivery(delivery, { condition, description: message }),
        }),
    };
  }

  private clientReceives(sender: Sender): LinkHandler {
    const address = addressOf(sender.source) ?? '';
    if (address === TOKEN_ADDRESS) return {};
    const managed = managedAddress(address);
    this.access.require(address, managed === undefined ? 'Listen' : undefined);
    const entity = this.entityAt(managed ?? address);
    if (managed !== undefined) return {};
    if (entity.kind === 'topic')
      throw new BrokerError(
        'amqp:not-allowed',
        `'${entity.address}' is a topic: messages are received from its subscriptions.`,
      );
    const filter = toPlainMap(sender.source.filter);
    const mode: ReceiveMode = sender.snd_settle_mode === 1 ? 'receiveAndDelete' : 'peekLock';
    if (SESSION_FILTER in filter) return this.receiveSession(sender, entity, mode, filter[SESSION_FILTER]);
    if (entity.requiresSession)
      throw new BrokerError(
        'amqp:not-allowed',
        'It is not possible for an entity that requires sessions to create a non-sessionful ' +
          `message receiver: '${entity.address}'.`,
      );
    return this.createReceiver(sender, entity, mode);
  }

  private createReceiver(
    sender: Sender,
    mailbox: Mailbox,
    mode: ReceiveMode,
    session?: HeldSession,
  ): LinkHandler & { readonly link: ReceiverLink } {
    describeLink(sender, {
      snd_settle_mode: mode === 'peekLock' ? 0 : 1,
      rcv_settle_mode: mode === 'peekLock' ? 1 : 0,
    });
    const link = new ReceiverLink(
      { ...this.services, worker: this.faultRunner },
      sender,
      mailbox,
      mode,
      session,
    );
    return {
      link,
      flow: (drain) => link.flow(drain),
      settled: ({ delivery }, how) => delivery !== undefined && link.settled(delivery, how),
      close: () => link.close(),
    };
  }

  private receiveSession(sender: Sender, mailbox: Mailbox, mode: ReceiveMode, id: unknown): LinkHandler {
    if (!mailbox.requiresSession)
      throw new BrokerError(
        'amqp:not-allowed',
        'A sessionful message receiver cannot be created on an entity that does not require ' +
          `sessions: '${mailbox.address}'.`,
      );
    const accepted = (session: AcceptedSession): void => {
      describeLink(sender, {
        properties: { 'com.microsoft:locked-until-utc': codec.wrap_long(toTicks(session.lockedUntil)) },
      });
      echoAddresses(sender, { [SESSION_FILTER]: session.id });
      this.roles.set(sender, this.createReceiver(sender, mailbox, mode, session));
      sender.open();
    };
    const refused = ({ condition, message }: BrokerError): void => {
      clearSource(sender);
      sender.open();
      sender.close({ condition, description: message });
    };
    holdAttach(sender);
    const patience = Number(
      toPlainMap(sender.properties)['com.microsoft:timeout'] ?? DEFAULT_SESSION_WAIT_MS,
    );
    const stop = requestSession({
      ...this.services,
      mailbox,
      id: typeof id === 'string' ? id : undefined,
      waitMs: patience,
      accepted,
      refused,
    });
    return stop === undefined ? (this.roles.get(sender) ?? {}) : { close: stop };
  }

  private entityAt(address: string): Entity {
    const path = resourcePath(address);
    const entity = this.services.broker.directory.find(path);
    if (entity === undefined) throw entityNotFound(path);
    return entity;
  }

  private token(bytes: Buffer, conclude: () => void): void {
    const message = decodeMessage(bytes);
    const audience = textOrEmpty(message.application_properties?.['name']);
    this.faultRunner.perform({
      verb: 'PUTTOKEN',
      address: resourcePath(audience),
      body: Buffer.alloc(0),
      work: () => {
        this.access.addToken(
          textOrEmpty(message.application_properties?.['type']),
          String(message.body),
          audience,
        );
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

  private managed(entity: Entity, address: string, bytes: Buffer, conclude: () => void): void {
    const message = decodeMessage(bytes);
    const refused = (failure: BrokerError): void => {
      conclude();
      this.reply(message, failure.status, failure.message, undefined, failure.condition);
    };
    try {
      const { verb, run } = findOperation(message);
      this.access.require(address, verb === 'SCHEDULE' || verb === 'CANCEL' ? 'Send' : 'Listen');
      this.faultRunner.perform({
        verb,
        address: entity.address,
        body: bytes,
        work: () =>
          run({
            broker: this.services.broker,
            entity,
            body: toPlainMap(message.body),
            sessions: this.sessions(),
          }),
        done: (body) => {
          conclude();
          this.reply(message, body === undefined ? 204 : 200, body === undefined ? 'NoContent' : 'OK', body);
        },
        refused,
      });
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
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

  /**
   * Sends the answer on the link that the request names. A client that has closed this link needs
   * no answer.
   */
  private reply(
    request: WireMessage,
    status: number,
    description: string,
    body: PlainMap | undefined,
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
      encodeMessage({
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

function readTransfer(bytes: Buffer, format: number | undefined): ReceivedMessage[] {
  if (bytes.length > MAX_MESSAGE_BYTES)
    throw new BrokerError(
      'amqp:link:message-size-exceeded',
      `The transfer has ${bytes.length} bytes and exceeds the maximum of ${MAX_MESSAGE_BYTES}.`,
    );
  return format === BATCH_FORMAT ? readBatch(bytes) : [readMessage(bytes)];
}

const managedAddress = (address: string): string | undefined =>
  address.toLowerCase().endsWith(MANAGEMENT_SUFFIX) ? address.slice(0, -MANAGEMENT_SUFFIX.length) : undefined;
