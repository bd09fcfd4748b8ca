// What is told of a run over REST: before it, what it would do and how long that takes; after it, what it took and lost.
import type { Problem, Replication } from '../support/lifeboat.ts';
import { inThePortal } from '../support/portal.ts';
import { scene, type Scene } from '../support/story.ts';

let world: Scene;
beforeAll(async () => {
  world = await scene(['web', 'app', 'sql', 'orders-1', 'orders-2'], { env: { LIFEBOAT_REGION: 'southeastasia' } });
});
afterAll(() => world.desk.stop());

const vmOf = (name: string): Replication => world.vms.find((vm) => vm.name === name) ?? (() => { throw new Error(`No ${name}.`); })();
const idOf = (name: string): string => vmOf(name).id;
async function save(id: string, plan: object): Promise<void> {
  const { status, body } = await world.lifeboat.call(`/api/v1/plans/${id}`, { method: 'PUT', body: plan, who: 'contributor' });
  if (status !== 201) throw new Error(`Not saved: ${JSON.stringify(body)}`);
}
const post = <T>(path: string, body: object) => world.lifeboat.call<T>(path, { method: 'POST', who: 'reader', body });

interface Preview {
  readonly canRun: boolean;
  readonly inTheWay: readonly { readonly code: string; readonly message: string }[];
  readonly usualSeconds: number;
  readonly vms: readonly { readonly name: string; readonly recoveryPoint: { readonly kind: string | null; readonly time: string | null; readonly why: string; readonly readAt: string | null } | null }[];
}
const preview = async (id: string, wish: object) => (await post<Preview & Problem>(`/api/v1/plans/${id}/preview`, wish)).body;
const pointOf = ({ vms }: Preview, name: string) => vms.find((vm) => vm.name === name)?.recoveryPoint;

test('[PLAN-2] [OP-2] previewed: what is done to each VM in which order, at which point by its group\'s rule and why, and nothing is written', async () => {
  const young = [{ kind: 'latestAppConsistent', notOlderThanMinutes: 1 }, { kind: 'latestProcessed' }];
  await save('shop', { name: 'Shop', targets: { recoveryMinutes: 60 }, runs: { failover: [
    { name: 'data', vms: [idOf('sql'), idOf('orders-1'), idOf('orders-2')], recoveryPoint: [{ kind: 'latestMultiVmConsistent' }, { kind: 'latestAppConsistent', notOlderThanMinutes: 10_000 }, { kind: 'latest' }] },
    { name: 'app', waitsFor: ['data'], vms: [idOf('app')], recoveryPoint: young }, { name: 'web', waitsFor: ['app'], vms: [idOf('web')] },
  ] } });
  const writes = (await world.desk.siteRecovery.writes()).length;
  const told = await preview('shop', { operation: 'failover' });
  expect(told).toMatchObject({ plan: { id: 'shop', version: 1, name: 'Shop' }, canRun: true, inTheWay: [], usualSeconds: 3 * 160, addedByDrillSeconds: 0 });
  const points = ((await inThePortal(world.desk, 'GET', `${vmOf('sql').armId}/recoveryPoints`)).body as { value: { properties: { recoveryPointTime: string; recoveryPointType: string } }[] }).value;
  const apps = points.filter(({ properties }) => /^app/i.test(properties.recoveryPointType)).map(({ properties }) => Date.parse(properties.recoveryPointTime));
  expect(pointOf(told, 'sql')).toMatchObject({ kind: 'latestAppConsistent', why: expect.stringContaining('only VMs of a multi-VM group') as string });
  expect(Date.parse(pointOf(told, 'sql')?.time ?? '')).toBe(Math.max(...apps));
  expect([pointOf(told, 'orders-1')?.kind, pointOf(told, 'orders-1')?.time]).toEqual(['latestMultiVmConsistent', pointOf(told, 'orders-2')?.time]);
  expect(pointOf(told, 'app')).toMatchObject({ kind: 'latestProcessed', why: expect.stringContaining('latestAppConsistent was passed over') as string });
  expect(pointOf(told, 'web')).toMatchObject({ kind: 'latest', time: null, readAt: null });
  const drill = await preview('shop', { operation: 'testFailover', recoveryPoint: 'latestCrashConsistent' });
  expect(drill).toMatchObject({ canRun: true, networkId: null });
  expect(drill.vms.map(({ recoveryPoint }) => recoveryPoint?.kind)).toEqual(Array.from({ length: 5 }, () => 'latestCrashConsistent'));
  expect((await world.desk.siteRecovery.writes())).toHaveLength(writes);
});

test('[PLAN-2] a preview of what there is not, or with words that do not belong there, is refused', async () => {
  for (const [id, wish, code, status] of [
    ['none', { operation: 'failover' }, 'PlanUnknown', 404], ['shop', { operation: 'failover', version: 9 }, 'PlanUnknown', 404], ['shop', { operation: 'enableReplication' }, 'Invalid', 400],
    ['shop', { operation: 'commit', recoveryPoint: 'latest' }, 'Invalid', 400], ['shop', { operation: 'failover', networkId: vmOf('web').armId }, 'Invalid', 400],
    ['shop', { operation: 'failover', recoveryPoint: { id: 'x' } }, 'RecoveryPointOfOneVm', 422],
  ] as const) expect(await preview(id, wish)).toMatchObject({ code, status });
  expect(await preview('shop', { operation: 'failback' })).toMatchObject({ canRun: false, inTheWay: expect.arrayContaining([expect.objectContaining({ code: 'OperationNotAllowed' })]) as unknown });
});

interface Measured { readonly fromCommandSeconds: number | null; readonly fromSiteRecoverySeconds: number | null; readonly dataLossSeconds: number | null }
interface Measures { readonly whole: Measured; readonly criticalPath: readonly { readonly name: string; readonly waitedSeconds: number; readonly seconds: number }[]; readonly vms: readonly (Measured & { readonly vm: string; readonly name: string })[]; readonly next: string | null }
const measuresOf = async (jobId: string, query = '') => (await world.lifeboat.call<Measures & Problem>(`/api/v1/jobs/${jobId}/measures${query}`, { who: 'reader' })).body;

test('[JOB-2] [A2A-15] a failover of VMs and of a multi-VM group: recovery time from the command and from Site Recovery\'s start, and data loss, of each and of all', async () => {
  const vms = ['web', 'orders-1', 'orders-2'];
  const job = await world.lifeboat.done({ operation: 'failover', vms: vms.map(idOf), recoveryPoint: 'latestProcessed' });
  const measures = await measuresOf(job.id);
  expect(measures.vms.map(({ name }) => name).sort()).toEqual([...vms].sort());
  for (const { vm, name, ...measured } of measures.vms) {
    const step = job.steps.find(({ phase, target, vms: members }) => phase === 'failover' && (target === vm || members?.some(({ id }) => id === vm)));
    expect(measured).toMatchObject({ group: null, fromCommandSeconds: (Date.parse(step?.endedAt ?? '') - Date.parse(job.acceptedAt)) / 1000, recovery: null, dataLoss: null });
    expect(measured.fromSiteRecoverySeconds).toBeLessThan(measured.fromCommandSeconds ?? 0);
    expect(measured.dataLossSeconds).toBeGreaterThanOrEqual(0);
    expect([name, measured.dataLossSeconds]).toEqual([name, expect.any(Number)]);
  }
  const greatest = (of: 'fromCommandSeconds' | 'dataLossSeconds') => Math.max(...measures.vms.map((vm) => vm[of] ?? Infinity));
  expect(measures.whole).toMatchObject({ fromCommandSeconds: greatest('fromCommandSeconds'), dataLossSeconds: greatest('dataLossSeconds') });
  expect(measures.criticalPath.reduce((sum, one) => sum + one.waitedSeconds + one.seconds, 0)).toBeCloseTo(measures.whole.fromCommandSeconds ?? 0, 3);
  const told = (await world.lifeboat.job(job.id) as unknown as { measures: Partial<Measures> }).measures;
  expect(told.vms).toBeUndefined();
  expect(measures).toMatchObject(told);
  expect(await measuresOf(job.id, '?limit=2')).toMatchObject({ vms: measures.vms.slice(0, 2) });
  const { next } = await measuresOf(job.id, '?limit=2');
  expect(await measuresOf(job.id, `?limit=2&continuation=${next ?? ''}`)).toMatchObject({ vms: measures.vms.slice(2), next: null });

  const commit = await world.lifeboat.done({ operation: 'commit', vms: vms.map(idOf) });
  expect(await measuresOf(commit.id)).toMatchObject({ status: 404, code: 'NotMeasured' });
  expect(await world.lifeboat.job(commit.id)).toMatchObject({ measures: null });
  expect(await measuresOf('job-none')).toMatchObject({ status: 404, code: 'JobUnknown' });
  expect(await measuresOf(job.id, '?continuation=none')).toMatchObject({ status: 400, code: 'ContinuationInvalid' });
});
