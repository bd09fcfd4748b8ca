// After its job a step settles: when what it leads to is seen, and the registry knows.
import type { Warning } from '../core/warning.ts';
import { sameId, type Item } from '../siterecovery/item.ts';
import { apart, pointsOfThere } from './rules/partiallyCompletedGroup.ts';
import { isOperation } from '../core/words.ts';
import type { Stored } from '../store/cosmos.ts';
import type { Arrived, StepDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';
import { wantsShared } from './comingUp.ts';
import { membersLeft, stillReplicating } from './faults.ts';
import { forgetItem, rememberItem, rememberNewItem } from '../replications/items.ts';
import { LIST_LAG, saved, secondsSince, SOON, tellIfLate, type Look, type Next } from './look.ts';
import { cacheNotAsAsked } from './cacheShown.ts';
import { warningsSeen } from './placed.ts';
import { performing, ruleFor, usually } from '../scenarios/drivers.ts';
import { membersOf, rememberMembers, ruleOf, type Member } from './targets/group.ts';
import { findPart, partOf } from './targets/part.ts';

export async function settle(look: Look, step: Stored<StepDocument>): Promise<Next> {
  const { phase, begunIn } = step;
  if (!isOperation(phase)) return settlePart(look, step);
  if (step.work.kind === 'group') return settleGroup(look, step);
  const item = await itemSeen(look, step.armIdAfter);
  if (!ruleFor(step.scenario, phase).settled(item, begunIn)) return waitToSettle(look, step);
  // Asked before the registry learns what came of it.
  const cache = await cacheNotAsAsked(step, item);
  const remembered = await remember(look, step, item);
  if (remembered === false) return SOON;
  const warnings = [...(await warningsSeen(step, item)), ...cache];
  return saved(
    look,
    step,
    {
      step: {
        state: step.foreign ? 'takenOver' : 'succeeded',
        armIdAfter: item?.armId ?? step.armIdAfter,
        endedAt: look.now.toISOString(),
        waitsFor: null,
        replicationId: remembered,
        warnings,
        ...cameUp(step, [{ vmId: step.targetId, name: step.targetName, item }]),
      },
      log: step.foreign
        ? "Somebody else's operation has taken effect; it is not claimed as ours."
        : `${phase} has taken effect: ` +
          (item
            ? `${item.protectionState}, active in ${item.activeLocation.toLowerCase()}.`
            : 'the VM is no longer replicated.'),
    },
    'ended',
  );
}

async function itemSeen({ view, itemByItem }: Look, armId: string | null): Promise<Item | undefined> {
  if (armId === null) return undefined;
  return itemByItem ? view.item(armId) : (await view.items()).get(armId.toLowerCase());
}

/**
 * Lifeboat's id of a VM that is new to the registry, null when it knows it already; false when
 * nothing could be written now.
 */
async function remember(
  look: Look,
  step: Stored<StepDocument>,
  item: Item | undefined,
): Promise<string | null | false> {
  if (!item) return (await forgetItem(look.input, step)) ? null : false;
  if (step.phase === 'enableReplication')
    return (await rememberNewItem(look.input, step, item, look.now)) ?? false;
  // The size of a VM that was enabled just now; the registry sees it at its next look at the vault.
  if (step.work.kind === 'newVm') return null;
  return (await rememberItem(look.input, step, item, look.now)) ? null : false;
}

/** Together or, where some fell behind, told by name: they do not come by themselves any more. */
async function settleGroup(look: Look, step: Stored<StepDocument>): Promise<Next> {
  const members = await membersOf(step, (await look.view.items()).values());
  const rule = ruleOf(step);
  const there = members.filter(({ item }) => rule.settled(item, step.begunIn));
  const left = members.filter((member) => !there.includes(member));
  const oneOfSeveral = left.length > 0 && isDoneAlone(step, there);
  const fallen = left.filter(
    ({ item }) => item && item.allowedOperations.length > 0 && !rule.underway(item, step.begunIn),
  );
  const tooSoon =
    fallen.length < left.length || secondsSince(step.armEndedAt ?? step.startedAt, look.now) < LIST_LAG;
  if (left.length > 0 && tooSoon && !oneOfSeveral) return waitToSettle(look, step);
  if (!(await rememberMembers(look.input, step, members, look.now))) return SOON;
  const seen = seenOf(step, there, left);
  if (oneOfSeveral)
    return saved(
      look,
      step,
      {
        step: { state: 'waiting', notBefore: null, waitsFor: null, ...seen },
        log: `Done for ${there.map(({ name }) => name).join(', ')}; next is ${left[0]?.name ?? ''}.`,
      },
      SOON,
    );
  const ended = { endedAt: look.now.toISOString(), waitsFor: null, ...cameUp(step, there) };
  // A job that failed is not told as a success, even where all are seen to have gone.
  const error =
    left.length > 0 && (there.length > 0 || !step.error)
      ? membersLeft(
          step,
          left.map(({ name }) => name),
          there.map(({ name }) => name),
        )
      : step.error;
  if (error)
    return saved(
      look,
      step,
      { step: { ...ended, ...seen, state: 'failed', error }, log: error.message },
      'ended',
    );
  const { recoveryPoint } = seen;
  const warnings = [...step.warnings, ...(await cameApart({ ...step, recoveryPoint }))];
  return saved(
    look,
    step,
    {
      step: { ...ended, state: step.foreign ? 'takenOver' : 'succeeded', recoveryPoint, warnings },
      log: `${step.phase} has taken effect for ${members.map(({ name }) => name).join(', ')}.`,
    },
    'ended',
  );
}

/** Tests that their plan does not know any more are cleaned up one after the other. */
const isDoneAlone = ({ phase, armIdBefore }: StepDocument, there: readonly Member[]): boolean =>
  phase === 'cleanUpTestFailover' && there.some(({ item }) => item && sameId(item.armId, armIdBefore ?? ''));

/** Who is there by this write or by an earlier one of the step, and at which points they came up. */
function seenOf(
  step: StepDocument,
  there: readonly Member[],
  left: readonly Member[],
): Pick<StepDocument, 'recoveryPoint'> & { readonly arrived: readonly Arrived[] } {
  const earlier = new Map(step.arrived?.map((one) => [one.vm, one]));
  const newcomers = there.filter(({ vmId }) => !earlier.has(vmId));
  return {
    arrived: there.map(({ vmId }) => earlier.get(vmId) ?? { vm: vmId, armStartedAt: step.armStartedAt }),
    recoveryPoint: pointsOfThere(
      step.recoveryPoint,
      newcomers.map(({ name }) => name),
      left.map(({ name }) => name),
    ),
  };
}

async function cameApart(step: StepDocument): Promise<readonly Warning[]> {
  const job = step.arrived ? await readJob(step.jobId) : undefined;
  const told = job && wantsShared(step, job.command) ? apart(step.recoveryPoint) : null;
  return told === null ? [] : [told];
}

/** Which VM stands for which is told now, while the item says it. */
function cameUp(
  { phase }: StepDocument,
  members: readonly Omit<Member, 'arrived'>[],
): Pick<StepDocument, 'cameUp'> {
  if (phase !== 'failover' && phase !== 'testFailover') return {};
  return {
    cameUp: members.flatMap(({ vmId: vm, name, item }) => {
      const pair = item && performing(item.scenario).vmPair(item, phase === 'testFailover');
      return pair ? [{ vm, name, ...pair }] : [];
    }),
  };
}

async function settlePart(look: Look, step: Stored<StepDocument>): Promise<Next> {
  const part = partOf(step);
  if (!(await findPart(step.scenario, part))?.ready) return waitToSettle(look, step);
  return saved(
    look,
    step,
    {
      step: { state: 'succeeded', endedAt: look.now.toISOString(), waitsFor: null },
      log: `${part.spec.kind} ${part.name} is there.`,
    },
    'ended',
  );
}

/** Replicating a large VM takes days: the caller says how long the job waits for that. */
async function waitToSettle(look: Look, step: Stored<StepDocument>): Promise<Next> {
  const waited = secondsSince(step.startedAt, look.now);
  if (step.phase === 'enableReplication' && look.limit !== null && waited > look.limit) {
    const error = stillReplicating(step, waited);
    return saved(
      look,
      step,
      {
        step: { state: 'leftRunning', error, endedAt: look.now.toISOString(), waitsFor: null },
        log: error.message,
      },
      'ended',
    );
  }
  return tellIfLate(
    look,
    step,
    secondsSince(step.armEndedAt ?? step.startedAt, look.now),
    usually(step.phase, step.scenario).settle,
    look.learned.settling,
  );
}
