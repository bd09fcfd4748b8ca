// Settings of the scenario tests, from two environment variables:
// LIFEBOAT_TEST_CLOCK    jumping (default), real or scaled:N
// LIFEBOAT_TEST_ENGINE   simulated (default), or real. The default clock of real is scaled:60.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalOptions } from '../../local/start-lifeboat.ts';
import { parseClockMode } from '../../simulator/clock/local-clock.ts';
import { parseEngineName } from '../../simulator/host/durable-engine.ts';
import type { Simulator } from '../../simulator/simulator.ts';

const { LIFEBOAT_TEST_CLOCK, LIFEBOAT_TEST_ENGINE } = process.env;

const ENGINE = parseEngineName(LIFEBOAT_TEST_ENGINE ?? 'simulated');
const CLOCK = parseClockMode(LIFEBOAT_TEST_CLOCK ?? (ENGINE === 'real' ? 'scaled:60' : 'jumping'));
const CLOCK_RATE = CLOCK === 'jumping' ? null : CLOCK === 'real' ? 1 : Number(CLOCK.slice('scaled:'.length));

/** Tests count seconds for a jumping clock. On a flowing clock they wait this many times as long. */
export const TIMEOUT_FACTOR = CLOCK_RATE === null ? 1 : Math.max(2, 300 / CLOCK_RATE);

/** The time-out of a test that names none. */
export const DEFAULT_TIMEOUT_MS = 120_000 * TIMEOUT_FACTOR;

/** Clock and engine of a test. A test with its own clock uses the simulated engine. */
export function clockAndEngine({ clock, engine }: LocalOptions): Pick<LocalOptions, 'clock' | 'engine'> {
  if (clock !== undefined) return { clock, engine: engine ?? 'simulated' };
  return { clock: CLOCK, engine: engine ?? ENGINE };
}

/** Lets this much simulated time pass: moves a jumping clock by hand, and waits for a flowing one. */
export async function advanceTime(simulator: Simulator, seconds: number): Promise<void> {
  if (CLOCK_RATE === null) {
    await simulator.advance(seconds);
    return;
  }
  const end = (await simulator.now()).getTime() + seconds * 1000;
  while ((await simulator.now()).getTime() < end) await sleep(50);
}
