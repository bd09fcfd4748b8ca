// Publishes the runbook of a plan as events, so that an outside copy stays current.
// The runbook route, saved plans, ended jobs and a timer call this module.
// Lifeboat publishes a changed page before it answers a reader.

import { clock } from '../core/clock.ts';
import { isEnablingCommand } from '../commands/command.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import { renderRunbook, type RunbookGroup, type RunbookVm } from '../plans/rules/runbook.ts';
import { vmsOfPlan } from '../plans/rules/planRuns.ts';
import { messageOf, rejected } from '../core/errors.ts';
import { sha256Of } from '../core/ids.ts';
import { findMultiVmGroups, groupPlanPrerequisite } from '../replications/multiVmGroups.ts';
import { hasNewCallbacks, addNewTargets } from '../delivery/addNewTargets.ts';
import { toAbsoluteUrl } from '../delivery/questions.ts';
import { startDelivery } from '../delivery/relay.ts';
import { oppositeDirection } from '../replications/items.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { EventDocument } from '../outbox/documents.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { PlanDocument, RunbookDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { readAllPlans, readPlan, readPlanVersion } from '../plans/store.ts';
import { findVms } from '../replications/registry.ts';
import { readPublishedRunbook, runbookStreamOf, savePublishedRunbook } from '../delivery/runbookStore.ts';

/** A runbook page, and the digest of its bytes. */
export interface RunbookPage {
  readonly text: string;
  readonly digest: string;
}

/** Returns the current page, and publishes a changed page first. Rejects an unknown plan with 404. */
export async function readRunbookPage(planId: string): Promise<RunbookPage> {
  const runbook = await publishRunbook(planId);
  if (!runbook)
    throw rejected(
      404,
      'PlanUnknown',
      `There is no plan ${planId}. GET /api/v1/plans lists those that there are.`,
    );
  return runbook;
}

const vmIdsOfPlan = ({ plan }: PlanDocument): readonly string[] =>
  plan.runs.failover.flatMap((group) => group.vms);

type PageTimes = Pick<RunbookDocument, 'madeAt' | 'seenAt'>;
const NO_PAGE_TIMES: PageTimes = { madeAt: '', seenAt: '' };
const MAX_TRIES = 5;

/**
 * Returns the published page while the plan and its VMs are unchanged. Otherwise publishes a new page.
 * The read of the published page comes first, so that an older page never replaces a newer page.
 */
async function publishRunbook(planId: string): Promise<RunbookPage | undefined> {
  for (let tried = 1; ; tried++) {
    const before = await readPublishedRunbook(planId);
    const document = await readPlan(planId);
    if (!document) return undefined;
    const { plan, version, savedAt } = document;
    const vms = await findVms(vmIdsOfPlan(document));
    const facts = new Map(vms.map((vm) => [vm.id, runbookVmOf(vm)]));
    const groups = await findRunbookGroups(vms);
    const page = (pageTimes: PageTimes): string =>
      renderRunbook(plan, { planId, version, savedAt, ...pageTimes, vms: facts, groups });
    const fingerprint = sha256Of(page(NO_PAGE_TIMES));
    if (before?.fingerprint === fingerprint) return { text: page(before), digest: before.digest };
    const ages = {
      madeAt: (await clock().now()).toISOString(),
      seenAt: vms.map(({ seen }) => seen.at).sort()[0] ?? 'never',
    };
    const text = page(ages);
    const next: RunbookDocument = {
      id: 'runbook',
      type: 'runbook',
      schema: SCHEMA_VERSION,
      jobId: runbookStreamOf(planId),
      planId,
      version,
      fingerprint,
      digest: sha256Of(text),
      ...ages,
      count: (before?.count ?? 0) + 1,
    };
    const isPublished = await savePublishedRunbook(before, next, runbookEventData(next, plan.name, text));
    if (isPublished) startDelivery(next.jobId);
    if (isPublished || tried === MAX_TRIES) return { text, digest: next.digest };
  }
}

/** Size of the JSON text. A Service Bus message can have 256 KB in all. */
const MAX_TEXT_BYTES = 150_000;

/** The data of a runbook event. A text over the size limit becomes null. */
export const runbookEventData = (
  { planId, version, digest, madeAt }: RunbookDocument,
  planName: string,
  text: string,
): EventDocument['data'] => ({
  planName,
  version,
  digest,
  madeAt,
  address: toAbsoluteUrl(`/api/v1/plans/${planId}/runbook`),
  text: Buffer.byteLength(JSON.stringify(text)) > MAX_TEXT_BYTES ? null : text,
});

const runbookVmOf = (vm: ReplicatedVmDocument): RunbookVm => ({
  id: vm.id,
  name: vm.name,
  scenario: vm.scenario,
  armId: vm.armId,
  vaultArmId: vm.vaultArmId,
  sourceRegion: vm.sites[vm.direction].region,
  targetRegion: vm.sites[oppositeDirection(vm.direction)].region,
  state: vmStateOf(vm),
  recoveryVmId: vm.settings?.resourceGroupId
    ? `${vm.settings.resourceGroupId}/providers/Microsoft.Compute/virtualMachines/${vm.name}`
    : null,
});

/** The multi-VM groups with members in one state, and the native plan that Lifeboat uses for each. */
async function findRunbookGroups(vms: readonly ReplicatedVmDocument[]): Promise<readonly RunbookGroup[]> {
  return (await findMultiVmGroups(vms)).flatMap(({ name, vms: members, otherMembers }) => {
    const { id: nativePlanId, spec } = groupPlanPrerequisite({ name, vms: [...members, ...otherMembers] });
    return spec.kind === 'recoveryPlan'
      ? [
          {
            name,
            vms: members.map(({ id }) => id),
            otherMembers: otherMembers.map((vm) => vm.name),
            nativePlanId,
            spec,
          },
        ]
      : [];
  });
}

/** Publishes changed pages of all plans, and adds new callback targets. A timer calls this regularly. */
export async function publishAllRunbooks(warn: (message: string) => void): Promise<void> {
  const plans = await readAllPlans();
  const withNewCallbacks = plans.length > 0 && (await hasNewCallbacks('events'));
  for (const { planId } of plans)
    await publishToAllTargets(planId, withNewCallbacks).catch((error: unknown) =>
      warn(`The runbook of the plan ${planId} waits for the next timer: ${messageOf(error)}`),
    );
}

async function publishToAllTargets(planId: string, withNewCallbacks: boolean): Promise<void> {
  await publishRunbook(planId);
  if (withNewCallbacks) await addNewTargets(runbookStreamOf(planId));
}

/** Starts publishing after the save of a plan. The timer publishes the page if this call fails. */
export const startPublishingRunbook = (planId: string): void =>
  void publishRunbook(planId).catch(() => undefined);

/** Publishes the runbooks of all plans with VMs of the job: the job may have moved these VMs. */
export async function publishRunbooksAfterJob(job: Pick<JobDocument, 'plan' | 'command'>): Promise<void> {
  const movedVmIds = new Set(await findVmsOfJob(job));
  const plans =
    movedVmIds.size === 0
      ? []
      : (await readAllPlans()).filter((plan) => vmIdsOfPlan(plan).some((id) => movedVmIds.has(id)));
  for (const { planId } of plans) await publishRunbook(planId);
}

async function findVmsOfJob({
  plan,
  command,
}: Pick<JobDocument, 'plan' | 'command'>): Promise<readonly string[]> {
  if (plan === null) return 'vms' in command && !isEnablingCommand(command) ? command.vms : [];
  const version = await readPlanVersion(plan.id, plan.version);
  return version ? vmsOfPlan(version.plan) : [];
}
