import { HOST_KEY_HEADERS } from '../../host/http/host-key.ts';
import { HostProcess, dataFolder, stringMatching, type InstanceStatus } from './host-process.ts';

const dataDir = dataFolder();
let host: HostProcess;
beforeAll(async () => {
  host = await HostProcess.start({ dataDir, environment: { HUB: 'Hub-of-tests' } });
});
afterAll(async () => {
  await host.stop();
});

const running = (id: string) =>
  host.waitFor(
    () => host.readStatus(id),
    ({ runtimeStatus }) => runtimeStatus === 'Running',
  );

describe('an id', () => {
  test('of a running instance is refused, and can be used again after the end', async () => {
    await host.startOrchestration('waiter', undefined, 'again');
    await expect(host.startOrchestration('waiter', undefined, 'again')).rejects.toThrow(
      /409.*already exists/,
    );
    await host.callClient('raiseEvent', { id: 'again', name: 'go', data: 1 });
    expect((await host.waitForEnd('again')).output).toBe(1);
    await host.startOrchestration('greeting', 'you', 'again');
    expect(await host.waitForEnd('again', 'showHistory=true')).toMatchObject({
      name: 'greeting',
      output: 'Hello you',
      historyEvents: { length: 3 },
    });
  });

  test.each(['@entity', 'a%23b', 'x'.repeat(101)])('that Azure refuses is refused (%s)', async (id) => {
    expect(
      (await fetch(`${host.rpcUrl}/durabletask/orchestrators/greeting/${id}`, { method: 'POST', body: '1' }))
        .status,
    ).toBe(400);
  });

  test('is generated for a start without an id', async () => {
    expect(await host.startOrchestration('greeting', 'you')).toMatch(/^[\da-f]{32}$/);
  });
});

test('an unknown orchestrator, or a body that is not JSON, is refused', async () => {
  await expect(host.startOrchestration('echo')).rejects.toThrow(/400.*is not an orchestrator function/);
  expect(
    (await fetch(`${host.rpcUrl}/durabletask/orchestrators/greeting`, { method: 'POST', body: '{' })).status,
  ).toBe(400);
});

describe('status', () => {
  test('shows running and finished instances, with the codes that the client reads', async () => {
    const id = await host.startOrchestration('waiter', { a: 1 });
    await running(id);
    const pending = await fetch(`${host.rpcUrl}/durabletask/instances/${id}`);
    expect([pending.status, pending.headers.get('retry-after'), pending.headers.get('location')]).toEqual([
      202,
      '5',
      `${host.rpcUrl}/durabletask/instances/${id}`,
    ]);
    expect(await pending.json()).toEqual({
      name: 'waiter',
      instanceId: id,
      runtimeStatus: 'Running',
      input: { a: 1 },
      customStatus: { waiting: true },
      output: null,
      createdTime: stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      lastUpdatedTime: stringMatching(/Z$/),
    });
    await host.callClient('raiseEvent', { id, name: 'go', data: [1] });
    await host.waitForEnd(id);
    expect((await fetch(`${host.rpcUrl}/durabletask/instances/${id}`)).status).toBe(200);
    expect(await host.readStatus(id, 'showInput=false')).toMatchObject({ input: null, output: [1] });
  });

  test('of an unknown instance is an error', async () => {
    await expect(host.callClient('getStatus', { id: 'nobody' })).rejects.toThrow(/404/);
  });

  test('with history lists each task once, with its end', async () => {
    const id = await host.startOrchestration('parentOf', { name: 'failing', input: 'x' });
    await host.waitForEnd(id);
    const { historyEvents = [] } = await host.readStatus(id, 'showHistory=true&showHistoryOutput=true');
    expect(historyEvents.map(({ EventType, FunctionName }) => [EventType, FunctionName])).toEqual([
      ['ExecutionStarted', 'parentOf'],
      ['SubOrchestrationInstanceFailed', 'failing'],
      ['ExecutionCompleted', undefined],
    ]);
    expect((await host.readStatus(id)).historyEvents).toBeUndefined();
  });
});

describe('lists', () => {
  test('have pages up to the end', async () => {
    const before = await host.callClient<InstanceStatus[]>('getStatusAll');
    const ids = await Promise.all(
      Array.from({ length: 230 }, (_, index) => host.startOrchestration('greeting', index, `page-${index}`)),
    );
    await Promise.all(ids.map((id) => host.waitForEnd(id)));
    const all = await host.callClient<InstanceStatus[]>('getStatusAll');
    expect(all).toHaveLength(before.length + 230);
    expect(new Set(all.map(({ instanceId }) => instanceId)).size).toBe(all.length);
    const first = await fetch(`${host.rpcUrl}/durabletask/instances/?top=200&instanceIdPrefix=page-`);
    expect(((await first.json()) as unknown[]).length).toBe(200);
    const rest = await fetch(`${host.rpcUrl}/durabletask/instances/?top=200&instanceIdPrefix=page-`, {
      headers: { 'x-ms-continuation-token': first.headers.get('x-ms-continuation-token') ?? '' },
    });
    expect([((await rest.json()) as unknown[]).length, rest.headers.get('x-ms-continuation-token')]).toEqual([
      30,
      null,
    ]);
  });

  test('filter by status and time', async () => {
    const id = await host.startOrchestration('waiter');
    await running(id);
    const found = async (filter: object) =>
      (await host.callClient<InstanceStatus[]>('getStatusBy', filter)).map(({ instanceId }) => instanceId);
    expect(await found({ runtimeStatus: ['Running', 'Suspended'] })).toContain(id);
    expect(await found({ runtimeStatus: ['Completed'] })).not.toContain(id);
    const longAgo = '2020-01-01T00:00:00Z';
    expect(await found({ runtimeStatus: ['Running'], createdTimeTo: longAgo })).not.toContain(id);
    expect(await found({ runtimeStatus: ['Running'], createdTimeFrom: longAgo })).toContain(id);
    await host.callClient('terminate', { id, reason: 'done' });
  });

  test('refuse a foreign continuation', async () => {
    expect(
      (
        await fetch(`${host.rpcUrl}/durabletask/instances/`, {
          headers: { 'x-ms-continuation-token': 'abc' },
        })
      ).status,
    ).toBe(400);
  });
});

describe('control', () => {
  test('a suspended orchestration keeps its arrivals and continues with them after a resume', async () => {
    const id = await host.startOrchestration('eventThenSleep');
    await running(id);
    await host.callClient('suspend', { id, reason: 'wait' });
    await host.callClient('raiseEvent', { id, name: 'first', data: 1 });
    await host.callClient('raiseEvent', { id, name: 'second', data: 2 });
    expect((await host.readStatus(id)).runtimeStatus).toBe('Suspended');
    await expect(host.callClient('suspend', { id, reason: '' })).rejects.toThrow(
      /500.*Something went wrong.*Cannot suspend/,
    );
    await host.callClient('resume', { id, reason: 'go on' });
    expect((await host.waitForEnd(id)).output).toEqual([1, 2]);
    const other = await host.startOrchestration('waiter');
    await running(other);
    await expect(host.callClient('resume', { id: other, reason: '' })).rejects.toThrow(/500.*Cannot resume/);
    await host.callClient('terminate', { id: other, reason: '' });
  });

  test('a terminated orchestration shows the reason, and receives nothing more', async () => {
    const id = await host.startOrchestration('waiter');
    await host.callClient('terminate', { id, reason: 'no longer needed' });
    expect(await host.readStatus(id)).toMatchObject({
      runtimeStatus: 'Terminated',
      output: 'no longer needed',
    });
    await host.callClient('raiseEvent', { id, name: 'go', data: 1 });
    await host.callClient('terminate', { id, reason: 'again' });
    expect(await host.readStatus(id)).toMatchObject({
      runtimeStatus: 'Terminated',
      output: 'no longer needed',
    });
  });

  test('an unknown instance accepts no request', async () => {
    await expect(host.callClient('raiseEvent', { id: 'nobody', name: 'go' })).rejects.toThrow(
      "No instance with ID 'nobody' found.",
    );
    await expect(host.callClient('terminate', { id: 'nobody', reason: '' })).rejects.toThrow(
      "No instance with ID 'nobody' found.",
    );
    await expect(host.callClient('suspend', { id: 'nobody', reason: '' })).rejects.toThrow(
      "No instance with ID 'nobody' found.",
    );
  });

  test('an event that is not JSON is refused', async () => {
    const id = await host.startOrchestration('waiter');
    const raise = (body: string, type: string) =>
      fetch(`${host.rpcUrl}/durabletask/instances/${id}/raiseEvent/go`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
    expect((await raise('1', 'text/plain')).status).toBe(400);
    expect((await raise('{', 'application/json')).status).toBe(400);
    expect((await raise('', 'application/json')).status).toBe(202);
    expect(await host.waitForEnd(id)).toMatchObject({ runtimeStatus: 'Completed', output: null });
  });

  test('a rewind is refused as in Azure, and by name where Azure would do it', async () => {
    const rewind = async (id: string) => await host.callClient('rewind', { id, reason: '' });
    const failed = await host.startOrchestration('failing', 'x');
    await host.waitForEnd(failed);
    await expect(rewind(failed)).rejects.toThrow('This host cannot rewind an orchestration.');
    const ended = await host.startOrchestration('greeting', 'you');
    await host.waitForEnd(ended);
    await expect(rewind(ended)).rejects.toThrow('unexpected status code: 410');
    const busy = await host.startOrchestration('waiter');
    await expect(rewind(busy)).rejects.toThrow('only supported on failed orchestration instances');
    await expect(rewind('nobody')).rejects.toThrow("No instance with ID 'nobody' found.");
    await host.callClient('terminate', { id: busy, reason: '' });
  });

  test('a restart runs the same orchestration again, with a new id or with the same one', async () => {
    const id = await host.startOrchestration('greeting', 'you');
    await host.waitForEnd(id);
    const restart = async (query: string) =>
      await fetch(`${host.rpcUrl}/durabletask/instances/${id}/restart${query}`, { method: 'POST' });
    const started = (await (await restart('')).json()) as { id: string };
    expect(started.id).not.toBe(id);
    expect(await host.waitForEnd(started.id)).toMatchObject({ name: 'greeting', output: 'Hello you' });
    const again = await restart('?restartWithNewInstanceId=false');
    expect([again.status, await again.json()]).toEqual([202, expect.objectContaining({ id })]);
    expect((await host.waitForEnd(id)).output).toBe('Hello you');
    const unknown = await fetch(`${host.rpcUrl}/durabletask/instances/nobody/restart`, { method: 'POST' });
    expect(unknown.status).toBe(400);
  });

  test('entities, and a start that waits for the end, are refused by name', async () => {
    await expect(host.callClient('readEntity', { name: 'counter', key: 'a' })).rejects.toThrow(
      /501.*This host has no entities/,
    );
    await expect(host.callClient('signalEntity', { name: 'counter', key: 'a' })).rejects.toThrow(
      /501.*This host has no entities/,
    );
    const start = `${host.rpcUrl}/durabletask/orchestrators/greeting/waited?timeout=10&pollingInterval=1`;
    const answer = await fetch(start, { method: 'POST' });
    expect([answer.status, await answer.text()]).toEqual([501, stringMatching(/cannot wait for the end/)]);
    expect((await fetch(`${host.rpcUrl}/durabletask/instances/waited`)).status).toBe(404);
  });
});

describe('purging', () => {
  test('removes a finished instance, and keeps a running one', async () => {
    const id = await host.startOrchestration('greeting', 'you');
    await host.waitForEnd(id);
    expect(await host.callClient('purge', { id })).toEqual({ instancesDeleted: 1 });
    expect(await host.callClient('purge', { id })).toEqual({ instancesDeleted: 0 });
    await expect(host.callClient('getStatus', { id })).rejects.toThrow(/404/);
    const busy = await host.startOrchestration('waiter');
    expect(await host.callClient('purge', { id: busy })).toEqual({ instancesDeleted: 0 });
    await host.callClient('terminate', { id: busy, reason: '' });
  });

  test('works by time and status', async () => {
    const id = await host.startOrchestration('failing', 'x');
    const busy = await host.startOrchestration('waiter');
    await host.waitForEnd(id);
    await running(busy);
    const failed = await host.callClient<InstanceStatus[]>('getStatusBy', { runtimeStatus: ['Failed'] });
    expect(
      await host.callClient('purgeBy', {
        createdTimeFrom: '2020-01-01T00:00:00Z',
        runtimeStatus: ['Failed'],
      }),
    ).toEqual({ instancesDeleted: failed.length });
    expect(
      await host.callClient('purgeBy', {
        createdTimeFrom: '2020-01-01T00:00:00Z',
        runtimeStatus: ['Failed'],
      }),
    ).toEqual({ instancesDeleted: 0 });
    await host.callClient('purgeBy', { createdTimeFrom: '2020-01-01T00:00:00Z' });
    const left = await host.callClient<InstanceStatus[]>('getStatusAll');
    expect(left.map(({ instanceId }) => instanceId)).toContain(busy);
    expect(left.filter(({ runtimeStatus }) => !['Pending', 'Running'].includes(runtimeStatus))).toEqual([]);
    await host.callClient('terminate', { id: busy, reason: '' });
    expect((await fetch(`${host.rpcUrl}/durabletask/instances/`, { method: 'DELETE' })).status).toBe(400);
  });
});

test('the administrator can run an activity', async () => {
  const input = JSON.stringify({ name: 'greeting', id: 'by-admin', input: 'you' });
  expect(
    (
      await fetch(`${host.url}/admin/functions/startNew`, {
        method: 'POST',
        headers: HOST_KEY_HEADERS,
        body: JSON.stringify({ input }),
      })
    ).status,
  ).toBe(202);
  await host.waitFor(
    () => host.readStatus('by-admin'),
    ({ runtimeStatus }) => runtimeStatus === 'Completed',
  );
});

test('the public links work', async () => {
  const answer = await fetch(`${host.url}/api/show/waiter`, { method: 'POST' });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([202, '10']);
  const links = (await answer.json()) as Record<string, string>;
  expect(answer.headers.get('location')).toBe(links.statusQueryGetUri);
  expect(links.statusQueryGetUri).toMatch(/\?taskHub=Hub-of-tests&connection=Storage&code=\w+$/);
  const follow = async (link: string, method: string) =>
    (
      await fetch(links[link]?.replace('{eventName}', 'other').replace('{text}', 'why') ?? '', {
        method,
        ...(method === 'POST' && { body: '1', headers: { 'content-type': 'application/json' } }),
      })
    ).status;
  await running(links.id ?? '');
  expect(await follow('statusQueryGetUri', 'GET')).toBe(202);
  expect(await follow('sendEventPostUri', 'POST')).toBe(202);
  expect(await follow('suspendPostUri', 'POST')).toBe(202);
  expect(await follow('resumePostUri', 'POST')).toBe(202);
  expect(await follow('terminatePostUri', 'POST')).toBe(202);
  expect(await host.readStatus(links.id ?? '')).toMatchObject({ runtimeStatus: 'Terminated', output: 'why' });
  expect(await follow('restartPostUri', 'POST')).toBe(202);
  expect(await follow('purgeHistoryDeleteUri', 'DELETE')).toBe(200);
});
