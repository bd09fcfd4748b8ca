// Performs one unit of work for a client, with the faults that a test ordered for it. A fault
// strikes at one of three points. `received` is before the work. `applied` is after the broker has
// stored it, before the acknowledgement. `answered` is with the acknowledgement on the wire.

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from '../../wire/exchange.ts';
import type { FaultAction, FaultPoint } from '../../wire/fault.ts';
import type { FaultRegistry } from '../../wire/faults.ts';
import { sendSignal, stopProcess } from '../../wire/processes.ts';
import { conditionFor, BrokerError } from '../broker-error.ts';

/**
 * Fault rules match the verb as `method`. `path` is the address of the entity with a slash before
 * it.
 */
export type Verb =
  | 'SEND'
  | 'COMPLETE'
  | 'ABANDON'
  | 'DEFER'
  | 'DEADLETTER'
  | 'RENEWLOCK'
  | 'SCHEDULE'
  | 'CANCEL'
  | 'RECEIVEDEFERRED'
  | 'PEEK'
  | 'RENEWSESSION'
  | 'GETSTATE'
  | 'SETSTATE'
  | 'LISTSESSIONS'
  | 'ADDRULE'
  | 'REMOVERULE'
  | 'LISTRULES'
  | 'PUTTOKEN';

export interface WorkUnit<T> {
  readonly verb: Verb;
  readonly address: string;
  readonly body: Buffer;
  readonly work: () => T;
  readonly done: (result: T) => void;
  readonly refused: (failure: BrokerError) => void;
}

type FaultOutcome = 'on' | 'cut' | BrokerError;

export class FaultRunner {
  private readonly faults: FaultRegistry;
  private readonly socket: Socket;

  constructor(faults: FaultRegistry, socket: Socket) {
    this.faults = faults;
    this.socket = socket;
  }

  /**
   * Performs the unit. Without a fault, the work ends before this method returns, so units keep
   * their order.
   */
  perform<T>(unit: WorkUnit<T>): void {
    const exchange = toExchange(unit);
    this.applyFault('received', exchange, (next) => {
      if (next === 'cut') this.socket.destroy();
      else if (next instanceof BrokerError) unit.refused(next);
      else this.apply(unit, exchange);
    });
  }

  private apply<T>(unit: WorkUnit<T>, exchange: Exchange): void {
    const answer = this.outcome(unit);
    this.applyFault('applied', exchange, (next) => {
      if (next === 'cut') this.socket.destroy();
      else this.answer(next instanceof BrokerError ? () => unit.refused(next) : answer, exchange);
    });
  }

  private outcome<T>({ work, done, refused, verb, address }: WorkUnit<T>): () => void {
    try {
      const result = work();
      return () => done(result);
    } catch (error) {
      if (error instanceof BrokerError) return () => refused(error);
      console.error(`servicebus: ${verb} ${address} failed:`, error);
      return () =>
        refused(
          new BrokerError(
            'amqp:internal-error',
            'The broker of the simulator failed at this request; see its log for the error.',
          ),
        );
    }
  }

  private answer(send: () => void, exchange: Exchange): void {
    const action = this.faults.takeAction('answered', exchange);
    if (action === undefined) send();
    else void this.answerAndFault(send, action);
  }

  private async answerAndFault(send: () => void, action: FaultAction): Promise<void> {
    if (action.kind === 'kill') await stopProcess(action.pid);
    send();
    // rhea writes at the end of the turn.
    await new Promise(setImmediate);
    if (action.kind === 'kill') sendSignal(action.pid, 'SIGKILL');
    else this.socket.destroySoon();
  }

  private applyFault(point: FaultPoint, exchange: Exchange, proceed: (next: FaultOutcome) => void): void {
    const action = this.faults.takeAction(point, exchange);
    if (action === undefined) proceed('on');
    else void this.performFault(action).then(proceed);
  }

  private async performFault(action: FaultAction): Promise<FaultOutcome> {
    if (action.kind === 'status')
      return new BrokerError(conditionFor(action.status), `A fault was ordered: status ${action.status}.`);
    if (action.kind === 'kill') sendSignal(action.pid, 'SIGKILL');
    if (action.kind === 'cut' || action.kind === 'kill') return 'cut';
    if (action.kind === 'delay') await sleep(action.milliseconds);
    if (action.kind === 'hold') await this.faults.whenRemoved(action);
    return 'on';
  }
}

const toExchange = <T>({ verb, address, body }: WorkUnit<T>): Exchange => ({
  service: 'servicebus',
  method: verb,
  path: `/${address}`,
  headers: {},
  body,
  json: () => undefined,
});
