// Which point in time a VM comes up at.
import * as z from 'zod';
import { nameOf } from '../core/armId.ts';

export const RecoveryPointKind = {
  /** Whatever has left the source is processed first: the least loss, and some minutes more. */
  latest: 'latest',
  /** The newest that stands ready: no waiting. */
  latestProcessed: 'latestProcessed',
  latestAppConsistent: 'latestAppConsistent',
  latestCrashConsistent: 'latestCrashConsistent',
  /** The newest that all members of a multi-VM group share. */
  latestMultiVmConsistent: 'latestMultiVmConsistent',
} as const;
export type RecoveryPointKind = (typeof RecoveryPointKind)[keyof typeof RecoveryPointKind];

export const RecoveryPointRequest = z.union(
  [
    z.enum(RecoveryPointKind),
    z.strictObject({
      id: z
        .string()
        .trim()
        .min(1)
        .max(1000)
        .regex(/^[^/]+$|\/recoveryPoints\/[^/]+$/i, 'must be the name of a recovery point, or its ARM id'),
    }),
  ],
  `must be ${Object.values(RecoveryPointKind).join(', ')}, or {"id": ...}`,
);
export type RecoveryPointRequest = z.infer<typeof RecoveryPointRequest>;

export interface RecoveryPoint {
  readonly id: string;
  readonly name: string;
  readonly time: string;
  readonly appConsistent: boolean;
  /** Taken at the same moment as those of the other members of its multi-VM group. */
  readonly shared: boolean;
}

/**
 * The point that is meant; null: the service takes the latest by itself. Undefined when there is
 * none like that.
 */
export function chooseRecoveryPoint(
  request: RecoveryPointRequest,
  points: readonly RecoveryPoint[],
): RecoveryPoint | null | undefined {
  if (request === 'latest') return null;
  const newestFirst = [...points].sort((a, b) => (a.time < b.time ? 1 : -1));
  if (typeof request !== 'string') {
    const name = nameOf(request.id).toLowerCase();
    return points.find((point) => point.name.toLowerCase() === name);
  }
  return newestFirst.find(kindTestOf(request));
}

/** What makes a point one of a kind. */
export const kindTestOf = (kind: Exclude<RecoveryPointKind, 'latest'>): ((point: RecoveryPoint) => boolean) =>
  KIND_TESTS[kind];

const KIND_TESTS: Record<Exclude<RecoveryPointKind, 'latest'>, (point: RecoveryPoint) => boolean> = {
  latestProcessed: () => true,
  latestAppConsistent: (point) => point.appConsistent,
  latestCrashConsistent: (point) => !point.appConsistent,
  latestMultiVmConsistent: (point) => point.shared,
};
