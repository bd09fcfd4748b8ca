// The figures of a run over REST. The preview shows the effect and the duration. The result shows
// the recovery time and the data loss.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { ResourceMap, type MappedVm } from '../../shared/plans/rules/resourceMap.ts';
import { readArmActions } from '../support/arm-trace.ts';
import { makeContosoWith, makeResourceId } from '../support/enabling-environment.ts';
import type { Problem, Replication } from '../support/lifeboat-client.ts';
import { callAsPortalUser } from '../support/portal.ts';
import { story } from '../support/story.ts';
import { startTestEnvironment, withFault, type TestEnvironment } from '../support/test-environment.ts';

// A later test uses the state that the earlier tests leave behind.
const test = story();

let testEnvironment: TestEnvironment;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-trace-'));
  const environment = makeContosoWith({});
  // This VM has a public address.
  const virtualMachines = environment.virtualMachines.map((machine) =>
    machine.name === 'web' ? { ...machine, nic: { ...machine.nic, publicAddress: true } } : machine,
  );
  testEnvironment = await startTestEnvironment(['web', 'app', 'sql', 'orders-1', 'orders-2'], {
    environment: { ...environment, virtualMachines },
    env: { LIFEBOAT_REGION: 'southeastasia' },
    trace: join(folder, 'trace.ndjson'),
  });
});
afterAll(async () => {
  await testEnvironment.simulator.stop();
  rmSync(folder, { recursive: true });
});

const vmOf = (name: string): Replication =>
  testEnvironment.vms.find((vm) => vm.name === name) ??
  (() => {
    throw new Error(`No ${name}.`);
  })();
const idOf = (name: string): string => vmOf(name).id;
async function save(id: string, plan: object): Promise<void> {
  const { status, body } = await testEnvironment.lifeboat.call(`/api/v1/plans/${id}`, {
    method: 'PUT',
    body: plan,
    principal: 'contributor',
  });
  if (status !== 201) throw new Error(`Not saved: ${JSON.stringify(body)}`);
}
const post = <T>(path: string, body: object) =>
  testEnvironment.lifeboat.call<T>(path, { method: 'POST', principal: 'reader', body });

interface Preview {
  readonly canRun: boolean;
  readonly obstacles: readonly { readonly code: string; readonly message: string }[];
  readonly usualSeconds: number;
  readonly vms: readonly {
    readonly name: string;
    readonly recoveryPoint: {
      readonly kind: string | null;
      readonly time: string | null;
      readonly reason: string;
      readonly readAt: string | null;
    } | null;
  }[];
}
const preview = async (id: string, command: object) =>
  (await post<Preview & Problem>(`/api/v1/plans/${id}/preview`, command)).body;
const pointOf = ({ vms }: Preview, name: string) => vms.find((vm) => vm.name === name)?.recoveryPoint;

test("a preview gives each VM's recovery point and reason, and writes nothing [PLAN-2] [OP-2]", async () => {
  const young = [{ kind: 'latestAppConsistent', notOlderThanMinutes: 1 }, { kind: 'latestProcessed' }];
  await save('shop', {
    name: 'Shop',
    targets: { recoveryMinutes: 60 },
    runs: {
      failover: [
        {
          name: 'data',
          vms: [idOf('sql'), idOf('orders-1'), idOf('orders-2')],
          recoveryPoint: [
            { kind: 'latestMultiVmConsistent' },
            { kind: 'latestAppConsistent', notOlderThanMinutes: 10_000 },
            { kind: 'latest' },
          ],
        },
        { name: 'app', waitsFor: ['data'], vms: [idOf('app')], recoveryPoint: young },
        { name: 'web', waitsFor: ['app'], vms: [idOf('web')] },
      ],
    },
  });
  const writes = (await testEnvironment.simulator.siteRecovery.writes()).length;
  const reported = await preview('shop', { operation: 'failover' });
  expect(reported).toMatchObject({
    plan: { id: 'shop', version: 1, name: 'Shop' },
    canRun: true,
    obstacles: [],
    usualSeconds: 3 * 160,
    addedByDrillSeconds: 0,
  });
  const points = (
    (await callAsPortalUser(testEnvironment.simulator, 'GET', `${vmOf('sql').armId}/recoveryPoints`))
      .body as {
      value: { properties: { recoveryPointTime: string; recoveryPointType: string } }[];
    }
  ).value;
  const apps = points
    .filter(({ properties }) => /^app/i.test(properties.recoveryPointType))
    .map(({ properties }) => Date.parse(properties.recoveryPointTime));
  expect(pointOf(reported, 'sql')).toMatchObject({
    kind: 'latestAppConsistent',
    reason: expect.stringContaining('only VMs of a multi-VM group') as string,
  });
  expect(Date.parse(pointOf(reported, 'sql')?.time ?? '')).toBe(Math.max(...apps));
  expect([pointOf(reported, 'orders-1')?.kind, pointOf(reported, 'orders-1')?.time]).toEqual([
    'latestMultiVmConsistent',
    pointOf(reported, 'orders-2')?.time,
  ]);
  expect(pointOf(reported, 'app')).toMatchObject({
    kind: 'latestProcessed',
    reason: expect.stringContaining('latestAppConsistent was passed over') as string,
  });
  expect(pointOf(reported, 'web')).toMatchObject({ kind: 'latest', time: null, readAt: null });
  const drill = await preview('shop', { operation: 'testFailover', recoveryPoint: 'latestCrashConsistent' });
  expect(drill).toMatchObject({ canRun: true, networkId: null });
  expect(drill.vms.map(({ recoveryPoint }) => recoveryPoint?.kind)).toEqual(
    Array.from({ length: 5 }, () => 'latestCrashConsistent'),
  );
  expect(await testEnvironment.simulator.siteRecovery.writes()).toHaveLength(writes);
});

test('the route refuses a preview with unknown ids or wrong fields [PLAN-2]', async () => {
  for (const [id, command, code, status] of [
    ['none', { operation: 'failover' }, 'PlanUnknown', 404],
    ['shop', { operation: 'failover', version: 9 }, 'PlanUnknown', 404],
    ['shop', { operation: 'enableReplication' }, 'Invalid', 400],
    ['shop', { operation: 'commit', recoveryPoint: 'latest' }, 'Invalid', 400],
    ['shop', { operation: 'failover', networkId: vmOf('web').armId }, 'Invalid', 400],
    ['shop', { operation: 'failover', recoveryPoint: { id: 'x' } }, 'RecoveryPointOfOneVm', 422],
  ] as const)
    expect(await preview(id, command)).toMatchObject({ code, status });
  expect(await preview('shop', { operation: 'failback' })).toMatchObject({
    canRun: false,
    obstacles: expect.arrayContaining([expect.objectContaining({ code: 'OperationNotAllowed' })]) as unknown,
  });
});

interface Measured {
  readonly fromCommandSeconds: number | null;
  readonly fromSiteRecoverySeconds: number | null;
  readonly dataLossSeconds: number | null;
}
interface Measures {
  readonly whole: Measured;
  readonly criticalPath: readonly {
    readonly name: string;
    readonly waitedSeconds: number;
    readonly seconds: number;
  }[];
  readonly vms: readonly (Measured & { readonly vm: string; readonly name: string })[];
  readonly next: string | null;
}
const measuresOf = async (jobId: string, query = '') =>
  (
    await testEnvironment.lifeboat.call<Measures & Problem>(`/api/v1/jobs/${jobId}/measures${query}`, {
      principal: 'reader',
    })
  ).body;

test('a failover reports recovery time and data loss of each VM and of all [JOB-2] [A2A-15]', async () => {
  const vms = ['web', 'orders-1', 'orders-2'];
  const job = await testEnvironment.lifeboat.runToEnd({
    operation: 'failover',
    vms: vms.map(idOf),
    recoveryPoint: 'latestProcessed',
  });
  const measures = await measuresOf(job.id);
  expect(measures.vms.map(({ name }) => name).sort()).toEqual([...vms].sort());
  for (const { vm, name, ...measured } of measures.vms) {
    const step = job.steps.find(
      ({ phase, target, vms: members }) =>
        phase === 'failover' && (target === vm || members?.some(({ id }) => id === vm)),
    );
    expect(measured).toMatchObject({
      group: null,
      fromCommandSeconds: (Date.parse(step?.endedAt ?? '') - Date.parse(job.acceptedAt)) / 1000,
      recovery: null,
      dataLoss: null,
    });
    expect(measured.fromSiteRecoverySeconds).toBeLessThan(measured.fromCommandSeconds ?? 0);
    expect(measured.dataLossSeconds).toBeGreaterThanOrEqual(0);
    expect([name, measured.dataLossSeconds]).toEqual([name, expect.any(Number)]);
  }
  const greatest = (of: 'fromCommandSeconds' | 'dataLossSeconds') =>
    Math.max(...measures.vms.map((vm) => vm[of] ?? Infinity));
  expect(measures.whole).toMatchObject({
    fromCommandSeconds: greatest('fromCommandSeconds'),
    dataLossSeconds: greatest('dataLossSeconds'),
  });
  expect(
    measures.criticalPath.reduce((sum, entry) => sum + entry.waitedSeconds + entry.seconds, 0),
  ).toBeCloseTo(measures.whole.fromCommandSeconds ?? 0, 3);
  const reported = (
    (await testEnvironment.lifeboat.readJob(job.id)) as unknown as { measures: Partial<Measures> }
  ).measures;
  expect(reported.vms).toBeUndefined();
  expect(measures).toMatchObject(reported);
  expect(await measuresOf(job.id, '?limit=2')).toMatchObject({ vms: measures.vms.slice(0, 2) });
  const { next } = await measuresOf(job.id, '?limit=2');
  expect(await measuresOf(job.id, `?limit=2&continuation=${next ?? ''}`)).toMatchObject({
    vms: measures.vms.slice(2),
    next: null,
  });

  const commit = await testEnvironment.lifeboat.runToEnd({ operation: 'commit', vms: vms.map(idOf) });
  expect(await measuresOf(commit.id)).toMatchObject({ status: 404, code: 'NotMeasured' });
  expect(await testEnvironment.lifeboat.readJob(commit.id)).toMatchObject({ measures: null });
  expect(await measuresOf('job-none')).toMatchObject({ status: 404, code: 'JobUnknown' });
  expect(await measuresOf(job.id, '?continuation=none')).toMatchObject({
    status: 400,
    code: 'ContinuationInvalid',
  });
});

const mapOf = (jobId: string, query = '') =>
  testEnvironment.lifeboat.call<ResourceMap & Problem>(`/api/v1/jobs/${jobId}/map${query}`, {
    principal: 'reader',
  });
const rows = ({ resources }: MappedVm, kind: string) =>
  resources
    .filter((row) => row.kind === kind)
    .map(({ part, from, to }) => [part, from?.split('/').at(-1) ?? null, to?.split('/').at(-1) ?? null]);

test('a failover has a map of old and new resources as JSON and CSV [OP-2] [JOB-1]', async () => {
  const job = await testEnvironment.lifeboat.runToEnd({ operation: 'failover', vms: [idOf('sql')] });
  const away = {
    service: 'arm' as const,
    method: 'GET',
    path: '/virtualMachines(\\?|$)',
    point: 'received' as const,
    do: {
      kind: 'status' as const,
      status: 403,
      body: { error: { code: 'AuthorizationFailed', message: 'Not now.' } },
    },
  };
  const { result: blind } = await withFault(testEnvironment.simulator, away, () => mapOf(job.id));
  expect(blind.body).toMatchObject({
    complete: false,
    vms: [
      {
        name: 'sql',
        missing: [expect.stringContaining('AuthorizationFailed'), expect.any(String)],
        resources: expect.arrayContaining([expect.objectContaining({ kind: 'virtualMachine' })]) as unknown,
      },
    ],
  });
  const { status, headers, body } = await mapOf(job.id);
  expect([status, headers.get('link')]).toEqual([
    200,
    expect.stringContaining('/api/v1/schemas/resource-map'),
  ]);
  expect(body).toMatchObject({
    job: job.id,
    operation: 'failover',
    complete: true,
    next: null,
    vms: [{ vm: idOf('sql'), missing: [] }],
  });
  expect(ResourceMap.safeParse(body).success).toBe(true);
  const [sql] = body.vms;
  if (!sql) throw new Error('No map.');
  expect(rows(sql, 'region')).toEqual([['', 'eastasia', 'southeastasia']]);
  expect(rows(sql, 'resourceGroup')).toEqual([['', 'contoso-shop', 'contoso-shop-recovery']]);
  expect(rows(sql, 'subnet')).toEqual([['0.0', 'data', 'data']]);
  expect(rows(sql, 'privateAddress')).toEqual([
    ['0.0', '10.20.3.4', expect.stringMatching(/^10\.\d+\.\d+\.\d+$/)],
  ]);
  expect(rows(sql, 'disk').map(([part, from]) => [part, from])).toEqual([
    ['os', 'sql-os'],
    ['lun 0', 'sql-data'],
    ['lun 1', 'sql-log'],
  ]);
  expect(rows(sql, 'disk').every(([, , to]) => typeof to === 'string')).toBe(true);
  // The app stored the map, so it does not ask Azure again.
  expect((await withFault(testEnvironment.simulator, away, () => mapOf(job.id))).result.body).toEqual(body);

  const csv = await fetch(new URL(`/api/v1/jobs/${job.id}/map`, testEnvironment.simulator.host.url), {
    headers: {
      authorization: `Bearer ${await testEnvironment.simulator.token('reader')}`,
      accept: 'text/csv',
    },
  });
  const lines = (await csv.text()).trim().split('\r\n');
  expect([csv.headers.get('content-type'), lines[0], lines.length]).toEqual([
    'text/csv; charset=utf-8',
    'vm,name,kind,part,from,to',
    sql.resources.length + 1,
  ]);
  expect(
    (await testEnvironment.lifeboat.call<object>('/api/v1/schemas/resource-map', { principal: 'reader' }))
      .body,
  ).toMatchObject({ title: 'ResourceMap', required: expect.arrayContaining(['vms']) as unknown });
  const commit = await testEnvironment.lifeboat.runToEnd({ operation: 'commit', vms: [idOf('sql')] });
  for (const [path, code] of [
    [commit.id, 'NotMapped'],
    ['job-none', 'JobUnknown'],
  ] as const)
    expect((await mapOf(path)).body).toMatchObject({ status: 404, code });
  expect(
    (
      await testEnvironment.lifeboat.call<Problem>(`/api/v1/jobs/${job.id}/map`, {
        principal: 'reader',
        headers: { accept: 'image/png' },
      })
    ).body,
  ).toMatchObject({ status: 406, code: 'NotAcceptable' });
});

test('a page of a map shows a public address that the new VM does not have [OP-2]', async () => {
  const [job] = (
    await testEnvironment.lifeboat.call<{ jobs: { id: string }[] }>(
      `/api/v1/jobs?operation=failover&vm=${idOf('web')}`,
      { principal: 'reader' },
    )
  ).body.jobs;
  const { body: first } = await mapOf(job?.id ?? '', '?limit=2');
  const { body: last } = await mapOf(job?.id ?? '', `?limit=2&continuation=${first.next ?? ''}`);
  expect([first.vms.length, last.vms.length, last.next]).toEqual([2, 1, null]);
  const web = [...first.vms, ...last.vms].find(({ name }) => name === 'web');
  expect(web && rows(web, 'publicAddress')).toEqual([
    ['0.0', expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/), null],
  ]);
  expect((await mapOf(job?.id ?? '', '?continuation=none')).body).toMatchObject({
    status: 400,
    code: 'ContinuationInvalid',
  });
});

/** A person creates it by hand in the resource group of the test VMs. */
const made = (type: string, name: string, body: object) =>
  callAsPortalUser(testEnvironment.simulator, 'PUT', makeResourceId('contoso-shop-recovery', type, name), {
    location: 'southeastasia',
    ...body,
  });

test('a preview learns from drills, and a drill names only its own leftovers [JOB-2] [OP-1]', async () => {
  const [app] = [vmOf('app')];
  await save('app', { name: 'App', runs: { failover: [{ name: 'app', vms: [app.id] }] } });
  const usual = (await preview('app', { operation: 'testFailover' })).usualSeconds;
  const took: number[] = [];
  for (let times = 0; times < 3; times++) {
    const {
      steps: [step],
    } = await testEnvironment.lifeboat.runToEnd({ operation: 'testFailover', vms: [app.id] });
    took.push((Date.parse(step?.endedAt ?? '') - Date.parse(step?.startedAt ?? '')) / 1000);
    if (times === 2)
      for (const name of ['app-forgotten', 'zebra'])
        expect(
          (
            await made('Microsoft.Network/publicIPAddresses', name, {
              sku: { name: 'Standard' },
              properties: { publicIPAllocationMethod: 'Static' },
            })
          ).status,
        ).toBeLessThan(300);
    const job = await testEnvironment.lifeboat.runToEnd({ operation: 'cleanUpTestFailover', vms: [app.id] });
    const reported = job.log
      .map(({ message }) => message)
      .find((message) => /where/i.test(message) && /VMs came up/.test(message));
    if (times < 2)
      expect([job.state, reported]).toEqual([
        'completed',
        'The drill has left nothing behind where its VMs came up.',
      ]);
    else {
      expect(job).toMatchObject({
        state: 'completedWithExceptions',
        exceptions: [
          {
            code: 'LeftBehind',
            targetName: 'app-forgotten',
            message: expect.stringContaining('contoso-shop-recovery') as string,
          },
        ],
      });
      expect(reported).toContain('1 resources were left behind; 1 others have appeared meanwhile');
    }
  }
  const learned = await preview('app', { operation: 'testFailover' });
  expect(took).toContain(learned.usualSeconds);
  expect(learned.usualSeconds).not.toBe(usual);
});

test("a plan's run against its targets: met, missed, and the present state [JOB-2] [PLAN-1]", async () => {
  const { headers } = await testEnvironment.lifeboat.call('/api/v1/plans/app', { principal: 'reader' });
  const groups = [
    {
      name: 'app',
      vms: [idOf('app')],
      recoveryPoint: [{ kind: 'latestProcessed' }],
      after: [{ kind: 'manual', name: 'call', instructions: 'Call the simulator.' }],
    },
  ];
  const changed = await testEnvironment.lifeboat.call<Problem>('/api/v1/plans/app', {
    method: 'PUT',
    principal: 'contributor',
    headers: { 'if-match': headers.get('etag') ?? '' },
    body: { name: 'App', runs: { failover: groups }, targets: { recoveryMinutes: 1, dataLossMinutes: 600 } },
  });
  expect(changed.status).toBe(200);
  const {
    body: { id },
  } = await testEnvironment.lifeboat.send({ operation: 'failover', plan: 'app' });
  const asking = await testEnvironment.lifeboat.waitFor(async () => {
    const job = await testEnvironment.lifeboat.readJob(id);
    return job.questions.length > 0 ? job : undefined;
  }, 'the manual step');
  expect(await measuresOf(id)).toMatchObject({
    targets: { recoveryMinutes: 1, dataLossMinutes: 600 },
    whole: { fromCommandSeconds: null, recovery: 'unknown', dataLoss: 'met' },
    groups: [{ name: 'app', recovery: 'unknown' }],
  });
  await testEnvironment.lifeboat.call(`/api/v1/jobs/${id}/answers`, {
    method: 'POST',
    body: { question: asking.questions[0]?.id, answer: 'done' },
  });
  const job = (await testEnvironment.lifeboat.waitForJobEnd(id)) as unknown as {
    state: string;
    measures: Measures;
  };
  expect(job).toMatchObject({
    state: 'completed',
    measures: {
      targets: { recoveryMinutes: 1 },
      whole: { recovery: 'missed', dataLoss: 'met' },
      groups: [{ name: 'app', fromCommandSeconds: job.measures.whole.fromCommandSeconds }],
    },
  });
  expect(job.measures.criticalPath.map(({ name }) => name)).toEqual(['app', 'call']);
  expect(await measuresOf(id)).toMatchObject({
    vms: [{ name: 'app', group: 'app', recovery: 'missed', dataLoss: 'met' }],
  });
});

test("the requests to Azure for this stay within Lifeboat's roles there", () => {
  const { operate, drill, groups, read } = agreement.armActions;
  const used = readArmActions(join(folder, 'trace.ndjson'));
  // A colleague created two addresses by hand.
  const allowed = [...operate, ...drill, ...groups, ...read, 'Microsoft.Network/publicIPAddresses/write'];
  expect(used.filter((action) => !allowed.includes(action))).toEqual([]);
  expect(used).toContain('Microsoft.Network/publicIPAddresses/read');
});
