// A link for receiving. It sends messages to the client as far as the client's credit allows, and
// settles each message as the client asks.

import type { Delivery, Sender } from 'rhea';
import type { Mailbox } from '../entities.ts';
import { sessionLockLost } from '../broker-error.ts';
import type { BrokerContext } from '../broker-context.ts';
import { encodeForReceiver } from '../message.ts';
import { settle, takeMessages, type HeldSession, type Settlement, type ReceiveMode } from '../receiving.ts';
import { endSession, requireSessionLock } from '../sessions.ts';
import type { PlainMap } from './codec.ts';
import type { MailboxHub, SessionHolder, MailboxWaiter } from './hub.ts';
import { deliveryTag } from './lock-token.ts';
import {
  answerDrain,
  requestedState,
  concludeDelivery,
  creditOf,
  freeDeliverySlots,
  sendSettled,
  unwrittenDeliveries,
} from './rhea-internals.ts';
import type { Verb, FaultRunner } from './fault-runner.ts';

/** How soon to try again when the client's frame window is full. */
const RETRY_MS = 10;

export class ReceiverLink implements MailboxWaiter, SessionHolder {
  private readonly broker: BrokerContext;
  private readonly hub: MailboxHub;
  private readonly worker: FaultRunner;
  private readonly sender: Sender;
  private readonly mailbox: Mailbox;
  private readonly mode: ReceiveMode;
  readonly session: HeldSession | undefined;
  private readonly locks = new WeakMap<Delivery, Buffer>();
  private draining = false;
  private isRetryScheduled = false;
  private closed = false;

  constructor(
    { broker, hub, worker }: { broker: BrokerContext; hub: MailboxHub; worker: FaultRunner },
    sender: Sender,
    mailbox: Mailbox,
    mode: ReceiveMode,
    session?: HeldSession,
  ) {
    this.broker = broker;
    this.hub = hub;
    this.worker = worker;
    this.sender = sender;
    this.mailbox = mailbox;
    this.mode = mode;
    this.session = session;
    hub.add(mailbox, this);
    if (session !== undefined) hub.addHolder(session.holder, this);
  }

  /** The client gave credit, or asks for it back. */
  flow(drain: boolean): void {
    this.draining ||= drain;
    this.hub.changed(this.mailbox);
  }

  serve(): void {
    if (this.closed || !this.sender.is_open()) return;
    if (unwrittenDeliveries(this.sender) > 0) {
      this.serveLater();
      return;
    }
    const count = Math.min(creditOf(this.sender), freeDeliverySlots(this.sender));
    if (count > 0)
      for (const { row, lock, lockedUntil } of takeMessages(
        this.broker,
        this.mailbox,
        count,
        this.mode,
        this.session,
      ))
        this.deliver(encodeForReceiver(row, lockedUntil), lock);
    if (this.draining) {
      this.draining = false;
      answerDrain(this.sender);
    }
  }

  private serveLater(): void {
    if (this.isRetryScheduled) return;
    this.isRetryScheduled = true;
    setTimeout(() => {
      this.isRetryScheduled = false;
      this.serve();
    }, RETRY_MS);
  }

  private deliver(bytes: Buffer, lock: Buffer | undefined): void {
    if (lock === undefined) sendSettled(this.sender, bytes);
    else this.locks.set(this.sender.send(bytes, deliveryTag(lock), 0), lock);
  }

  settled(delivery: Delivery, how: 'accepted' | 'modified' | 'rejected' | 'released'): void {
    const lock = this.locks.get(delivery);
    if (lock === undefined) return;
    const { verb, outcome } = requestedSettlement(delivery, how);
    this.worker.perform({
      verb,
      address: this.mailbox.address,
      body: Buffer.alloc(0),
      work: () => {
        if (this.session !== undefined) requireSessionLock(this.broker, this.mailbox, this.session);
        settle(this.broker, this.mailbox, lock, outcome);
      },
      done: () => concludeDelivery(delivery),
      refused: ({ condition, message }) => concludeDelivery(delivery, { condition, description: message }),
    });
  }

  lost(session: string): void {
    const { condition, message } = sessionLockLost(session);
    this.sender.close({ condition, description: message });
    this.close();
  }

  /**
   * Closes the link. Message locks stay until they expire, because the client may still settle the
   * messages in another way. A session returns to the broker at once.
   */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.hub.remove(this.mailbox, this);
    if (this.session === undefined) return;
    this.hub.removeHolder(this.session.holder);
    endSession(this.broker, this.mailbox, this.session);
  }
}

function requestedSettlement(
  delivery: Delivery,
  how: 'accepted' | 'modified' | 'rejected' | 'released',
): { verb: Verb; outcome: Settlement } {
  const state = requestedState(delivery);
  switch (how) {
    case 'accepted':
      return { verb: 'COMPLETE', outcome: { kind: 'complete' } };
    case 'released':
      return { verb: 'ABANDON', outcome: { kind: 'abandon', properties: {} } };
    case 'modified': {
      const properties = state.message_annotations ?? {};
      return state.undeliverable_here === true
        ? { verb: 'DEFER', outcome: { kind: 'defer', properties } }
        : { verb: 'ABANDON', outcome: { kind: 'abandon', properties } };
    }
    case 'rejected': {
      const properties: PlainMap = state.error?.info ?? {
        ...(state.error?.description !== undefined && {
          DeadLetterErrorDescription: state.error.description,
        }),
      };
      return {
        verb: 'DEADLETTER',
        outcome: { kind: 'deadLetter', properties: withoutEmptyValues(properties) },
      };
    }
  }
}

const withoutEmptyValues = (properties: PlainMap): PlainMap =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined && value !== null));
