// Learns durations from past jobs.
// Medians of the newest samples, never means: one unusual day must not change the result much.

import { typicalSecondsOf } from '../../scenarios/drivers.ts';
import type { Scenario } from '../../core/scenario.ts';
import type { PhaseOperation } from '../../core/operations.ts';
import type { Node } from './graph.ts';

/** One measured duration. */
export interface Sample {
  readonly key: string;
  readonly seconds: number;
  /** The end time. Only the newest samples count. */
  readonly at: string;
}

export interface Duration {
  /** Number of samples; 0: no sample, so the values are typical ones. */
  readonly count: number;
  readonly median: number;
  readonly p90: number;
}
/** Learned durations by key. */
export type LearnedDurations = Readonly<Record<string, Duration>>;

/** The most samples that Lifeboat keeps for each key. */
export const MAX_SAMPLES = 20;
/** With fewer samples of a VM, the phase on any VM or the typical value is more reliable. */
const MIN_SAMPLES = 3;

/** Key for the time from the begin of a step to its visible effect, for any VM of a vault. */
export const keyOfPhase = (phase: PhaseOperation): string => `phase:${phase}`;
/** Key for the time of Site Recovery's job alone. */
export const keyOfJob = (phase: PhaseOperation): string => `job:${phase}`;
/** Key for the time from the end of Site Recovery's job to its visible effect. */
export const keyOfSettling = (phase: PhaseOperation): string => `settling:${phase}`;
/** True: the key covers all VMs of a vault. */
export const isVaultKey = (key: string): boolean => /^(phase|job|settling):/.test(key);
/** Key for a phase on one VM. */
export const keyOfVm = (phase: PhaseOperation, vm: string): string => `vm:${vm}:${phase}`;
/** Key of an action, from its kind and its name. Its place in the plan can change between versions. */
export const keyOfAction = (kind: string, name: string): string => `action:${kind}:${name}`;

/** The samples of each key, newest first. A repeated sample counts once. */
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

/** Computes the durations of each key from its newest samples. */
export function learnDurations(samples: readonly Sample[]): LearnedDurations {
  return Object.fromEntries(
    [...newestSamples(samples)].map(([key, newest]) => {
      const sorted = newest.map(({ seconds }) => seconds).sort((a, b) => a - b);
      return [key, { count: sorted.length, median: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) }];
    }),
  );
}

/** The smallest and the largest duration among the newest samples; undefined: too few samples. */
export function durationRangeOf(
  samples: readonly Sample[],
  key: string,
): { readonly min: number; readonly max: number } | undefined {
  const newest = (newestSamples(samples).get(key) ?? []).map(({ seconds }) => seconds);
  return newest.length < MIN_SAMPLES ? undefined : { min: Math.min(...newest), max: Math.max(...newest) };
}

/** Picks a few samples of one job. A job with thousands of VMs must not displace the samples of others. */
export function pickRepresentatives(samples: readonly Sample[]): readonly Sample[] {
  const sorted = [...samples].sort((a, b) => a.seconds - b.seconds || (a.at < b.at ? -1 : 1));
  const indexes = REPRESENTED_SHARES.map((share) =>
    Math.min(sorted.length - 1, Math.floor(sorted.length * share)),
  );
  return sorted.length === 0 ? [] : [...new Set(indexes)].flatMap((place) => sorted[place] ?? []);
}
const REPRESENTED_SHARES = [0, 0.25, 0.5, 0.75, 1];

/** The smallest value that at least this share of the values does not exceed: always a measured value. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;

/** The duration of a phase: learned for the VM, learned for any VM, or typical. */
export function durationOfPhase(
  learned: LearnedDurations,
  phase: PhaseOperation,
  vm?: string,
  scenario?: Scenario,
): Duration {
  const ofVm = vm === undefined ? undefined : learned[keyOfVm(phase, vm)];
  if (ofVm && ofVm.count >= MIN_SAMPLES) return ofVm;
  const ofAnyVm = learned[keyOfPhase(phase)];
  if (ofAnyVm && ofAnyVm.count >= MIN_SAMPLES) return ofAnyVm;
  const { job, settle } = typicalSecondsOf(phase, scenario);
  return { count: 0, median: job + settle, p90: (job + settle) * 2 };
}

/** The scenario of a VM, if known. It decides the typical durations. */
export type ScenarioOf = (vm: string) => Scenario | undefined;

/** The duration of a node; null: unknown, such as a manual action that nobody has done yet. */
export function durationOfNode(
  node: Node,
  learned: LearnedDurations,
  scenarioOf: ScenarioOf = () => undefined,
): Duration | null {
  switch (node.kind) {
    case 'gate':
      return { count: 0, median: 0, p90: 0 };
    case 'hold':
      return fixedDuration(node.minutes * 60);
    case 'vms':
      return node.vms
        .map((vm) => durationOfPhase(learned, node.phase, vm, scenarioOf(vm)))
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
