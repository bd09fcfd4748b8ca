// Story time for other processes, over HTTP.
//
//   GET  /now                { now, rate }: story time is now + wall time since then * rate;
//                            rate null: the clock jumps, so ask each time
//   GET  /now?after=MS       the same, answered once story time is past MS
//   POST /idle { participant, nextDue, known }
//                            "I have nothing to do until nextDue" (null: at all). Answered { now }
//                            once story time is past `known`. Whoever hangs up is busy again
//   POST /advance { seconds }  moves a jumping clock by hand; answered { now } when it is there

import type { Answer, Exchange, Handler } from '../wire/exchange.ts';
import type { LocalClock } from './jump-control.ts';
import { LAST_MOMENT } from './jumping-clock.ts';

const iso = (moment: number): string => new Date(moment).toISOString();
const told = (now: number): Answer => ({ status: 200, body: { now: iso(now) } });
const refused = (status: number, message: string): Answer => ({ status, body: { message } });

export function createClockService(clock: LocalClock, options: { participants: readonly string[] }): Handler {
  options.participants.forEach((participant) => clock.expect(participant));

  /** Waits for `subscribe` to tell of a move, or for the caller to hang up. */
  const moved = (
    exchange: Exchange,
    subscribe: (moved: (now: number) => void) => () => void,
  ): Promise<Answer> =>
    new Promise((resolve) => {
      const takeBack = subscribe((now) => resolve(told(now)));
      const hungUp = (): void => {
        takeBack();
        resolve(refused(499, 'The caller hung up.'));
      };
      if (exchange.gone?.aborted) hungUp();
      else exchange.gone?.addEventListener('abort', hungUp, { once: true });
    });

  const readNow = async (exchange: Exchange): Promise<Answer> => {
    const after = new URL(exchange.path, 'http://clock').searchParams.get('after');
    if (after !== null && clock.now() <= Number(after)) await moved(exchange, (tell) => clock.watch(tell));
    return { status: 200, body: { now: iso(clock.now()), rate: clock.rate } };
  };

  const idle = (exchange: Exchange): Answer | Promise<Answer> => {
    const { participant, nextDue, known } = (exchange.json() ?? {}) as Record<string, unknown>;
    if (
      typeof participant !== 'string' ||
      typeof known !== 'number' ||
      (typeof nextDue !== 'number' && nextDue !== null)
    ) {
      return refused(400, 'Expected { participant: string, nextDue: number | null, known: number }.');
    }
    const past = clock.now() > known || (nextDue !== null && clock.now() >= nextDue);
    return past ? told(clock.now()) : moved(exchange, (tell) => clock.idle(participant, nextDue, tell));
  };

  const advance = async (exchange: Exchange): Promise<Answer> => {
    const { seconds } = (exchange.json() ?? {}) as { seconds?: unknown };
    if (typeof seconds !== 'number' || !(seconds >= 0))
      return refused(400, 'Expected { seconds: number }, 0 or more.');
    if (clock.now() + seconds * 1000 > LAST_MOMENT) return refused(400, 'No date is so late.');
    if (clock.rate !== null) return refused(409, 'Only a jumping clock is moved by hand.');
    await clock.advance(seconds * 1000);
    return told(clock.now());
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
        return refused(404, 'The clock knows GET /now, POST /idle and POST /advance.');
    }
  };
}
