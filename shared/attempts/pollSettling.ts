// After its job a step settles. The step ends when Azure shows the effect of the operation and the
// registry has recorded it. pollStep.ts calls this module, which must never send a write.
import type { Warning } from '../core/warning.ts';
import { sameId, type ReplicatedItem } from '../siterecovery/item.ts';
import { differingPointsWarning, pointsOfArrived } from './rules/partiallyCompletedGroup.ts';
import { isPhaseOperation } from '../core/operations.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { ArrivedMember, StepDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';
import { wantsSharedPoint } from './startupOptions.ts';
import { membersLeftBehind, stillReplicating } from './stepFaults.ts';
import { removeEndedItem, saveItemState, addNewItem } from '../replications/items.ts';
import {
  LIST_LAG_SECONDS,
  saveStepThen,
  secondsSince,
  SOON_SECONDS,
  warnIfLate,
  type PollPass,
  type NextPoll,
} from './pollPass.ts';
import { findCacheWarnings } from './cacheCheck.ts';
import { findPlaceWarnings } from './placeCheck.ts';
import { explainPlacementWarnings } from './placementWarning.ts';
import { requireCapabilities, ruleFor, typicalSecondsOf } from '../scenarios/drivers.ts';
import { findMembers, saveMembers, operationRuleOf, type GroupMember } from './targets/groupTarget.ts';
import { findPrerequisite, prerequisiteOf } from './targets/prerequisiteTarget.ts';

export async function pollSettling(pass: PollPass, step: WithEtag<StepDocument>): Promise<NextPoll> {
  const { phase, begunIn } = step;
  if (!isPhaseOperation(phase)) return pollSettlingPrerequisite(pass, step);
  if (step.work.kind === 'multiVmGroup') return pollSettlingGroup(pass, step);
  const item = await findItemInPass(pass, step.armIdAfter);
  if (!ruleFor(step.scenario, phase).isSettled(item, begunIn)) return waitToSettle(pass, step);
  // Check before the registry update: the check needs the direction from before the reprotect.
  const cacheWarnings = [...(await findCacheWarnings(step, item)), ...(await findPlaceWarnings(step, item))];
  // The registry first: after a crash in between, the next poll repeats the update and ends the step.
  // The other order could leave an ended step with an old ARM id in the registry.
  const newVmId = await updateRegistry(pass, step, item);
  if (newVmId === false) return SOON_SECONDS;
  const warnings = [...(await explainPlacementWarnings(step, item)), ...cacheWarnings];
  return saveStepThen(
    pass,
    step,
    {
      step: {
        state: step.foreign ? 'takenOver' : 'succeeded',
        armIdAfter: item?.armId ?? step.armIdAfter,
        endedAt: pass.now.toISOString(),
        waitsFor: null,
        replicationId: newVmId,
        warnings,
        ...startedVmsOf(step, [{ vmId: step.targetId, name: step.targetName, item }]),
      },
      log: step.foreign
        ? "Somebody else's operation has taken effect; Lifeboat does not count it as its own."
        : `${phase} has taken effect: ` +
          (item
            ? `${item.protectionState}, active in ${item.activeLocation.toLowerCase()}.`
            : 'the VM is no longer replicated.'),
    },
    'ended',
  );
}

async function findItemInPass(
  { snapshot, itemByItem }: PollPass,
  armId: string | null,
): Promise<ReplicatedItem | undefined> {
  if (armId === null) return undefined;
  return itemByItem ? snapshot.item(armId) : (await snapshot.items()).get(armId.toLowerCase());
}

/**
 * Returns the id of a VM that is new to the registry, or null for a known VM. Returns false if the
 * update failed for now.
 */
async function updateRegistry(
  pass: PollPass,
  step: WithEtag<StepDocument>,
  item: ReplicatedItem | undefined,
): Promise<string | null | false> {
  if (!item) return (await removeEndedItem(pass.input, step)) ? null : false;
  if (step.phase === 'enableReplication')
    return (await addNewItem(pass.input, step, item, pass.now)) ?? false;
  // An update of the size after enabling: the registry sees the new size when it next reads the
  // vault.
  if (step.work.kind === 'newVm') return null;
  return (await saveItemState(pass.input, step, item, pass.now)) ? null : false;
}

/**
 * Ends the step for all members together. If some members fell behind, the error names them,
 * because they will not move without another attempt.
 */
async function pollSettlingGroup(pass: PollPass, step: WithEtag<StepDocument>): Promise<NextPoll> {
  const members = await findMembers(step, (await pass.snapshot.items()).values());
  const rule = operationRuleOf(step);
  const settledMembers = members.filter(({ item }) => rule.isSettled(item, step.begunIn));
  const remainingMembers = members.filter((member) => !settledMembers.includes(member));
  const isOneOfSeveral = remainingMembers.length > 0 && isDoneOneByOne(step, settledMembers);
  const fallenBehind = remainingMembers.filter(
    ({ item }) => item && item.allowedOperations.length > 0 && !rule.isUnderway(item, step.begunIn),
  );
  const isTooSoon =
    fallenBehind.length < remainingMembers.length ||
    secondsSince(step.armEndedAt ?? step.startedAt, pass.now) < LIST_LAG_SECONDS;
  if (remainingMembers.length > 0 && isTooSoon && !isOneOfSeveral) return waitToSettle(pass, step);
  if (!(await saveMembers(pass.input, step, members, pass.now))) return SOON_SECONDS;
  const arrivals = arrivalsOf(step, settledMembers, remainingMembers);
  if (isOneOfSeveral)
    return saveStepThen(
      pass,
      step,
      {
        step: { state: 'waiting', notBefore: null, waitsFor: null, ...arrivals },
        log:
          `Done for ${settledMembers.map(({ name }) => name).join(', ')}; ` +
          `next is ${remainingMembers[0]?.name ?? ''}.`,
      },
      SOON_SECONDS,
    );
  const endFields = {
    endedAt: pass.now.toISOString(),
    waitsFor: null,
    ...startedVmsOf(step, settledMembers),
  };
  // A failed job is no success, even if Azure shows that all members have moved.
  const error =
    remainingMembers.length > 0 && (settledMembers.length > 0 || !step.error)
      ? membersLeftBehind(
          step,
          remainingMembers.map(({ name }) => name),
          settledMembers.map(({ name }) => name),
        )
      : step.error;
  if (error)
    return saveStepThen(
      pass,
      step,
      { step: { ...endFields, ...arrivals, state: 'failed', error }, log: error.message },
      'ended',
    );
  const { recoveryPoint } = arrivals;
  const warnings = [...step.warnings, ...(await findDifferingPoints({ ...step, recoveryPoint }))];
  return saveStepThen(
    pass,
    step,
    {
      step: { ...endFields, state: step.foreign ? 'takenOver' : 'succeeded', recoveryPoint, warnings },
      log: `${step.phase} has taken effect for ${members.map(({ name }) => name).join(', ')}.`,
    },
    'ended',
  );
}

/**
 * The recovery plan no longer knows these tests, so Lifeboat cleans up one member after the other.
 */
const isDoneOneByOne = (
  { phase, armIdBefore }: StepDocument,
  settledMembers: readonly GroupMember[],
): boolean =>
  phase === 'cleanUpTestFailover' &&
  settledMembers.some(({ item }) => item && sameId(item.armId, armIdBefore ?? ''));

/**
 * The members that this write or an earlier write of the step has moved, and their recovery points.
 */
function arrivalsOf(
  step: StepDocument,
  settledMembers: readonly GroupMember[],
  remainingMembers: readonly GroupMember[],
): Pick<StepDocument, 'recoveryPoint'> & { readonly arrived: readonly ArrivedMember[] } {
  const earlier = new Map(step.arrived?.map((arrival) => [arrival.vm, arrival]));
  const newcomers = settledMembers.filter(({ vmId }) => !earlier.has(vmId));
  return {
    arrived: settledMembers.map(
      ({ vmId }) => earlier.get(vmId) ?? { vm: vmId, armStartedAt: step.armStartedAt },
    ),
    recoveryPoint: pointsOfArrived(
      step.recoveryPoint,
      newcomers.map(({ name }) => name),
      remainingMembers.map(({ name }) => name),
    ),
  };
}

async function findDifferingPoints(step: StepDocument): Promise<readonly Warning[]> {
  const job = step.arrived ? await readJob(step.jobId) : undefined;
  const warning =
    job && wantsSharedPoint(step, job.command) ? differingPointsWarning(step.recoveryPoint) : null;
  return warning === null ? [] : [warning];
}

/** Records the pairs of VMs now, while the item still names them. */
function startedVmsOf(
  { phase }: StepDocument,
  members: readonly Omit<GroupMember, 'arrived'>[],
): Pick<StepDocument, 'cameUp'> {
  if (phase !== 'failover' && phase !== 'testFailover') return {};
  return {
    cameUp: members.flatMap(({ vmId: vm, name, item }) => {
      const pair = item && requireCapabilities(item.scenario).vmPair(item, phase === 'testFailover');
      return pair ? [{ vm, name, ...pair }] : [];
    }),
  };
}

async function pollSettlingPrerequisite(pass: PollPass, step: WithEtag<StepDocument>): Promise<NextPoll> {
  const prerequisite = prerequisiteOf(step);
  if (!(await findPrerequisite(step.scenario, prerequisite))?.ready) return waitToSettle(pass, step);
  return saveStepThen(
    pass,
    step,
    {
      step: { state: 'succeeded', endedAt: pass.now.toISOString(), waitsFor: null },
      log: `${prerequisite.spec.kind} ${prerequisite.name} exists.`,
    },
    'ended',
  );
}

/** The replication of a large VM takes days: the command limits how long the job waits. */
async function waitToSettle(pass: PollPass, step: WithEtag<StepDocument>): Promise<NextPoll> {
  const waitedSeconds = secondsSince(step.startedAt, pass.now);
  if (step.phase === 'enableReplication' && pass.limitSeconds !== null && waitedSeconds > pass.limitSeconds) {
    const error = stillReplicating(step, waitedSeconds);
    return saveStepThen(
      pass,
      step,
      {
        step: { state: 'leftRunning', error, endedAt: pass.now.toISOString(), waitsFor: null },
        log: error.message,
      },
      'ended',
    );
  }
  return warnIfLate(
    pass,
    step,
    secondsSince(step.armEndedAt ?? step.startedAt, pass.now),
    typicalSecondsOf(step.phase, step.scenario).settle,
    pass.learned.settling,
  );
}
