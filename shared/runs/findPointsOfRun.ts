// Finds the recovery point that each VM of a run would get now, with the reason for that point.
// The preview calls this module. Azure answers for one VM at a time, so a preview reads only some VMs.

import { withReadFaults } from '../azure/readFaults.ts';
import { mapLimited } from '../azure/clients.ts';
import { clock } from '../core/clock.ts';
import type { Graph, PlanOperation, VmNode } from '../plans/rules/graph.ts';
import type { Group, Plan, RecoveryPointRule } from '../plans/rules/plan.ts';
import { choosePointsByRule } from '../plans/rules/choosePointsByRule.ts';
import { groupsOfOperation } from '../plans/rules/buildGraph.ts';
import {
  findRequestedPoint,
  type RecoveryPoint,
  type RecoveryPointRequest,
} from '../siterecovery/recoveryPoint.ts';
import type { PhaseOperation } from '../core/operations.ts';
import { messageOf } from '../core/errors.ts';
import { siteRecoveryClientFor } from '../scenarios/adapter.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';

/** The recovery point that a VM would get now. */
export interface VmRecoveryPoint {
  readonly vm: string;
  /** Null: unknown now; `reason` says more. */
  readonly kind: string | null;
  /** Null: Site Recovery itself takes the latest point. */
  readonly id: string | null;
  readonly time: string | null;
  readonly reason: string;
  /** Time of the read from Site Recovery; null: the choice needed no read. */
  readonly readAt: string | null;
}

/** The most VMs that one preview reads from Azure. */
export const MAX_VMS_READ = 200;
/** Site Recovery makes a point every five minutes. */
const CACHE_SECONDS = 300;

interface CachedPoints {
  readonly points: readonly RecoveryPoint[];
  readonly at: string | null;
}
const cache = new Map<string, CachedPoints>();
const MAX_CACHED_VMS = 10_000;

const POINT_PHASES: ReadonlySet<PhaseOperation> = new Set([
  'failover',
  'testFailover',
  'changeRecoveryPoint',
]);

/** The recovery point rule of a node, or the requested id of one point. */
interface NodePointRule {
  readonly node: VmNode;
  readonly rule: RecoveryPointRule;
  readonly id: string | null;
}

/** Finds the points of a run. `pointRequest` of the command overrides the rules of the groups. */
export async function findPointsOfRun(
  plan: Plan,
  graph: Graph,
  vms: readonly ReplicatedVmDocument[],
  pointRequest: RecoveryPointRequest | undefined,
): Promise<readonly VmRecoveryPoint[]> {
  const nodes = graph.nodes.filter(
    (node): node is VmNode => node.kind === 'vms' && node.main && POINT_PHASES.has(node.phase),
  );
  const groups = new Map(groupsOfOperation(plan, graph.operation).map((group) => [group.name, group]));
  const pointRules = nodes.map((node): NodePointRule => ({
    node,
    rule: pointRuleFor(graph.operation, pointRequest, groups.get(node.group ?? '')),
    id: typeof pointRequest === 'object' ? pointRequest.id : null,
  }));
  const vmById = new Map(vms.map((vm) => [vm.id, vm]));
  const now = await clock().now();
  const read = await readPoints(
    pointRules.filter(needsRead).flatMap(({ node }) => node.vms.flatMap((id) => vmById.get(id) ?? [])),
    now,
  );
  return pointRules.flatMap((pointRule) => pointsOfNode(pointRule, vmById, read, now));
}

function pointRuleFor(
  operation: PlanOperation,
  pointRequest: RecoveryPointRequest | undefined,
  group: Group | undefined,
): RecoveryPointRule {
  const rule: RecoveryPointRule =
    typeof pointRequest === 'string'
      ? [{ kind: pointRequest }]
      : (group?.recoveryPoint ?? [{ kind: operation === 'testFailover' ? 'latestProcessed' : 'latest' }]);
  // After a failover, Site Recovery has no data left to process.
  return operation === 'changeRecoveryPoint'
    ? rule.map((choice) => (choice.kind === 'latest' ? { ...choice, kind: 'latestProcessed' } : choice))
    : rule;
}

/** Every VM has a latest point, so that choice needs no read. */
const needsRead = ({ rule, id }: NodePointRule): boolean => id !== null || rule[0]?.kind !== 'latest';

/**
 * The points of each VM, or the reason for a failed read. The cache answers for VMs of the last
 * minutes, so a repeated preview reads the remaining VMs.
 */
async function readPoints(
  vms: readonly ReplicatedVmDocument[],
  now: Date,
): Promise<ReadonlyMap<string, CachedPoints | string>> {
  const freshInCache = (vm: ReplicatedVmDocument): CachedPoints | undefined => {
    const cached = cache.get(vm.armId.toLowerCase());
    return cached && now.getTime() - Date.parse(cached.at ?? '') < CACHE_SECONDS * 1000 ? cached : undefined;
  };
  const found = new Map<string, CachedPoints | string>(
    vms.flatMap((vm) => {
      const kept = freshInCache(vm);
      return kept ? [[vm.id, kept] as const] : [];
    }),
  );
  const vmsToRead = vms.filter((vm) => !found.has(vm.id));
  await mapLimited(vmsToRead.slice(0, MAX_VMS_READ), async (vm) =>
    found.set(vm.id, await readPointsOfVm(vm, now)),
  );
  const tooMany =
    `Not read: one preview asks Site Recovery for the points of ${MAX_VMS_READ} VMs at most. ` +
    'Those that were read are kept for a while, so the same preview asked again reads the ' +
    'next ones.';
  vmsToRead.slice(MAX_VMS_READ).forEach((vm) => found.set(vm.id, tooMany));
  return found;
}

async function readPointsOfVm(vm: ReplicatedVmDocument, now: Date): Promise<CachedPoints | string> {
  try {
    const points = await withReadFaults(`the recovery points of ${vm.name}`, async () =>
      (await siteRecoveryClientFor(vm.vaultArmId)).listRecoveryPoints(vm.armId),
    );
    const read = { points, at: now.toISOString() };
    if (cache.size >= MAX_CACHED_VMS) cache.clear();
    cache.set(vm.armId.toLowerCase(), read);
    return read;
  } catch (error) {
    return messageOf(error);
  }
}

function pointsOfNode(
  pointRule: NodePointRule,
  vmById: ReadonlyMap<string, ReplicatedVmDocument>,
  read: ReadonlyMap<string, CachedPoints | string>,
  now: Date,
): readonly VmRecoveryPoint[] {
  const members = pointRule.node.vms.map((vm) => ({
    vm,
    name: vmById.get(vm)?.name ?? vm,
    read: needsRead(pointRule) ? (read.get(vm) ?? 'Lifeboat does not know the VM.') : NO_POINTS,
  }));
  // The members of a multi-VM group choose together. One unknown member makes all of them unknown.
  const readError = members.map((member) => member.read).find((result) => typeof result === 'string');
  if (readError !== undefined) return members.map(({ vm }) => unknownPoint(vm, readError));
  const membersRead = members.flatMap(({ vm, name, read: result }) =>
    typeof result === 'string' ? [] : [{ vm, name, points: result.points, at: result.at }],
  );
  if (pointRule.id !== null) return membersRead.map((member) => pointById(member, pointRule.id ?? ''));
  const chosen = choosePointsByRule(
    pointRule.rule,
    { isMultiVm: membersRead.length > 1, members: membersRead },
    now.toISOString(),
  );
  return membersRead.map(({ vm, at }) =>
    vmPoint(vm, chosen.kind, chosen.points.get(vm) ?? null, chosen.reason, at),
  );
}

const NO_POINTS: CachedPoints = { points: [], at: null };

function pointById({ vm, points, at }: { readonly vm: string } & CachedPoints, id: string): VmRecoveryPoint {
  const point = findRequestedPoint({ id }, points);
  return point
    ? vmPoint(vm, 'id', point, `As asked: the point of ${point.time}.`, at)
    : unknownPoint(vm, 'It has no such recovery point: the step would be refused.');
}

const vmPoint = (
  vm: string,
  kind: string,
  point: RecoveryPoint | null,
  reason: string,
  readAt: string | null,
): VmRecoveryPoint => ({
  vm,
  kind,
  id: point?.id ?? null,
  time: point?.time ?? null,
  reason,
  readAt,
});
const unknownPoint = (vm: string, reason: string): VmRecoveryPoint => ({
  vm,
  kind: null,
  id: null,
  time: null,
  reason,
  readAt: null,
});
