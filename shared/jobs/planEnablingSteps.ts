// Plans the steps that enable replication. Lifeboat reads Azure, decides once, stores the
// decisions, and then runs only those decisions. beginJob.ts calls this module.
import { vaultAddressOf } from '../core/armId.ts';
import { previewFromAzure } from '../enabling/previewFromAzure.ts';
import type { EnablingCommand } from '../commands/command.ts';
import { itemNameOf } from '../scenarios/enabling/resourceNames.ts';
import type { EnablingPreview, VmPreview } from '../scenarios/enabling/preview.ts';
import { PREREQUISITE_PHASES, type Phase } from '../core/operations.ts';
import { ErrorKind, LifeboatError, type Fault } from '../core/errors.ts';
import { prerequisiteIdOf, sourceIdOf, vaultKeyOf } from '../core/ids.ts';
import { mayCreateVaults } from '../access/roles.ts';
import { clock } from '../core/clock.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { JobDocument, PreviewDocument, StepDocument } from '../journal/documents.ts';
import { createPreview, saveVmPreviews, readPreview } from '../journal/previews.ts';
import { listSteps } from '../journal/steps.ts';
import { addVault } from '../replications/addedVaults.ts';
import { saveSources } from '../replications/sources.ts';
import { incomingVmsOf, incomingVmsExceptJob } from './incomingVms.ts';
import { warningsOfEnabling } from './jobWarnings.ts';
import { requireCapabilities } from '../scenarios/drivers.ts';
import { prerequisiteStep, toStepDocuments, type StepPlan, type PlannedStep } from '../runs/stepPlan.ts';

const PHASES_OF_ENABLING: readonly Phase[] = [
  ...PREREQUISITE_PHASES,
  'enableReplication',
  'updateReplication',
];

/** Plans the steps of the command, or returns the fault that refuses the job. */
export async function planEnablingSteps(
  job: JobDocument,
  command: EnablingCommand,
): Promise<StepPlan | Fault> {
  const storedPreview = await readPreview(job.jobId);
  // An earlier orchestration has planned all steps: its decisions stay.
  if (storedPreview)
    return enablingStepPlanOf(storedPreview.preview, await listSteps(job.jobId), () => Promise.resolve());
  const result = await previewFromAzure(command, incomingVmsExceptJob(job.jobId)).catch(asFault);
  if ('kind' in result) return result;
  const { preview, facts } = result;
  const refused = refusalOf(job, preview);
  if (refused) return refused;
  const { vms, ...head } = preview;
  const vaultId = vaultKeyOf(preview.vault.id);
  // If an orchestration died before all steps existed, no step has begun. The decisions for its
  // stored steps stay.
  const existingSteps = await listSteps(job.jobId);
  const existingIds = new Set(existingSteps.map(({ id }) => id));
  const planned = toStepDocuments(job, PHASES_OF_ENABLING, [
    ...prerequisiteStepsOf(preview, vaultId),
    ...vmsToPlan(command, preview).flatMap((vm) => vmSteps(preview, vm, vaultId)),
  ]);
  const steps = [...existingSteps, ...planned.filter(({ id }) => !existingIds.has(id))];
  const warnings = warningsOfEnabling({ ...preview, vms: command.operation === 'prepareVault' ? [] : vms });
  return {
    warnings,
    ...enablingStepPlanOf(head, steps, async () => {
      const now = await clock().now();
      const at = now.toISOString();
      await saveSources(
        vaultId,
        vms
          .filter((vm) => vm.verdict === 'enable')
          .map(({ vmId }) => {
            const generation = facts.enableCounts[vmId.toLowerCase()] ?? 1;
            return {
              id: sourceIdOf(vaultId, vmId),
              sourceVmId: vmId,
              generation,
              itemName: itemNameOf(vmId, generation).toLowerCase(),
              spent: false,
            };
          }),
      );
      // Add only an existing vault. A job that enables no VM creates no vault, and the list of
      // vaults to read must not contain a missing one.
      if (facts.vault) await addVault(vaultId, preview.vault.id, now);
      await saveVmPreviews(
        job.jobId,
        vms.map((vm) => ({ targetId: sourceIdOf(vaultId, vm.vmId), preview: vm })),
      );
      await createPreview({
        id: 'preview',
        type: 'preview',
        schema: SCHEMA_VERSION,
        jobId: job.jobId,
        preview: head,
        coming: command.operation === 'enableReplication' ? incomingVmsOf(preview) : [],
        at,
      });
    }),
  };
}

/** A refused read needs a change by a person. For every other error Lifeboat tries again. */
function asFault(error: unknown): Fault {
  if (error instanceof LifeboatError && error.kind === ErrorKind.rejected)
    return { kind: error.kind, code: error.code, message: error.message };
  throw error;
}

const createsVault = (preview: EnablingPreview): boolean =>
  preview.prerequisites.some(
    (prerequisite) => prerequisite.spec.kind === 'vault' && prerequisite.action === 'create',
  );

function refusalOf(job: JobDocument, preview: EnablingPreview): Fault | undefined {
  const [first] = preview.refusals;
  if (first)
    return {
      kind: ErrorKind.rejected,
      code: first.code,
      message: `${preview.refusals.map(({ message }) => message).join(' ')} Nothing was started.`,
    };
  if (!createsVault(preview) || mayCreateVaults(job.caller.roles)) return undefined;
  return {
    kind: ErrorKind.rejected,
    code: 'RoleMissing',
    message:
      `The vault ${preview.vault.name} does not exist, and only the role Owner may create one. ` +
      'Nothing was started. Name an existing vault, or let an Owner send the command.',
  };
}

const commonFieldsOf = (
  preview: EnablingPreview,
  vaultId: string,
): Pick<PlannedStep, 'vaultId' | 'scenario' | 'begunIn'> => ({
  vaultId,
  scenario: preview.scenario,
  begunIn: 'original',
});

const prerequisiteStepsOf = (preview: EnablingPreview, vaultId: string): PlannedStep[] =>
  preview.prerequisites
    .filter((prerequisite) => prerequisite.action === 'create')
    .map((prerequisite) => prerequisiteStep(prerequisite, commonFieldsOf(preview, vaultId)));

/**
 * A `prepareVault` job enables no VM. A refused VM still gets a step, so that the job reports the
 * refusal.
 */
const vmsToPlan = ({ operation }: EnablingCommand, { vms }: EnablingPreview): readonly VmPreview[] =>
  operation === 'prepareVault' ? vms.filter(({ verdict }) => verdict === 'refused') : vms;

/**
 * Enables the VM, then updates the settings that the enabling request cannot carry. These are a
 * different size, and the subnets of several interfaces.
 */
function vmSteps(preview: EnablingPreview, vm: VmPreview, vaultId: string): PlannedStep[] {
  const { vmId, verdict, refusals, itemId, settings } = vm;
  const work = { kind: 'newVm' as const, preview: { vmId, verdict, refusals, itemId, settings } };
  const step = {
    ...commonFieldsOf(preview, vaultId),
    targetId: sourceIdOf(vaultId, vmId),
    targetName: vm.name,
    work,
    needs: vm.needs.map(prerequisiteIdOf),
  };
  const enable: PlannedStep = { ...step, phase: 'enableReplication' };
  const needsUpdate =
    settings !== null && requireCapabilities(preview.scenario).enabling.needsUpdate(settings);
  return needsUpdate ? [enable, { ...step, phase: 'updateReplication', needs: [] }] : [enable];
}

function enablingStepPlanOf(
  preview: PreviewDocument['preview'],
  steps: readonly StepDocument[],
  afterSave: StepPlan['afterSave'],
): StepPlan {
  const vaultId = vaultKeyOf(preview.vault.id);
  const vms = steps.filter(
    (step) =>
      step.phase === 'enableReplication' &&
      step.work.kind === 'newVm' &&
      step.work.preview.verdict !== 'refused',
  );
  const { subscription } = vaultAddressOf(preview.vault.id);
  return {
    lockTargets: vms.map((step) => ({ vaultId, targetId: step.targetId, name: step.targetName })),
    steps,
    vaults: [
      {
        vaultId,
        vaultArmId: preview.vault.id,
        subscription,
        targetIds: [...new Set(steps.map((step) => step.targetId))],
      },
    ],
    afterSave,
  };
}
