// A plan as a text for the day on which Lifeboat is down.
import { Plan } from '../../../../shared/domain/plan/plan.ts';
import { REQUESTS, runbookOf, type RunbookVm } from '../../../../shared/domain/plan/runbook.ts';

const id = (letter: string): string => `vm-${letter.repeat(26)}`;
const vm = (letter: string, more: Partial<RunbookVm> = {}): RunbookVm => ({
  id: id(letter), name: `web-${letter}`, armId: `/subscriptions/s/vault/items/${letter}`, vaultArmId: '/subscriptions/s/vault', runsIn: 'eastasia', comesUpIn: 'southeastasia',
  moment: 'protected', multiVmGroup: null, ...more,
});
const plan = Plan.parse({
  name: 'Shop <b>', targets: { recoveryMinutes: 60 },
  runs: { failover: [
    { name: 'front', waitsFor: ['data'], vms: [id('b'), id('c')], before: [{ kind: 'manual', name: 'Switch', instructions: 'Turn the key.' }] },
    { name: 'data', vms: [id('a')] },
  ] },
});
const page = runbookOf(plan, { planId: 'shop', version: 3, savedAt: '2026-01-02T00:00:00.000Z', madeAt: '2026-01-03T00:00:00.000Z', seenAt: '2026-01-01T00:00:00.000Z', vms: new Map([[id('a'), vm('a')], [id('b'), vm('b', { multiVmGroup: 'fronts' })]]) });

test('[PLAN-1] groups stand in the order in which they go, each VM with the request that brings it over, each action with what to do', () => {
  expect(page.indexOf('## 1. data')).toBeLessThan(page.indexOf('## 2. front'));
  expect(page).toContain('Begins when data is up.');
  expect(page).toContain('Before: **Switch** (manual) Turn the key.');
  for (const letter of ['a', 'b']) for (const what of ['unplannedFailover', 'failoverCommit']) expect(page).toContain(`https://management.azure.com/subscriptions/s/vault/items/${letter}/${what}?api-version=`);
  expect(page).toContain(JSON.stringify(REQUESTS.failover.body));
});

test('[PLAN-1] it says how old it is, who goes only with others, whom Lifeboat does not know, and takes no name for markup', () => {
  expect(page).toContain('Version 3 of the plan `shop`');
  expect(page).toContain('Made 2026-01-03T00:00:00.000Z');
  expect(page).toContain('last seen at 2026-01-01T00:00:00.000Z or later');
  expect(page).toMatch(/web-b.*multi-VM group fronts, whose members go together/);
  expect(page).toContain(`**${id('c')}**: Lifeboat knows no such VM any more.`);
  expect(page).toContain('# By hand: Shop \\<b\\>');
});
