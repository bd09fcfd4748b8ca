// Gives the broker the parts of rhea that its typings omit. package.json pins rhea's version. All
// code that depends on rhea's internals belongs in this file.

import type { Socket } from 'node:net';
import rhea, { type Delivery, type Receiver, type Sender } from 'rhea';
import { toPlainMap, type PlainMap } from './codec.ts';

interface Attach {
  snd_settle_mode?: number;
  rcv_settle_mode?: number;
  max_message_size?: number;
  properties?: PlainMap;
}

interface LinkInternals {
  readonly local: { readonly attach: Attach };
  readonly state: { local_open: boolean; open_requests: number };
  readonly connection: { _register(): void };
  credit: number;
  delivery_count: number;
  issue_flow: boolean;
  _get_drain(): boolean;
}

interface SessionInternals {
  on_transfer(frame: { readonly performative: { message_format?: number | null } }): void;
  readonly outgoing: {
    readonly next_delivery_id: number;
    readonly next_pending_delivery: number;
    available(): number;
  };
}

interface DeliveryInternals {
  settled: boolean;
  remote_settled: boolean;
}

type Outcomes = Readonly<Record<'accepted' | 'rejected', (fields?: PlainMap) => { described(): unknown }>>;

export type Link = Sender | Receiver;

const linkInternals = (link: Link): LinkInternals => link as unknown as LinkInternals;
const sessionInternals = (link: Link): SessionInternals => link.session as unknown as SessionInternals;
const outcomes = rhea.message as unknown as Outcomes;

/** The maximum of unsettled deliveries for a client. At this number the broker sends no more. */
const MAX_UNSETTLED_DELIVERIES = 65_536;

/** Creates the server's side of a connection, before it has a socket. */
export function newConnection(): ServerConnection {
  const options = {
    autoaccept: false,
    credit_window: 1000,
    treat_modified_as_released: false,
    reconnect: false,
    session_buffer_size: { incoming: 2048, outgoing: MAX_UNSETTLED_DELIVERIES },
  };
  return rhea.create_container().create_connection(options as never) as unknown as ServerConnection;
}

export interface ServerConnection {
  on(event: string, act: (happening: RheaEvent) => void): void;
  accept(socket: Socket): void;
  /** Call this method when the socket is closed: it stops the heartbeats. */
  eof(): void;
}

/** Returns the address of a source or a target. */
export function addressOf(end: unknown): string | undefined {
  const address = toPlainMap(end)['address'];
  return typeof address === 'string' ? address : undefined;
}

/**
 * Answers an attach with the client's own addresses. Call this function before the answer leaves.
 */
export function echoAddresses(link: Link, filter?: PlainMap): void {
  const [source, target] = [addressOf(link.source), addressOf(link.target)];
  link.set_source({
    ...(source !== undefined && { address: source }),
    ...(filter !== undefined && { filter }),
  } as never);
  link.set_target({ ...(target !== undefined && { address: target }) } as never);
}

/**
 * Clears the source. A client that asked for any session treats a source without a session as a
 * refusal.
 */
export const clearSource = (sender: Sender): void => sender.set_source({} as never);

/** Replaces format 0. For format 0, rhea would decode the message and drop its bytes. */
const PLAIN_FORMAT = 0x4000_0000;
export const BATCH_FORMAT = 0x8001_3700;

/** Makes the session deliver every message as bytes from now on. */
export function receiveAsBytes(session: unknown): void {
  const internals = session as SessionInternals;
  const receive = internals.on_transfer.bind(internals);
  internals.on_transfer = (frame) => {
    if (frame.performative.message_format === 0) frame.performative.message_format = PLAIN_FORMAT;
    receive(frame);
  };
}

/** Adds fields to the answer to an attach. Call this function before this turn ends. */
export function describeLink(link: Link, attach: Attach): void {
  Object.assign(linkInternals(link).local.attach, attach);
}

/** Delays the answer to an attach until `link.open()`. Call this function before this turn ends. */
export function holdAttach(link: Link): void {
  const { state } = linkInternals(link);
  state.local_open = false;
  state.open_requests = 0;
}

export const creditOf = (sender: Sender): number => linkInternals(sender).credit;

/**
 * Returns how many messages wait in the session to be written. Until rhea writes them, credit still
 * counts them.
 */
export function unwrittenDeliveries(sender: Sender): number {
  const { outgoing } = sessionInternals(sender);
  return outgoing.next_delivery_id - outgoing.next_pending_delivery;
}

/** Returns how many more deliveries the session can track. */
export const freeDeliverySlots = (sender: Sender): number => sessionInternals(sender).outgoing.available();

/**
 * Tells the receiver that no more messages come, and takes its credit back. rhea itself sends no
 * answer when the last credit was just used.
 */
export function answerDrain(sender: Sender): void {
  const link = linkInternals(sender);
  link._get_drain = () => {
    link.delivery_count += link.credit;
    link.credit = 0;
    return true;
  };
  link.issue_flow = true;
  link.connection._register();
}

/** Sends a message that needs no settlement. */
export function sendSettled(sender: Sender, bytes: Buffer): void {
  (sender.send(bytes, undefined, 0) as unknown as DeliveryInternals).settled = true;
}

/** Settles a delivery finally and forgets it: the other side does not answer any more. */
export function concludeDelivery(
  delivery: Delivery,
  error?: { condition: string; description: string },
): void {
  const state = error === undefined ? outcomes.accepted() : outcomes.rejected({ error });
  delivery.update(true, state.described());
  (delivery as unknown as DeliveryInternals).remote_settled = true;
}

export interface WireMessage {
  readonly message_id?: unknown;
  readonly reply_to?: string;
  readonly application_properties?: PlainMap;
  readonly body?: unknown;
}

export const decodeMessage = (bytes: Buffer): WireMessage => rhea.message.decode(bytes) as WireMessage;

export function encodeMessage(message: {
  readonly correlation_id: unknown;
  readonly application_properties: PlainMap;
  readonly body: unknown;
}): Buffer {
  return rhea.message.encode(message);
}

/** The data of a rhea event. */
export interface RheaEvent {
  readonly session?: unknown;
  readonly sender?: Sender;
  readonly receiver?: Receiver;
  readonly delivery?: Delivery;
  readonly message?: Buffer;
  readonly format?: number;
}

/** The state that a client requests with its disposition. */
export interface RequestedState {
  readonly undeliverable_here?: boolean;
  readonly message_annotations?: PlainMap;
  readonly error?: { readonly condition?: string; readonly description?: string; readonly info?: PlainMap };
}

export const requestedState = (delivery: Delivery): RequestedState => delivery.remote_state ?? {};
