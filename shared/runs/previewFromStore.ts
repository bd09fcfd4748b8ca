// Previews a run of a plan: obstacles and durations come from the store.
// The preview route, the acceptance of commands and the alarms call this module.
// The preview route adds recovery points from Azure. This module starts nothing.

import * as z from 'zod';
import { config } from '../core/config.ts';
import { areInDifferentSubscriptions } from '../core/armId.ts';
import { vmStateOf, phasesOf } from '../scenarios/drivers.ts';
import { PlanOperation, type Graph } from '../plans/rules/graph.ts';
import type { RunFacts } from '../plans/rules/nodes.ts';
import { buildGraph } from '../plans/rules/buildGraph.ts';
import type { Plan } from '../plans/rules/plan.ts';
import { vmsOfPlan } from '../plans/rules/planRuns.ts';
import { withoutVms } from '../plans/rules/withoutVms.ts';
import {
  mainVmsOf,
  previewFromFacts,
  type PreviewFacts,
  type PreviewVm,
  type RunPreview,
} from '../plans/rules/runPreview.ts';
import { RecoveryPointRequest } from '../siterecovery/recoveryPoint.ts';
import { rejected } from '../core/errors.ts';
import { groupKeyOf, findMultiVmGroups, needsWholeGroup } from '../replications/multiVmGroups.ts';
import { findTestNetworkRefusal } from '../replications/testNetwork.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { readPlan, readPlanVersion } from '../plans/store.ts';
import { findLocks, findVms } from '../replications/registry.ts';
import { readLearnedDurations } from '../journal/learnedDurations.ts';
import { findPointsOfRun } from './findPointsOfRun.ts';
import { ExcludedVms } from '../commands/command.ts';
import { NetworkId } from '../scenarios/enabling/requestFields.ts';

const POINT_OPERATIONS: ReadonlySet<PlanOperation> = new Set([
  'failover',
  'testFailover',
  'failback',
  'changeRecoveryPoint',
]);

/** A plan with its id. */
export interface PlanToRun {
  readonly planId: string;
  readonly plan: Plan;
}

/** The body of a preview request: the fields of the command that change the preview. */
export const PreviewRequest = z
  .strictObject({
    operation: z.enum(PlanOperation).describe('The operation of the run.'),
    version: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('The version of the plan. Default: the present one.'),
    recoveryPoint: RecoveryPointRequest.optional().describe(
      "The recovery point, as in the command. Default: the plan's rules.",
    ),
    networkId: NetworkId.optional().describe(
      "For a drill: the network of the test VMs. Default: the plan's network.",
    ),
    exclude: ExcludedVms.describe('The VMs that the run would leave out. Default: none.'),
  })
  .refine(
    ({ operation, networkId }) => networkId === undefined || operation === 'testFailover',
    'networkId belongs to testFailover: elsewhere each VM has its own network',
  )
  .refine(
    ({ operation, recoveryPoint }) => recoveryPoint === undefined || POINT_OPERATIONS.has(operation),
    `recoveryPoint belongs to ${[...POINT_OPERATIONS].join(', ')}`,
  );
export type PreviewRequest = z.infer<typeof PreviewRequest>;

/** The preview of a run, and the VMs that it read. */
export interface PreviewWithVms {
  readonly preview: RunPreview;
  /** The VMs in the registry. An unknown VM of the plan is an obstacle in the preview. */
  readonly vms: readonly WithEtag<ReplicatedVmDocument>[];
}

/**
 * Answers the preview route. The answer also names the recovery point that each VM would get now,
 * as Site Recovery reports it.
 */
export async function previewWithRecoveryPoints(planId: string, request: PreviewRequest) {
  const planVersion =
    request.version === undefined ? await readPlan(planId) : await readPlanVersion(planId, request.version);
  if (!planVersion)
    throw rejected(
      404,
      'PlanUnknown',
      'There is no plan ' +
        `${planId}${request.version === undefined ? '' : ` of version ${request.version}`}. GET ` +
        '/api/v1/plans lists those that there are.',
    );
  const run = withoutExcluded({ planId, plan: planVersion.plan }, request.exclude);
  const { preview, vms } = await previewFromStore(run, request.operation, request.networkId);
  if (typeof request.recoveryPoint === 'object' && preview.vms.length > 1)
    throw rejected(
      422,
      'RecoveryPointOfOneVm',
      `A recovery point by its id is one VM's, and the plan has ${preview.vms.length}. Nothing ` +
        'was read. Name a kind of point.',
    );
  const points = new Map(
    (
      await findPointsOfRun(run.plan, requireGraph(run, request.operation, vms), vms, request.recoveryPoint)
    ).map(({ vm, ...point }) => [vm, point]),
  );
  return {
    plan: { id: planId, version: planVersion.version, name: planVersion.plan.name },
    ...preview,
    vms: preview.vms.map((vm) => ({ ...vm, recoveryPoint: points.get(vm.vm) ?? null })),
    exclude: request.exclude,
    ...(request.operation === 'testFailover'
      ? { networkId: request.networkId ?? planVersion.plan.drill.networkId ?? null }
      : {}),
  };
}

/**
 * The plan without the excluded VMs, for a preview and for a command. Refuses an id that the plan
 * does not have.
 */
export function withoutExcluded(run: PlanToRun, exclude: readonly string[]): PlanToRun {
  const known = new Set(vmsOfPlan(run.plan));
  const unknownIds = exclude.filter((id) => !known.has(id));
  if (unknownIds.length > 0)
    throw rejected(
      422,
      'VmNotInPlan',
      `"exclude" names ${unknownIds.join(', ')}, but the plan ${run.planId} has no such VM. Nothing was started.`,
      { vms: unknownIds },
    );
  return { planId: run.planId, plan: withoutVms(run.plan, exclude) };
}

/**
 * The facts about VMs that shape the graph. A member of a multi-VM group in a different state than
 * the others gets its own node.
 */
export function runFactsOf(vms: readonly ReplicatedVmDocument[]): RunFacts {
  const groups = new Map(vms.map((vm) => [vm.id, groupKeyOf(vm)]));
  return {
    multiVmGroupOf: (id) => groups.get(id) ?? null,
    vmsInTest: new Set(vms.filter((vm) => vmStateOf(vm) === 'testing').map(({ id }) => id)),
  };
}

/**
 * Previews a run for a command or an alarm. Rejects a plan with a cycle in its groups.
 * `networkId` replaces the plan's test network.
 */
export async function previewFromStore(
  run: PlanToRun,
  operation: PlanOperation,
  networkId = run.plan.drill.networkId,
): Promise<PreviewWithVms> {
  const vms = await findVms(mainVmsOf(requireGraph(run, operation).nodes));
  const testNetwork = findTestNetworkRefusal({ operation, networkId }, vms)?.message;
  const preview = previewFromFacts(run.plan, operation, {
    ...(await readPreviewFacts(run, operation, vms)),
    ...(testNetwork !== undefined && { testNetworkProblem: testNetwork }),
  });
  if ('findings' in preview) throw planInvalidError(run, preview.findings);
  return { preview, vms };
}

function requireGraph(
  run: PlanToRun,
  operation: PlanOperation,
  vms: readonly ReplicatedVmDocument[] = [],
): Graph {
  const graph = buildGraph(run.plan, operation, runFactsOf(vms));
  if ('findings' in graph) throw planInvalidError(run, graph.findings);
  return graph;
}

const planInvalidError = ({ planId }: PlanToRun, findings: readonly { readonly message: string }[]): Error =>
  rejected(
    422,
    'PlanInvalid',
    `The plan ${planId} cannot be run: ${findings.map(({ message }) => message).join(' ')} ` +
      'Nothing was started.',
    { findings },
  );

async function readPreviewFacts(
  run: PlanToRun,
  operation: PlanOperation,
  vms: readonly ReplicatedVmDocument[],
): Promise<PreviewFacts> {
  const [locks, learned, groups] = await Promise.all([
    findLocks(vms.map(({ id }) => id)),
    readLearnedDurations(run, vms),
    phasesOf(operation).some(needsWholeGroup) ? findMultiVmGroups(vms) : [],
  ]);
  const lockedBy = new Map(locks.map(({ targetId, jobId }) => [targetId, jobId]));
  const regions = new Map(vms.map((vm) => [vm.id, vm.sites[vm.direction].region]));
  const {
    LIFEBOAT_REGION: homeRegion,
    LIFEBOAT_WRITES_BURST: burst,
    LIFEBOAT_WRITES_PER_SECOND: perSecond,
  } = config();
  return {
    ...runFactsOf(vms),
    vms: new Map(vms.map((vm) => [vm.id, toPreviewVm(vm, lockedBy.get(vm.id) ?? null)])),
    learnedDurations: learned,
    writeBudget: { burst, perSecond },
    ...(homeRegion ? { homeRegion } : {}),
    regionOf: (id) => regions.get(id) ?? null,
    incompleteGroups: groups.filter(({ otherMembers }) => otherMembers.length > 0),
  };
}

const toPreviewVm = (
  { name, scenario, direction, seen, settings }: ReplicatedVmDocument,
  lockedBy: string | null,
): PreviewVm => ({
  name,
  scenario,
  direction,
  seen,
  health: seen.health,
  lockedBy,
  settings,
  isNetworkElsewhere: areInDifferentSubscriptions(settings?.networkId, settings?.resourceGroupId),
});
