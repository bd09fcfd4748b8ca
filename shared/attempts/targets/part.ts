// A part of the ground. A PUT of the same name makes the same thing: what is there and fits is
// taken, whoever made it.
import { vaultOf } from '../../core/armId.ts';
import type { PartSpec, Part, PartSeen, GroundSpec } from '../../azure/prerequisite.ts';
import type { Scenario } from '../../core/scenario.ts';
import type { WriteAnswer } from '../../azure/writeAnswer.ts';
import { findResource, sendResource } from '../../azure/resources.ts';
import type { Stored } from '../../store/cosmos.ts';
import type { StepDocument } from '../../journal/documents.ts';
import { siteRecoveryOf } from '../../scenarios/adapter.ts';
import { partDiffers, partFailed } from '../faults.ts';
import type { Sight, Target } from './target.ts';

const OF_SITE_RECOVERY: ReadonlySet<PartSpec['kind']> = new Set([
  'fabric',
  'container',
  'policy',
  'containerMapping',
  'networkMapping',
  'recoveryPlan',
] satisfies GroundSpec['kind'][]);
const isGround = (spec: PartSpec): spec is GroundSpec => OF_SITE_RECOVERY.has(spec.kind);

export async function findPart(scenario: Scenario, { id, spec }: Part): Promise<PartSeen | undefined> {
  return isGround(spec)
    ? (await siteRecoveryOf(vaultOf(id))).ground(scenario, id, spec)
    : findResource(id, spec);
}

async function sendPart(
  scenario: Scenario,
  { id, spec }: Part,
  clientRequestId: string,
  deadline: Date,
): Promise<WriteAnswer> {
  return isGround(spec)
    ? (await siteRecoveryOf(vaultOf(id))).sendGround(scenario, id, spec, clientRequestId, deadline)
    : sendResource(id, spec, clientRequestId, deadline);
}

export const partOf = (step: StepDocument): Part => {
  if (step.work.kind !== 'part') throw new Error(`Step ${step.id} does not say which part it makes.`);
  return step.work.part;
};

async function look(step: Stored<StepDocument>): Promise<Sight> {
  const part = partOf(step);
  const seen = await findPart(step.scenario, part);
  const ids = { armIdBefore: part.id, armIdAfter: part.id };
  if (!seen)
    return {
      kind: 'start',
      ...ids,
      send: (clientRequestId, deadline) => sendPart(step.scenario, part, clientRequestId, deadline),
    };
  if (seen.differs) return { kind: 'refused', fault: partDiffers(part, seen.differs) };
  if (seen.failed) return { kind: 'refused', fault: partFailed(part) };
  if (!seen.ready) return { kind: 'wait', waitsFor: `Azure, which is making ${part.name}` };
  return { kind: 'alreadySo', ...ids, remember: () => Promise.resolve(true) };
}

export const groundPart: Target = { startsJob: true, look };
export const azurePart: Target = { startsJob: false, look, isThere };

async function isThere(step: StepDocument): Promise<boolean> {
  const seen = await findPart(step.scenario, partOf(step));
  return seen !== undefined && !seen.differs;
}

export const partTarget = (part: Part): Target => (isGround(part.spec) ? groundPart : azurePart);
