import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess, dataFolder } from './host-process.ts';
import { Random } from './seeded-random.ts';

const folder = dataFolder();

describe('after kills at any time, the host continues where it was', () => {
  const INSTANCES = 10;
  const ACTIVITIES = 100;
  const KILLS = 12;

  test('all instances complete, no accepted event is lost, and every activity runs at least once', async () => {
    const random = new Random(20_300_101);
    const runsFile = join(folder, 'runs');
    writeFileSync(runsFile, '');
    const options = { dataDir: join(folder, 'killed'), environment: { RUNS_FILE: runsFile } };
    const keys = Array.from({ length: INSTANCES }, (_, index) => `k${index}`);

    let host = await HostProcess.start(options);
    for (const key of keys)
      await host.startOrchestration('everything', { key, count: ACTIVITIES, round: 0 }, key);
    const told = new Set<string>();
    let kills = 0;
    let finishedAtLastKill = 0;
    for (; kills < KILLS && finishedAtLastKill < INSTANCES; kills++) {
      const [killed] = await Promise.all([
        sleep(random.below(70)).then(() => host.stop('SIGKILL')),
        tellOne(host, keys, told),
      ]);
      expect(killed).toBeNull();
      host = await HostProcess.start(options);
      finishedAtLastKill = (await Promise.all(keys.map((key) => host.readStatus(key)))).filter(
        ({ runtimeStatus }) => runtimeStatus === 'Completed',
      ).length;
    }
    for (const key of keys)
      if (!told.has(key)) await host.callClient('raiseEvent', { id: key, name: 'go', data: key });
    const results = await Promise.all(keys.map((key) => host.waitForEnd(key)));
    expect(results.map(({ output }) => output)).toEqual(
      keys.map((key) => ({ activities: ACTIVITIES, inOrder: true, go: key })),
    );
    await host.stop();

    // Without a kill during work, the test would prove nothing.
    expect(kills).toBeGreaterThanOrEqual(5);
    const runs = readFileSync(runsFile, 'utf8').split('\n').filter(Boolean);
    expect(runs.length).toBeGreaterThan(new Set(runs).size);
    const wanted = keys.flatMap((key) =>
      [0, 1].flatMap((round) => [
        `${key}-${round}-child`,
        ...Array.from({ length: ACTIVITIES }, (_, index) => `${key}-${round}-${index}`),
      ]),
    );
    expect([...new Set(runs)].toSorted()).toEqual(wanted.toSorted());
  });

  /** Raises one event. The host must not lose an event after a 202. */
  async function tellOne(host: HostProcess, keys: readonly string[], told: Set<string>): Promise<void> {
    const key = keys.find((one) => !told.has(one));
    if (key === undefined) return;
    try {
      const answer = await fetch(`${host.rpcUrl}/durabletask/instances/${key}/raiseEvent/go`, {
        method: 'POST',
        body: JSON.stringify(key),
        headers: { 'content-type': 'application/json' },
      });
      if (answer.status === 202) told.add(key);
    } catch {
      // The kill came before the answer: a later turn raises the event.
    }
  }

  test('retries keep their count', async () => {
    const options = { dataDir: join(folder, 'retries') };
    let host = await HostProcess.start(options);
    const id = await host.startOrchestration('retried', { key: 'r', fails: 1, attempts: 3 });
    await host.waitFor(
      () => Promise.resolve(host.errors),
      (lines) => lines.some((line) => line.includes('try 1 of r')),
    );
    await host.callClient('getStatusAll');
    await host.stop('SIGKILL');
    host = await HostProcess.start(options);
    // The new process has forgotten the first try, so the second try fails too. The third succeeds.
    expect((await host.waitForEnd(id)).output).toMatchObject({ tries: 2 });
    await host.stop();
  });

  test('suspended and terminated orchestrations keep their state', async () => {
    const options = { dataDir: join(folder, 'control') };
    let host = await HostProcess.start(options);
    await host.startOrchestration('waiter', undefined, 'suspended');
    await host.startOrchestration('waiter', undefined, 'ended');
    await host.callClient('suspend', { id: 'suspended', reason: '' });
    await host.callClient('raiseEvent', { id: 'suspended', name: 'go', data: 1 });
    await host.callClient('terminate', { id: 'ended', reason: 'enough' });
    await host.stop('SIGKILL');
    host = await HostProcess.start(options);
    expect(await host.readStatus('ended')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    expect(await host.readStatus('suspended')).toMatchObject({ runtimeStatus: 'Suspended' });
    await host.callClient('resume', { id: 'suspended', reason: '' });
    expect((await host.waitForEnd('suspended')).output).toBe(1);
    await host.stop();
  });
});

describe('an orchestrator whose code changed while an instance waited', () => {
  test.each([
    ['gone', 'removed', 'the app has no orchestrator function of this name.'],
    [
      'another activity',
      'changed',
      'it does not do the same at every replay: its history has "activity 0 echo", and now it ' +
        'asks for "activity 0 size"',
    ],
    [
      'nothing at all',
      'changed',
      'it does not do the same at every replay: its history has "activity 0 echo", and now it ' +
        'asks for "nothing"',
    ],
  ])('fails and names the difference (%s)', async (change, name, difference) => {
    const dataDir = join(folder, change.replaceAll(' ', '-'));
    let host = await HostProcess.start({ dataDir });
    const id = await host.startOrchestration(name);
    await host.waitFor(
      () => host.readStatus(id, 'showHistory=true'),
      ({ historyEvents = [] }) => historyEvents.some(({ EventType }) => EventType === 'TaskCompleted'),
    );
    await host.stop();
    host = await HostProcess.start({ dataDir, environment: { CHANGE: change } });
    await host.callClient('raiseEvent', { id, name: 'go', data: 1 });
    expect(await host.waitForEnd(id)).toMatchObject({
      runtimeStatus: 'Failed',
      output: `Orchestrator function '${name}' failed: ${difference}`,
    });
    await host.stop();
  });
});
