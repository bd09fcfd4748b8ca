// A link on which a client receives: gives it messages as far as its credit goes, and hears what
// became of each.

import type { Delivery, Sender } from 'rhea';
import type { Mailbox } from '../entities.ts';
import { sessionLockLost } from '../failure.ts';
import type { Ground } from '../ground.ts';
import { outgoing } from '../message.ts';
import { settle, take, type HeldSession, type Outcome, type ReceiveMode } from '../receiving.ts';
import { endSession, mustHold } from '../sessions.ts';
import type { Plain } from './codec.ts';
import type { Hub, SessionHolder, Waiting } from './hub.ts';
import { deliveryTag } from './lock-token.ts';
import {
  answerDrain,
  askedState,
  concludeDelivery,
  creditOf,
  roomOf,
  sendSettled,
  unwritten,
} from './rhea-seam.ts';
import type { Verb, Worker } from './work.ts';

/** How soon to look again when the client's window for frames is full. */
const LOOK_AGAIN = 10;

export class ReceiverLink implements Waiting, SessionHolder {
  private readonly ground: Ground;
  private readonly hub: Hub;
  private readonly worker: Worker;
  private readonly sender: Sender;
  private readonly mailbox: Mailbox;
  private readonly mode: ReceiveMode;
  readonly session: HeldSession | undefined;
  private readonly locks = new WeakMap<Delivery, Buffer>();
  private draining = false;
  private looksAgain = false;
  private closed = false;

  constructor(
    { ground, hub, worker }: { ground: Ground; hub: Hub; worker: Worker },
    sender: Sender,
    mailbox: Mailbox,
    mode: ReceiveMode,
    session?: HeldSession,
  ) {
    this.ground = ground;
    this.hub = hub;
    this.worker = worker;
    this.sender = sender;
    this.mailbox = mailbox;
    this.mode = mode;
    this.session = session;
    hub.add(mailbox, this);
    if (session !== undefined) hub.hold(session.holder, this);
  }

  /** The client gave credit, or asks for it back. */
  flow(drain: boolean): void {
    this.draining ||= drain;
    this.hub.changed(this.mailbox);
  }

  serve(): void {
    if (this.closed || !this.sender.is_open()) return;
    if (unwritten(this.sender) > 0) {
      this.lookAgain();
      return;
    }
    const count = Math.min(creditOf(this.sender), roomOf(this.sender));
    if (count > 0)
      for (const { row, lock, lockedUntil } of take(
        this.ground,
        this.mailbox,
        count,
        this.mode,
        this.session,
      ))
        this.deliver(outgoing(row, lockedUntil), lock);
    if (this.draining) {
      this.draining = false;
      answerDrain(this.sender);
    }
  }

  private lookAgain(): void {
    if (this.looksAgain) return;
    this.looksAgain = true;
    setTimeout(() => {
      this.looksAgain = false;
      this.serve();
    }, LOOK_AGAIN);
  }

  private deliver(bytes: Buffer, lock: Buffer | undefined): void {
    if (lock === undefined) sendSettled(this.sender, bytes);
    else this.locks.set(this.sender.send(bytes, deliveryTag(lock), 0), lock);
  }

  settled(delivery: Delivery, how: 'accepted' | 'modified' | 'rejected' | 'released'): void {
    const lock = this.locks.get(delivery);
    if (lock === undefined) return;
    const { verb, outcome } = askedFor(delivery, how);
    this.worker.perform({
      verb,
      address: this.mailbox.address,
      body: Buffer.alloc(0),
      work: () => {
        if (this.session !== undefined) mustHold(this.ground, this.mailbox, this.session);
        settle(this.ground, this.mailbox, lock, outcome);
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
   * Locks of messages stay until their end: the client may still settle them in another way. A
   * session is given back.
   */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.hub.remove(this.mailbox, this);
    if (this.session === undefined) return;
    this.hub.letGo(this.session.holder);
    endSession(this.ground, this.mailbox, this.session);
  }
}

function askedFor(
  delivery: Delivery,
  how: 'accepted' | 'modified' | 'rejected' | 'released',
): { verb: Verb; outcome: Outcome } {
  const state = askedState(delivery);
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
      const properties: Plain = state.error?.info ?? {
        ...(state.error?.description !== undefined && {
          DeadLetterErrorDescription: state.error.description,
        }),
      };
      return { verb: 'DEADLETTER', outcome: { kind: 'deadLetter', properties: known(properties) } };
    }
  }
}

const known = (properties: Plain): Plain =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined && value !== null));
