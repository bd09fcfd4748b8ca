// SIGKILL ends the app in each moment of each write of the relay. All events arrive in order. A
// duplicate is the same event again.
import { randomUUID } from 'node:crypto';
import type { FaultPoint } from '../../simulator/wire/fault.ts';
import { readDeliveries } from '../../shared/delivery/deliveryStore.ts';
import { readRelay } from '../../shared/journal/outbox.ts';
import { assertCompleteEvents, type EventEnvironment } from '../support/event-environment.ts';
import { commandFor } from './run-with-kills.ts';

export interface RelayBoundary {
  readonly name: string;
  readonly point: FaultPoint;
  readonly body: string;
}

const writeBoundaries = (name: string, body: string): RelayBoundary[] => [
  { name: `${name}: before it arrives`, point: 'received', body },
  { name: `${name}: done, not answered`, point: 'applied', body },
  { name: `${name}: acknowledged`, point: 'answered', body },
];

export const RELAY_BOUNDARIES: readonly RelayBoundary[] = [
  ...writeBoundaries('position made', '"operationType":"Create".*"type":"relay"'),
  ...writeBoundaries('entries numbered', '"type":"relay".*"type":"news".*"number":[1-9]'),
  ...writeBoundaries('lease taken', '"type":"delivery".*"target":"callback:tickets","delivered":1,.*"owner"'),
  // Before the mark arrives: the receiver has the event, and the mark is missing.
  ...writeBoundaries('delivery marked', '"type":"delivery".*"target":"callback:tickets","delivered":3,'),
  ...writeBoundaries(
    'the end of all deliveries',
    '"operationType":"Replace".*"type":"relay".*"settled":true',
  ),
];

export async function runRelayKill(
  { simulator, lifeboat, receiver, vms }: EventEnvironment,
  { point, body }: RelayBoundary,
  index: number,
): Promise<void> {
  const command = commandFor('failover', vms.slice(index, index + 1));
  const key = randomUUID();
  let kills = 0;
  const restartWhenDead = async (): Promise<void> => {
    if (simulator.host.isRunning) return;
    kills++;
    await simulator.host.start();
  };
  await simulator.faults.add({
    id: key,
    service: 'cosmos',
    path: '/colls/jobs/docs',
    body,
    point,
    times: 1,
    do: { kind: 'kill', pid: simulator.host.pid },
  });
  const {
    body: { id },
  } = await lifeboat.waitFor(async () => {
    await restartWhenDead();
    const reply = await lifeboat.send(command, key);
    return reply.status === 202 ? reply : undefined;
  }, 'the acceptance');
  await lifeboat.waitFor(
    async () => {
      await restartWhenDead();
      const hasEndEvent = receiver.acceptedEvents(id).some((event) => event.type === 'lifeboat.job.ended');
      return (hasEndEvent && (await readRelay(id))?.settled) || undefined;
    },
    'the end of all deliveries',
    50,
    () => readDeliveries(id),
  );
  await simulator.faults.remove(key);
  if (kills !== 1) throw new Error(`The rule killed the app ${kills} times instead of once.`);
  const job = await lifeboat.readJob(id);
  if (job.state !== 'completed') throw new Error(`The job is ${job.state}.`);
  const events = receiver.acceptedEvents(id);
  assertCompleteEvents(job, events);
  // The relay delivers an event without a mark again: at least once, never at most once.
  const repeated = events.filter((event) => event.id === `${id}:3`).length;
  if (body.includes('"delivered":3') && point === 'received' && repeated !== 2)
    throw new Error(`The event without a mark came ${repeated} times instead of twice.`);
}
