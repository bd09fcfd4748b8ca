// A multi-VM consistency group as a target. Its members fail over, run their test and reprotect
// together, through one write to a native recovery plan. If an attempt moved only some members, the
// next attempt covers the remaining members. No member moves twice.
import { vaultOf } from '../../core/armId.ts';
import type { ReplicatedItem } from '../../siterecovery/item.ts';
import type { RecoveryPointRule } from '../../plans/rules/plan.ts';
import { choosePointsByRule } from '../../plans/rules/choosePointsByRule.ts';
import type { RecoveryPointKind } from '../../siterecovery/recoveryPoint.ts';
import {
  judgeGroup,
  choosePointLikeOthers,
  groupWriteModeOf,
  type PendingMember,
} from '../rules/partiallyCompletedGroup.ts';
import { remainingGroupPlanNameOf } from '../../core/ids.ts';
import type { WithEtag } from '../../store/cosmos.ts';
import type { JobDocument, StepDocument, StepWork } from '../../journal/documents.ts';
import { readJob } from '../../journal/job.ts';
import { findVms } from '../../replications/registry.ts';
import { siteRecoveryClientFor } from '../../scenarios/adapter.ts';
import {
  membersMissing,
  membersRefused,
  remainingPlanMissing,
  recoveryPointMissing,
  recoveryPointOfOneVm,
  testOfOtherPlan,
} from '../stepFaults.ts';
import { isItemOf, saveItemState } from '../../replications/items.ts';
import {
  networkFaultOf,
  networkFor,
  requestedPointOf,
  isPlannedFailover,
  shouldShutDownSource,
} from '../startupOptions.ts';
import type { GroupWriteRequest, SiteRecovery, WriteRequest } from '../../siterecovery/siteRecovery.ts';
import { ruleFor } from '../../scenarios/drivers.ts';
import type { StepStarter, StartDecision, Target } from './target.ts';

/** The target of a `group` step. */
export const multiVmGroupTarget: Target = { startsJob: true, inspect };

type GroupWork = Extract<StepWork, { kind: 'multiVmGroup' }>;
export type GroupPhase = GroupWriteRequest['operation'];

export interface GroupMember {
  readonly vmId: string;
  readonly name: string;
  readonly item: ReplicatedItem | undefined;
  /** An earlier write of this step has moved this member. */
  readonly arrived: boolean;
}

/** The group work of a step. Throws for any other step. */
export const groupWorkOf = (step: StepDocument): GroupWork => {
  if (step.work.kind !== 'multiVmGroup')
    throw new Error(`Step ${step.id} is not a step of a multi-VM group.`);
  return step.work;
};

/** Each member with its item, in the current container of the item. */
export async function findMembers(
  step: StepDocument,
  items: Iterable<ReplicatedItem>,
): Promise<readonly GroupMember[]> {
  const { vms } = groupWorkOf(step);
  const arrived = new Set(step.arrived?.map(({ vm }) => vm));
  const [known, list] = [
    new Map((await findVms(vms.map((vm) => vm.id))).map((vm) => [vm.id, vm])),
    [...items],
  ];
  return vms.map(({ id, name }) => {
    const vm = known.get(id);
    return { vmId: id, name, item: vm && list.find((item) => isItemOf(item, vm)), arrived: arrived.has(id) };
  });
}

/** The rule of the phase in the scenario of the group. */
export const operationRuleOf = ({ scenario, phase }: StepDocument) => ruleFor(scenario, phase as GroupPhase);

async function inspect(step: WithEtag<StepDocument>, owner: StepStarter, now: Date): Promise<StartDecision> {
  const { nativePlanId } = groupWorkOf(step);
  const [siteRecovery, job] = [await siteRecoveryClientFor(vaultOf(nativePlanId)), await readJob(step.jobId)];
  if (!job) throw new Error(`Job ${step.jobId} is gone from the store.`);
  const members = await findMembers(step, await siteRecovery.listItems());
  const judgement = judgeGroup(operationRuleOf(step), members, step.begunIn);
  switch (judgement.kind) {
    case 'missing':
      return { kind: 'refused', fault: membersMissing(step, judgement.names) };
    case 'busy':
      return { kind: 'wait', waitsFor: `Site Recovery, which is busy with ${judgement.names.join(', ')}` };
    case 'refused':
      return { kind: 'refused', fault: membersRefused(step, judgement.reasons) };
    case 'allThere':
      return {
        kind: 'alreadySo',
        armIdBefore: nativePlanId,
        armIdAfter: nativePlanId,
        updateRegistry: () => saveMembers(owner, step, members, now),
      };
    case 'going':
      return decideGroupStart(step, job, {
        nativePlanId,
        siteRecovery,
        now,
        members,
        pending: judgement.pending,
      });
  }
}

interface GroupStartContext {
  /** The recovery plan of all members. */
  readonly nativePlanId: string;
  readonly siteRecovery: SiteRecovery;
  readonly now: Date;
  readonly members: readonly GroupMember[];
  readonly pending: readonly PendingMember<GroupMember>[];
}

async function decideGroupStart(
  step: StepDocument,
  job: JobDocument,
  context: GroupStartContext,
): Promise<StartDecision> {
  const { nativePlanId, siteRecovery, members, pending } = context;
  const phase = step.phase as GroupPhase;
  // A plan knows only the tests that started through the plan.
  const canPlanEndTest =
    phase === 'cleanUpTestFailover' &&
    ((await siteRecovery.readNativePlanOperations(nativePlanId))?.includes('TestFailoverCleanup') ?? false);
  const mode = groupWriteModeOf(phase, pending.length, members.length, canPlanEndTest);
  if (mode === 'testOfOthers') return { kind: 'refused', fault: testOfOtherPlan(step) };
  const fault = pending
    .map(({ item }) => networkFaultOf(step, job.command, item))
    .find((memberFault) => memberFault !== undefined);
  if (fault) return { kind: 'refused', fault };
  const completedNames = members
    .filter(({ vmId }) => !pending.some((member) => member.vmId === vmId))
    .map(({ name }) => name);
  const log =
    completedNames.length === 0
      ? {}
      : {
          log:
            `${completedNames.join(', ')} ${completedNames.length === 1 ? 'has' : 'have'} arrived already ` +
            `and ${completedNames.length === 1 ? 'stays' : 'stay'} unchanged. Left to do: ` +
            `${pending.map(({ name }) => name).join(', ')}.`,
        };
  if (mode === 'alone') return decideMemberStart(step, job, context, log);
  const writePlanId = mode === 'whole' ? nativePlanId : remainingPlanIdOf(phase, nativePlanId, pending);
  if (mode === 'rest' && (await siteRecovery.readNativePlanOperations(writePlanId)) === undefined)
    return {
      kind: 'refused',
      fault: remainingPlanMissing(
        step,
        pending.map(({ name }) => name),
      ),
    };
  const request = await groupRequestFor(step, job, { ...context, nativePlanId: writePlanId });
  if ('kind' in request) return request;
  return {
    kind: 'start',
    armIdBefore: writePlanId,
    armIdAfter: writePlanId,
    ...log,
    send: (clientRequestId, deadline) => siteRecovery.sendGroupWrite(request, clientRequestId, deadline),
  };
}

/** Starts the next member. The other members follow when its operation has ended. */
async function decideMemberStart(
  step: StepDocument,
  job: JobDocument,
  context: GroupStartContext,
  log: { readonly log?: string },
): Promise<StartDecision> {
  const [next] = context.pending;
  if (!next) throw new Error(`${step.targetName} has no pending member.`);
  const request = await memberRequestFor(step, job, next, context);
  if ('kind' in request) return request;
  return {
    kind: 'start',
    armIdBefore: next.item.armId,
    armIdAfter: next.item.armId,
    ...log,
    send: (clientRequestId, deadline) => context.siteRecovery.sendWrite(request, clientRequestId, deadline),
  };
}

const remainingPlanIdOf = (
  phase: GroupPhase,
  nativePlanId: string,
  pending: readonly PendingMember<GroupMember>[],
): string =>
  `${vaultOf(nativePlanId)}/replicationRecoveryPlans/${remainingGroupPlanNameOf(
    phase,
    pending.map(({ item }) => item.armId),
  )}`;

/** Records the items of the members in the registry. Returns false if a write failed for now. */
export async function saveMembers(
  owner: StepStarter,
  step: StepDocument,
  members: readonly GroupMember[],
  now: Date,
): Promise<boolean> {
  for (const { vmId, item } of members) {
    if (
      item &&
      !(await saveItemState(owner, { id: step.id, targetId: vmId, vaultId: step.vaultId }, item, now))
    )
      return false;
  }
  return true;
}

const notesFor = ({ jobId, command }: JobDocument): string =>
  'notes' in command ? command.notes : `Cleaned up by job ${jobId}.`;

async function groupRequestFor(
  step: StepDocument,
  job: JobDocument,
  context: GroupStartContext,
): Promise<GroupWriteRequest | StartDecision> {
  const operation = step.phase as GroupPhase;
  const { nativePlanId } = context;
  const [first] = context.pending;
  if (!first) throw new Error(`${step.targetName} has no pending member.`);
  const common = { scenario: step.scenario, nativePlanId, member: first.item };
  if (operation === 'reprotect') return { operation, ...common };
  if (operation === 'cleanUpTestFailover') return { operation, ...common, notes: notesFor(job) };
  const point = await pointKindFor(step, job, context);
  if (typeof point === 'object') return point;
  if (operation === 'testFailover')
    return { operation, ...common, point, networkId: networkFor(step, job.command) };
  return {
    operation,
    ...common,
    point,
    shutDownSource: await shouldShutDownSource(step, job.command),
  };
}

/**
 * The write for a single member, through its own item, to where the plan has moved the other
 * members.
 */
async function memberRequestFor(
  step: StepDocument,
  job: JobDocument,
  { item, name }: PendingMember<GroupMember>,
  context: GroupStartContext,
): Promise<WriteRequest | StartDecision> {
  if (step.phase === 'cleanUpTestFailover') return { operation: step.phase, item, notes: notesFor(job) };
  const kind = await pointKindFor(step, job, context);
  if (typeof kind === 'object') return kind;
  const points = kind === 'latest' ? [] : await context.siteRecovery.listRecoveryPoints(item.armId);
  const point = choosePointLikeOthers(kind, points, Object.values(step.recoveryPoint?.members ?? {})[0]);
  if (point === undefined)
    return { kind: 'refused', fault: recoveryPointMissing({ ...step, targetName: name }, kind, points) };
  const common = { item, recoveryPointId: point?.id ?? null };
  if (step.phase === 'testFailover')
    return { ...common, operation: step.phase, networkId: networkFor(step, job.command) };
  return {
    ...common,
    operation: 'failover',
    shutDownSource: await shouldShutDownSource(step, job.command),
    planned: await isPlannedFailover(step, job.command),
  };
}

async function pointKindFor(
  step: StepDocument,
  { command }: JobDocument,
  context: GroupStartContext,
): Promise<RecoveryPointKind | StartDecision> {
  const requested = requestedPointOf(step, command);
  if (typeof requested === 'string') return requested;
  return 'rule' in requested
    ? pointKindByRule(requested.rule, context)
    : { kind: 'refused', fault: recoveryPointOfOneVm(step) };
}

/**
 * Decides the kind of recovery point by the rule. A Site Recovery plan takes only a kind, so the
 * kind must suit all pending members.
 */
async function pointKindByRule(
  rule: RecoveryPointRule,
  { pending, siteRecovery, now }: GroupStartContext,
): Promise<RecoveryPointKind> {
  const known = await Promise.all(
    pending.map(async ({ vmId, name, item }) => ({
      vm: vmId,
      name,
      points: await siteRecovery.listRecoveryPoints(item.armId),
    })),
  );
  return choosePointsByRule(rule, { members: known, isMultiVm: true }, now.toISOString()).kind;
}
