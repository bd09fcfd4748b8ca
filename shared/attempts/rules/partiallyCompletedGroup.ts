// A multi-VM group of which some members are where the operation leads and others are not: who is
// left, and how those go. Pure.
import type { Warning } from '../../core/warning.ts';
import { judgeItem } from './attempt.ts';
import { type OperationRule } from '../../scenarios/operationRule.ts';
import type { Item, PointUsed } from '../../siterecovery/item.ts';
import {
  choosePoint,
  isOfKind,
  RecoveryPointKind,
  type RecoveryPoint,
} from '../../siterecovery/recoveryPoint.ts';
import type { Direction, PhaseOperation } from '../../core/words.ts';

export interface MemberSeen {
  readonly name: string;
  readonly item: Item | undefined;
  /** An earlier write of the same step has brought it there. */
  readonly arrived: boolean;
}

export type Going<M> = M & { readonly item: Item };

export type GroupJudgement<M> =
  | { readonly kind: 'missing' | 'busy'; readonly names: readonly string[] }
  | { readonly kind: 'refused'; readonly told: readonly string[] }
  | { readonly kind: 'allThere' }
  | { readonly kind: 'going'; readonly going: readonly Going<M>[] };

/**
 * Whom may the operation be written for now? Who has arrived by our own doing is left alone; whom
 * others have moved is not taken for done, nor for left, unless all of them are back.
 */
export function judgeGroup<M extends MemberSeen>(
  rule: OperationRule,
  members: readonly M[],
  begunIn: Direction,
): GroupJudgement<M> {
  const missing = members.filter(({ item }) => item === undefined);
  if (missing.length > 0) return { kind: 'missing', names: missing.map(({ name }) => name) };
  const seen = members.flatMap((member) =>
    member.item
      ? [
          {
            member: { ...member, item: member.item },
            judgement: judgeItem(rule, member.item, begunIn, false),
          },
        ]
      : [],
  );
  const busy = seen.filter(({ judgement }) => judgement.kind === 'wait' || judgement.kind === 'follow');
  if (busy.length > 0) return { kind: 'busy', names: busy.map(({ member }) => member.name) };
  const open = seen.filter(
    ({ member, judgement }) =>
      judgement.kind !== 'alreadySo' && !(member.arrived && rule.settled(member.item, begunIn)),
  );
  if (open.length === 0) return { kind: 'allThere' };
  const moved = open.filter(
    ({ member, judgement }) =>
      judgement.kind === 'rejected' || (member.arrived && open.length < members.length),
  );
  const told = moved.map(
    ({ member: { name, item, arrived } }) =>
      `${name}${arrived ? ' had gone and has been moved since; it' : ''} allows ` +
      item.allowedOperations.join(', '),
  );
  return told.length > 0
    ? { kind: 'refused', told }
    : { kind: 'going', going: open.map(({ member }) => member) };
}

/**
 * `whole`: by the plan of all members. `rest`: by a plan of those who are left. `alone`: each by
 * its own item.
 */
export type Way = 'whole' | 'rest' | 'alone' | 'testOfOthers';

/**
 * As a command for those who are left would have them go. `planEndsTest`: the plan of all knows of
 * a test that it can end.
 */
export function wayOf(phase: PhaseOperation, going: number, all: number, planEndsTest: boolean): Way {
  // Site Recovery's plan takes along whoever is ready to be reprotected.
  if (phase === 'reprotect') return 'whole';
  if (phase === 'cleanUpTestFailover')
    return planEndsTest ? 'whole' : going === all ? 'testOfOthers' : 'alone';
  if (going === all) return 'whole';
  return going === 1 ? 'alone' : 'rest';
}

/**
 * Who is brought after the others belongs to the moment at which those came up, where all were
 * meant to share one.
 */
export function pointLike(
  kind: RecoveryPointKind,
  points: readonly RecoveryPoint[],
  others: string | undefined,
): RecoveryPoint | null | undefined {
  const isSame = ({ time }: RecoveryPoint): boolean =>
    others !== undefined && Date.parse(time) === Date.parse(others);
  const same =
    kind === RecoveryPointKind.latestMultiVmConsistent
      ? points.filter(isOfKind(kind)).find(isSame)
      : undefined;
  return same ?? choosePoint(kind, points);
}

/** Who came up earlier keeps the time of its own point. */
export const pointsTogether = (earlier: PointUsed | null, now: PointUsed | null): PointUsed | null =>
  now && earlier?.members ? { ...now, members: { ...earlier.members, ...now.members } } : now;

/**
 * A job that brought one VM up does not say which of the group it was; who has arrived by it does.
 * Of those who are left nothing is told.
 */
export function pointsOfThere(
  point: PointUsed | null,
  newcomers: readonly string[],
  left: readonly string[],
): PointUsed | null {
  const [name, ...others] = newcomers;
  const named =
    point && name !== undefined && others.length === 0 && point.members?.[name] === undefined
      ? { ...point, members: { ...point.members, [name]: point.time } }
      : point;
  if (!named?.members || left.length === 0) return named;
  return {
    ...named,
    members: Object.fromEntries(Object.entries(named.members).filter(([one]) => !left.includes(one))),
  };
}

/** Members that were to share one moment and do not; null: they do, as far as it is known. */
export function apart(point: PointUsed | null): Warning | null {
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
