import { HostProcess, dataFolder, stringMatching } from './host-process.ts';

const dataDir = dataFolder();
let host: HostProcess;
beforeAll(async () => {
  host = await HostProcess.start({ dataDir, maxPayload: 100_000 });
});
afterAll(async () => {
  await host.stop();
});

describe('activities', () => {
  test("receive the orchestrator's input and the id of their instance", async () => {
    const id = await host.startOrchestration('identities', undefined, '12345');
    expect((await host.waitForEnd(id)).output).toEqual([
      { input: 'nothing', instanceId: '12345' },
      { input: { a: [1, null] }, instanceId: '12345' },
      { input: 'text', instanceId: '12345' },
      { input: false, instanceId: '12345' },
    ]);
  });

  test.each([
    ['text', '"quoted"'],
    ['a number as text', '17'],
    ['a number', 1.5],
    ['a list', [1, 'a', null]],
    ['nothing', null],
    ['false', false],
    ['an empty text', ''],
  ])('return %s unchanged', async (_name, value) => {
    expect(await host.runToEnd('calls', { name: 'echo', input: value })).toEqual(value);
  });

  test('a fan-out of 1,000 keeps every result and every event in its place', async () => {
    const { output, historyEvents = [] } = await host.waitForEnd(
      await host.startOrchestration('fanOut', 1_000),
      'showHistory=true&showHistoryOutput=true',
    );
    expect(output).toEqual({ count: 1_000, inOrder: true });
    const completed = historyEvents.filter(({ EventType }) => EventType === 'TaskCompleted');
    expect(completed.map(({ Result }) => Number(Result)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => index),
    );
    expect(historyEvents.at(0)).toMatchObject({ EventType: 'ExecutionStarted', FunctionName: 'fanOut' });
    expect(historyEvents.at(-1)).toMatchObject({
      EventType: 'ExecutionCompleted',
      OrchestrationStatus: 'Completed',
    });
    expect(historyEvents).toHaveLength(1_002);
    const times = historyEvents.map(({ Timestamp }) => String(Timestamp));
    expect(times).toEqual(times.toSorted());
  });

  test('that do not exist fail their task, not the host', async () => {
    expect(await host.runToEnd('calls', { name: 'nobody' })).toEqual({
      failed: "Activity function 'nobody' failed: the app has no activity function of this name.",
    });
  });

  test('can use the durable client', async () => {
    expect(
      await host.runToEnd('calls', {
        name: 'startNew',
        input: { name: 'greeting', id: 'from-activity', input: 'you' },
      }),
    ).toBe('from-activity');
    expect((await host.waitForEnd('from-activity')).output).toBe('Hello you');
  });
});

describe('sub-orchestrations', () => {
  test('know their parent and return their result to it', async () => {
    const id = await host.startOrchestration('parent');
    const { output } = await host.waitForEnd(id);
    expect(output).toEqual([
      { input: { a: 1 }, parent: id, id: stringMatching(/^[\da-f]{32}:00000000$/) },
      { input: 'text', parent: id, id: `${id}-named` },
    ]);
  });

  test('fail their task when they fail', async () => {
    expect(await host.runToEnd('parentOf', { name: 'failing', input: 'it' })).toEqual({
      failed: stringMatching(/Orchestrator function 'failing' failed: no luck with it/),
    });
  });

  test('fail their task when they do not exist or their id is in use', async () => {
    expect(await host.runToEnd('parentOf', { name: 'nobody' })).toEqual({
      failed: stringMatching(/the app has no orchestrator function of this name/),
    });
    const taken = await host.startOrchestration('waiter', undefined, 'taken');
    expect(await host.runToEnd('parentOf', { name: 'child', id: taken })).toEqual({
      failed: stringMatching(/an instance with the id 'taken' is already running/),
    });
    await host.callClient('terminate', { id: taken, reason: 'done' });
  });

  test('fail their task when they are terminated', async () => {
    const id = await host.startOrchestration('parentOf', { name: 'waiter', id: 'to-terminate' });
    await host.waitFor(
      () => host.readStatus('to-terminate'),
      ({ runtimeStatus }) => runtimeStatus === 'Running',
    );
    await host.callClient('terminate', { id: 'to-terminate', reason: 'enough' });
    expect((await host.waitForEnd(id)).output).toEqual({ failed: stringMatching(/enough/) });
  });
});

describe('external events', () => {
  test('reach a waiter, and are kept for a later one', async () => {
    const id = await host.startOrchestration('eventThenSleep');
    await host.callClient('raiseEvent', { id, name: 'second', data: { n: 2 } });
    await host.callClient('raiseEvent', { id, name: 'other', data: 0 });
    await host.waitFor(
      () => host.readStatus(id),
      ({ runtimeStatus }) => runtimeStatus === 'Running',
    );
    await host.callClient('raiseEvent', { id, name: 'first', data: 'one' });
    expect((await host.waitForEnd(id)).output).toEqual(['one', { n: 2 }]);
  });

  test('are kept when they come before the first run', async () => {
    const id = await host.startOrchestration('eventRace', undefined, 'early');
    await host.callClient('raiseEvent', { id, name: 'go', data: 7 });
    expect((await host.waitForEnd(id)).output).toBe(7);
  });

  test.each(['collector', 'lateCollector'])(
    'survive continue-as-new, each of them once (%s)',
    async (name) => {
      const id = await host.startOrchestration(name, { wanted: 40, got: [] });
      const wanted = Array.from({ length: 40 }, (_, index) => index);
      for (const item of wanted) {
        const raised = fetch(`${host.rpcUrl}/durabletask/instances/${id}/raiseEvent/item`, {
          method: 'POST',
          body: String(item),
          headers: { 'content-type': 'application/json' },
        });
        // Some events come one by one, some together: an episode must handle several.
        if (item % 10 < 3 || item % 10 === 9) await raised;
        else void raised.catch(() => undefined);
      }
      const { output } = await host.waitForEnd(id);
      expect((output as number[]).toSorted((a, b) => a - b)).toEqual(wanted);
    },
  );
});

describe('continue-as-new', () => {
  test('starts again with the new input, texts included', async () => {
    const id = await host.startOrchestration('counter', { left: 30, text: 'done' });
    const { output, input } = await host.waitForEnd(id);
    expect(output).toBe('done');
    expect(input).toEqual({ left: 0, text: 'done' });
  });
});

describe('oversized payloads', () => {
  test('fail the activity with this input or output', async () => {
    expect(await host.runToEnd('calls', { name: 'large', input: { bytes: 99_000 } })).toHaveLength(99_000);
    expect(await host.runToEnd('calls', { name: 'large', input: { bytes: 100_000 } })).toEqual({
      failed:
        "Activity function 'large' failed: its output is 100002 bytes, over the limit of 100000 " +
        'bytes for one message',
    });
  });

  test('fail the orchestration with this output', async () => {
    const { runtimeStatus, output } = await host.waitForEnd(
      await host.startOrchestration('largeOutput', 100_000),
    );
    expect({ runtimeStatus, output }).toEqual({
      runtimeStatus: 'Failed',
      output:
        "Orchestrator function 'largeOutput' failed: its output is 100002 bytes, over the limit " +
        'of 100000 bytes for one message',
    });
  });

  test('fail the orchestration with this custom status', async () => {
    expect((await host.waitForEnd(await host.startOrchestration('largeStatus', 8_000))).runtimeStatus).toBe(
      'Completed',
    );
    expect((await host.waitForEnd(await host.startOrchestration('largeStatus', 9_000))).output).toContain(
      'its custom status is 9002 characters, over the limit of 8192',
    );
  });

  test("are refused in a client's request", async () => {
    await expect(host.startOrchestration('input', 'x'.repeat(100_000))).rejects.toThrow(
      /413.*The input is 100002 bytes, over the limit/,
    );
    const id = await host.startOrchestration('waiter');
    await expect(
      host.callClient('raiseEvent', { id, name: 'go', data: 'x'.repeat(100_000) }),
    ).rejects.toThrow(/413.*The event is 100002 bytes/);
    await host.callClient('terminate', { id, reason: '' });
  });
});

describe('unsupported features of the host', () => {
  test.each([
    ['signals', 'the action SignalEntity on @counter@a is not known to this host'],
    ['callsEntity', 'the action CallEntity on @tally@a is not known to this host'],
    ['callsHttp', 'the action CallHttp is not known to this host'],
    [
      'twice',
      'it put a task that was already scheduled (never) into a new Task.all or Task.any; Azure ' +
        'would schedule it a second time',
    ],
    ['bigNumber', 'Do not know how to serialize a BigInt'],
  ])('fail the orchestration and give the reason (%s)', async (name, reason) => {
    const { runtimeStatus, output } = await host.waitForEnd(await host.startOrchestration(name));
    expect({ runtimeStatus, output }).toEqual({
      runtimeStatus: 'Failed',
      output: `Orchestrator function '${name}' failed: ${reason}`,
    });
  });
});

describe('quirks of the SDK that also exist in Azure', () => {
  test('an orchestration without input gets an empty text, not null', async () => {
    expect(await host.runToEnd('input')).toEqual({ input: '', version: null });
  });

  test('a property called Timestamp becomes a Date on its way', async () => {
    expect(await host.runToEnd('kindOfTimestamp', { Timestamp: '2030-01-01T00:00:00Z' })).toBe('Date');
  });

  test('a falsy custom status never arrives', async () => {
    const statusIs = async (value: unknown) =>
      (await host.waitForEnd(await host.startOrchestration('statusIs', value))).customStatus;
    expect([await statusIs('busy'), await statusIs(0), await statusIs(false)]).toEqual(['busy', null, null]);
  });

  test('waiting for all of an empty list is an error', async () => {
    expect((await host.waitForEnd(await host.startOrchestration('nothingToWaitFor'))).output).toMatch(
      /you must specify at least one Task/,
    );
  });

  test('a text arrives with quotes after continueAsNew', async () => {
    expect(await host.runToEnd('textAgain', 'first')).toBe(JSON.stringify('a "second" text'));
  });

  test('the orchestrator receives the version', async () => {
    const id = await host.callClient<string>('startNew', {
      name: 'input',
      options: { input: 1, version: '2.0' },
    });
    expect((await host.waitForEnd(id)).output).toEqual({ input: 1, version: '2.0' });
  });

  test("the error of an orchestration contains the orchestrator's name", async () => {
    const { runtimeStatus, output } = await host.waitForEnd(await host.startOrchestration('failing', 'it'));
    expect({ runtimeStatus, output }).toEqual({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'failing' failed: no luck with it",
    });
  });
});
