// Finds the open steps that enable VMs, in all jobs. The list of replications shows their VMs before
// Site Recovery does.
import { OPEN_STEP_STATES } from '../core/states/step.ts';
import { queryDocuments, queryFields } from '../store/cosmos.ts';
import type { PreviewDocument, StepDocument } from './documents.ts';

const JOBS = 'jobs';

/** The fields of a step that enables a VM. */
export type EnablingStep = Pick<
  StepDocument,
  'jobId' | 'targetId' | 'targetName' | 'vaultId' | 'scenario' | 'state' | 'work'
>;
const FIELDS = [
  'jobId',
  'targetId',
  'targetName',
  'vaultId',
  'scenario',
  'state',
  'work',
] as const satisfies readonly (keyof EnablingStep)[];

/** A refused VM is never on its way, although its step is open for a moment. */
const OPEN_CONDITION =
  "c.type = 'step' AND c.phase = 'enableReplication' AND ARRAY_CONTAINS(@open, c.state) AND " +
  "c.work.preview.verdict != 'refused'";

/** The open steps that enable VMs. */
export const listOpenEnablingSteps = (): Promise<EnablingStep[]> =>
  queryFields<EnablingStep>(JOBS, {
    fields: FIELDS,
    where: OPEN_CONDITION,
    parameters: { open: OPEN_STEP_STATES },
  });

/** The open step that enables this target. */
export const findOpenEnablingStep = async (targetId: string): Promise<EnablingStep | undefined> =>
  (
    await queryFields<EnablingStep>(JOBS, {
      fields: FIELDS,
      where: `${OPEN_CONDITION} AND c.targetId = @targetId`,
      parameters: { open: OPEN_STEP_STATES, targetId },
    })
  )[0];

/** The decisions of some enabling jobs, by job. A job without steps has none. */
export async function readPreviewsOf(
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, PreviewDocument['preview']>> {
  const previews =
    jobIds.length === 0
      ? []
      : await queryDocuments<PreviewDocument>(JOBS, {
          where: "c.type = 'preview' AND ARRAY_CONTAINS(@jobs, c.jobId)",
          parameters: { jobs: jobIds },
        });
  return new Map(previews.map(({ jobId, preview }) => [jobId, preview]));
}
