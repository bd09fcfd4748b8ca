// The app is killed by SIGKILL in each moment of each write of the relay: nothing is lost, nothing
// out of order, and a duplicate is the same event again.
import { randomUUID } from 'node:crypto';
import type { FaultPoint } from '../../simulator/wire/fault.ts';
import { deliveriesOf } from '../../shared/delivery/deliverStore.ts';
import { readRelay } from '../../shared/journal/outbox.ts';
import { mustTell, type Listening } from '../support/news.ts';
import { commandFor } from './kill.ts';

export interface RelayBoundary {
  readonly name: string;
  readonly point: FaultPoint;
  readonly body: string;
}

const write = (name: string, body: string): RelayBoundary[] => [
  { name: `${name}: before it arrives`, point: 'received', body },
  { name: `${name}: done, not answered`, point: 'applied', body },
  { name: `${name}: acknowledged`, point: 'answered', body },
];

export const RELAY_BOUNDARIES: readonly RelayBoundary[] = [
  ...write('position made', '"operationType":"Create".*"type":"relay"'),
  ...write('entries numbered', '"type":"relay".*"type":"news".*"number":[1-9]'),
  ...write('lease taken', '"type":"delivery".*"target":"callback:tickets","delivered":1,.*"owner"'),
  // Before it arrives: delivered and not marked.
  ...write('delivery marked', '"type":"delivery".*"target":"callback:tickets","delivered":3,'),
  ...write('nobody waits any more', '"operationType":"Replace".*"type":"relay".*"settled":true'),
];

export async function dieInRelay(
  { simulator, lifeboat, receiver, vms }: Listening,
  { point, body }: RelayBoundary,
  index: number,
): Promise<void> {
  const command = commandFor('failover', vms.slice(index, index + 1));
  const key = randomUUID();
  let kills = 0;
  const revived = async (): Promise<void> => {
    if (simulator.host.running) return;
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
  } = await lifeboat.until(async () => {
    await revived();
    const reply = await lifeboat.send(command, key);
    return reply.status === 202 ? reply : undefined;
  }, 'the acceptance');
  await lifeboat.until(
    async () => {
      await revived();
      const isTold = receiver.taken(id).some((event) => event.type === 'lifeboat.job.ended');
      return (isTold && (await readRelay(id))?.settled) || undefined;
    },
    'nobody waiting any more',
    50,
    () => deliveriesOf(id),
  );
  await simulator.faults.remove(key);
  if (kills !== 1) throw new Error(`Killed ${kills} times instead of once.`);
  const job = await lifeboat.job(id);
  if (job.state !== 'completed') throw new Error(`The job is ${job.state}.`);
  const events = receiver.taken(id);
  mustTell(job, events);
  // What arrived and was not marked is told again: at least once, never at most once.
  const repeated = events.filter((event) => event.id === `${id}:3`).length;
  if (body.includes('"delivered":3') && point === 'received' && repeated !== 2)
    throw new Error(`What was delivered and not marked was told ${repeated} times instead of twice.`);
}
