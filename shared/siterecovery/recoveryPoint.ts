// Selects the recovery point of a failover or a test failover from the request.
import * as z from 'zod';
import { nameOf } from '../core/armId.ts';

/** The kinds of recovery points that a request can name. */
export const RecoveryPointKind = {
  /**
   * Site Recovery first processes all data that have left the source. Least data loss, but some
   * minutes longer.
   */
  latest: 'latest',
  /** The newest processed point, without a wait. */
  latestProcessed: 'latestProcessed',
  latestAppConsistent: 'latestAppConsistent',
  latestCrashConsistent: 'latestCrashConsistent',
  /** The newest common point of all members of a multi-VM group. */
  latestMultiVmConsistent: 'latestMultiVmConsistent',
} as const;
export type RecoveryPointKind = (typeof RecoveryPointKind)[keyof typeof RecoveryPointKind];

/** A recovery point in a request: a kind, or the id of one point. */
export const RecoveryPointRequest = z.union(
  [
    z.enum(RecoveryPointKind),
    z.strictObject({
      id: z
        .string()
        .trim()
        .min(1)
        .max(1000)
        .regex(/^[^/]+$|\/recoveryPoints\/[^/]+$/i, 'must be the name of a recovery point, or its ARM id')
        .describe('The name of one recovery point, or its ARM id.'),
    }),
  ],
  `must be ${Object.values(RecoveryPointKind).join(', ')}, or {"id": ...}`,
);
export type RecoveryPointRequest = z.infer<typeof RecoveryPointRequest>;

/** A recovery point of a replicated VM. */
export interface RecoveryPoint {
  readonly id: string;
  readonly name: string;
  readonly time: string;
  readonly appConsistent: boolean;
  /** True when all members of the multi-VM group have a point of the same time. */
  readonly shared: boolean;
}

/**
 * Returns the requested point. Null: Site Recovery chooses the latest point itself. Undefined: no
 * point fits the request.
 */
export function findRequestedPoint(
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

/** Returns the test for points of this kind. */
export const kindTestOf = (kind: Exclude<RecoveryPointKind, 'latest'>): ((point: RecoveryPoint) => boolean) =>
  KIND_TESTS[kind];

const KIND_TESTS: Record<Exclude<RecoveryPointKind, 'latest'>, (point: RecoveryPoint) => boolean> = {
  latestProcessed: () => true,
  latestAppConsistent: (point) => point.appConsistent,
  latestCrashConsistent: (point) => !point.appConsistent,
  latestMultiVmConsistent: (point) => point.shared,
};
