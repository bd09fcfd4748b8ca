// Measures how many messages a second go through Service Bus in the simulator, with the SDK in
// another process. It also measures the time of one message.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient, type ServiceBusReceiver, type ServiceBusSender } from '@azure/service-bus';
import { startBusProcess } from '../../simulator/test/servicebus/start-bus-process.ts';

export const name = 'servicebus';

const QUEUE = 'still';
const BODY = 'x'.repeat(300);
const MAX_CONCURRENT = 16;
const BATCH = 50;

type BusOperations = Readonly<Record<string, (count: number) => Promise<number[]>>>;

/**
 * Each side returns the milliseconds of each of its messages. For messages that go together it
 * returns the time of all.
 */
export async function bench({ quick }: { quick: boolean }): Promise<Record<string, unknown>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'servicebus-bench-'));
  const bus = await startBusProcess(join(folder, 'bus.sqlite'));
  const client = new ServiceBusClient(bus.connectionString);
  try {
    const sender = client.createSender(QUEUE);
    const receiver = client.createReceiver(QUEUE, { maxAutoLockRenewalDurationInMs: 0 });
    return await compare(makeOperations(sender, receiver), quick ? 3 : 9, quick ? 400 : 2_000);
  } finally {
    await client.close();
    await bus.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeOperations(sender: ServiceBusSender, receiver: ServiceBusReceiver): BusOperations {
  const send = async (): Promise<void> => sender.sendMessages({ body: BODY });
  return {
    'send, one after the other': (count) => measureTimes(1, count / 4, send),
    'receive and complete, one after the other': (count) =>
      measureTimes(1, count / 4, () => receiveAndComplete(receiver, 1)),
    [`send, ${MAX_CONCURRENT} at once`]: (count) => measureTimes(MAX_CONCURRENT, count, send),
    [`receive ${BATCH} and complete them at once`]: (count) =>
      measureTimes(1, count / BATCH, () => receiveAndComplete(receiver, BATCH)),
    [`send in batches of ${BATCH}`]: (count) =>
      measureTimes(1, count / BATCH, () =>
        sender.sendMessages(Array.from({ length: BATCH }, () => ({ body: BODY }))),
      ),
    [`receive ${BATCH} and complete them at once, again`]: (count) =>
      measureTimes(1, count / BATCH, () => receiveAndComplete(receiver, BATCH)),
  };
}

async function receiveAndComplete(receiver: ServiceBusReceiver, count: number): Promise<void> {
  const messages = await receiver.receiveMessages(count, { maxWaitTimeInMs: 10_000 });
  if (messages.length !== count) throw new Error(`${messages.length} messages came instead of ${count}.`);
  await Promise.all(messages.map((message) => receiver.completeMessage(message)));
}

async function measureTimes(
  maxConcurrent: number,
  count: number,
  act: () => Promise<void>,
): Promise<number[]> {
  const times: number[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const start = performance.now();
      await act();
      times.push(performance.now() - start);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: maxConcurrent }, worker));
  return [performance.now() - start, ...times];
}

/** The first round only warms up. */
async function compare(
  sides: BusOperations,
  rounds: number,
  count: number,
): Promise<Record<string, unknown>[]> {
  const rates = new Map<string, number[]>();
  const times = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const [side, run] of Object.entries(sides)) {
      const [whole = 0, ...each] = await run(count);
      const messages = each.length * (side.includes(String(BATCH)) ? BATCH : 1);
      if (round === 0) continue;
      rates.set(side, [...(rates.get(side) ?? []), (messages / whole) * 1_000]);
      times.set(side, [...(times.get(side) ?? []), ...each]);
    }
  }
  return Object.keys(sides).map((side) => ({
    what: side,
    messagesPerSecond: Math.round(quantile(rates.get(side) ?? [], 0.5)),
    callMilliseconds: Math.round(quantile(times.get(side) ?? [], 0.5) * 100) / 100,
    callMillisecondsOfTheSlowest: Math.round(quantile(times.get(side) ?? [], 0.99) * 100) / 100,
  }));
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
