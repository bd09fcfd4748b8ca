// A plan as a text for a day without Lifeboat.
import { Plan } from '../../../shared/plans/rules/plan.ts';
import { renderRunbook, type RunbookGroup, type RunbookVm } from '../../../shared/plans/rules/runbook.ts';

const id = (letter: string): string => `vm-${letter.repeat(26)}`;
const vm = (letter: string, more: Partial<RunbookVm> = {}): RunbookVm => ({
  id: id(letter),
  name: `web-${letter}`,
  armId: `/subscriptions/s/vault/items/${letter}`,
  scenario: 'azureToAzure',
  vaultArmId: '/subscriptions/s/vault',
  sourceRegion: 'eastasia',
  targetRegion: 'southeastasia',
  state: 'protected',
  recoveryVmId: null,
  ...more,
});
const plan = Plan.parse({
  name: 'Shop <b>',
  targets: { recoveryMinutes: 60 },
  runs: {
    failover: [
      {
        name: 'front',
        waitsFor: ['data'],
        vms: [id('b'), id('c')],
        before: [{ kind: 'manual', name: 'Switch', instructions: 'Turn the key.' }],
      },
      { name: 'data', vms: [id('a')] },
    ],
  },
});
const FACTS = {
  planId: 'shop',
  version: 3,
  savedAt: '2026-01-02T00:00:00.000Z',
  madeAt: '2026-01-03T00:00:00.000Z',
  seenAt: '2026-01-01T00:00:00.000Z',
};
const page = renderRunbook(plan, {
  ...FACTS,
  vms: new Map([
    [id('a'), vm('a')],
    [id('b'), vm('b')],
  ]),
  groups: [],
});

test('the runbook lists groups in order, VMs with requests, and actions with instructions [PLAN-1]', () => {
  expect(page.indexOf('## 1. data')).toBeLessThan(page.indexOf('## 2. front'));
  expect(page).toContain('Start this group when data is up.');
  expect(page).toContain('Before: **Switch** (manual) Turn the key.');
  for (const letter of ['a', 'b'])
    for (const what of ['unplannedFailover', 'failoverCommit'])
      expect(page).toContain(
        `https://management.azure.com/subscriptions/s/vault/items/${letter}/${what}?api-version=`,
      );
  expect(page).toContain('# Fail over web-a to its latest point.');
  expect(page).toContain('# Commit web-a.');
});

test('the runbook shows its age and unknown VMs, and escapes markup in names [PLAN-1]', () => {
  expect(page).toContain('Version 3 of the plan `shop`');
  expect(page).toContain('made this page at 2026-01-03T00:00:00.000Z');
  expect(page).toContain('read each VM at 2026-01-01T00:00:00.000Z or later');
  expect(page).toContain(`**${id('c')}**: Lifeboat does not know this VM any more`);
  expect(page).toContain('# Failover by hand: Shop \\<b\\>');
});

test('members of a multi-VM group are one step through their native plan, to the points of the rule', () => {
  const items = ['a', 'b', 'd'].map((letter) => ({
    id: `/subscriptions/s/vault/items/${letter}`,
    virtualMachineId: `/vms/${letter}`,
  }));
  const orders: RunbookGroup = {
    name: 'orders',
    vms: [id('a'), id('b')],
    otherMembers: ['web-d'],
    nativePlanId: '/subscriptions/s/vault/replicationRecoveryPlans/lifeboat-x',
    spec: { kind: 'recoveryPlan', primaryFabricId: '/p', recoveryFabricId: '/r', items },
  };
  const rule = [{ kind: 'latestAppConsistent', notOlderThanMinutes: 60 }, { kind: 'latest' }];
  const together = Plan.parse({
    name: 'Shop',
    runs: { failover: [{ name: 'data', vms: [id('a'), id('c'), id('b')], recoveryPoint: rule }] },
  });
  const vms = new Map(
    ['a', 'b', 'c'].map((letter) => [id(letter), vm(letter, { recoveryVmId: `/recovered/${letter}` })]),
  );
  const printed = renderRunbook(together, { ...FACTS, vms, groups: [orders] });
  for (const letter of ['a', 'b']) expect(printed).not.toContain(`items/${letter}/unplannedFailover`);
  expect(printed.match(/lifeboat-x\/unplannedFailover/g)).toHaveLength(rule.length);
  expect(printed).toContain('"recoveryPointType":"LatestApplicationConsistent"');
  expect(printed).toContain('Members outside this plan also fail over: web-d.');
  expect(printed).toContain(
    '--method put --url ' +
      `'https://management.azure.com${orders.nativePlanId}?api-version=2023-06-01' --body ` +
      `'{"properties":{"primaryFabricId":"/p"`,
  );
  expect(printed).toContain('# Commit the multi-VM group orders: web-a, web-b, web-d.');
  expect(printed).toContain(
    'latestAppConsistent (the newest point of the type ApplicationConsistent), at most 60 minutes old; ' +
      'otherwise latest',
  );
  expect(printed).toContain('items/c/recoveryPoints');
  for (const letter of ['a', 'b', 'c'])
    expect(printed).toContain(`/recovered/${letter}?$expand=instanceView&api-version=`);
});

test('the page starts an Azure Automation runbook with its parameters, whatever they contain', () => {
  const runbookId =
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.Automation/automationAccounts/a/runbooks/Switch-Dns';
  const action = {
    kind: 'runbook',
    name: 'Names',
    runbookId,
    parameters: { zone: "o'shop.example", ttl: '$60' },
  };
  const printed = renderRunbook(
    Plan.parse({ name: 'Shop', runs: { failover: [{ name: 'data', vms: [], after: [action] }] } }),
    { ...FACTS, vms: new Map(), groups: [] },
  );
  expect(printed).toContain('automationAccounts/a/jobs/NEW-GUID?api-version=');
  expect(printed).toContain(
    '--body ' +
      `'{"properties":{"runbook":{"name":"Switch-Dns"},"parameters":{"zone":"o'\\''shop.example","ttl":"$60"}}}'`,
  );
});
