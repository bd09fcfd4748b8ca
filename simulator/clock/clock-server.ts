// Story time for other processes, over HTTP.
//
//   GET  /now                { now, rate }: story time is now + wall time since then * rate;
//                            rate null: the clock jumps, so ask each time
//   GET  /now?after=MS       the same, answered once story time is past MS
//   POST /idle { participant, nextDue, known }
//                            "I have nothing to do until nextDue" (null: at all). Answered { now }
//                            once story time is past `known`. Whoever hangs up is busy again
//   POST /advance { seconds }  moves a jumping clock by hand; answered { now } when it is there

import type { SimulatorResponse, Exchange, Handler } from '../wire/exchange.ts';
import type { LocalClock } from './jump-control.ts';
import { MAX_TIME_MS } from './jumping-clock.ts';

const iso = (moment: number): string => new Date(moment).toISOString();
const nowResponse = (now: number): SimulatorResponse => ({ status: 200, body: { now: iso(now) } });
const errorResponse = (status: number, message: string): SimulatorResponse => ({ status, body: { message } });

export function createClockService(clock: LocalClock, options: { participants: readonly string[] }): Handler {
  options.participants.forEach((participant) => clock.addParticipant(participant));

  /** Waits for `subscribe` to tell of a move, or for the caller to hang up. */
  const waitForMove = (
    exchange: Exchange,
    subscribe: (moved: (now: number) => void) => () => void,
  ): Promise<SimulatorResponse> =>
    new Promise((resolve) => {
      const unsubscribe = subscribe((now) => resolve(nowResponse(now)));
      const hungUp = (): void => {
        unsubscribe();
        resolve(errorResponse(499, 'The caller hung up.'));
      };
      if (exchange.abortSignal?.aborted) hungUp();
      else exchange.abortSignal?.addEventListener('abort', hungUp, { once: true });
    });

  const readNow = async (exchange: Exchange): Promise<SimulatorResponse> => {
    const after = new URL(exchange.path, 'http://clock').searchParams.get('after');
    if (after !== null && clock.now() <= Number(after))
      await waitForMove(exchange, (tell) => clock.onceMoved(tell));
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
      : waitForMove(exchange, (tell) => clock.markIdle(participant, nextDue, tell));
  };

  const advance = async (exchange: Exchange): Promise<SimulatorResponse> => {
    const { seconds } = (exchange.json() ?? {}) as { seconds?: unknown };
    if (typeof seconds !== 'number' || !(seconds >= 0))
      return errorResponse(400, 'Expected { seconds: number }, 0 or more.');
    if (clock.now() + seconds * 1000 > MAX_TIME_MS) return errorResponse(400, 'No date is so late.');
    if (clock.rate !== null) return errorResponse(409, 'Only a jumping clock is moved by hand.');
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
