// What a run of a plan would do now, by what the store knows. Azure is not waited for.
import * as z from 'zod';
import { config } from '../core/config.ts';
import { isOfOtherSubscription } from '../core/armId.ts';
import { NetworkId } from '../enabling/rules/request/request.ts';
import { vmStateOf, phasesOf } from '../scenarios/drivers.ts';
import { PlanOperation, type Graph } from '../plans/rules/graph.ts';
import type { RunFacts } from '../plans/rules/nodes.ts';
import { graphOf } from '../plans/rules/order.ts';
import type { Plan } from '../plans/rules/plan.ts';
import {
  membersOf,
  previewRun,
  type PreviewFacts,
  type PreviewVm,
  type RunPreview,
} from '../plans/rules/runPreview.ts';
import { RecoveryPointWish } from '../siterecovery/recoveryPoint.ts';
import { rejected } from '../core/errors.ts';
import { groupKeyOf, groupsAmong, mustBeWhole } from '../replications/multiVm.ts';
import { testNetworkElsewhere } from '../replications/testNetwork.ts';
import type { Stored } from '../store/cosmos.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { readPlan, readPlanVersion } from '../plans/store.ts';
import { findLocks, findVms } from '../replications/registry.ts';
import { learnedFor } from '../journal/learnedDurations.ts';
import { pointsOfRun } from './points.ts';

const COMING_UP: ReadonlySet<PlanOperation> = new Set([
  'failover',
  'testFailover',
  'failback',
  'changeRecoveryPoint',
]);

export interface PlanToRun {
  readonly planId: string;
  readonly plan: Plan;
}

/** The same words as in the command. */
export const RunWish = z
  .strictObject({
    operation: z.enum(PlanOperation),
    version: z.number().int().min(1).optional(),
    recoveryPoint: RecoveryPointWish.optional(),
    networkId: NetworkId.optional(),
  })
  .refine(
    ({ operation, networkId }) => networkId === undefined || operation === 'testFailover',
    'networkId belongs to testFailover: elsewhere each VM has its own network',
  )
  .refine(
    ({ operation, recoveryPoint }) => recoveryPoint === undefined || COMING_UP.has(operation),
    `recoveryPoint belongs to ${[...COMING_UP].join(', ')}`,
  );
export type RunWish = z.infer<typeof RunWish>;

export interface RunSight {
  readonly preview: RunPreview;
  /** As the registry knows them now; a VM of the plan that it does not know is in the way. */
  readonly vms: readonly Stored<ReplicatedVmDocument>[];
}

/**
 * For people who ask before they send the command: with the recovery point that each VM would get,
 * as Site Recovery shows them now.
 */
export async function previewPlan(planId: string, wish: RunWish) {
  const found =
    wish.version === undefined ? await readPlan(planId) : await readPlanVersion(planId, wish.version);
  if (!found)
    throw rejected(
      404,
      'PlanUnknown',
      'There is no plan ' +
        `${planId}${wish.version === undefined ? '' : ` of version ${wish.version}`}. GET ` +
        '/api/v1/plans lists those that there are.',
    );
  const run = { planId, plan: found.plan };
  const { preview, vms } = await previewOfRun(run, wish.operation, wish.networkId);
  if (typeof wish.recoveryPoint === 'object' && preview.vms.length > 1)
    throw rejected(
      422,
      'RecoveryPointOfOneVm',
      `A recovery point by its id is one VM's, and the plan has ${preview.vms.length}. Nothing ` +
        'was read. Name a kind of point.',
    );
  const points = new Map(
    (await pointsOfRun(found.plan, graphOrRefused(run, wish.operation, vms), vms, wish.recoveryPoint)).map(
      ({ vm, ...point }) => [vm, point],
    ),
  );
  return {
    plan: { id: planId, version: found.version, name: found.plan.name },
    ...preview,
    vms: preview.vms.map((vm) => ({ ...vm, recoveryPoint: points.get(vm.vm) ?? null })),
    ...(wish.operation === 'testFailover'
      ? { networkId: wish.networkId ?? found.plan.drill.networkId ?? null }
      : {}),
  };
}

/**
 * What the shape of a run depends on. A member of a multi-VM group that stands elsewhere than the
 * others goes by itself.
 */
export function runFactsOf(vms: readonly ReplicatedVmDocument[]): RunFacts {
  const groups = new Map(vms.map((vm) => [vm.id, groupKeyOf(vm)]));
  return {
    multiVmGroupOf: (id) => groups.get(id) ?? null,
    testing: new Set(vms.filter((vm) => vmStateOf(vm) === 'testing').map(({ id }) => id)),
  };
}

/**
 * A plan whose groups have no order is not run, and refused here. `networkId`: for a test, in place
 * of the plan's own.
 */
export async function previewOfRun(
  run: PlanToRun,
  operation: PlanOperation,
  networkId = run.plan.drill.networkId,
): Promise<RunSight> {
  const vms = await findVms(membersOf(graphOrRefused(run, operation).nodes));
  const testNetwork = testNetworkElsewhere({ operation, networkId }, vms)?.message;
  const preview = previewRun(run.plan, operation, {
    ...(await previewFactsOf(run, operation, vms)),
    ...(testNetwork !== undefined && { testNetwork }),
  });
  if ('findings' in preview) throw noOrder(run, preview.findings);
  return { preview, vms };
}

function graphOrRefused(
  run: PlanToRun,
  operation: PlanOperation,
  vms: readonly ReplicatedVmDocument[] = [],
): Graph {
  const graph = graphOf(run.plan, operation, runFactsOf(vms));
  if ('findings' in graph) throw noOrder(run, graph.findings);
  return graph;
}

const noOrder = ({ planId }: PlanToRun, findings: readonly { readonly message: string }[]): Error =>
  rejected(
    422,
    'PlanInvalid',
    `The plan ${planId} cannot be run: ${findings.map(({ message }) => message).join(' ')} ` +
      'Nothing was started.',
    { findings },
  );

async function previewFactsOf(
  run: PlanToRun,
  operation: PlanOperation,
  vms: readonly ReplicatedVmDocument[],
): Promise<PreviewFacts> {
  const [locks, learned, groups] = await Promise.all([
    findLocks(vms.map(({ id }) => id)),
    learnedFor(run, vms),
    phasesOf(operation).some(mustBeWhole) ? groupsAmong(vms) : [],
  ]);
  const heldBy = new Map(locks.map(({ targetId, jobId }) => [targetId, jobId]));
  const regions = new Map(vms.map((vm) => [vm.id, vm.sites[vm.direction].region]));
  const {
    LIFEBOAT_REGION: homeRegion,
    LIFEBOAT_WRITES_BURST: burst,
    LIFEBOAT_WRITES_PER_SECOND: perSecond,
  } = config();
  return {
    ...runFactsOf(vms),
    vms: new Map(vms.map((vm) => [vm.id, previewVm(vm, heldBy.get(vm.id) ?? null)])),
    learned,
    writes: { burst, perSecond },
    ...(homeRegion ? { homeRegion } : {}),
    regionOf: (id) => regions.get(id) ?? null,
    parted: groups.filter(({ left }) => left.length > 0),
  };
}

const previewVm = (
  { name, scenario, direction, seen, settings }: ReplicatedVmDocument,
  heldBy: string | null,
): PreviewVm => ({
  name,
  scenario,
  direction,
  seen,
  health: seen.health,
  heldBy,
  networkElsewhere: isOfOtherSubscription(settings?.networkId, settings?.resourceGroupId),
});
