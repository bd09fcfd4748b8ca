// A multi-VM group of which some members are where the operation leads and others are not: who is
// left, and how those go. Pure.
import type { Warning } from '../../core/warning.ts';
import { judgeItem } from './attemptRules.ts';
import { type OperationRule } from '../../scenarios/operationRule.ts';
import type { ReplicatedItem, UsedRecoveryPoint } from '../../siterecovery/item.ts';
import {
  chooseRecoveryPoint,
  kindTestOf,
  RecoveryPointKind,
  type RecoveryPoint,
} from '../../siterecovery/recoveryPoint.ts';
import type { Direction, PhaseOperation } from '../../core/operations.ts';

export interface MemberState {
  readonly name: string;
  readonly item: ReplicatedItem | undefined;
  /** An earlier write of the same step has brought it there. */
  readonly arrived: boolean;
}

export type PendingMember<M> = M & { readonly item: ReplicatedItem };

export type GroupJudgement<M> =
  | { readonly kind: 'missing' | 'busy'; readonly names: readonly string[] }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }
  | { readonly kind: 'allThere' }
  | { readonly kind: 'going'; readonly pending: readonly PendingMember<M>[] };

/**
 * Whom may the operation be written for now? Who has arrived by our own doing is left alone; whom
 * others have moved is not taken for done, nor for left, unless all of them are back.
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
      judgement.kind === 'rejected' || (member.arrived && pending.length < members.length),
  );
  const reasons = movedByOthers.map(
    ({ member: { name, item, arrived } }) =>
      `${name}${arrived ? ' had gone and has been moved since; it' : ''} allows ` +
      item.allowedOperations.join(', '),
  );
  return reasons.length > 0
    ? { kind: 'refused', reasons }
    : { kind: 'going', pending: pending.map(({ member }) => member) };
}

/**
 * `whole`: by the plan of all members. `rest`: by a plan of those who are left. `alone`: each by
 * its own item.
 */
export type GroupWriteMode = 'whole' | 'rest' | 'alone' | 'testOfOthers';

/**
 * As a command for those who are left would have them go. `planEndsTest`: the plan of all knows of
 * a test that it can end.
 */
export function groupWriteModeOf(
  phase: PhaseOperation,
  pendingCount: number,
  memberCount: number,
  canPlanEndTest: boolean,
): GroupWriteMode {
  // Site Recovery's plan takes along whoever is ready to be reprotected.
  if (phase === 'reprotect') return 'whole';
  if (phase === 'cleanUpTestFailover')
    return canPlanEndTest ? 'whole' : pendingCount === memberCount ? 'testOfOthers' : 'alone';
  if (pendingCount === memberCount) return 'whole';
  return pendingCount === 1 ? 'alone' : 'rest';
}

/**
 * Who is brought after the others belongs to the moment at which those came up, where all were
 * meant to share one.
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
  return same ?? chooseRecoveryPoint(kind, points);
}

/** Who came up earlier keeps the time of its own point. */
export const mergePointsUsed = (
  earlier: UsedRecoveryPoint | null,
  newer: UsedRecoveryPoint | null,
): UsedRecoveryPoint | null =>
  newer && earlier?.members ? { ...newer, members: { ...earlier.members, ...newer.members } } : newer;

/**
 * A job that brought one VM up does not say which of the group it was; who has arrived by it does.
 * Of those who are left nothing is told.
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

/** Members that were to share one moment and do not; null: they do, as far as it is known. */
export function differingPointsWarning(point: UsedRecoveryPoint | null): Warning | null {
  const members = Object.entries(point?.members ?? {});
  if (new Set(members.map(([, time]) => Date.parse(time))).size < 2) return null;
  return {
    code: 'RecoveryPointsDiffer',
    message:
      'The members were to share one recovery point and came up at different ones: ' +
      `${members.map(([name, time]) => `${name} at ${time}`).join(', ')}. Their data may not ` +
      'fit together; look at the workload, or change the recovery point of those that can.',
  };
}
