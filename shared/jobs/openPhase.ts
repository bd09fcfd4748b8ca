// Opens a phase: decides which targets take part in it. The orchestrators call this module through
// the activity `openPhase`, and a repeated call gives the same result.
import { clock } from '../core/clock.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import type { Phase } from '../core/operations.ts';
import { readControl } from '../journal/control.ts';
import type { StepDocument } from '../journal/documents.ts';
import { isSuperseded } from '../journal/job.ts';
import { cancelledStepChange, saveStep } from '../journal/saveStep.ts';
import {
  listOpenStepsInPhase,
  listUnsuccessfulStepsBefore,
  listVaultCreationSteps,
} from '../journal/steps.ts';
import { addVault } from '../replications/addedVaults.ts';

/** The targets that take part in a phase. */
export interface OpenPhaseResult {
  readonly superseded: boolean;
  readonly open: readonly string[];
  /** The open targets without a write. */
  readonly unwritten: readonly string[];
}

/** The VM already replicated at the time of the decision, so the step only inspects it. */
const isAlreadyReplicated = ({ work, phase }: StepDocument): boolean =>
  phase === 'enableReplication' && work.kind === 'newVm' && work.preview.verdict === 'alreadyEnabled';

/**
 * Opens a phase. A target takes no part if Lifeboat refused it. It also takes no part if an earlier
 * phase failed for it or for a target that it needs.
 */
export async function openPhase(input: {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
}): Promise<OpenPhaseResult> {
  const now = await clock().now();
  const phaseSteps = await listOpenStepsInPhase(input.jobId, input.phase);
  if (phaseSteps.some((step) => isSuperseded(step, input.epoch)))
    return { superseded: true, open: [], unwritten: [] };
  await addCreatedVaults(input.jobId, now);
  const controlState = (await readControl(input.jobId))?.wish ?? 'running';
  const cancelled = controlState === 'cancelled';
  const unsuccessfulSteps = phaseSteps[0]
    ? await listUnsuccessfulStepsBefore(input.jobId, phaseSteps[0].order)
    : [];
  const open: string[] = [];
  const unwritten: string[] = [];
  for (const step of phaseSteps) {
    if (cancelled && step.state === 'waiting') {
      if (!(await saveStep(step, cancelledStepChange(now), now))) return openPhase(input);
      continue;
    }
    const exclusion = exclusionOf(
      step,
      unsuccessfulSteps.find(
        (other) => other.targetId === step.targetId || step.needs.includes(other.targetId),
      ),
    );
    // Another process changed the step meanwhile. Start again: an excluded step must not stay open.
    if (
      exclusion &&
      !(await saveStep(
        step,
        { step: { ...exclusion, endedAt: now.toISOString() }, log: exclusion.error.message },
        now,
      ))
    )
      return openPhase(input);
    if (!exclusion) open.push(step.targetId);
    if (!exclusion && controlState === 'running' && isAlreadyReplicated(step)) unwritten.push(step.targetId);
  }
  return { superseded: false, open, unwritten };
}

/**
 * Adds a vault that this job created to the registry, so that Lifeboat reads the vault from now on.
 */
async function addCreatedVaults(jobId: string, now: Date): Promise<void> {
  for (const { work, vaultId } of await listVaultCreationSteps(jobId))
    if (work.kind === 'prerequisite') await addVault(vaultId, work.prerequisite.id, now);
}

function exclusionOf(
  { work, targetName }: StepDocument,
  earlierStep: StepDocument | undefined,
): { readonly state: 'failed' | 'skipped'; readonly error: Fault } | undefined {
  if (work.kind === 'newVm' && work.preview.verdict === 'refused') {
    const [first] = work.preview.refusals;
    return {
      state: 'failed',
      error: {
        kind: ErrorKind.rejected,
        code: first?.code ?? 'Refused',
        message: `${targetName}: ${work.preview.refusals.map(({ message }) => message).join(' ')}`,
      },
    };
  }
  if (!earlierStep) return undefined;
  return {
    state: 'skipped',
    error: {
      kind: ErrorKind.rejected,
      code: 'EarlierPhaseFailed',
      message: `Skipped, because ${earlierStep.phase} of ${earlierStep.targetName} ended ${earlierStep.state}.`,
    },
  };
}
