// Enabling replication: Azure is read, what follows is decided once and written down, and only that is done.
import { vaultAddressOf } from '../core/armId.ts';
import { previewOf } from '../enabling/previewNow.ts';
import type { EnablingCommand } from '../commands/command.ts';
import { itemNameOf } from '../enabling/rules/prerequisites/names.ts';
import type { Preview, VmPreview } from '../enabling/rules/preview.ts';
import { PREPARING, type Phase } from '../core/words.ts';
import { ErrorKind, LifeboatError, type Fault } from '../core/errors.ts';
import { partIdOf, sourceIdOf, vaultKeyOf } from '../core/ids.ts';
import { mayCreateVaults } from '../access/roles.ts';
import { clock } from '../core/clock.ts';
import { SCHEMA } from '../store/schema.ts';
import type { JobDocument, PreviewDocument, StepDocument } from '../journal/documents.ts';
import { createPreview, putVmPreviews, readPreview } from '../journal/previews.ts';
import { stepsOf } from '../journal/steps.ts';
import { addVault, saveSources } from '../replications/sources.ts';
import { comingOf, comingVmsBeside } from './comingVms.ts';
import { warningsOfEnabling } from './warnings.ts';
import { partLayout, toSteps, type Layout, type StepLayout } from '../runs/layout.ts';

const PHASES_OF_ENABLING: readonly Phase[] = [...PREPARING, 'enableReplication', 'updateReplication'];

export async function layOutEnabling(job: JobDocument, command: EnablingCommand): Promise<Layout | Fault> {
  const decided = await readPreview(job.jobId);
  // An earlier walk has laid out everything: what it decided stands.
  if (decided) return layoutOf(decided.preview, await stepsOf(job.jobId), () => Promise.resolve());
  const looked = await previewOf(command, comingVmsBeside(job.jobId)).catch(asFault);
  if ('kind' in looked) return looked;
  const { preview, facts } = looked;
  const refused = refusalOf(job, preview);
  if (refused) return refused;
  const { vms, ...head } = preview;
  const vaultId = vaultKeyOf(preview.vault.id);
  // A walk that died before it had laid out everything has begun nothing; what it decided for a step stands.
  const laid = await stepsOf(job.jobId);
  const known = new Set(laid.map(({ id }) => id));
  const planned = toSteps(job, PHASES_OF_ENABLING, [
    ...partsOf(preview, vaultId),
    ...vmsOf(command, preview).flatMap((vm) => vmSteps(preview, vm, vaultId)),
  ]);
  const steps = [...laid, ...planned.filter(({ id }) => !known.has(id))];
  const warnings = warningsOfEnabling({ ...preview, vms: command.operation === 'prepareVault' ? [] : vms });
  return {
    warnings,
    ...layoutOf(head, steps, async () => {
      const now = await clock().now();
      const at = now.toISOString();
      await saveSources(
        vaultId,
        vms
          .filter((vm) => vm.verdict === 'enable')
          .map(({ vmId }) => {
            const generation = facts.generations[vmId.toLowerCase()] ?? 1;
            return {
              id: sourceIdOf(vaultId, vmId),
              sourceVmId: vmId,
              generation,
              itemName: itemNameOf(vmId, generation).toLowerCase(),
              spent: false,
            };
          }),
      );
      // One that is not there, because nobody is to be enabled in it, must not be read ever after.
      if (facts.vault) await addVault(vaultId, preview.vault.id, now);
      await putVmPreviews(
        job.jobId,
        vms.map((vm) => ({ targetId: sourceIdOf(vaultId, vm.vmId), preview: vm })),
      );
      await createPreview({
        id: 'preview',
        type: 'preview',
        schema: SCHEMA,
        jobId: job.jobId,
        preview: head,
        coming: command.operation === 'enableReplication' ? comingOf(preview) : [],
        at,
      });
    }),
  };
}

/** What Azure will not let Lifeboat read needs somebody to change something; anything else is tried again. */
function asFault(error: unknown): Fault {
  if (error instanceof LifeboatError && error.kind === ErrorKind.rejected)
    return { kind: error.kind, code: error.code, message: error.message };
  throw error;
}

const isToBeMade = (preview: Preview): boolean =>
  preview.parts.some((part) => part.spec.kind === 'vault' && part.action === 'create');

function refusalOf(job: JobDocument, preview: Preview): Fault | undefined {
  const [first] = preview.refusals;
  if (first)
    return {
      kind: ErrorKind.rejected,
      code: first.code,
      message: `${preview.refusals.map(({ message }) => message).join(' ')} Nothing was started.`,
    };
  if (!isToBeMade(preview) || mayCreateVaults(job.caller.roles)) return undefined;
  return {
    kind: ErrorKind.rejected,
    code: 'RoleMissing',
    message:
      `The vault ${preview.vault.name} is not there, and to make one needs the role Owner. ` +
      'Nothing was started. Name a vault that is there, or let an Owner send the command.',
  };
}

const about = (preview: Preview, vaultId: string): Pick<StepLayout, 'vaultId' | 'scenario' | 'begunIn'> => ({
  vaultId,
  scenario: preview.scenario,
  begunIn: 'original',
});

const partsOf = (preview: Preview, vaultId: string): StepLayout[] =>
  preview.parts
    .filter((part) => part.action === 'create')
    .map((part) => partLayout(part, about(preview, vaultId)));

/**
 * Where only the ground is laid, no VM is enabled; that there is none for a VM that cannot be, is
 * told all the same.
 */
const vmsOf = ({ operation }: EnablingCommand, { vms }: Preview): readonly VmPreview[] =>
  operation === 'prepareVault' ? vms.filter(({ verdict }) => verdict === 'refused') : vms;

/**
 * Enabled, and then given what could not be said with that: a size that is not the source's own,
 * the subnets of several interfaces.
 */
function vmSteps(preview: Preview, vm: VmPreview, vaultId: string): StepLayout[] {
  const { vmId, verdict, refusals, itemId, settings } = vm;
  const work = { kind: 'newVm' as const, preview: { vmId, verdict, refusals, itemId, settings } };
  const step = {
    ...about(preview, vaultId),
    targetId: sourceIdOf(vaultId, vmId),
    targetName: vm.name,
    work,
    needs: vm.needs.map(partIdOf),
  };
  const enable: StepLayout = { ...step, phase: 'enableReplication' };
  const isMore = settings !== null && (settings.size !== null || settings.nics.length > 1);
  return isMore ? [enable, { ...step, phase: 'updateReplication', needs: [] }] : [enable];
}

function layoutOf(
  preview: PreviewDocument['preview'],
  steps: readonly StepDocument[],
  whenLaid: Layout['whenLaid'],
): Layout {
  const vaultId = vaultKeyOf(preview.vault.id);
  const vms = steps.filter(
    (step) =>
      step.phase === 'enableReplication' &&
      step.work.kind === 'newVm' &&
      step.work.preview.verdict !== 'refused',
  );
  const { subscription } = vaultAddressOf(preview.vault.id);
  return {
    held: vms.map((step) => ({ vaultId, targetId: step.targetId, name: step.targetName })),
    steps,
    vaults: [
      {
        vaultId,
        vaultArmId: preview.vault.id,
        subscription,
        targetIds: [...new Set(steps.map((step) => step.targetId))],
      },
    ],
    whenLaid,
  };
}
