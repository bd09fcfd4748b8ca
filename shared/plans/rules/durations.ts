// How long things take, learned from the jobs of the past. One odd day must not move it: medians of
// the newest, never means.
import { usually } from '../../scenarios/drivers.ts';
import type { PhaseOperation } from '../../core/words.ts';
import type { Node } from './graph.ts';

export interface Sample {
  readonly key: string;
  readonly seconds: number;
  /** When it ended, so that the newest count. */
  readonly at: string;
}

export interface Duration {
  /** Out of how many runs; 0: nothing was learned, this is what is usual. */
  readonly count: number;
  readonly median: number;
  readonly p90: number;
}
export type Learned = Readonly<Record<string, Duration>>;

export const NEWEST = 20;
/** With fewer, what is wider (the phase on any VM) or usual says more. */
const ENOUGH = 3;

/** From the begin of a step until its effect was seen, of any VM of a vault. */
export const keyOfPhase = (phase: PhaseOperation): string => `phase:${phase}`;
/** Site Recovery's job alone, and from its end until its effect was seen. */
export const keyOfJob = (phase: PhaseOperation): string => `job:${phase}`;
export const keyOfSettling = (phase: PhaseOperation): string => `settling:${phase}`;
/** Whether a key is of all VMs of a vault. */
export const isOfAll = (key: string): boolean => /^(phase|job|settling):/.test(key);
export const keyOfVm = (phase: PhaseOperation, vm: string): string => `vm:${vm}:${phase}`;
/** An action is known again by its kind and its name: its place may change from version to version. */
export const keyOfAction = (kind: string, name: string): string => `action:${kind}:${name}`;

/** Of each key, the newest first. One that was told twice counts once. */
export function newestOf(samples: readonly Sample[]): ReadonlyMap<string, readonly Sample[]> {
  const good = samples.filter(({ seconds }) => Number.isFinite(seconds) && seconds >= 0);
  const once = [
    ...new Map(
      good.map((sample) => [JSON.stringify([sample.key, sample.at, sample.seconds]), sample]),
    ).values(),
  ];
  const order = (a: Sample, b: Sample): number =>
    a.at === b.at ? a.seconds - b.seconds : a.at < b.at ? 1 : -1;
  return new Map(
    [...Map.groupBy(once, ({ key }) => key)].map(([key, all]) => [
      key,
      [...all].sort(order).slice(0, NEWEST),
    ]),
  );
}

export function learn(samples: readonly Sample[]): Learned {
  return Object.fromEntries(
    [...newestOf(samples)].map(([key, newest]) => {
      const sorted = newest.map(({ seconds }) => seconds).sort((a, b) => a - b);
      return [key, { count: sorted.length, median: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) }];
    }),
  );
}

/** The fewest and the most seconds among the newest; undefined while too few are known. */
export function rangeOf(
  samples: readonly Sample[],
  key: string,
): { readonly least: number; readonly most: number } | undefined {
  const newest = (newestOf(samples).get(key) ?? []).map(({ seconds }) => seconds);
  return newest.length < ENOUGH ? undefined : { least: Math.min(...newest), most: Math.max(...newest) };
}

/** A few of many that stand for all: one job of thousands of VMs must not push out what others have shown. */
export function representatives(samples: readonly Sample[]): readonly Sample[] {
  const sorted = [...samples].sort((a, b) => a.seconds - b.seconds || (a.at < b.at ? -1 : 1));
  const places = REPRESENTED.map((share) => Math.min(sorted.length - 1, Math.floor(sorted.length * share)));
  return sorted.length === 0 ? [] : [...new Set(places)].flatMap((place) => sorted[place] ?? []);
}
const REPRESENTED = [0, 0.25, 0.5, 0.75, 1];

/** The smallest value that at least this share of them does not exceed: always one that was really seen. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;

export function durationOfPhase(learned: Learned, phase: PhaseOperation, vm?: string): Duration {
  const own = vm === undefined ? undefined : learned[keyOfVm(phase, vm)];
  if (own && own.count >= ENOUGH) return own;
  const any = learned[keyOfPhase(phase)];
  if (any && any.count >= ENOUGH) return any;
  const { job, settle } = usually(phase);
  return { count: 0, median: job + settle, p90: (job + settle) * 2 };
}

/** What of a run takes how long; null: nobody knows, as of a manual step that was never done. */
export function durationOf(node: Node, learned: Learned): Duration | null {
  switch (node.kind) {
    case 'gate':
      return { count: 0, median: 0, p90: 0 };
    case 'hold':
      return exactly(node.minutes * 60);
    case 'vms':
      return node.vms
        .map((vm) => durationOfPhase(learned, node.phase, vm))
        .reduce<Duration | null>(
          (longest, one) => (longest && longest.median >= one.median ? longest : one),
          null,
        );
    case 'action': {
      if (node.action.kind === 'wait') return exactly(node.action.minutes * 60);
      const known = learned[keyOfAction(node.action.kind, node.action.name)];
      return known && known.count > 0 ? known : null;
    }
  }
}

const exactly = (seconds: number): Duration => ({ count: 0, median: seconds, p90: seconds });
