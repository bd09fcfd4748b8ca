// The clock service: gives the simulated time to other processes over HTTP.
//
//   GET  /now                { now, rate }: simulated time = now + wall time since then * rate.
//                            A null rate means a jumping clock, so ask each time.
//   GET  /now?after=MS       The same response, as soon as the simulated time is past MS.
//   POST /idle { participant, nextDue, known }
//                            The participant has no work until nextDue (null: no work at all).
//                            The response { now } comes when the simulated time is past `known`.
//                            A participant that closes the connection is busy again.
//   POST /advance { seconds }
//                            Moves a jumping clock by hand. The response { now } comes afterwards.

import type { SimulatorResponse, Exchange, Handler } from '../wire/exchange.ts';
import type { LocalClock } from './jump-control.ts';
import { MAX_TIME_MS } from './jumping-clock.ts';

const iso = (moment: number): string => new Date(moment).toISOString();
const nowResponse = (now: number): SimulatorResponse => ({ status: 200, body: { now: iso(now) } });
const errorResponse = (status: number, message: string): SimulatorResponse => ({ status, body: { message } });

/** Creates the clock service. A jumping clock waits for all `participants` from now on. */
export function createClockService(clock: LocalClock, options: { participants: readonly string[] }): Handler {
  options.participants.forEach((participant) => clock.addParticipant(participant));

  /** Waits until the clock moves or the caller closes the connection. */
  const waitForMove = (
    exchange: Exchange,
    subscribe: (moved: (now: number) => void) => () => void,
  ): Promise<SimulatorResponse> =>
    new Promise((resolve) => {
      const unsubscribe = subscribe((now) => resolve(nowResponse(now)));
      const onAbort = (): void => {
        unsubscribe();
        resolve(errorResponse(499, 'The caller closed the connection.'));
      };
      if (exchange.abortSignal?.aborted) onAbort();
      else exchange.abortSignal?.addEventListener('abort', onAbort, { once: true });
    });

  const readNow = async (exchange: Exchange): Promise<SimulatorResponse> => {
    const after = new URL(exchange.path, 'http://clock').searchParams.get('after');
    if (after !== null && clock.now() <= Number(after))
      await waitForMove(exchange, (moved) => clock.onceMoved(moved));
    return { status: 200, body: { now: iso(clock.now()), rate: clock.rate } };
  };

  const idle = (exchange: Exchange): SimulatorResponse | Promise<SimulatorResponse> => {
    const { participant, nextDue, known } = (exchange.json() ?? {}) as Record<string, unknown>;
    if (
      typeof participant !== 'string' ||
      typeof known !== 'number' ||
      (typeof nextDue !== 'number' && nextDue !== null)
    ) {
      return errorResponse(400, 'Expected { participant: string, nextDue: number | null, known: number }.');
    }
    const past = clock.now() > known || (nextDue !== null && clock.now() >= nextDue);
    return past
      ? nowResponse(clock.now())
      : waitForMove(exchange, (moved) => clock.markIdle(participant, nextDue, moved));
  };

  const advance = async (exchange: Exchange): Promise<SimulatorResponse> => {
    const { seconds } = (exchange.json() ?? {}) as { seconds?: unknown };
    if (typeof seconds !== 'number' || !(seconds >= 0))
      return errorResponse(400, 'Expected { seconds: number }, 0 or more.');
    if (clock.now() + seconds * 1000 > MAX_TIME_MS)
      return errorResponse(400, 'The new time would be later than any possible date.');
    if (clock.rate !== null) return errorResponse(409, 'Only a jumping clock moves by hand.');
    await clock.advance(seconds * 1000);
    return nowResponse(clock.now());
  };

  return (exchange) => {
    switch (`${exchange.method} ${exchange.path.split('?')[0] ?? ''}`) {
      case 'GET /now':
        return readNow(exchange);
      case 'POST /idle':
        return idle(exchange);
      case 'POST /advance':
        return advance(exchange);
      default:
        return errorResponse(404, 'The clock knows GET /now, POST /idle and POST /advance.');
    }
  };
}
