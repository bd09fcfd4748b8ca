// The names of everything that exists, in the environment and in the store.
import { createHash } from 'node:crypto';
import { loadEnvironment, parseEnvironment } from '../../simulator/environments/load.ts';
import type { Environment } from '../../simulator/environments/schema.ts';
import { PRINCIPALS } from '../../simulator/identity/directory.ts';
import { allowedOperations } from '../../shared/scenarios/drivers.ts';
import type { Operation } from '../../shared/core/operations.ts';
import { isFinalJobState } from '../../shared/core/states/job.ts';
import type { AlarmDocument } from '../../shared/alarms/documents.ts';
import type { AlertRuleDocument, DecisionDocument } from '../../shared/alerts/documents.ts';
import type { CallbackDocument, UndeliveredRangeDocument } from '../../shared/outbox/documents.ts';
import type { ConfirmationDocument } from '../../shared/enabling/confirmationStore.ts';
import { questionIdOf } from '../../shared/journal/answers.ts';
import type { JobDocument, StepDocument } from '../../shared/journal/documents.ts';
import type { LockDocument, ReplicatedVmDocument } from '../../shared/replications/documents.ts';
import type { PlanDocument } from '../../shared/plans/documents.ts';
import type { ScheduleDocument } from '../../shared/schedules/documents.ts';
import type { StoredState } from './stored-state.ts';

const ADDED_VMS = 8;

/** Contoso with more replicating VMs, so that one VM can always fail over or back. */
export function makeFuzzEnvironment(): Environment {
  const contoso = loadEnvironment('contoso');
  const [vault] = contoso.vaults;
  const [machine] = contoso.virtualMachines;
  const item = vault?.protectedItems[0];
  if (!vault || !machine || !item)
    throw new Error('The environment contoso has no replicated machine to copy.');
  const names = Array.from({ length: ADDED_VMS }, (_, i) => `shelf-${i + 1}`);
  const machines = names.map((name, i) => ({
    ...machine,
    name,
    disks: [{ name: `${name}-os`, sizeInGb: 64, accountType: 'Premium_LRS' as const }],
    nic: { ...machine.nic, name: `${name}-nic`, privateAddress: `10.20.1.${100 + i}` },
  }));
  const items = names.map((name) => ({ ...item, name, virtualMachine: name }));
  const regions = contoso.regions.map((region) =>
    region.offersSiteRecovery ? { ...region, quotas: {} } : region,
  );
  return parseEnvironment(
    {
      ...contoso,
      regions,
      virtualMachines: [...contoso.virtualMachines, ...machines],
      vaults: [{ ...vault, protectedItems: [...vault.protectedItems, ...items] }, ...contoso.vaults.slice(1)],
    },
    'for the fuzz',
  );
}

export interface KnownVm {
  readonly id: string;
  readonly name: string;
  readonly allowedOperations: readonly Operation[];
  readonly isLocked: boolean;
  readonly group: string | null;
}

export interface KnownState {
  readonly vms: readonly KnownVm[];
  readonly vaults: readonly string[];
  readonly plans: readonly PlanDocument[];
  readonly schedules: readonly ScheduleDocument[];
  readonly callbacks: readonly CallbackDocument[];
  readonly rules: readonly AlertRuleDocument[];
  readonly decisions: readonly DecisionDocument[];
  readonly confirmations: readonly ConfirmationDocument[];
  readonly alarms: readonly AlarmDocument[];
  readonly gaps: readonly UndeliveredRangeDocument[];
  readonly jobs: readonly JobDocument[];
  readonly openJobs: readonly JobDocument[];
  /** Steps that have not started. */
  readonly unstartedSteps: readonly StepDocument[];
}

export function readKnownState(storedState: StoredState): KnownState {
  const lockedTargets = new Set(storedState.documents<LockDocument>('lock').map(({ targetId }) => targetId));
  const registry = storedState
    .documents<ReplicatedVmDocument>('replicatedVm')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const jobs = storedState.documents<JobDocument>('job');
  const openJobs = jobs.filter(({ state }) => !isFinalJobState(state));
  const open = new Set(openJobs.map(({ jobId }) => jobId));
  return {
    vms: registry.map((vm) => ({
      id: vm.id,
      name: vm.name,
      allowedOperations: allowedOperations(vm),
      isLocked: lockedTargets.has(vm.id),
      group: vm.settings?.multiVmGroup?.id ?? null,
    })),
    vaults: [...new Set(registry.map(({ vaultId }) => vaultId))],
    plans: storedState.documents<PlanDocument>('plan'),
    schedules: storedState.documents<ScheduleDocument>('schedule'),
    callbacks: storedState.documents<CallbackDocument>('callback'),
    rules: storedState.documents<AlertRuleDocument>('alertRule'),
    decisions: storedState.documents<DecisionDocument>('decision'),
    confirmations: storedState.documents<ConfirmationDocument>('checkConfirmation'),
    alarms: storedState.documents<AlarmDocument>('alarm'),
    gaps: storedState.documents<UndeliveredRangeDocument>('gap'),
    jobs,
    openJobs,
    unstartedSteps: storedState
      .documents<StepDocument>('step')
      .filter(({ jobId, state }) => open.has(jobId) && (state === 'planned' || state === 'waiting')),
  };
}

export const SCRIPT = 'systemctl restart shop';
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
export const objectIdOf = (who: string): string =>
  PRINCIPALS.find(({ name }) => name === who)?.objectId ?? '';

/** The ARM ids of the environment. */
export function armIds(of: Environment): readonly string[] {
  const subscriptions = new Map(of.subscriptions.map(({ name, id }) => [name, id]));
  const groups = new Map(
    of.resourceGroups.map(({ name, subscription }) => [
      name,
      `/subscriptions/${subscriptions.get(subscription) ?? ''}/resourceGroups/${name}`,
    ]),
  );
  const ids = (
    type: string,
    list: readonly { readonly name: string; readonly resourceGroup: string }[],
  ): string[] =>
    list.map(({ name, resourceGroup }) => `${groups.get(resourceGroup) ?? ''}/providers/${type}/${name}`);
  return [
    ...ids('Microsoft.Compute/virtualMachines', of.virtualMachines),
    ...ids('Microsoft.Network/virtualNetworks', of.networks),
    ...ids('Microsoft.Storage/storageAccounts', of.storageAccounts),
    ...ids('Microsoft.Compute/availabilitySets', of.availabilitySets),
    ...ids('Microsoft.Compute/proximityPlacementGroups', of.placementGroups),
    ...ids('Microsoft.RecoveryServices/vaults', of.vaults),
    ...of.automationAccounts.flatMap((account) =>
      ids('Microsoft.Automation/automationAccounts', [account]).flatMap((id) =>
        account.runbooks.map(({ name }) => `${id}/runbooks/${name}`),
      ),
    ),
  ];
}

/** The meaningful values for a property of a name, even where its schema allows more. */
export function valuesByProperty(
  of: Environment,
  now: KnownState,
  receiver: string,
): Readonly<Record<string, readonly unknown[]>> {
  const [vms, plans, regions, ids] = [
    now.vms.map(({ id }) => id),
    now.plans.map(({ planId }) => planId),
    ['eastasia', 'southeastasia'],
    armIds(of),
  ];
  const own = (type: string): string[] =>
    ids.filter((id) => id.includes(`/${type}/`) && !id.includes('fabrikam'));
  const [subscription] = of.subscriptions;
  const questions = now.openJobs.flatMap(({ needs }) => needs.map(questionIdOf));
  return {
    vms,
    vm: vms,
    exclude: vms,
    on: vms,
    plan: plans,
    planVersion: now.plans.map(({ version }) => version),
    version: [1, 2],
    region: regions,
    'target.region': ['southeastasia'],
    regions,
    location: regions,
    subscription: [subscription?.id],
    'target.subscription': [subscription?.id],
    resourceGroup: ['contoso-shop', 'contoso-shop-recovery'],
    networkId: own('virtualNetworks').filter((id) => id.includes('recovery')),
    testNetworkId: own('virtualNetworks').filter((id) => id.includes('recovery')),
    id: [...own('virtualMachines'), ...own('vaults')],
    cacheStorageAccountId: own('storageAccounts').filter((id) => id.includes('cache')),
    runbookId: own('runbooks'),
    size: ['Standard_D2s_v5', 'Standard_D4s_v5'],
    subnet: ['web', 'app', 'data'],
    url: [`${receiver}/hook`, `${receiver}/hook?secret=x`],
    reference: [`${receiver}/script`],
    tcp: [new URL(receiver).host],
    keys: ['k1', 'k2'],
    key: ['k1', 'k2'],
    caller: ['operator', 'contributor'].map(objectIdOf),
    from: ['approver', 'cleo', 'dora'].map(objectIdOf),
    cron: ['0 6 * * 6', '30 2 1 * *', '15 22 * * SAT#1', '0 4 * * MON-FRI'],
    timeZone: ['Europe/Berlin', 'UTC', 'America/New_York', 'Asia/Singapore'],
    sha256: [hashOf(SCRIPT)],
    text: [SCRIPT],
    question: questions,
    target: vms,
    model: ['resourceManager'],
    protect: ['azureVm'],
    to: ['azure'],
    cloud: ['public'],
    names: ['region-dark'],
    alertRule: ['region-dark', 'web is dark'],
    resources: own('virtualMachines').map((id) => id.toLowerCase()),
    severity: [0, 1, 'Sev1', 'Sev0'],
    severities: [0, 1],
    operation: [...new Set(now.vms.flatMap(({ allowedOperations }) => allowedOperations))],
    state: ['completed', 'failed', 'running', 'cancelled', 'succeeded', 'open', 'all'],
    phase: ['failover', 'testFailover'],
    ticket: ['CHG0030001', 'INC-7'],
    limit: [1, 2, 5, 100, 500],
  };
}
