// The Node side of the real Durable engine, without the extension.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import type { FunctionTable } from '../../host/app/functions.ts';
import { parseEngineName } from '../../host/durable-engine.ts';
import { openForwardedCalls, type ForwardedCalls } from '../../host/real-durable/forwarded-calls.ts';
import { TimeConversion } from '../../host/real-durable/time-conversion.ts';
import {
  resultInWallTime,
  errorInWallTime,
  triggerInSimulatedTime,
} from '../../host/real-durable/translate-times.ts';

const RATE = 60;
const HOUR = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), 'real-durable-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const file = (): string => join(folder, `times-${files++}.json`);
/** Returns a clock that is ahead of wall time by this much, and runs faster. */
const clock = (ahead: number, rate: number | null = RATE): SimulatedClock => ({
  rate,
  now: () => Date.now() + ahead,
  scheduleAt: () => ({ cancel: () => undefined }),
  markBusy: () => () => undefined,
  close: () => undefined,
});

describe('times', () => {
  test('are converted between wall time and simulated time', () => {
    const times = new TimeConversion(file(), clock(HOUR));
    const wall = new Date(Date.now() + 1_000);
    expect(times.toWall(times.toSimulated(wall))).toEqual(wall);
    const [first, second] = [times.toSimulated(wall), times.toSimulated(new Date(wall.getTime() + 1_000))];
    expect(second.getTime() - first.getTime()).toBe(RATE * 1_000);
  });

  test('of the past stay the same after a restart and after a pause of simulated time', () => {
    const kept = file();
    const first = new TimeConversion(kept, clock(HOUR));
    const past = new Date(Date.now());
    expect(new TimeConversion(kept, clock(HOUR)).toSimulated(past)).toEqual(first.toSimulated(past));
    const now = Date.now() + 5_000;
    jest.spyOn(Date, 'now').mockReturnValue(now);
    // Wall time has moved by five seconds, simulated time has not moved.
    const second = new TimeConversion(kept, clock(HOUR - 5_000));
    jest.restoreAllMocks();
    expect(second.toSimulated(past)).toEqual(first.toSimulated(past));
    expect(second.toSimulated(new Date(now)).getTime()).toBe(now + HOUR - 5_000);
  });

  test('of a jumping clock are refused', () => {
    expect(() => new TimeConversion(file(), clock(0, null))).toThrow('needs a clock that flows');
  });

  test('of an orchestrator are translated in trigger, answer and failure, inside Task.any too', () => {
    const times = new TimeConversion(file(), clock(HOUR));
    const wall = new Date(Date.now() + 10_000);
    const story = times.toSimulated(wall);
    const trigger = JSON.parse(
      triggerInSimulatedTime(
        JSON.stringify({ history: [{ EventType: 12, Timestamp: wall }], input: { Timestamp: 'mine' } }),
        times,
      ),
    ) as object;
    expect(trigger).toMatchObject({
      history: [{ EventType: 12, Timestamp: story.toISOString() }],
      input: { Timestamp: 'mine' },
    });
    const answerWith = (fireAt: unknown) => ({
      isDone: false,
      actions: [
        [
          { actionType: 5, fireAt },
          { actionType: 11, compoundActions: [{ actionType: 5, fireAt }, { actionType: 6 }] },
        ],
      ],
    });
    expect(resultInWallTime(answerWith(story), times)).toEqual(answerWith(wall));
    const failure = new Error(`false\n\n$OutOfProcData$:${JSON.stringify(answerWith(story))}`);
    expect(errorInWallTime(failure, times)).toMatchObject({
      message: `false\n\n$OutOfProcData$:${JSON.stringify(answerWith(wall))}`,
    });
    const other = new Error('The app broke.');
    expect(errorInWallTime(other, times)).toBe(other);
  });
});

describe('forwarded calls of the extension', () => {
  const functionOf = (name: string) => ({
    name,
    triggerName: 'trigger',
    trigger: { type: 'activityTrigger', direction: 'in' as const },
    clientInputs: [],
    messageOutputs: new Map(),
    registered: { id: name, metadata: { name, bindings: {} }, callback: () => undefined },
  });
  const functions: FunctionTable = {
    http: [],
    timers: [],
    serviceBus: [],
    orchestrators: new Map([['walk', functionOf('walk')]]),
    entities: new Map(),
    activities: new Map([['add', functionOf('add')]]),
  };
  let calls: ForwardedCalls;
  beforeAll(async () => {
    calls = await openForwardedCalls({
      functions,
      durableClient: '{}',
      times: new TimeConversion(file(), clock(0)),
      invoke: ({ function: target, inputs }) => {
        const given = inputs[0]?.data.string;
        if (given === '"bad"') return Promise.reject(new Error('No such number.'));
        const result = target.id === 'walk' ? { isDone: true, actions: [[]], output: 7 } : undefined;
        return Promise.resolve({
          result,
          response: () => Promise.resolve({ json: `{"given":${given ?? 'null'}}` }),
        });
      },
    });
  });
  afterAll(() => calls.close());
  const call = async (path: string, body: string): Promise<unknown> =>
    (await fetch(new URL(path, calls.url), { method: 'POST', body })).json();

  test('list the functions, and run them', async () => {
    expect(await (await fetch(new URL('/functions', calls.url))).json()).toEqual({
      orchestrators: ['walk'],
      activities: ['add'],
    });
    expect(await call('/activities/add', '{"a":1}')).toEqual({ value: { given: { a: 1 } } });
    expect(await call('/activities/add', '')).toEqual({ value: { given: null } });
    expect(await call('/orchestrators/walk', '{"history":[]}')).toMatchObject({ value: { output: 7 } });
  });

  test('that fail are answered with the message, as is an unknown function', async () => {
    const failed = (message: string) => ({ error: { message, stack: expect.any(String) as string } });
    expect(await call('/activities/add', '"bad"')).toEqual(failed('No such number.'));
    expect(await call('/activities/walk', '')).toEqual(failed('The app has no activity function "walk".'));
    expect(await call('/orchestrators/add', '')).toEqual(
      failed('The app has no orchestrator function "add".'),
    );
  });
});

test('an engine is simulated or real', () => {
  expect([parseEngineName('simulated'), parseEngineName('real')]).toEqual(['simulated', 'real']);
  expect(() => parseEngineName('azure')).toThrow('"azure" is no engine: simulated or real.');
});
