// Chooses the recovery points of VMs by a plan's rule, with the reason for the choice.

import { findRequestedPoint, kindTestOf, type RecoveryPoint } from '../../siterecovery/recoveryPoint.ts';
import type { RecoveryPointChoice, RecoveryPointRule } from './plan.ts';

/** One VM, or the members of a multi-VM group. A choice must fit all members. */
export interface PointTarget {
  readonly members: readonly {
    readonly vm: string;
    readonly name: string;
    readonly points: readonly RecoveryPoint[];
  }[];
  readonly isMultiVm: boolean;
}

export interface ChosenPoints {
  readonly kind: RecoveryPointChoice['kind'];
  /** By VM; null: Site Recovery itself takes the latest point. */
  readonly points: ReadonlyMap<string, RecoveryPoint | null>;
  /** The chosen point, and the reason against each earlier choice. */
  readonly reason: string;
}

/** Chooses the points by the first fitting choice. `now` is simulated time, as in the points. */
export function choosePointsByRule(rule: RecoveryPointRule, target: PointTarget, now: string): ChosenPoints {
  const passedOver: string[] = [];
  for (const choice of rule) {
    const chosen = pointsForChoice(choice, target, now);
    if (typeof chosen !== 'string')
      return {
        kind: choice.kind,
        points: chosen,
        reason: [...passedOver, chosenText(choice, chosen)].join(' '),
      };
    passedOver.push(chosen);
  }
  // A VM without any point can only use the data that has left its source.
  const latest = new Map(target.members.map(({ vm }) => [vm, null]));
  return {
    kind: 'latest',
    points: latest,
    reason: [...passedOver, 'So the latest is taken, with the data that has arrived.'].join(' '),
  };
}

type PointsByVm = ReadonlyMap<string, RecoveryPoint | null>;

/** The points for a choice, or a text with the reason against the choice. */
function pointsForChoice(choice: RecoveryPointChoice, target: PointTarget, now: string): PointsByVm | string {
  const chosen = choice.kind === 'latestMultiVmConsistent' ? sharedPoints(target) : ownPoints(choice, target);
  if (typeof chosen === 'string' || choice.notOlderThanMinutes === undefined) return chosen;
  const limit = choice.notOlderThanMinutes;
  // The latest point has no id here, and counts as age zero.
  const tooOld = target.members.flatMap(({ vm, name }) => {
    const minutes = ageMinutesOf(chosen.get(vm) ?? null, now);
    return minutes > limit ? [`the one of ${name} is ${Math.floor(minutes)} minutes old`] : [];
  });
  return tooOld.length === 0
    ? chosen
    : `${choice.kind} was passed over: ${tooOld.join(', ')}, and no more than ${limit} are allowed.`;
}

function ownPoints({ kind }: RecoveryPointChoice, { members }: PointTarget): PointsByVm | string {
  const chosen = members.map(({ vm, name, points }) => ({
    vm,
    name,
    point: findRequestedPoint(kind, points),
  }));
  const missing = chosen.flatMap(({ name, point }) => (point === undefined ? [name] : []));
  return missing.length === 0
    ? new Map(chosen.map(({ vm, point }) => [vm, point ?? null]))
    : `${kind} was passed over: ${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} none.`;
}

/** The points of the newest moment that all members share. */
function sharedPoints({ members, isMultiVm }: PointTarget): PointsByVm | string {
  if (!isMultiVm)
    return 'latestMultiVmConsistent was passed over: only VMs of a multi-VM group have such points.';
  const byTime = members.map(
    ({ points }) =>
      new Map(
        points.filter(kindTestOf('latestMultiVmConsistent')).map((point) => [Date.parse(point.time), point]),
      ),
  );
  const [first, ...others] = byTime;
  const sharedTimes = [...(first?.keys() ?? [])].filter((time) =>
    others.every((pointsByTime) => pointsByTime.has(time)),
  );
  if (sharedTimes.length === 0)
    return 'latestMultiVmConsistent was passed over: there is no moment of which all members have a point.';
  const newest = Math.max(...sharedTimes);
  return new Map(members.map(({ vm }, index) => [vm, byTime[index]?.get(newest) ?? null]));
}

const ageMinutesOf = (point: RecoveryPoint | null, now: string): number =>
  point === null ? 0 : (Date.parse(now) - Date.parse(point.time)) / 60_000;

function chosenText({ kind }: RecoveryPointChoice, points: PointsByVm): string {
  const times = [...new Set([...points.values()].flatMap((point) => point?.time ?? []))].sort();
  const [oldest] = times;
  if (oldest === undefined) return `${kind} was taken.`;
  return times.length === 1
    ? `${kind} was taken: the point of ${oldest}.`
    : `${kind} was taken: points from ${oldest} to ${times.at(-1) ?? oldest}.`;
}
