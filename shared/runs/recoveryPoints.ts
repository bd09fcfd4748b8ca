// The recovery points that VMs would come up at now, and why those. Azure is asked VM by VM, so of
// many it is asked for some at a time.
import { withReadFaults } from '../azure/readFaults.ts';
import { mapLimited } from '../azure/clients.ts';
import { clock } from '../core/clock.ts';
import type { Graph, PlanOperation, VmNode } from '../plans/rules/graph.ts';
import type { Group, Plan, RecoveryPointRule } from '../plans/rules/plan.ts';
import { chooseRecoveryPoints } from '../plans/rules/recoveryPoint.ts';
import { groupsOfOperation } from '../plans/rules/buildGraph.ts';
import {
  chooseRecoveryPoint,
  type RecoveryPoint,
  type RecoveryPointRequest,
} from '../siterecovery/recoveryPoint.ts';
import type { PhaseOperation } from '../core/operations.ts';
import { messageOf } from '../core/errors.ts';
import { createSiteRecovery } from '../scenarios/adapter.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';

export interface VmRecoveryPoint {
  readonly vm: string;
  /** Null: it cannot be told now; `why` says more. */
  readonly kind: string | null;
  /** Null: the service takes the latest by itself. */
  readonly id: string | null;
  readonly time: string | null;
  readonly reason: string;
  /** When its points were read; null: nothing had to be read for this. */
  readonly readAt: string | null;
}

/** What one preview may ask of Azure. */
export const MAX_VMS_READ = 200;
/** Points come every five minutes. */
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

/** Of one node: the rule by which its VMs choose, unless one point is asked for by its id. */
interface NodePointRule {
  readonly node: VmNode;
  readonly rule: RecoveryPointRule;
  readonly id: string | null;
}

/** `wish` is the command's own, and goes before the rules of the groups. */
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
  // Once a VM is failed over there is nothing left to process.
  return operation === 'changeRecoveryPoint'
    ? rule.map((choice) => (choice.kind === 'latest' ? { ...choice, kind: 'latestProcessed' } : choice))
    : rule;
}

/** The latest is there for everybody. */
const needsRead = ({ rule, id }: NodePointRule): boolean => id !== null || rule[0]?.kind !== 'latest';

/**
 * By VM: what was read, or why it could not be. Those that were read lately are not asked for
 * again, so asking again comes to those that were left.
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
      (await createSiteRecovery(vm.vaultArmId)).listRecoveryPoints(vm.armId),
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
  // The members of a multi-VM group choose together: what is not known of one is known of none.
  const readError = members.map((one) => one.read).find((one) => typeof one === 'string');
  if (readError !== undefined) return members.map(({ vm }) => unknownPoint(vm, readError));
  const membersRead = members.flatMap(({ vm, name, read: one }) =>
    typeof one === 'string' ? [] : [{ vm, name, points: one.points, at: one.at }],
  );
  if (pointRule.id !== null) return membersRead.map((one) => pointById(one, pointRule.id ?? ''));
  const chosen = chooseRecoveryPoints(
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
  const point = chooseRecoveryPoint({ id }, points);
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
