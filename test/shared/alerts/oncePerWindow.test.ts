// Only one of many simultaneous alerts acts. Each rule decides once about each alert, and acts with
// a valid permission.
import { createGrant } from '../../../shared/access/grant.ts';
import { clock } from '../../../shared/core/clock.ts';
import { startDueDecision } from '../../../shared/alerts/processAlerts.ts';
import { decideAboutAlert } from '../../../shared/alerts/decide.ts';
import { receiveAlert } from '../../../shared/alerts/receive.ts';
import { voteOn } from '../../support/vote.ts';
import { AlertRule } from '../../../shared/alerts/rules/rule.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import type { AlertRuleDocument, DecisionDocument } from '../../../shared/alerts/documents.ts';
import type { Caller } from '../../../shared/access/caller.ts';
import type { WithEtag } from '../../../shared/store/cosmos.ts';
import { readDecisionPage } from '../../../shared/alerts/store.ts';
import { listUnfinishedJobs } from '../../../shared/journal/job.ts';
import {
  namedDocumentIdOf,
  readNamedDocument,
  removeNamedDocument,
  saveNamedDocument,
} from '../../../shared/store/namedDocuments.ts';
import { vmNamed, registerVmsByName } from '../../support/single-step-job.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
let vm: string;
beforeAll(async () => {
  store = await startSimulatedStore(1, { LIFEBOAT_ALERT_STALE_MINUTES: '15' });
  vm = vmNamed(await registerVmsByName(), 'web').id;
});
afterAll(() => store.close());

const KIND = 'alertRule';
const ada: Caller = { id: 'ada', name: 'ada', tenant: 't', roles: ['Operator'], door: 'rest' };
/** The sender of the alerts. */
const grid = { id: 'key:grid', name: 'grid', senderKey: 'key:grid' };
const approver = (id: string): Caller => ({ ...ada, id, name: id, roles: ['Approver'] });
const code = (code: string) => expect.objectContaining({ code }) as Error;

async function save(name: string, change: object, version = 1): Promise<void> {
  const rule = AlertRule.parse({
    when: { names: [name] },
    command: {
      operation: 'failover',
      vms: [vm],
      adopt: false,
      kind: 'unplanned',
      recoveryPoint: 'latest',
      shutDownSource: false,
    },
    ...change,
  });
  const before = await readNamedDocument<AlertRuleDocument>(KIND, name);
  const next: AlertRuleDocument = {
    id: namedDocumentIdOf(KIND, name),
    kind: KIND,
    type: KIND,
    schema: SCHEMA_VERSION,
    version,
    rule,
    grant: createGrant(ada, rule.command, await clock().now()),
  };
  if (!(await saveNamedDocument(next, before))) throw new Error('The rule was not saved.');
}
/** Each test has its own rule: no other rule must decide about its alerts. */
afterEach(async () => {
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    const rule = await readNamedDocument<AlertRuleDocument>(KIND, name);
    if (rule) await removeNamedDocument(rule);
  }
});

async function fires(name: string, id: string, at?: Date): Promise<string> {
  const firedAt = (at ?? (await clock().now())).toISOString();
  const alert = {
    source: 'generic',
    id,
    name,
    severity: 1,
    signal: 'Metric',
    description: '',
    resources: [],
    regions: [],
    dimensions: {},
    firedAt,
    resolvedAt: null,
  } as const;
  return (await receiveAlert(alert, grid)).id;
}
const decisions = async (rule: string) => (await readDecisionPage(rule, 50)).items;
const only = async (rule: string): Promise<WithEtag<DecisionDocument>> => {
  const [decision] = await decisions(rule);
  if (!decision) throw new Error('Nothing was decided.');
  return decision;
};
const failovers = async (): Promise<number> =>
  (await listUnfinishedJobs()).filter(({ command }) => command.operation === 'failover').length;
const begin = () => Promise.resolve();

test('of five alerts at once one starts, and the others see the cool-down [TRG-4]', async () => {
  await save('one', {});
  const ids = await Promise.all([1, 2, 3, 4, 5].map((i) => fires('one', `one-${i}`)));
  await Promise.all(ids.map(decideAboutAlert));
  expect((await decisions('one')).map(({ verdict }) => verdict).sort()).toEqual([
    'coolingDown',
    'coolingDown',
    'coolingDown',
    'coolingDown',
    'start',
  ]);
  await Promise.all(ids.map(decideAboutAlert));
  expect(await decisions('one')).toHaveLength(5);
});

test('a due decision starts once with its own key, and not after a change of its rule [TRG-4]', async () => {
  await save('two', {});
  await decideAboutAlert(await fires('two', 'two-1'));
  const due = await only('two');
  const before = await failovers();
  await startDueDecision(due, begin);
  await startDueDecision(due, begin);
  expect(await failovers()).toBe(before + 1);
  expect(await only('two')).toMatchObject({ state: 'started', jobId: expect.any(String) as string });

  await save('three', {});
  await decideAboutAlert(await fires('three', 'three-1'));
  await save('three', { coolDownMinutes: 30 }, 2);
  expect(await startDueDecision(await only('three'), begin)).toMatchObject({ state: 'void', jobId: null });
  expect(await failovers()).toBe(before + 1);
});

test('two persons besides the author of the rule approve, and each counts once [TRG-4] [RBAC-1]', async () => {
  await save('four', { approval: { people: 2 } });
  await decideAboutAlert(await fires('four', 'four-1'));
  const decision = await only('four');
  const answer = (by: Caller) => voteOn(decision, 'approved', by);
  await expect(answer({ ...ada, roles: ['Approver'] })).rejects.toThrow(code('OwnRequest'));
  expect(await answer(approver('eve'))).toMatchObject({ state: 'waiting' });
  expect(await answer(approver('eve'))).toMatchObject({ state: 'waiting', votes: [{ by: 'eve' }] });
  expect(await answer(approver('joe'))).toMatchObject({ state: 'due' });
});

test('a repeated alert is the same alert [TRG-4]', async () => {
  await save('five', {});
  const at = await clock().now();
  const ids = await Promise.all(Array.from({ length: 3 }, () => fires('five', 'five-1', at)));
  expect(new Set(ids).size).toBe(1);
  await decideAboutAlert(ids[0] ?? '');
  await store.advance(3700);
  await decideAboutAlert(await fires('five', 'five-1', at));
  expect(await decisions('five')).toHaveLength(1);
});
