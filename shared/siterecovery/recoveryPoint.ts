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

export const RecoveryPointWish = z.union(
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
export type RecoveryPointWish = z.infer<typeof RecoveryPointWish>;

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
export function choosePoint(
  wish: RecoveryPointWish,
  points: readonly RecoveryPoint[],
): RecoveryPoint | null | undefined {
  if (wish === 'latest') return null;
  const newestFirst = [...points].sort((a, b) => (a.time < b.time ? 1 : -1));
  if (typeof wish !== 'string') {
    const name = nameOf(wish.id).toLowerCase();
    return points.find((point) => point.name.toLowerCase() === name);
  }
  return newestFirst.find(isOfKind(wish));
}

/** What makes a point one of a kind. */
export const isOfKind = (kind: Exclude<RecoveryPointKind, 'latest'>): ((point: RecoveryPoint) => boolean) =>
  FITS[kind];

const FITS: Record<Exclude<RecoveryPointKind, 'latest'>, (point: RecoveryPoint) => boolean> = {
  latestProcessed: () => true,
  latestAppConsistent: (point) => point.appConsistent,
  latestCrashConsistent: (point) => !point.appConsistent,
  latestMultiVmConsistent: (point) => point.shared,
};
