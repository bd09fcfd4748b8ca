// A prerequisite as a target. A PUT with the same name creates the same resource. An existing
// resource that fits serves, regardless of its creator.
import { vaultOf } from '../../core/armId.ts';
import type {
  PrerequisiteSpec,
  Prerequisite,
  PrerequisiteStatus,
  SiteRecoverySpec,
} from '../../azure/prerequisite.ts';
import type { Scenario } from '../../core/scenario.ts';
import type { WriteAnswer } from '../../azure/writeAnswer.ts';
import { findArmPrerequisite, sendArmPrerequisite } from '../../azure/armPrerequisites.ts';
import type { WithEtag } from '../../store/cosmos.ts';
import type { StepDocument } from '../../journal/documents.ts';
import { siteRecoveryClientFor } from '../../scenarios/adapter.ts';
import { prerequisiteDiffers, prerequisiteFailed } from '../stepFaults.ts';
import type { StartDecision, Target } from './target.ts';

const SITE_RECOVERY_KINDS: ReadonlySet<PrerequisiteSpec['kind']> = new Set([
  'fabric',
  'site',
  'vCenter',
  'container',
  'policy',
  'containerMapping',
  'networkMapping',
  'recoveryPlan',
] satisfies SiteRecoverySpec['kind'][]);
const isSiteRecoveryKind = (spec: PrerequisiteSpec): spec is SiteRecoverySpec =>
  SITE_RECOVERY_KINDS.has(spec.kind);

/** The status of a prerequisite in Azure. Undefined if the resource does not exist. */
export async function findPrerequisite(
  scenario: Scenario,
  { id, spec }: Prerequisite,
): Promise<PrerequisiteStatus | undefined> {
  return isSiteRecoveryKind(spec)
    ? (await siteRecoveryClientFor(vaultOf(id))).findPrerequisite(scenario, id, spec)
    : findArmPrerequisite(id, spec);
}

async function sendPrerequisite(
  scenario: Scenario,
  { id, spec }: Prerequisite,
  clientRequestId: string,
  deadline: Date,
): Promise<WriteAnswer> {
  return isSiteRecoveryKind(spec)
    ? (await siteRecoveryClientFor(vaultOf(id))).sendPrerequisite(
        scenario,
        id,
        spec,
        clientRequestId,
        deadline,
      )
    : sendArmPrerequisite(id, spec, clientRequestId, deadline);
}

/** The prerequisite of a step. Throws for any other step. */
export const prerequisiteOf = (step: StepDocument): Prerequisite => {
  if (step.work.kind !== 'prerequisite') throw new Error(`Step ${step.id} does not name its prerequisite.`);
  return step.work.prerequisite;
};

async function inspect(step: WithEtag<StepDocument>): Promise<StartDecision> {
  const prerequisite = prerequisiteOf(step);
  const found = await findPrerequisite(step.scenario, prerequisite);
  const ids = { armIdBefore: prerequisite.id, armIdAfter: prerequisite.id };
  if (!found)
    return {
      kind: 'start',
      ...ids,
      send: (clientRequestId, deadline) =>
        sendPrerequisite(step.scenario, prerequisite, clientRequestId, deadline),
    };
  if (found.difference)
    return { kind: 'refused', fault: prerequisiteDiffers(prerequisite, found.difference) };
  if (found.failed) return { kind: 'refused', fault: prerequisiteFailed(prerequisite) };
  if (!found.ready) return { kind: 'wait', waitsFor: `Azure, which is making ${prerequisite.name}` };
  return { kind: 'alreadySo', ...ids, updateRegistry: () => Promise.resolve(true) };
}

/** Prerequisites in Site Recovery: their write starts a job. */
export const siteRecoveryResourceTarget: Target = { startsJob: true, inspect };
/** Prerequisites outside Site Recovery: the resource itself proves the write. */
export const azureResourceTarget: Target = { startsJob: false, inspect, exists };

async function exists(step: StepDocument): Promise<boolean> {
  const found = await findPrerequisite(step.scenario, prerequisiteOf(step));
  return found !== undefined && !found.difference;
}

/** The target for the kind of prerequisite. */
export const prerequisiteTargetOf = (prerequisite: Prerequisite): Target =>
  isSiteRecoveryKind(prerequisite.spec) ? siteRecoveryResourceTarget : azureResourceTarget;
