// How long things take, learned from the jobs of the past. One odd day must not move it: medians of
// the newest, never means.
import { typicalSecondsOf } from '../../scenarios/drivers.ts';
import type { PhaseOperation } from '../../core/operations.ts';
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
export type LearnedDurations = Readonly<Record<string, Duration>>;

export const MAX_SAMPLES = 20;
/** With fewer, what is wider (the phase on any VM) or usual says more. */
const MIN_SAMPLES = 3;

/** From the begin of a step until its effect was seen, of any VM of a vault. */
export const keyOfPhase = (phase: PhaseOperation): string => `phase:${phase}`;
/** Site Recovery's job alone, and from its end until its effect was seen. */
export const keyOfJob = (phase: PhaseOperation): string => `job:${phase}`;
export const keyOfSettling = (phase: PhaseOperation): string => `settling:${phase}`;
/** Whether a key is of all VMs of a vault. */
export const isVaultKey = (key: string): boolean => /^(phase|job|settling):/.test(key);
export const keyOfVm = (phase: PhaseOperation, vm: string): string => `vm:${vm}:${phase}`;
/** An action is known again by its kind and its name: its place may change from version to version. */
export const keyOfAction = (kind: string, name: string): string => `action:${kind}:${name}`;

/** Of each key, the newest first. One that was told twice counts once. */
export function newestSamples(samples: readonly Sample[]): ReadonlyMap<string, readonly Sample[]> {
  const validSamples = samples.filter(({ seconds }) => Number.isFinite(seconds) && seconds >= 0);
  const uniqueSamples = [
    ...new Map(
      validSamples.map((sample) => [JSON.stringify([sample.key, sample.at, sample.seconds]), sample]),
    ).values(),
  ];
  const order = (a: Sample, b: Sample): number =>
    a.at === b.at ? a.seconds - b.seconds : a.at < b.at ? 1 : -1;
  return new Map(
    [...Map.groupBy(uniqueSamples, ({ key }) => key)].map(([key, samplesOfKey]) => [
      key,
      [...samplesOfKey].sort(order).slice(0, MAX_SAMPLES),
    ]),
  );
}

export function learnDurations(samples: readonly Sample[]): LearnedDurations {
  return Object.fromEntries(
    [...newestSamples(samples)].map(([key, newest]) => {
      const sorted = newest.map(({ seconds }) => seconds).sort((a, b) => a - b);
      return [key, { count: sorted.length, median: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) }];
    }),
  );
}

/** The fewest and the most seconds among the newest; undefined while too few are known. */
export function durationRangeOf(
  samples: readonly Sample[],
  key: string,
): { readonly min: number; readonly max: number } | undefined {
  const newest = (newestSamples(samples).get(key) ?? []).map(({ seconds }) => seconds);
  return newest.length < MIN_SAMPLES ? undefined : { min: Math.min(...newest), max: Math.max(...newest) };
}

/** A few of many that stand for all: one job of thousands of VMs must not push out what others have shown. */
export function pickRepresentatives(samples: readonly Sample[]): readonly Sample[] {
  const sorted = [...samples].sort((a, b) => a.seconds - b.seconds || (a.at < b.at ? -1 : 1));
  const indexes = REPRESENTED_SHARES.map((share) =>
    Math.min(sorted.length - 1, Math.floor(sorted.length * share)),
  );
  return sorted.length === 0 ? [] : [...new Set(indexes)].flatMap((place) => sorted[place] ?? []);
}
const REPRESENTED_SHARES = [0, 0.25, 0.5, 0.75, 1];

/** The smallest value that at least this share of them does not exceed: always one that was really seen. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;

export function durationOfPhase(learned: LearnedDurations, phase: PhaseOperation, vm?: string): Duration {
  const ofVm = vm === undefined ? undefined : learned[keyOfVm(phase, vm)];
  if (ofVm && ofVm.count >= MIN_SAMPLES) return ofVm;
  const ofAnyVm = learned[keyOfPhase(phase)];
  if (ofAnyVm && ofAnyVm.count >= MIN_SAMPLES) return ofAnyVm;
  const { job, settle } = typicalSecondsOf(phase);
  return { count: 0, median: job + settle, p90: (job + settle) * 2 };
}

/** What of a run takes how long; null: nobody knows, as of a manual step that was never done. */
export function durationOfNode(node: Node, learned: LearnedDurations): Duration | null {
  switch (node.kind) {
    case 'gate':
      return { count: 0, median: 0, p90: 0 };
    case 'hold':
      return fixedDuration(node.minutes * 60);
    case 'vms':
      return node.vms
        .map((vm) => durationOfPhase(learned, node.phase, vm))
        .reduce<Duration | null>(
          (longest, duration) => (longest && longest.median >= duration.median ? longest : duration),
          null,
        );
    case 'action': {
      if (node.action.kind === 'wait') return fixedDuration(node.action.minutes * 60);
      const known = learned[keyOfAction(node.action.kind, node.action.name)];
      return known && known.count > 0 ? known : null;
    }
  }
}

const fixedDuration = (seconds: number): Duration => ({ count: 0, median: seconds, p90: seconds });
