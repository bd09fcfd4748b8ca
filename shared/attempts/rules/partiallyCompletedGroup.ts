// A partially completed multi-VM group: some members have arrived where the operation leads, and
// others have not. These pure rules decide which members remain and how Lifeboat moves them.
import type { Warning } from '../../core/warning.ts';
import { judgeItem } from './attemptRules.ts';
import { type OperationRule } from '../../scenarios/operationRule.ts';
import type { ReplicatedItem, UsedRecoveryPoint } from '../../siterecovery/item.ts';
import {
  findRequestedPoint,
  kindTestOf,
  RecoveryPointKind,
  type RecoveryPoint,
} from '../../siterecovery/recoveryPoint.ts';
import type { Direction, PhaseOperation } from '../../core/operations.ts';

/** A member of the group as the rules see it. */
export interface MemberState {
  readonly name: string;
  readonly item: ReplicatedItem | undefined;
  /** An earlier write of the same step has moved this member. */
  readonly arrived: boolean;
}

/** A member that the operation must still move. */
export type PendingMember<M> = M & { readonly item: ReplicatedItem };

/** The judgement of `judgeGroup`. */
export type GroupJudgement<M> =
  | { readonly kind: 'missing' | 'busy'; readonly names: readonly string[] }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }
  | { readonly kind: 'allThere' }
  | { readonly kind: 'going'; readonly pending: readonly PendingMember<M>[] };

/**
 * Decides which members the operation may move now. A member that our own write moved stays
 * untouched. A member that others moved counts neither as done nor as pending, unless all members
 * are back.
 */
export function judgeGroup<M extends MemberState>(
  rule: OperationRule,
  members: readonly M[],
  begunIn: Direction,
): GroupJudgement<M> {
  const missing = members.filter(({ item }) => item === undefined);
  if (missing.length > 0) return { kind: 'missing', names: missing.map(({ name }) => name) };
  const judgedMembers = members.flatMap((member) =>
    member.item
      ? [
          {
            member: { ...member, item: member.item },
            judgement: judgeItem(rule, member.item, begunIn, false),
          },
        ]
      : [],
  );
  const busy = judgedMembers.filter(
    ({ judgement }) => judgement.kind === 'wait' || judgement.kind === 'follow',
  );
  if (busy.length > 0) return { kind: 'busy', names: busy.map(({ member }) => member.name) };
  const pending = judgedMembers.filter(
    ({ member, judgement }) =>
      judgement.kind !== 'alreadySo' && !(member.arrived && rule.isSettled(member.item, begunIn)),
  );
  if (pending.length === 0) return { kind: 'allThere' };
  const movedByOthers = pending.filter(
    ({ member, judgement }) =>
      judgement.kind === 'refused' || (member.arrived && pending.length < members.length),
  );
  const reasons = movedByOthers.map(
    ({ member: { name, item, arrived } }) =>
      `${name}${arrived ? ' had arrived and somebody has moved it since; it' : ''} allows ` +
      item.allowedOperations.join(', '),
  );
  return reasons.length > 0
    ? { kind: 'refused', reasons }
    : { kind: 'going', pending: pending.map(({ member }) => member) };
}

/**
 * `whole`: through the plan of all members. `rest`: through a plan of the remaining members.
 * `alone`: each member through its own item. `testOfOthers`: refused, because the test started
 * through another plan.
 */
export type GroupWriteMode = 'whole' | 'rest' | 'alone' | 'testOfOthers';

/**
 * Chooses the mode as for a command that names only the remaining members. `canPlanEndTest`: the
 * plan of all members knows a test that it can end.
 */
export function groupWriteModeOf(
  phase: PhaseOperation,
  pendingCount: number,
  memberCount: number,
  canPlanEndTest: boolean,
): GroupWriteMode {
  // The plan of Site Recovery reprotects every member that is ready, so the whole plan is safe.
  if (phase === 'reprotect') return 'whole';
  if (phase === 'cleanUpTestFailover')
    return canPlanEndTest ? 'whole' : pendingCount === memberCount ? 'testOfOthers' : 'alone';
  if (pendingCount === memberCount) return 'whole';
  return pendingCount === 1 ? 'alone' : 'rest';
}

/**
 * Chooses the recovery point of a member that follows later. If all members should share one point
 * in time, the member takes the time of the others.
 */
export function choosePointLikeOthers(
  kind: RecoveryPointKind,
  points: readonly RecoveryPoint[],
  othersTime: string | undefined,
): RecoveryPoint | null | undefined {
  const isSame = ({ time }: RecoveryPoint): boolean =>
    othersTime !== undefined && Date.parse(time) === Date.parse(othersTime);
  const same =
    kind === RecoveryPointKind.latestMultiVmConsistent
      ? points.filter(kindTestOf(kind)).find(isSame)
      : undefined;
  return same ?? findRequestedPoint(kind, points);
}

/** A member that came up earlier keeps the time of its own point. */
export const mergePointsUsed = (
  earlier: UsedRecoveryPoint | null,
  newer: UsedRecoveryPoint | null,
): UsedRecoveryPoint | null =>
  newer && earlier?.members ? { ...newer, members: { ...earlier.members, ...newer.members } } : newer;

/**
 * Adds the name of the member to the point. The job for one VM does not name its VM, but the newly
 * arrived member shows it. Removes the remaining members, because Lifeboat does not know their
 * points.
 */
export function pointsOfArrived(
  point: UsedRecoveryPoint | null,
  newcomers: readonly string[],
  remaining: readonly string[],
): UsedRecoveryPoint | null {
  const [name, ...others] = newcomers;
  const pointWithName =
    point && name !== undefined && others.length === 0 && point.members?.[name] === undefined
      ? { ...point, members: { ...point.members, [name]: point.time } }
      : point;
  if (!pointWithName?.members || remaining.length === 0) return pointWithName;
  return {
    ...pointWithName,
    members: Object.fromEntries(
      Object.entries(pointWithName.members).filter(([memberName]) => !remaining.includes(memberName)),
    ),
  };
}

/**
 * Warns if members that should share one point in time have different points. Null: no known
 * difference.
 */
export function differingPointsWarning(point: UsedRecoveryPoint | null): Warning | null {
  const members = Object.entries(point?.members ?? {});
  if (new Set(members.map(([, time]) => Date.parse(time))).size < 2) return null;
  return {
    code: 'RecoveryPointsDiffer',
    message:
      'The members should share one recovery point but came up at different ones: ' +
      `${members.map(([name, time]) => `${name} at ${time}`).join(', ')}. Their data may be ` +
      'inconsistent; check the workload, or change the recovery point of the members that allow it.',
  };
}
