// Prints and parses recovery plans as the API does.

import * as z from 'zod';

import type { PlanGroup, PlanRecord } from './configuration-records.ts';
import { formatTime } from './ids.ts';
import type { PlanJobs } from './plan-jobs.ts';
import type { Provider } from './provider.ts';
import type { ItemRecord } from './records.ts';
import { isSameName, MICROSOFT_AZURE, parseFabricName, VAULT_TYPE, type Vault } from './vault.ts';

const actionShape = z.object({
  actionName: z.string().min(1),
  failoverTypes: z.array(z.string()).default([]),
  failoverDirections: z.array(z.string()).default([]),
  customDetails: z.looseObject({
    instanceType: z.enum(['ScriptActionDetails', 'AutomationRunbookActionDetails', 'ManualActionDetails']),
  }),
});

const groupShape = z.object({
  groupType: z.enum(['Shutdown', 'Failover', 'Boot']),
  replicationProtectedItems: z
    .array(z.object({ id: z.string(), virtualMachineId: z.string().nullish() }))
    .nullish(),
  startGroupActions: z.array(actionShape).nullish(),
  endGroupActions: z.array(actionShape).nullish(),
});

const createBody = z.object({
  properties: z.object({
    primaryFabricId: z.string().min(1),
    recoveryFabricId: z.string().min(1),
    failoverDeploymentModel: z.enum(['NotApplicable', 'Classic', 'ResourceManager']).nullish(),
    groups: z.array(groupShape).min(1),
  }),
});

const updateBody = z.object({ properties: z.object({ groups: z.array(groupShape).min(1) }) });

/** Site Recovery's own limits of a plan. */
const MAX_MACHINES = 100;
const MAX_GROUPS = 7;

export type PlanResult = { readonly plan: PlanRecord } | { readonly problem: string };
type GroupInput = z.infer<typeof groupShape>;

/** Returns Shutdown, Failover and the boot groups, even if the client sent only boot groups. */
function readGroups(
  input: readonly GroupInput[],
  vault: Vault,
): { readonly groups: PlanGroup[] } | { readonly problem: string } {
  const problems: string[] = [];
  const boots = input.filter(({ groupType }) => groupType === 'Boot');
  const seen = new Set<string>();
  const toGroup = ({
    groupType,
    replicationProtectedItems,
    startGroupActions,
    endGroupActions,
  }: GroupInput): PlanGroup => ({
    groupType,
    items: (replicationProtectedItems ?? []).flatMap(({ id }) => {
      const item = vault.findItem(id);
      if (!item) problems.push(`The replicated item '${id}' does not exist.`);
      else if (seen.has(item.key)) problems.push(`The replicated item '${item.name}' is in the plan twice.`);
      if (item) seen.add(item.key);
      return item ? [item.key] : [];
    }),
    startGroupActions: startGroupActions ?? [],
    endGroupActions: endGroupActions ?? [],
  });
  const only = (groupType: 'Shutdown' | 'Failover'): PlanGroup =>
    toGroup(input.find((group) => group.groupType === groupType) ?? { groupType });
  const groups = [only('Shutdown'), only('Failover'), ...boots.map(toGroup)];
  if (boots.length > MAX_GROUPS) problems.push(`A recovery plan has up to ${MAX_GROUPS} groups.`);
  if (seen.size > MAX_MACHINES) problems.push(`A recovery plan has up to ${MAX_MACHINES} machines.`);
  return problems[0] === undefined ? { groups } : { problem: problems[0] };
}

export function readNewPlan(name: string, body: unknown, vault: Vault): PlanResult {
  const read = createBody.safeParse(body);
  if (!read.success) return { problem: z.prettifyError(read.error) };
  const { primaryFabricId, recoveryFabricId, failoverDeploymentModel, groups } = read.data.properties;
  const fabric = (id: string): string | undefined => {
    if (isSameName(id, MICROSOFT_AZURE)) return MICROSOFT_AZURE;
    const found = vault.fabric(parseFabricName(id) ?? '');
    return found && vault.fabricId(found.name);
  };
  const missing = [primaryFabricId, recoveryFabricId].find((id) => fabric(id) === undefined);
  if (missing !== undefined) return { problem: `The fabric '${missing}' does not exist.` };
  const made = readGroups(groups, vault);
  if ('problem' in made) return made;
  return {
    plan: {
      name,
      primaryFabricId: fabric(primaryFabricId) ?? primaryFabricId,
      recoveryFabricId: fabric(recoveryFabricId) ?? recoveryFabricId,
      failoverDeploymentModel: failoverDeploymentModel ?? 'ResourceManager',
      groups: made.groups,
      run: null,
      state: 'ready',
      lastTestFailover: null,
      lastUnplannedFailover: null,
    },
  };
}

export function readChangedPlan(plan: PlanRecord, body: unknown, vault: Vault): PlanResult {
  const read = updateBody.safeParse(body);
  if (!read.success) return { problem: z.prettifyError(read.error) };
  const made = readGroups(read.data.properties.groups, vault);
  return 'problem' in made ? made : { plan: { ...plan, groups: made.groups } };
}

export interface PlanView {
  readonly vault: Vault;
  readonly plans: PlanJobs;
  readonly providerOf: (item: ItemRecord) => Provider;
  readonly fabricName: (id: string) => string;
}

/** Prints the service's own id of a machine, whatever id the client sent. */
function groupBody(
  { groupType, items, startGroupActions, endGroupActions }: PlanGroup,
  { vault, providerOf }: PlanView,
) {
  const members = items.flatMap((key) => vault.store.item(key) ?? []);
  return {
    groupType,
    replicationProtectedItems: members.map((item) => ({
      id: vault.itemId(item),
      virtualMachineId: providerOf(item).targetObjectId(item),
    })),
    startGroupActions,
    endGroupActions,
  };
}

/** A list omits the groups of a plan. */
export function planBody(plan: PlanRecord, view: PlanView, inList: boolean) {
  const { vault, plans } = view;
  const { run, lastTestFailover, lastPlannedFailover, lastUnplannedFailover } = plan;
  return {
    id: vault.planId(plan.name),
    name: plan.name,
    type: `${VAULT_TYPE}/replicationRecoveryPlans`,
    properties: {
      friendlyName: plan.name,
      primaryFabricId: plan.primaryFabricId,
      primaryFabricFriendlyName: view.fabricName(plan.primaryFabricId),
      recoveryFabricId: plan.recoveryFabricId,
      recoveryFabricFriendlyName: view.fabricName(plan.recoveryFabricId),
      failoverDeploymentModel: plan.failoverDeploymentModel,
      replicationProviders: plans.providersOf(plan).map(({ instanceType }) => instanceType),
      allowedOperations: run?.status === 'InProgress' ? [] : plans.allowedOperations(plan),
      ...(lastTestFailover === null ? {} : { lastTestFailoverTime: formatTime(lastTestFailover) }),
      ...(lastPlannedFailover ? { lastPlannedFailoverTime: formatTime(lastPlannedFailover) } : {}),
      ...(lastUnplannedFailover === null
        ? {}
        : { lastUnplannedFailoverTime: formatTime(lastUnplannedFailover) }),
      currentScenario: run && {
        scenarioName: run.scenarioName,
        jobId: vault.jobId(run.jobId),
        startTime: formatTime(run.startTime),
      },
      currentScenarioStatus: run?.status ?? null,
      currentScenarioStatusDescription: run?.description ?? null,
      groups: inList ? [] : plan.groups.map((group) => groupBody(group, view)),
      providerSpecificDetails: [],
    },
  };
}
