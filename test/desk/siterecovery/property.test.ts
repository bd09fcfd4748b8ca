import fc from 'fast-check';

import { azureToAzureTable } from '../../../desk/siterecovery/providers/azure-to-azure-table.ts';
import type { FaultAction } from '../../../desk/wire/fault.ts';
import { AWAY, Azure, HOME, type Place, type TrueItem, type Write } from './azure.ts';

const NAMES = ['web', 'app', 'sql'] as const;
const OPERATIONS = ['unplannedFailover', 'failoverCommit', 'switchprotection'] as const;
type Operation = (typeof OPERATIONS)[number];

type Step =
  | { readonly kind: 'write'; readonly operation: Operation; readonly name: string; readonly lost: boolean; readonly shutDown: boolean }
  /** What the item offers first, so that chance gets far into the story. */
  | { readonly kind: 'next'; readonly name: string }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'fault'; readonly action: FaultAction }
  | { readonly kind: 'kill' };

const write = fc.record({ kind: fc.constant('write' as const), operation: fc.constantFrom(...OPERATIONS), name: fc.constantFrom(...NAMES), lost: fc.boolean(), shutDown: fc.boolean() });
const next = fc.record({ kind: fc.constant('next' as const), name: fc.constantFrom(...NAMES) });
const wait = fc.record({ kind: fc.constant('wait' as const), seconds: fc.oneof(fc.nat(10), fc.nat(200), fc.nat(400)) });
const fault = fc.record({ kind: fc.constant('fault' as const), action: fc.constantFrom<FaultAction>({ kind: 'fail', code: '150097' }, { kind: 'fail', code: '532' }, { kind: 'stick' }) });
const steps = fc.array(fc.oneof({ weight: 6, arbitrary: write }, { weight: 6, arbitrary: next }, { weight: 8, arbitrary: wait }, { weight: 1, arbitrary: fault }, { weight: 1, arbitrary: fc.constant({ kind: 'kill' as const }) }), { minLength: 10, maxLength: 120, size: 'max' });

interface ShownItem {
  readonly id: string;
  readonly name: string;
  readonly properties: {
    readonly protectionState: string;
    readonly protectionStateDescription: string;
    readonly activeLocation: string;
    readonly allowedOperations: readonly string[];
    readonly currentScenario: { readonly scenarioName: string };
    readonly policyId: string;
    readonly recoveryContainerId: string;
    readonly providerSpecificDetails: { readonly protectedManagedDisks: readonly { readonly recoveryTargetDiskId: string | null }[] };
  };
}

async function shownItems(azure: Azure): Promise<ShownItem[]> {
  return ((await azure.raw('GET', '/replicationProtectedItems')).body as { value: ShownItem[] }).value;
}

const pathOf = ({ fabric, container }: Place): string => `/replicationFabrics/${fabric}/replicationProtectionContainers/${container}`;
const placeOf = (item: ShownItem): Place => (item.id.includes(HOME.container) ? HOME : AWAY);

type WriteStep = Step & { readonly kind: 'write' };

function bodyFor(step: WriteStep, item: ShownItem, place: Place): unknown {
  if (step.operation === 'failoverCommit') return undefined;
  if (step.operation === 'unplannedFailover') return { properties: { sourceSiteOperations: step.shutDown ? 'Required' : 'NotRequired', providerSpecificDetails: { instanceType: 'A2A' } } };
  const vmManagedDisks = item.properties.providerSpecificDetails.protectedManagedDisks
    .flatMap(({ recoveryTargetDiskId }) => (recoveryTargetDiskId === null ? [] : [{ diskId: recoveryTargetDiskId, primaryStagingAzureStorageAccountId: 'cache', recoveryResourceGroupId: 'group' }]));
  const recoveryContainerId = item.id.slice(0, item.id.indexOf('/replicationFabrics')) + pathOf(place);
  return { properties: { replicationProtectedItemName: step.name, providerSpecificDetails: { instanceType: 'A2A', policyId: item.properties.policyId, recoveryContainerId, vmManagedDisks } } };
}

/** A write to where the item lives, or (lost) to where it does not. */
async function perform(azure: Azure, step: WriteStep): Promise<void> {
  const item = (await shownItems(azure)).find(({ name }) => name === step.name);
  if (!item) throw new Error(`${step.name} is lost.`);
  const home = placeOf(item);
  const place = step.lost ? (home === HOME ? AWAY : HOME) : home;
  const resource = step.operation === 'switchprotection' ? pathOf(place) : `${pathOf(place)}/replicationProtectedItems/${step.name}`;
  const answer = await azure.raw('POST', `${resource}/${step.operation}`, bodyFor(step, item, place));
  expect(answer.status).toBe(step.lost ? 404 : 202);
}

async function performNext(azure: Azure, name: string): Promise<void> {
  const item = (await shownItems(azure)).find((one) => one.name === name);
  const offered = OPERATIONS.find((operation) => item?.properties.allowedOperations.includes(azureToAzureTable.operations[operation].needs));
  if (offered) await perform(azure, { kind: 'write', operation: offered, name, lost: false, shutDown: true });
}

async function take(azure: Azure, step: Step, index: number): Promise<void> {
  switch (step.kind) {
    case 'write': return perform(azure, step);
    case 'next': return performNext(azure, step.name);
    case 'wait': return azure.wait(step.seconds * 1000);
    case 'fault': azure.faults.add({ id: String(index), point: 'operation', times: 1, do: step.action }); return;
    case 'kill': azure.killAndStart();
  }
}

function inTheTable(item: ShownItem): void {
  const { protectionState, protectionStateDescription, activeLocation, allowedOperations, currentScenario } = item.properties;
  const row = Object.values(azureToAzureTable.states).find((state) => state.protectionState === protectionState);
  expect(row).toMatchObject({ protectionStateDescription, activeLocation });
  expect(allowedOperations).toEqual(currentScenario.scenarioName === 'None' ? row?.allowedOperations : []);
}

/** What truly worked on one item: not what was refused at the door of the job. */
function neverTwoAtOnce(writes: readonly Write[], items: readonly TrueItem[]): void {
  const refused = ['532', '539'];
  for (const item of items) {
    const worked = writes.filter((one) => one.lifecycleId === item.lifecycleId && !refused.includes(one.errorCode ?? ''));
    const running = worked.filter((one) => one.endedAt === null && (item.busyWith === one.jobId));
    expect(running.length).toBeLessThanOrEqual(1);
    const done = worked.filter((one) => one.endedAt !== null);
    for (const [index, one] of done.entries()) expect(one.at).toBeGreaterThanOrEqual(done[index - 1]?.endedAt ?? 0);
  }
}

async function check(azure: Azure): Promise<void> {
  const [shown, items] = [await shownItems(azure), await azure.trueItems()];
  expect(shown.map(({ name }) => name).toSorted()).toEqual([...NAMES].toSorted());
  for (const item of shown) inTheTable(item);
  for (const item of items) expect(item.machines.map(({ state }) => state)).toContain('running');
  neverTwoAtOnce(await azure.writes(), items);
  expect(await azure.admin('unknown')).toEqual([]);
}

it('random operations at random times leave every item in a state of the table, its machine running, and one operation at a time', async () => {
  const reached = new Set<string>();
  await fc.assert(fc.asyncProperty(steps, async (plan) => {
    const azure = await Azure.start();
    try {
      for (const [index, step] of plan.entries()) {
        await take(azure, step, index);
        await check(azure);
        for (const { state } of await azure.trueItems()) reached.add(state);
      }
    } finally {
      await azure.close();
    }
  }), { numRuns: 25, seed: 20260105 });
  // The property says nothing about what it never met.
  expect([...reached].toSorted()).toEqual(Object.keys(azureToAzureTable.states).toSorted());
});
