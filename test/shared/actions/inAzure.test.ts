// Runbooks and scripts of a plan in the simulator's Azure. Each starts once, and the app polls it
// to its end. The app stops it at its time limit.
import { createHash } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import agreement from '../../../infra/agreement.json' with { type: 'json' };
import type { FaultRule } from '../../../simulator/wire/fault.ts';
import { loadTls } from '../../../simulator/wire/tls.ts';
import { addSeconds } from '../../../shared/core/clock.ts';
import { refreshVaults } from '../../../shared/replications/refreshVaults.ts';
import { siteRecoveryClientFor } from '../../../shared/scenarios/adapter.ts';
import { newGuid } from '../../../shared/core/ids.ts';
import type { JobDocument, StepDocument } from '../../../shared/journal/documents.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import { listAttemptsSince } from '../../../shared/journal/attempts.ts';
import { readAllVms } from '../../../shared/replications/registry.ts';
import type { WriteRequest } from '../../../shared/siterecovery/siteRecovery.ts';
import { readArmActions, readExchanges } from '../../support/arm-trace.ts';
import { makeJobDocument } from '../../support/job-documents.ts';
import { actionWork, ActionRun } from '../../support/action-run.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';
import { story } from '../../support/story.ts';

const SUBSCRIPTION = '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
const RUNBOOK = `${SUBSCRIPTION}/resourceGroups/contoso-recovery-services/providers/Microsoft.Automation/automationAccounts/contoso-automation/runbooks`;
const MACHINES = `${SUBSCRIPTION}/resourceGroups/contoso-shop/providers/Microsoft.Compute/virtualMachines`;

// Each test stands alone. The last step needs them all.
const step = story();
const test = step.alone;

let text = '';
let pages: ReturnType<typeof createServer>;
let origin: string;
let store: SimulatedStore;
let vms: ReadonlyMap<string, ReplicatedVmDocument>;
beforeAll(async () => {
  store = await startSimulatedStore(
    1,
    { LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '2', LIFEBOAT_SEND_TIMEOUT_SECONDS: '1' },
    { trace: true },
  );
  // This process trusts the simulator's own servers.
  const tls = await loadTls(dirname(store.addresses.caFile));
  pages = createServer({ key: tls.key, cert: tls.cert }, (_request, response) =>
    response.writeHead(text === '' ? 404 : 200).end(text),
  );
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  origin = `https://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  process.env['LIFEBOAT_CALLBACKS'] = `${origin} private`;
  await refreshVaults();
  vms = new Map((await readAllVms()).map((vm) => [vm.name, vm]));
  await store.arm.setCommandOutcome({ script: 'open', stdout: 'opened', stderr: 'a warning', seconds: 20 });
  await store.arm.setCommandOutcome({ script: 'exit 3', stdout: 'half', exitCode: 3, seconds: 20 });
});
afterAll(async () => {
  pages.close();
  await store.close();
});

let runs = 0;
const run = (): ActionRun => new ActionRun(store, `job-${++runs}`);
const runbook = (name: string, more: object = {}, of = {}) =>
  actionWork({ kind: 'runbook', name, runbookId: `${RUNBOOK}/${name}`, ...more }, of);
const sha256 = (script: string): string => createHash('sha256').update(script).digest('hex');
const script = (body: string, on: string, more: object = {}) =>
  actionWork({
    kind: 'script',
    name: 'Script',
    text: body,
    sha256: sha256(body),
    on,
    shell: 'bash',
    ...more,
  });
const idOf = (name: string): string => vms.get(name)?.id ?? '';
const drill = {
  command: {
    ...makeJobDocument('', '').command,
    operation: 'testFailover',
    recoveryPoint: 'latestProcessed',
  },
} as Parameters<ActionRun['begin']>[1];
const writes = (part: string) =>
  readExchanges(store.trace).filter(({ method, path }) => method === 'PUT' && path.includes(part));
const removals = () =>
  readExchanges(store.trace).filter(({ method, status }) => method === 'DELETE' && status === 202);
const attemptsOf = async (job: ActionRun, { id }: StepDocument) =>
  (await listAttemptsSince(job.jobId, id, '')).map(({ state }) => state);

async function withFault(rule: Omit<FaultRule, 'id'>, act: () => Promise<void>): Promise<void> {
  await store.faults.add({ ...rule, id: 'one' });
  await act().finally(() => store.faults.remove('one'));
}

/** Calls Site Recovery as the phases of a run do, without a run. */
async function sendToSiteRecovery(
  name: string,
  request: (
    item: NonNullable<Awaited<ReturnType<Awaited<ReturnType<typeof siteRecoveryClientFor>>['readItem']>>>,
  ) => WriteRequest,
): Promise<void> {
  const vm = vms.get(name);
  const siteRecovery = await siteRecoveryClientFor(vm?.vaultArmId ?? '');
  const item = await siteRecovery.readItem(vm?.armId ?? '');
  if (!item) throw new Error(`No item ${name}.`);
  expect(await siteRecovery.sendWrite(request(item), newGuid(), addSeconds(new Date(), 30))).toMatchObject({
    status: 202,
  });
  await store.advance(900);
}

test('a runbook starts once with the context of its run, and its step has the output [PLAN-1]', async () => {
  await store.arm.setRunbookOutcome({ runbook: 'Open-Shop', output: `${'.'.repeat(3000)}open`, seconds: 90 });
  await store.arm.setRunbookOutcome({
    runbook: 'Warm-Cache',
    status: 'Failed',
    output: 'warming',
    exception: 'No cache.',
    seconds: 5,
  });
  const [before, written] = [(await store.arm.runbooks()).length, writes('/jobs/').length];
  const job = await run().begin({
    open: runbook('Open-Shop', { parameters: { Site: '2' } }, { vm: idOf('web') }),
    warm: runbook('Warm-Cache'),
    draft: runbook('Draft'),
    none: runbook('Nothing'),
  });
  const open = await job.pollToEnd('open');
  expect(open).toMatchObject({ state: 'succeeded', attempt: 1, error: null });
  expect(open.output).toHaveLength(2048);
  expect(open.output).toMatch(/\.open$/);
  expect(await job.step('warm')).toMatchObject({
    state: 'failed',
    output: 'warming\nNo cache.',
    error: { code: 'RunbookFailed', message: expect.stringContaining('No cache.') as string },
  });
  expect(await job.step('draft')).toMatchObject({
    state: 'failed',
    attempt: 0,
    error: { code: 'RunbookNotPublished' },
  });
  expect(await job.step('none')).toMatchObject({
    state: 'failed',
    attempt: 0,
    error: { code: 'RunbookUnknown' },
  });
  const jobs = (await store.arm.runbooks()).slice(before);
  const started = jobs.find(({ runbook: name }) => name === 'Open-Shop');
  const warmCacheRun = jobs.find(({ runbook: name }) => name === 'Warm-Cache');
  expect(started).toMatchObject({ runbook: 'Open-Shop', parameters: { Site: '2' } });
  expect(JSON.parse(started?.parameters['RecoveryPlanContext'] ?? '')).toMatchObject({
    RecoveryPlanName: 'Shop',
    FailoverType: 'Unplanned',
    FailoverDirection: 'PrimaryToSecondary',
    GroupId: 'web',
    VmMap: {
      [idOf('web')]: {
        SubscriptionId: SUBSCRIPTION.split('/')[2],
        ResourceGroupName: 'contoso-shop',
        RoleName: 'web',
      },
    },
  });
  expect(warmCacheRun).toMatchObject({ runbook: 'Warm-Cache', parameters: {} });
  expect(writes('/jobs/').slice(written)).toHaveLength(2);
});

test('the name of a runbook job proves a lost start, so no second job starts [PLAN-1] [OP-8]', async () => {
  await store.arm.setRunbookOutcome({ runbook: 'Open-Shop', seconds: 60 });
  const before = (await store.arm.runbooks()).length;
  const lost = await run().begin({ open: runbook('Open-Shop') });
  await withFault(
    { point: 'applied', method: 'PUT', path: '/jobs/', times: 1, do: { kind: 'cut' } },
    async () => {
      await lost.poll();
      expect(await attemptsOf(lost, await lost.step('open'))).toEqual(['unknown']);
    },
  );
  expect(await lost.pollToEnd('open')).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect((await store.arm.runbooks()).length - before).toBe(1);
  // The request did not arrive: a second one may go only after a time without a job.
  const away = await run().begin({ open: runbook('Open-Shop', { timeoutMinutes: 1 }) });
  await withFault(
    { point: 'received', method: 'PUT', path: '/jobs/', times: 1, do: { kind: 'cut' } },
    async () => {
      await away.poll();
    },
  );
  await store.advance(120);
  await away.poll();
  expect(await away.step('open')).toMatchObject({ state: 'started', attempt: 1 });
  await store.advance(200);
  expect(await away.pollToEnd('open')).toMatchObject({
    state: 'failed',
    attempt: 1,
    error: { code: 'TimedOut' },
  });
  expect((await store.arm.runbooks()).length - before).toBe(1);
  const busy = await run().begin({ open: runbook('Open-Shop') });
  await withFault(
    {
      point: 'received',
      method: 'PUT',
      path: '/jobs/',
      times: 1,
      do: {
        kind: 'status',
        status: 429,
        headers: { 'Retry-After': '40' },
        body: { error: { code: 'TooManyRequests', message: 'Later.' } },
      },
    },
    async () => {
      await busy.poll();
    },
  );
  const step = await busy.pollToEnd('open');
  expect([step.state, await attemptsOf(busy, step)]).toEqual(['succeeded', ['notAccepted', 'accepted']]);
  expect(new Set((await store.arm.runbooks()).map(({ name }) => name)).size).toBe(before + 2);
});

test('a runbook stops at its time limit, and a cancel lets a started runbook end [OP-8]', async () => {
  await store.arm.setRunbookOutcome({ runbook: 'Open-Shop', seconds: 600 });
  const late = await run().begin({ open: runbook('Open-Shop', { timeoutMinutes: 1 }) });
  expect(await late.pollToEnd('open')).toMatchObject({
    state: 'failed',
    error: { code: 'TimedOut', message: expect.stringContaining('asked Azure to stop its job') as string },
  });
  expect((await store.arm.runbooks()).at(-1)).toMatchObject({ stoppedAt: expect.any(Number) as number });
  await store.arm.setRunbookOutcome({ runbook: 'Open-Shop', seconds: 30 });
  const job = await run().begin({ open: runbook('Open-Shop') });
  await job.poll();
  await job.setControl('cancelled');
  expect(await job.pollToEnd('open')).toMatchObject({ state: 'succeeded' });
  const paused = await run().begin({ open: runbook('Open-Shop') });
  await paused.setControl('paused');
  expect(await paused.poll()).toMatchObject({ open: 1 });
  await paused.setControl('cancelled');
  expect(await paused.pollToEnd('open')).toMatchObject({
    state: 'skipped',
    attempt: 0,
    error: { code: 'JobCancelled' },
  });
});

test('a runbook that outlives its drill gets a stop, and no start again [OP-13]', async () => {
  await store.arm.setRunbookOutcome({ runbook: 'Open-Shop', seconds: 36_000 });
  const before = (await store.arm.runbooks()).length;
  const works = {
    timeToLive: { kind: 'hold', why: 'timeToLive', minutes: 7 } as const,
    open: runbook('Open-Shop'),
  };
  const drill = await run().begin(works, {
    command: {
      operation: 'testFailover',
      plan: 'shop',
      exclude: [],
      adopt: false,
    } as JobDocument['command'],
  });
  expect(await drill.pollToEnd('open')).toMatchObject({
    state: 'failed',
    attempt: 1,
    error: {
      code: 'TimeToLiveOver',
      message: expect.stringMatching(/time to live was over.*asked Azure to stop its job/) as string,
    },
  });
  expect(await drill.step('timeToLive')).toMatchObject({ state: 'succeeded' });
  expect((await store.arm.runbooks()).length - before).toBe(1);
});

test('a script runs only as reviewed and leaves nothing in the machine [PLAN-1]', async () => {
  const before = (await store.arm.commands()).length;
  const [written, removed] = [writes('/runCommands/').length, removals().length];
  const job = await run().begin({
    good: script('./open', `${MACHINES}/web`),
    bad: script('exit 3', `${MACHINES}/web`),
    changed: script('./close', `${MACHINES}/web`, { sha256: sha256('./open') }),
    shell: script('./open', `${MACHINES}/sql`),
    nowhere: script('./open', `${MACHINES}/nobody`),
    plain: actionWork({
      kind: 'script',
      name: 'Plain',
      reference: 'http://127.0.0.1/x',
      sha256: sha256(''),
      on: `${MACHINES}/web`,
      shell: 'bash',
    }),
  });
  await job.pollToEnd('good');
  expect(await job.pollToEnd('bad')).toMatchObject({
    state: 'failed',
    output: 'half',
    error: { code: 'ScriptFailed', message: expect.stringContaining('exit code 3') as string },
  });
  expect(await job.step('good')).toMatchObject({
    state: 'succeeded',
    output: 'opened\na warning',
    armIdBefore: `${MACHINES}/web`,
    warnings: [],
  });
  for (const [node, code] of [
    ['changed', 'ScriptChanged'],
    ['shell', 'OtherShell'],
    ['nowhere', 'MachineUnknown'],
    ['plain', 'ReferenceNotSecure'],
  ] as const)
    expect(await job.step(node)).toMatchObject({ state: 'failed', attempt: 0, error: { code } });
  expect((await store.arm.commands()).slice(before).map(({ vm, script: lines }) => [vm, ...lines])).toEqual(
    expect.arrayContaining([
      ['web', './open'],
      ['web', 'exit 3'],
    ]),
  );
  expect(writes('/runCommands/').slice(written)).toHaveLength(2);
  expect(removals().slice(removed)).toHaveLength(2);
});

test('the step keeps the end of a script before Azure removes the script [OP-6] [PLAN-1]', async () => {
  const before = (await store.arm.commands()).length;
  const failStoreWriteOf = (state: string): Omit<FaultRule, 'id'> => ({
    service: 'cosmos',
    method: 'POST',
    path: '/colls/jobs/docs',
    body: `"phase":"action".*"state":"${state}"`,
    point: 'received',
    times: 1,
    do: { kind: 'status', status: 403, body: { code: 'Forbidden', message: 'The store is away.' } },
  });
  const job = await run().begin({ good: script('./open', `${MACHINES}/web`) });
  await withFault(failStoreWriteOf('succeeded'), async () => {
    expect(await job.pollUntil('good', ({ state }) => state === 'settling')).toMatchObject({
      output: 'opened\na warning',
      error: null,
    });
    await store.advance(600);
    expect(await job.pollToEnd('good')).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      output: 'opened\na warning',
      warnings: [],
    });
  });
  await store.arm.setCommandOutcome({ script: 'sleep', seconds: 3000 });
  const long = await run().begin({ one: script('sleep 3000', `${MACHINES}/web`, { timeoutMinutes: 1 }) });
  await withFault(failStoreWriteOf('failed'), async () => {
    await long.pollUntil('one', ({ waitsFor }) => waitsFor?.includes('this one has failed') === true);
    await store.advance(600);
    expect(await long.pollToEnd('one')).toMatchObject({
      state: 'failed',
      attempt: 1,
      error: { code: 'TimedOut' },
    });
  });
  expect((await store.arm.commands()).length - before).toBe(2);
});

test('Lifeboat reads a script by reference when needed, and only as reviewed [PLAN-1]', async () => {
  const scriptByReference = () =>
    actionWork({
      kind: 'script',
      name: 'Referred',
      reference: `${origin}/open.sh`,
      sha256: sha256('./open all'),
      on: `${MACHINES}/web`,
      shell: 'bash',
    });
  text = './open all # and more';
  const changed = await run().begin({ one: scriptByReference() });
  expect(await changed.pollToEnd('one')).toMatchObject({
    state: 'failed',
    attempt: 0,
    error: { code: 'ScriptChanged', message: expect.stringContaining(sha256(text)) as string },
  });
  text = '';
  const missing = await run().begin({ one: scriptByReference() });
  expect(await missing.pollToEnd('one')).toMatchObject({ state: 'failed', error: { code: 'ScriptMissing' } });
  text = './open all';
  const good = await run().begin({ one: scriptByReference() });
  expect(await good.pollToEnd('one')).toMatchObject({ state: 'succeeded' });
});

test('a script waits for a stopped machine and ends at its time limit [PLAN-1] [OP-8]', async () => {
  const jobOnStoppedVm = await run().begin({
    one: script('./open', `${MACHINES}/web`, { timeoutMinutes: 4 }),
  });
  await withFault({ point: 'standing', vm: 'web', do: { kind: 'deallocated' } }, async () => {
    await jobOnStoppedVm.poll();
    expect(await jobOnStoppedVm.step('one')).toMatchObject({
      state: 'waiting',
      waitsFor: 'web, which does not run (deallocated)',
    });
    await store.advance(60);
    await jobOnStoppedVm.poll();
  });
  expect(await jobOnStoppedVm.pollToEnd('one')).toMatchObject({ state: 'succeeded', attempt: 1 });
  const jobWithShortLimit = await run().begin({
    one: script('./open', `${MACHINES}/web`, { timeoutMinutes: 1 }),
  });
  await withFault({ point: 'standing', vm: 'web', do: { kind: 'deallocated' } }, async () => {
    expect(await jobWithShortLimit.pollToEnd('one')).toMatchObject({
      state: 'failed',
      attempt: 0,
      error: { code: 'TimedOut', message: expect.stringContaining('does not run') as string },
    });
  });
  await store.arm.setCommandOutcome({ script: 'sleep', seconds: 3000 });
  const long = await run().begin({ one: script('sleep 3000', `${MACHINES}/web`, { timeoutMinutes: 1 }) });
  expect(await long.pollToEnd('one')).toMatchObject({
    state: 'failed',
    error: { code: 'TimedOut', message: expect.stringContaining('ended in Azure') as string },
  });
  expect(readExchanges(store.trace).at(-1)).toMatchObject({ method: 'DELETE', status: 202 });
});

test('a script runs where its VM runs, and in a drill on the test machine [PLAN-1]', async () => {
  const machineOfLastCommand = async () => (await store.arm.commands()).at(-1)?.id;
  const home = await run().begin({ one: script('hostname', idOf('app')) });
  await home.pollToEnd('one');
  expect(await machineOfLastCommand()).toMatch(/contoso-shop\/.*\/app$/i);
  const jobBeforeTestVm = await run().begin({ one: script('hostname', idOf('app')) }, drill);
  await jobBeforeTestVm.poll();
  expect(await jobBeforeTestVm.step('one')).toMatchObject({
    state: 'waiting',
    waitsFor: 'the test machine of app, which does not exist',
  });
  await sendToSiteRecovery('app', (item) => ({
    operation: 'testFailover',
    item,
    recoveryPointId: null,
    networkId: null,
  }));
  expect(await jobBeforeTestVm.pollToEnd('one')).toMatchObject({ state: 'succeeded' });
  expect(await machineOfLastCommand()).toMatch(/contoso-shop-recovery\/.*\/app-test$/i);
  await sendToSiteRecovery('app', (item) => ({ operation: 'cleanUpTestFailover', item, notes: '' }));
  await sendToSiteRecovery('app', (item) => ({
    operation: 'failover',
    item,
    recoveryPointId: null,
    shutDownSource: false,
    planned: false,
  }));
  const away = await run().begin({ one: script('hostname', idOf('app')) });
  expect(await away.pollToEnd('one')).toMatchObject({ state: 'succeeded' });
  expect(await machineOfLastCommand()).toMatch(/contoso-shop-recovery\/.*\/app$/i);
});

step("the agreement's rights equal the used rights", () => {
  expect(
    readArmActions(store.trace).filter((armAction) => /^Microsoft\.(Automation|Compute)\//.test(armAction)),
  ).toEqual([...agreement.armActions.actions].sort());
});
