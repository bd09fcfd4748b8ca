// Which point in time VMs come up at by a plan's rule, and why that one.
import { chooseRecoveryPoint, kindTestOf, type RecoveryPoint } from '../../siterecovery/recoveryPoint.ts';
import type { RecoveryPointChoice, RecoveryPointRule } from './plan.ts';

/** A VM alone, or the members of a multi-VM group: a choice is theirs together, or nobody's. */
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
  /** By VM; null: the service takes the latest by itself. */
  readonly points: ReadonlyMap<string, RecoveryPoint | null>;
  /** What was taken, and of each choice before it why it was not. */
  readonly reason: string;
}

/** `now`: story time, as points tell theirs. */
export function chooseRecoveryPoints(
  rule: RecoveryPointRule,
  target: PointTarget,
  now: string,
): ChosenPoints {
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
  // A VM that has no point at all yet: what has left its source is all there is.
  const latest = new Map(target.members.map(({ vm }) => [vm, null]));
  return {
    kind: 'latest',
    points: latest,
    reason: [...passedOver, 'So the latest is taken, whatever has arrived.'].join(' '),
  };
}

type PointsByVm = ReadonlyMap<string, RecoveryPoint | null>;

/** A text says why the choice does not fit. */
function pointsForChoice(choice: RecoveryPointChoice, target: PointTarget, now: string): PointsByVm | string {
  const chosen = choice.kind === 'latestMultiVmConsistent' ? sharedPoints(target) : ownPoints(choice, target);
  if (typeof chosen === 'string' || choice.notOlderThanMinutes === undefined) return chosen;
  const limit = choice.notOlderThanMinutes;
  // The latest is as young as can be.
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
    point: chooseRecoveryPoint(kind, points),
  }));
  const missing = chosen.flatMap(({ name, point }) => (point === undefined ? [name] : []));
  return missing.length === 0
    ? new Map(chosen.map(({ vm, point }) => [vm, point ?? null]))
    : `${kind} was passed over: ${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} none.`;
}

/** The newest moment of which every member has its point. */
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
