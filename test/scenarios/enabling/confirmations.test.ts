// Persons confirm manual checks over REST, and readiness and previews show them.
import type { EnablingPreview, ReadinessCheck } from '../../../shared/scenarios/enabling/preview.ts';
import type { ReadinessResult } from '../../../shared/enabling/readiness.ts';
import type { confirmationView } from '../../../shared/api/confirmationView.ts';
import type { Problem } from '../../support/lifeboat-client.ts';
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';
import { advanceTime } from '../../support/test-settings.ts';

const PRODUCTION = '2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
const vmId = (name: string): string =>
  `/subscriptions/${PRODUCTION}/resourceGroups/contoso-shop/providers/Microsoft.Compute/virtualMachines/${name}`;
const SEARCH = vmId('search');
const SOURCE = { subscription: PRODUCTION, region: 'eastasia' };
const TARGET = { region: 'southeastasia' };
const PATH = '/api/v1/check-confirmations';

interface Confirmed {
  readonly confirmations: readonly ReturnType<typeof confirmationView>[];
}

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['web'], {
    environment: 'contoso',
    env: { LIFEBOAT_CHECK_DAYS: '1' },
  });
  await environment.simulator.arm.budgets({ reads: { burst: 10_000, perSecond: 25 } });
});
afterAll(() => environment.simulator.stop());

const confirm = <T = Confirmed & Problem>(body: object, principal = 'operator') =>
  environment.lifeboat.call<T>(PATH, { method: 'POST', body, principal });
const listed = async (query = '') =>
  (await environment.lifeboat.call<Confirmed>(`${PATH}${query}`, { principal: 'reader' })).body.confirmations;
async function post<T>(path: string): Promise<T> {
  const body = { target: TARGET, vms: [SEARCH] };
  return (await environment.lifeboat.call<T>(path, { method: 'POST', body, principal: 'reader' })).body;
}
async function checksInReport(id: string): Promise<readonly (ReadinessCheck & { vmId: string | null })[]> {
  const { reports } = await post<{ reports: readonly ReadinessResult[] }>('/api/v1/readiness');
  return reports.flatMap(({ lines }) => lines.filter((line) => line.id === id));
}

test('a confirmed check passes in report and preview until its time is over [PRE-11] [PRE-6]', async () => {
  expect(await checksInReport('PRE-6')).toMatchObject([{ verdict: 'manual', confirmation: null }]);
  const made = await confirm({ check: 'PRE-6', vms: [SEARCH], note: 'All roots are there.' });
  expect(made).toMatchObject({
    status: 201,
    body: { confirmations: [{ check: 'PRE-6', vm: { name: 'search' }, note: 'All roots are there.' }] },
  });
  const [{ id, by, at, until } = { id: '', by: { id: '', name: '' }, at: '', until: '' }] =
    made.body.confirmations;
  expect(Date.parse(until) - Date.parse(at)).toBe(86_400_000);
  expect(await checksInReport('PRE-6')).toMatchObject([
    { verdict: 'pass', vmName: 'search', confirmation: { by, at, until, note: 'All roots are there.' } },
  ]);
  const { vms } = await post<EnablingPreview>('/api/v1/previews');
  expect(vms[0]?.checks.find((check) => check.id === 'PRE-6')).toMatchObject({ verdict: 'pass' });
  // A repeat replaces the confirmation.
  expect((await confirm({ check: 'PRE-6', vms: [SEARCH] })).body.confirmations).toMatchObject([{ id }]);
  expect(await listed(`?vm=${SEARCH}`)).toMatchObject([{ id, note: null }]);

  await advanceTime(environment.simulator, 86_400);
  expect(await checksInReport('PRE-6')).toMatchObject([
    { verdict: 'manual', message: expect.stringContaining('Confirm it again.') as string },
  ]);
});

test('a person confirms the firewall of a source, and withdraws it [PRE-11] [PRE-9]', async () => {
  const made = await confirm({ check: 'PRE-9', source: SOURCE, target: TARGET });
  expect(made).toMatchObject({ status: 201, body: { confirmations: [{ vm: null, source: SOURCE }] } });
  expect(await checksInReport('PRE-9')).toMatchObject([{ verdict: 'pass', vmId: null }]);
  const path = `${PATH}/${made.body.confirmations[0]?.id ?? ''}`;
  const remove = (principal: string) =>
    environment.lifeboat.call<Problem>(path, { method: 'DELETE', principal });
  expect(await remove('reader')).toMatchObject({ status: 403 });
  expect(await remove('operator')).toMatchObject({ status: 204 });
  expect(await remove('operator')).toMatchObject({ status: 404, body: { code: 'ConfirmationUnknown' } });
  expect(await checksInReport('PRE-9')).toMatchObject([{ verdict: 'manual' }]);
});

test.each<[string, object, number, string, string]>([
  ['an unknown VM', { check: 'PRE-6', vms: [vmId('nobody')] }, 422, 'VmUnknown', 'nobody'],
  ['a check of Lifeboat', { check: 'PRE-4', vms: [SEARCH] }, 422, 'CheckNotManual', 'PRE-4 of search'],
  ['no manual check', { check: 'PRE-2', vms: [SEARCH] }, 400, 'Invalid', 'PRE-4, PRE-6, PRE-10'],
  ['no VM', { check: 'PRE-6', vms: [] }, 400, 'Invalid', 'vms'],
  [
    'a VM and a source',
    { check: 'PRE-9', vms: [SEARCH], source: SOURCE, target: TARGET },
    400,
    'Invalid',
    'vms',
  ],
  [
    'an unknown region',
    { check: 'PRE-9', source: { ...SOURCE, region: 'nowhere' }, target: TARGET },
    422,
    'RegionUnknown',
    'nowhere',
  ],
])(
  'Lifeboat refuses to confirm %s, and stores nothing [PRE-11]',
  async (_what, body, status, code, message) => {
    const before = await listed();
    const { status: got, body: problem } = await confirm<Problem>(body);
    expect([got, problem.code]).toEqual([status, code]);
    expect(problem.detail).toContain(message);
    expect(await confirm<Problem>(body, 'reader')).toMatchObject({ status: 403 });
    expect(await listed()).toEqual(before);
  },
);
