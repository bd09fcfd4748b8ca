// Draws random faults for an operation from a seed: kills at random moments, and faulty answers of
// Azure.
import type { FaultAction, FaultPoint } from '../../simulator/wire/fault.ts';
import type { NewFaultRule } from '../support/test-environment.ts';

type RandomNumber = () => number;
const pick = <T>(draw: RandomNumber, list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;

const POINTS: readonly FaultPoint[] = ['received', 'applied', 'answered'];

/**
 * Draws one or two kills, each at the n-th exchange of a kind and at any moment of it.
 * `lengthFactor`: the number of exchanges, relative to an operation on one VM.
 */
export function randomKills(draw: RandomNumber, pid: number, lengthFactor = 1): NewFaultRule[] {
  return Array.from({ length: 1 + Math.floor(draw() * 2) }, (): NewFaultRule => {
    const service = pick(draw, ['arm', 'cosmos', 'cosmos'] as const);
    return {
      service,
      point: pick(draw, POINTS),
      skip: Math.floor(draw() * lengthFactor * (service === 'arm' ? 6 : 30)),
      times: 1,
      do: { kind: 'kill', pid },
    };
  });
}

const throttledAnswer = (seconds: number): FaultAction => ({
  kind: 'status',
  status: 429,
  headers: { 'retry-after': String(seconds) },
  body: { error: { code: 'TooManyRequests', message: 'slow down' } },
});
const brokenAnswer: FaultAction = {
  kind: 'status',
  status: 500,
  body: { error: { code: 'InternalServerError', message: 'oops' } },
};

/**
 * Draws each fault with its own probability: on the write, on the reads after it, and on the job.
 * `machines`: only jobs of these machines fail.
 */
export function randomAzureFaults(draw: RandomNumber, verb: string, machines?: string): NewFaultRule[] {
  const failingMachines = machines === undefined ? {} : { subject: machines };
  const write = (point: FaultPoint, action: FaultAction): NewFaultRule => ({
    service: 'arm',
    method: 'POST',
    path: `/${verb}(\\?|$)`,
    point,
    times: 1,
    chance: 0.25,
    seed: Math.floor(draw() * 1e9),
    do: action,
  });
  const read = (action: FaultAction): NewFaultRule => ({
    service: 'arm',
    method: 'GET',
    point: 'received',
    times: 4,
    chance: 0.15,
    seed: Math.floor(draw() * 1e9),
    do: action,
  });
  return [
    write('received', throttledAnswer(11)),
    write('received', brokenAnswer),
    write('received', { kind: 'cut' }),
    write('applied', brokenAnswer),
    write('applied', { kind: 'cut' }),
    // The SDK repeats some reads, and waits in wall time.
    read(brokenAnswer),
    read(throttledAnswer(1)),
    read({ kind: 'cut' }),
    {
      ...failingMachines,
      point: 'operation',
      path: `/${verb}(\\?|$)`,
      times: 1,
      chance: 0.2,
      seed: Math.floor(draw() * 1e9),
      do: { kind: 'fail', code: '532' },
    },
    {
      ...failingMachines,
      point: 'operation',
      path: `/${verb}(\\?|$)`,
      times: 1,
      chance: 0.1,
      seed: Math.floor(draw() * 1e9),
      do: { kind: 'fail', code: '150097' },
    },
  ];
}

/**
 * Draws only faults without an effect on the outcome: a write without an answer, and reads that
 * fail once or twice.
 */
export const harmlessFaults = (seed: number): NewFaultRule[] => [
  {
    service: 'arm',
    method: 'POST',
    path: '/replicationProtectedItems/[^/?]+/[a-zA-Z]+(\\?|$)',
    point: 'applied',
    times: 1,
    chance: 0.3,
    seed,
    do: { kind: 'cut' },
  },
  { service: 'arm', method: 'GET', point: 'received', times: 1, chance: 0.2, seed, do: brokenAnswer },
  {
    service: 'arm',
    method: 'GET',
    point: 'received',
    times: 1,
    chance: 0.2,
    seed: seed + 1,
    do: throttledAnswer(1),
  },
];
